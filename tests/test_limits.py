"""docs/limits.md and the simulators' switches: neither names what the other does not know, and both positions run."""

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import Client

from simulators.procore.switches import Switches as ProcoreSwitches
from simulators.quickbooks_desktop.switches import Switches as DesktopSwitches
from simulators.quickbooks_online.switches import Switches as QuickBooksSwitches
from tests.product import eventually, running_product
from tests.small_world import small_world

PAGE = Path(__file__).resolve().parent.parent / "docs" / "limits.md"
ROW = re.compile(r"^\| .+ \| `(?P<switch>\w+)` \| (?P<positions>[^|]+) \| .+ \|$", re.MULTILINE)
# Switches that make a simulator misbehave on order, or set a known limit: no question about the real service.
ON_ORDER = {
    "access_seconds", "access_token_lifetime", "answer_seconds", "batch_per_minute", "batch_realm_per_minute",
    "cdc_limit", "code_seconds", "consent_seconds", "coreplus_block_at", "deleted_days", "hourly_limit", "noop_seconds",
    "realm_app_per_second", "realm_per_minute", "spike_limit",
    "webhook_backoff_scale", "webhook_discard_after", "webhook_drop", "webhook_drop_rate", "webhook_duplicate",
    "webhook_duplicate_rate", "webhook_reorder", "webhook_seed", "webhook_shuffle", "webhook_timeout",
    "wrong_environment",
}  # fmt: skip


# What decides whether a bill can be posted, and the test that takes both positions through the product.
RUN_BY = (
    ("negative_lines", "tests/test_limits.py", "test_what_decides_whether_a_bill_can_be_posted"),
    ("zero_total", "tests/test_limits.py", "test_what_decides_whether_a_bill_can_be_posted"),
    ("closed_period_code", "tests/activities/test_send.py", "test_a_closed_period_holds_what_falls_into_it"),
    (
        "duplicate_number_scope",
        "tests/activities/test_send.py",
        "test_another_vendors_bill_of_the_number_counts_where_the_company_says_so",
    ),
)


def listed() -> dict[str, list[str]]:
    return {row["switch"]: row["positions"].split(", ") for row in ROW.finditer(PAGE.read_text(encoding="utf-8"))}


def _value(text: str) -> Any:
    return {"true": True, "false": False, "null": None}.get(text, int(text) if text.isdigit() else text)


def _positions() -> list[tuple[str, str]]:
    return [(switch, position) for switch, positions in listed().items() for position in positions]


def test_the_page_and_the_switches_name_the_same_questions() -> None:
    known = {
        *QuickBooksSwitches.model_fields,
        *DesktopSwitches.model_fields,
        *ProcoreSwitches.__dataclass_fields__,
    }
    assert known - ON_ORDER == set(listed())
    assert known >= ON_ORDER


@pytest.mark.parametrize(("switch", "position"), _positions())
def test_every_position_can_be_set(switch: str, position: str) -> None:
    if switch in QuickBooksSwitches.model_fields:
        value = position if switch in ("closed_period_code", "disconnect_answer") else _value(position)
        assert getattr(QuickBooksSwitches.model_validate({switch: value}), switch) == value
        return
    if switch in DesktopSwitches.model_fields:
        assert getattr(DesktopSwitches.model_validate({switch: _value(position)}), switch) == _value(position)
        return
    switches = ProcoreSwitches()
    switches.change({switch: _value(position)})
    assert switches.as_wire()[switch] == _value(position)


@pytest.mark.parametrize(("switch", "where", "name"), RUN_BY)
def test_whoever_runs_both_positions_is_there(switch: str, where: str, name: str) -> None:
    text = (PAGE.parent.parent / where).read_text(encoding="utf-8")
    before, found, after = text.partition(f"async def {name}(")
    assert found, f"{where} has no {name}: name the test that runs {switch} now"
    # The decorator right above the test, and its body up to the next one.
    test = before.rpartition("\n\n\n")[2] + after.partition("\n\n\n")[0]
    missing = [position for position in listed()[switch] if f'"{position}"' not in test]
    assert switch in test and missing == []


@pytest.mark.parametrize("switch", listed())
def test_the_first_position_is_what_is_assumed(switch: str) -> None:
    assumed = {
        **QuickBooksSwitches.model_validate({}).model_dump(),
        **DesktopSwitches().model_dump(),
        **ProcoreSwitches().as_wire(),
    }[switch]
    assert str(assumed) == str(_value(listed()[switch][0]))


@pytest.mark.parametrize(
    ("switch", "position", "state"),
    [
        ("negative_lines", "accept", "posted"),
        ("negative_lines", "refuse", "needs_you"),
        ("zero_total", "accept", "posted"),
        ("zero_total", "refuse", "needs_you"),
    ],
)
async def test_what_decides_whether_a_bill_can_be_posted(
    database_url: str, temporal_client: Client, task_queue: str, switch: str, position: str, state: str
) -> None:
    documents = small_world(0, nets_to_zero=True) if switch == "zero_total" else small_world(1)
    expected = documents.expected
    async with running_product(documents, database_url, temporal_client, task_queue) as product:
        product.quickbooks.change_switches({switch: position})
        connection = await product.connect(expected["realm_id"])
        await product.choose_accounts(connection, expected["expense_account"], expected["retainage_account"])
        await product.switch_on(await product.plan(date.fromisoformat(expected["start_date"])))
        last = max(expected["requisitions"], key=int)

        async def settled() -> bool:
            row = (await product.invoices()).get(last)
            return row is not None and row.state == state

        await eventually(settled)
        reasons = await product.open_reasons(last)
        assert reasons == ([] if state == "posted" else ["refused_by_quickbooks"])
        if (switch, position) == ("zero_total", "refuse"):
            (said,) = await product.subjects_of_reasons(last)
            assert "Enter this journal entry instead: debit Job Costs:Subcontractor Expense $2,500.00 (" in said
            assert "; credit Job Costs:Subcontractor Expense $2,500.00 (" in said

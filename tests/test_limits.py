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


# Every switch of the page, and the test that takes all its positions through the product: by file, by test.
RUN_BY: dict[str, dict[str, tuple[str, ...]]] = {
    "tests/test_limits.py": {
        "test_what_decides_whether_a_bill_can_be_posted": (
            "negative_lines",
            "zero_total",
        ),
    },
    "tests/activities/test_send.py": {
        "test_another_vendors_bill_of_the_number_counts_where_the_company_says_so": ("duplicate_number_scope",),
        "test_a_closed_period_holds_what_falls_into_it": ("closed_period_code",),
        "test_a_withdrawn_consent_expires_the_connection_and_the_invoices_wait": ("disconnect_answer",),
    },
    "tests/activities/test_limits_of_quickbooks.py": {
        "test_a_bill_is_updated_from_how_it_stands": (
            "sparse_bill_update",
            "payment_bumps_bill",
            "extra_fields",
        ),
        "test_what_was_refused_is_sent_again_as_another_request": ("requestid_replays_faults",),
        "test_a_lost_bill_is_looked_up_however_long_its_request_is_remembered": ("requestid_retention_seconds",),
        "test_no_change_is_missed_where_an_answer_is_full": ("cdc_cap",),
        "test_a_lost_renewal_ends_where_the_old_token_is_dead": ("refresh_grace",),
        "test_a_renewal_keeps_whatever_refresh_token_it_brings": ("refresh_rotation_hours",),
    },
    "tests/activities/test_paperwork.py": {
        "test_a_lost_answer_makes_no_second_file": ("requestid_on_upload",),
    },
    "tests/providers/quickbooks_online/test_limits.py": {
        "test_a_throttled_call_waits_as_long_as_it_is_told": (
            "throttle_format",
            "throttle_retry_after",
        ),
    },
    "tests/api/test_limits_of_webhooks.py": {
        "test_a_voided_payment_is_heard_of": (
            "webhook_format",
            "webhook_void_word",
        ),
    },
    "tests/api/web_connector/test_limits.py": {
        "test_a_bill_whose_answer_was_lost_is_known_again": (
            "recovery_shape",
            "message_sets_kept",
        ),
        "test_what_changes_in_summer_is_read_whatever_the_offset_says": ("wrong_summer_offset",),
        "test_what_we_write_is_taken_as_it_is_meant": (
            "raw_non_ascii",
            "bill_without_lines",
            "negative_bill_total",
            "default_billable",
            "refuse_whitespace",
        ),
        "test_a_vendor_that_was_made_inactive_meanwhile": ("inactive_references",),
        "test_the_cash_of_a_payment_is_known": (
            "linked_amounts",
            "applied_includes_discount",
        ),
        "test_a_bill_is_voided_and_never_deleted": ("delete_paid_bill",),
        "test_a_list_is_read_whole_although_the_pc_slept_between_two_pages": ("iterator_seconds",),
        "test_after_a_refused_sign_in_the_next_one_is_heard": ("close_after_refusal",),
        "test_after_a_failed_call_the_next_session_goes_on": ("close_after_failure",),
    },
    "tests/api/web_connector/test_changes.py": {
        "test_a_payment_is_seen_whether_or_not_it_touches_the_bill": ("payment_touches_bill",),
    },
    "tests/providers/procore/test_limits.py": {
        "test_a_limit_is_waited_for_as_long_as_procore_says": ("retry_after_on_429",),
        "test_errors_are_understood_in_every_shape": ("error_shape",),
        "test_every_requisition_is_read_once_whatever_the_order_and_the_filters": (
            "list_order",
            "status_list_filter",
        ),
        "test_an_approval_is_found_in_the_history_however_it_is_spelled": ("history_spelling",),
        "test_an_app_that_is_not_installed_is_known": ("not_connected_status",),
    },
    "tests/activities/test_fresh_look.py": {
        "test_a_hidden_project_holds_its_invoices_until_it_is_seen_again": ("hide_unpermitted_projects",),
    },
    "tests/activities/test_limits_of_procore.py": {
        "test_an_invoice_that_was_deleted_is_not_posted": ("delete_requires_open",),
        "test_each_project_has_a_hook_and_is_heard_once": ("company_hooks_see_projects",),
        "test_nothing_is_written_to_a_commitment_that_is_paid_through_procore_pay": ("procore_pay_takes_payments",),
        "test_a_voided_payment_leaves_procore": ("delete_synced_payments",),
        "test_what_procores_own_connector_takes_stays_out_with_the_reason": ("erp_connector_active",),
    },
}
RUNS = [(switch, where, name) for where, tests in RUN_BY.items() for name, run in tests.items() for switch in run]


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


def test_every_switch_has_a_test_that_runs_its_positions() -> None:
    assert sorted(switch for switch, _, _ in RUNS) == sorted(listed())


@pytest.mark.parametrize(("switch", "where", "name"), RUNS)
def test_whoever_runs_every_position_is_there(switch: str, where: str, name: str) -> None:
    text = (PAGE.parent.parent / where).read_text(encoding="utf-8")
    before, found, after = text.partition(f"async def {name}(")
    assert found, f"{where} has no {name}: name the test that runs {switch} now"
    # The decorators right above the test, and its body up to the next one.
    decorators, body = before.rpartition("\n\n\n")[2], after.partition("\n\n\n")[0]
    assert f'"{switch}"' in decorators + body
    # Where it is a value itself, its positions stand beside it; where a parameter has its name, anywhere.
    is_value = f'"{switch}"' in decorators and f" {switch}: " not in body.partition("->")[0]
    run = re.findall(rf'"{switch}"[:,] (\S+?)[,)}}\n]' if is_value else r"[^\s\[\](),]+", decorators)
    missing = [position for position in listed()[switch] if not {f'"{position}"', f"{_value(position)}"} & set(run)]
    assert missing == [], f"{name} does not run {switch} as {', '.join(missing)}"


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

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from accounting.plan import PlanEntry, PlanTotals, PlanVerdict, plan_hash, start_sentence

START = date(2026, 6, 1)


def entry(requisition_id: str, verdict: PlanVerdict = PlanVerdict.CREATE, due: str = "100.00") -> PlanEntry:
    return PlanEntry(requisition_id, verdict, "", f"INV-{requisition_id}", "Ernie's Electrical", "789", Decimal(due))


ENTRIES = [entry("1"), entry("2", PlanVerdict.SKIP, "20.50"), entry("3", PlanVerdict.ASK, "-7"), entry("4", due="0.10")]


def test_totals_by_verdict() -> None:
    assert PlanTotals.of(ENTRIES) == PlanTotals(
        create=2,
        create_sum=Decimal("100.10"),
        skip=1,
        skip_sum=Decimal("20.50"),
        ask=1,
        ask_sum=Decimal("-7.00"),
    )


def test_a_hash_is_64_hexadecimal_digits_and_knows_no_order() -> None:
    assert len(bytes.fromhex(plan_hash(START, ENTRIES))) == 32
    assert plan_hash(START, ENTRIES) == plan_hash(START, iter(ENTRIES[::-1]))


def test_trailing_zeros_do_not_change_a_plan() -> None:
    assert plan_hash(START, [entry("1", due="100")]) == plan_hash(START, [entry("1", due="100.0000")])
    assert plan_hash(START, [entry("1", due="0")]) == plan_hash(START, [entry("1", due="-0.00")])


@pytest.mark.parametrize(
    "change",
    [
        {"requisition_id": "9"},
        {"verdict": PlanVerdict.SKIP},
        {"reason": "before_start"},
        {"number": "INV-2"},
        {"vendor_name": "Ernies Electrical"},
        {"project_id": "790"},
        {"due": Decimal("100.01")},
        {"due": Decimal("1000")},
    ],
)
def test_any_change_makes_another_plan(change: dict[str, Any]) -> None:
    assert plan_hash(START, [replace(ENTRIES[0], **change)]) != plan_hash(START, [ENTRIES[0]])


def test_another_start_or_another_entry_makes_another_plan() -> None:
    hashes = {plan_hash(START, ENTRIES), plan_hash(date(2026, 6, 2), ENTRIES), plan_hash(START, ENTRIES[:3])}
    assert len(hashes) == 3


def test_no_text_runs_into_its_neighbour() -> None:
    one, other = replace(ENTRIES[0], number="a", vendor_name="bc"), replace(ENTRIES[0], number="ab", vendor_name="c")
    assert plan_hash(START, [one]) != plan_hash(START, [other])


@pytest.mark.parametrize(
    ("create", "create_sum", "ask", "words"),
    [
        (38, "412906.11", 3, "38 would post ($412,906.11), 3 need you."),
        (1, "5", 1, "1 would post ($5.00), 1 needs you."),
        (1200, "-5", 0, "1,200 would post (-$5.00), 0 need you."),
    ],
)
def test_the_start_dialog(create: int, create_sum: str, ask: int, words: str) -> None:
    totals = PlanTotals(create, Decimal(create_sum), 7, Decimal(1), ask, Decimal(2))
    assert start_sentence(START, totals) == (
        f"Bring in invoices first approved on or after June 1, 2026. {words} Earlier ones stay out."
    )

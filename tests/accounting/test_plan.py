from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from accounting.plan import (
    DraftTotals,
    PlanEntry,
    PlannedOutcome,
    PlanTotals,
    PlanVerdict,
    plan_hash,
    start_sentence,
    switching_sentence,
)

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
        {"verdict": PlanVerdict.LINK},
        {"transaction_key": "Bill:145"},
        {"transaction": "bill INV-1 of June 30, 2026, $100.00"},
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


def test_what_is_linked_and_what_would_be_held_stand_in_the_start_dialog() -> None:
    totals = PlanTotals(41, Decimal(500), 7, Decimal(1), 3, Decimal(2), 12, Decimal("90000.5"))
    drafted = DraftTotals(38, Decimal("412906.11"), 2, Decimal(9))
    assert start_sentence(START, totals, drafted) == (
        "Bring in invoices first approved on or after June 1, 2026. 38 would post ($412,906.11), 5 need you. "
        "12 are in QuickBooks already and are linked ($90,000.50). Earlier ones stay out."
    )


def test_what_switching_on_does_at_once() -> None:
    drafted = DraftTotals(38, Decimal("412906.11"), 3, Decimal(9))
    reasons = [("Vendor Acme is not matched to a QuickBooks vendor.", 2), ("Map it.", 1)]
    assert switching_sentence(START, drafted, reasons) == (
        "Switching on from June 1, 2026 posts 38 bills, $412,906.11; 3 would be held, because: "
        "Vendor Acme is not matched to a QuickBooks vendor (2); Map it (1)."
    )
    assert switching_sentence(START, DraftTotals(1, Decimal(5), 0, Decimal(0)), []) == (
        "Switching on from June 1, 2026 posts 1 bill, $5.00."
    )


def test_what_drafting_came_to_adds_up_bills_by_total_and_what_is_held_by_amount_due() -> None:
    outcomes = [
        (ENTRIES[0], PlannedOutcome(posts=Decimal("105.00"))),
        (ENTRIES[1], PlannedOutcome(held_because="Map it.")),
        (ENTRIES[3], PlannedOutcome()),
    ]
    assert DraftTotals.of(outcomes) == DraftTotals(1, Decimal("105.00"), 1, Decimal("20.50"))

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from accounting.bill import draft_bill
from accounting.bill_settings import Decisions
from accounting.bill_types import BillDraft, Held
from accounting.blockers import BlockerReason, Hold
from accounting.duplicates import BookedTransaction, Wanted, look_alikes
from tests.accounting.samples import NO_RETAINAGE, books, invoice

WANTED = Wanted("56", "INV-1042", "12", date(2026, 6, 30), Decimal("15300.00"), Decimal("17000.00"))
OTHER = BookedTransaction(
    "Bill:145", "bill", "56", "A-1", date(2026, 6, 1), Decimal("99.00"), Decimal("99.00"), frozenset({"12"})
)


def booked(**changes: object) -> BookedTransaction:
    return replace(OTHER, **changes)  # type: ignore[arg-type]  # each test names a field of its own


def test_another_bill_of_the_vendor_is_none() -> None:
    assert look_alikes(WANTED, [OTHER]) == ()


@pytest.mark.parametrize("number", ["INV-1042", "inv 1042", "INV#01042", " inv.1042 "])
@pytest.mark.parametrize("day", [date(2020, 1, 1), date(2026, 6, 30), date(2030, 1, 1)])
def test_the_same_number_is_one_however_it_is_written_and_however_old(number: str, day: date) -> None:
    same = booked(number=number, transaction_date=day)
    assert look_alikes(WANTED, [same]) == (same,)


@pytest.mark.parametrize("amounts", [("15300.00", "1"), ("17000.00", "1"), ("1", "17000.00"), ("1", "15300.00")])
@pytest.mark.parametrize("kind", ["bill", "vendor credit", "check", "expense"])
def test_the_same_net_or_gross_on_the_job_is_one(amounts: tuple[str, str], kind: str) -> None:
    same = booked(kind=kind, total=Decimal(amounts[0]), gross=Decimal(amounts[1]))
    assert look_alikes(WANTED, [same]) == (same,)


@pytest.mark.parametrize(
    ("day", "found"),
    [
        (date(2026, 5, 16), True),
        (date(2026, 5, 15), False),
        (date(2026, 8, 14), True),
        (date(2026, 8, 15), False),
    ],
)
def test_the_same_amount_counts_for_45_days(day: date, found: bool) -> None:
    assert bool(look_alikes(WANTED, [booked(total=Decimal("15300.00"), transaction_date=day)])) is found


@pytest.mark.parametrize(
    "not_one",
    [
        {"linked": True},
        {"customer_ids": frozenset({"13"})},
        {"vendor_id": "57"},
    ],
)
def test_linked_coded_to_another_job_or_of_another_vendor_is_none(not_one: dict[str, object]) -> None:
    same = booked(number="INV-1042", total=Decimal("15300.00"))
    assert look_alikes(WANTED, [replace(same, **not_one)]) == ()  # type: ignore[arg-type]


@pytest.mark.parametrize("jobs", [frozenset(), frozenset({"12", "13"})])
def test_coded_to_no_job_or_to_this_one_among_others_is_one(jobs: frozenset[str]) -> None:
    assert look_alikes(WANTED, [booked(number="INV-1042", customer_ids=jobs)])


def test_numbers_that_say_nothing_and_amounts_of_nothing_are_alike_to_nobody() -> None:
    nothing = replace(WANTED, number="--", net=Decimal(0), gross=Decimal(0))
    assert look_alikes(nothing, [booked(number="", total=Decimal(0), gross=Decimal(0))]) == ()


def test_a_look_alike_holds_until_a_person_says_it_is_another_one() -> None:
    same = booked(number="INV-1042", total=Decimal("15300.00"))
    also = booked(key="Purchase:9", kind="check", number="", total=Decimal("17000.00"))
    held = draft_bill(invoice(), books(look_alikes=(same, also)), NO_RETAINAGE, False)
    assert held == Held(
        (
            Hold(BlockerReason.LIKELY_DUPLICATE, "bill INV-1042 of June 1, 2026, $15,300.00", "Bill:145"),
            Hold(BlockerReason.LIKELY_DUPLICATE, "check without a number of June 1, 2026, $17,000.00", "Purchase:9"),
        )
    )
    one_left = books(look_alikes=(same, also), decisions=Decisions(not_duplicates=frozenset({"Bill:145"})))
    still = draft_bill(invoice(), one_left, NO_RETAINAGE, False)
    assert isinstance(still, Held) and [hold.subject_key for hold in still.holds] == ["Purchase:9"]
    both = Decisions(not_duplicates=frozenset({"Bill:145", "Purchase:9"}))
    assert isinstance(
        draft_bill(invoice(), books(look_alikes=(same, also), decisions=both), NO_RETAINAGE, False), BillDraft
    )


def test_a_shortened_number_is_found_as_it_stands_in_the_books_and_as_the_vendor_wrote_it() -> None:
    long = "1234567890123456789012"
    for number in (long, "7890123456789012-6A51"):
        held = draft_bill(invoice(number=long), books(look_alikes=(booked(number=number),)), NO_RETAINAGE, False)
        assert isinstance(held, Held)


def test_posted_in_other_books_holds_and_names_them() -> None:
    held = draft_bill(invoice(), books(posted_in="Hartwell Construction LLC"), NO_RETAINAGE, False)
    assert isinstance(held, Held)
    assert held.holds[0].sentence.startswith("Posted in Hartwell Construction LLC.")

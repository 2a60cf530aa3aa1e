"""Which historical invoice belongs to which bill that is in the books already."""

from datetime import date
from decimal import Decimal

import pytest

from accounting.duplicates import BookedTransaction, Match, Wanted, surely_the_same
from accounting.piles import Piled, pile_up
from accounting.plan import PlanVerdict

P = PlanVerdict


def booked(key: str, **other: object) -> BookedTransaction:
    values: dict[str, object] = {
        "key": key,
        "kind": "bill",
        "vendor_id": "56",
        "number": "INV-1042",
        "transaction_date": date(2026, 6, 30),
        "total": Decimal("15300.00"),
        "gross": Decimal("17000.00"),
        "customer_ids": frozenset({"9"}),
        **other,
    }
    return BookedTransaction(**values)  # type: ignore[arg-type]  # each test names the few it changes


WANTED = Wanted("56", "inv 1042", "9", date(2026, 7, 10), Decimal("15300.00"), Decimal("17000.00"))


@pytest.mark.parametrize(
    ("other", "sure"),
    [
        ({}, True),
        ({"number": "1042"}, False),
        ({"number": ""}, False),
        ({"total": Decimal("15300.01")}, False),
        ({"total": Decimal("17000.00")}, False),
        ({"kind": "check or expense"}, False),
        ({"kind": "vendor credit"}, False),
        ({"transaction_date": date(2026, 8, 24)}, True),
        ({"transaction_date": date(2026, 8, 25)}, False),
        ({"customer_ids": frozenset()}, True),
    ],
)
def test_only_a_bill_of_the_same_number_amount_and_time_is_surely_the_same(
    other: dict[str, object], sure: bool
) -> None:
    assert surely_the_same(WANTED, booked("Bill:1", **other)) is sure


def test_an_invoice_without_a_number_is_never_surely_a_bill() -> None:
    nameless = Wanted("56", "", "9", date(2026, 7, 10), Decimal("15300.00"), Decimal("17000.00"))
    assert not surely_the_same(nameless, booked("Bill:1", number=""))


def sure(key: str) -> Match:
    return Match(booked(key), is_sure=True)


def maybe(key: str) -> Match:
    return Match(booked(key), is_sure=False)


@pytest.mark.parametrize(
    ("found", "verdicts"),
    [
        ({"1": []}, {"1": (P.CREATE, None)}),
        ({"1": [sure("Bill:1")]}, {"1": (P.LINK, "Bill:1")}),
        ({"1": [maybe("Bill:1")]}, {"1": (P.ASK, "Bill:1")}),
        # Two bills of its number and amount: one of them was paid twice, or is somebody else's.
        ({"1": [sure("Bill:1"), sure("Bill:2")]}, {"1": (P.ASK, "Bill:1")}),
        # One bill, two invoices: nobody knows whose.
        ({"1": [sure("Bill:1")], "2": [sure("Bill:1")]}, {"1": (P.ASK, "Bill:1"), "2": (P.ASK, "Bill:1")}),
        # Equal draws month after month look alike; each has its own bill, so none is left to ask about.
        (
            {"1": [sure("Bill:1"), maybe("Bill:2")], "2": [maybe("Bill:1"), sure("Bill:2")]},
            {"1": (P.LINK, "Bill:1"), "2": (P.LINK, "Bill:2")},
        ),
        ({"1": [sure("Bill:1")], "2": [maybe("Bill:1")]}, {"1": (P.LINK, "Bill:1"), "2": (P.CREATE, None)}),
        # What looks most like it is named, wherever it stands.
        (
            {"1": [maybe("Bill:2"), sure("Bill:1")], "2": [sure("Bill:1")]},
            {"1": (P.ASK, "Bill:1"), "2": (P.ASK, "Bill:1")},
        ),
    ],
)
def test_every_invoice_lies_in_exactly_one_pile(
    found: dict[str, list[Match]], verdicts: dict[str, tuple[PlanVerdict, str | None]]
) -> None:
    piled = pile_up(found)
    assert {key: (one.verdict, one.booked.key if one.booked else None) for key, one in piled.items()} == verdicts
    # The order in which they were read makes no difference.
    assert pile_up(dict(reversed(found.items()))) == piled


def test_nothing_found_makes_a_new_bill() -> None:
    assert pile_up({"1": []}) == {"1": Piled(P.CREATE)}

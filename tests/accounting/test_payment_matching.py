from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from accounting.payment_matching import IssuedPayment, SoughtPayment, existing_payment

JULY = date(2026, 7, 15)
SOUGHT = SoughtPayment(Decimal("450.00"), JULY, "10432", "58820")
ISSUED = IssuedPayment("88", Decimal("450.00"), JULY, "", "")


@pytest.mark.parametrize(
    ("different", "is_it"),
    [
        ({}, True),
        ({"paid_on": date(2026, 7, 22)}, True),
        ({"paid_on": date(2026, 7, 8)}, True),
        ({"paid_on": date(2026, 7, 23)}, False),
        ({"paid_on": None}, False),
        ({"paid_on": None, "check_number": "10432"}, True),
        ({"paid_on": date(2026, 3, 1), "check_number": "#010432"}, True),
        ({"amount": Decimal("450.01")}, False),
        ({"amount": Decimal("450.01"), "check_number": "10432"}, False),
        ({"requisition_id": "58820"}, True),
        ({"requisition_id": "58821"}, False),
        ({"requisition_id": "58821", "check_number": "10432"}, True),
    ],
)
def test_what_counts_as_the_same_payment(different: dict[str, Any], is_it: bool) -> None:
    assert (existing_payment(SOUGHT, [replace(ISSUED, **different)]) is not None) is is_it


def test_payments_without_a_check_number_are_not_the_same_for_that() -> None:
    assert existing_payment(replace(SOUGHT, check_number=""), [replace(ISSUED, paid_on=None)]) is None


def test_the_check_number_wins_then_the_requisition_then_the_day() -> None:
    by_number = replace(ISSUED, id="1", check_number="10432", paid_on=date(2026, 1, 1))
    by_requisition = replace(ISSUED, id="2", requisition_id="58820", paid_on=date(2026, 7, 20))
    by_day, later = replace(ISSUED, id="3"), replace(ISSUED, id="4", paid_on=date(2026, 7, 16))
    in_order = [later, by_day, by_requisition, by_number]
    found = []
    while in_order:
        best = existing_payment(SOUGHT, in_order)
        assert best is not None
        in_order.remove(best)
        found.append(best.id)
    assert found == ["1", "2", "3", "4"]

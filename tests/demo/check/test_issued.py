"""What the oracle says of contract payments, broken in one place each."""

from dataclasses import replace
from decimal import Decimal

import pytest

from demo.check.issued import Issued, compare, new_payments

ONE = Issued(701001, 58002, Decimal("900.00"), "5001", "2026-07-15", "check")
TWO = Issued(701001, 58003, Decimal("900.00"), "5001", "2026-07-15", "check")
BY_HAND = Issued(701002, None, Decimal("77.00"), "", "2026-07-11", "")
EXPECTED = [ONE, TWO, BY_HAND]


def test_what_had_to_be_there_is_right_in_any_order() -> None:
    verdict = compare(EXPECTED, [BY_HAND, TWO, ONE])
    assert (verdict.is_right, verdict.expected) == (True, 3)


@pytest.mark.parametrize(
    ("found", "counts"),
    [
        ([ONE, BY_HAND], (1, 0, 0)),
        ([ONE, ONE, TWO, BY_HAND], (0, 1, 0)),
        ([ONE, TWO, BY_HAND, replace(BY_HAND, check_number="9")], (0, 0, 1)),
        ([replace(ONE, amount=Decimal("900.01")), TWO, BY_HAND], (1, 0, 1)),
        ([replace(ONE, requisition_id=58004), TWO, BY_HAND], (1, 0, 1)),
        ([replace(ONE, commitment_id=1), TWO, BY_HAND], (1, 0, 1)),
        ([replace(ONE, paid_on="2026-07-16"), TWO, BY_HAND], (1, 0, 1)),
        ([replace(ONE, method="electronic"), TWO, BY_HAND], (1, 0, 1)),
        ([], (3, 0, 0)),
    ],
)
def test_each_difference_is_found(found: list[Issued], counts: tuple[int, int, int]) -> None:
    verdict = compare(EXPECTED, found)
    assert (verdict.missing, verdict.duplicates, verdict.wrong) == counts
    assert len(verdict.sentences) == sum(counts) and not verdict.is_right


def test_only_what_is_new_in_procore_counts() -> None:
    old = {"id": 1, "contract_id": 701001, "amount": "5.00"}
    new = {
        "id": 2,
        "contract_id": 701001,
        "requisition_id": 58002,
        "amount": "900.00",
        "check_number": "5001",
        "date": "2026-07-15",
        "payment_method": "check",
    }
    before = {"contract_payments": [old]}
    assert new_payments(before, {"contract_payments": [old, new]}) == [ONE]
    assert new_payments({}, {"contract_payments": [new]}) == [ONE]

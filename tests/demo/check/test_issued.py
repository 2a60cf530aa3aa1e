"""What the oracle says of contract payments, broken in one place each."""

from dataclasses import replace
from decimal import Decimal

import pytest

from demo.check.issued import Issued, commitments_of, compare, new_payments, notes_of

NOTES = "QuickBooks check 5001 of $1,800.00"
ONE = Issued(701001, 58002, Decimal("900.00"), "5001", "2026-07-15", "check", "INV-7", NOTES)
TWO = Issued(701001, 58003, Decimal("900.00"), "5001", "2026-07-15", "check", "INV-8", NOTES)
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
        ([replace(ONE, invoice_number="INV-9"), TWO, BY_HAND], (1, 0, 1)),
        ([replace(ONE, invoice_number=""), TWO, BY_HAND], (1, 0, 1)),
        ([replace(ONE, notes="QuickBooks check 5001 of $900.00"), TWO, BY_HAND], (1, 0, 1)),
        ([replace(ONE, notes=""), TWO, BY_HAND], (1, 0, 1)),
        # A company file's: the discount went to Procore as if it were cash.
        ([replace(ONE, amount=Decimal("918.37")), TWO, BY_HAND], (1, 0, 1)),
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
        "invoice_number": "INV-7",
        "notes": "QuickBooks check 5001 of $1,800.00",
    }
    before = {"contract_payments": [old]}
    assert new_payments(before, {"contract_payments": [old, new]}) == [ONE]
    assert new_payments({}, {"contract_payments": [new]}) == [ONE]
    both = {"contract_payments": [new, {**old, "contract_id": 701009}]}
    assert new_payments({}, both, frozenset({701001})) == [ONE]
    assert len(new_payments({}, both)) == 2


def test_a_customers_commitments_are_those_of_its_projects() -> None:
    world = {
        "projects": [{"id": 1, "company_id": 4907}, {"id": 2, "company_id": 4911}],
        "commitments": [{"id": 11, "project_id": 1}, {"id": 12, "project_id": 2}, {"id": 13, "project_id": 1}],
    }
    assert commitments_of(world, 4907) == {11, 13}


@pytest.mark.parametrize(
    ("method", "number", "said"),
    [
        ("check", "5001", "QuickBooks check 5001 of $1,234.50"),
        ("credit_card", "", "QuickBooks card payment of $1,234.50"),
        ("credit_card", "77", "QuickBooks card payment 77 of $1,234.50"),
        ("electronic", "", "QuickBooks payment of $1,234.50"),
    ],
)
def test_what_a_payment_says_of_itself(method: str, number: str, said: str) -> None:
    assert notes_of(method, number, Decimal("1234.5")) == said

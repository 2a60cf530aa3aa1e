"""Contract payments as the oracle compares them: literals against what Procore holds; nothing of the product."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any


@dataclass(frozen=True)
class Issued:
    """One contract payment. ``requisition_id`` is None for one that a person entered without naming an invoice; texts
    are empty where it says nothing.
    """

    commitment_id: int
    requisition_id: int | None
    amount: Decimal
    check_number: str
    paid_on: str
    method: str
    invoice_number: str = ""
    notes: str = ""

    def __str__(self) -> str:
        named = f"check {self.check_number}" if self.check_number else f"no check number ({self.method or 'no method'})"
        of = f"commitment {self.commitment_id}, requisition {self.requisition_id}"
        said = f"invoice {self.invoice_number or 'without a number'}: {self.notes or 'no notes'}"
        return f"${self.amount} of {of}, {named}, paid on {self.paid_on}, {said}"


@dataclass(frozen=True)
class PaymentsVerdict:
    """How many had to be there, and what is not as it must be, in sentences."""

    expected: int
    missing: int
    duplicates: int
    wrong: int
    sentences: tuple[str, ...]

    @property
    def is_right(self) -> bool:
        return not self.sentences


def commitments_of(world: dict[str, Any], company_id: int) -> frozenset[int]:
    """The commitments of one customer, as its Procore has them."""
    projects = {row["id"] for row in world["projects"] if row["company_id"] == company_id}
    return frozenset(row["id"] for row in world["commitments"] if row["project_id"] in projects)


def new_payments(
    before: dict[str, Any], after: dict[str, Any], commitments: frozenset[int] | None = None
) -> list[Issued]:
    """What stands in Procore now and did not before; of these commitments alone, where they are named."""
    known = {row["id"] for row in before.get("contract_payments") or []}
    return [
        Issued(
            commitment_id=row["contract_id"],
            requisition_id=row.get("requisition_id"),
            amount=Decimal(str(row["amount"])),
            check_number=row.get("check_number") or "",
            paid_on=row.get("date") or "",
            method=row.get("payment_method") or "",
            invoice_number=row.get("invoice_number") or "",
            notes=row.get("notes") or "",
        )
        for row in after["contract_payments"]
        if row["id"] not in known and (commitments is None or row["contract_id"] in commitments)
    ]


def notes_of(method: str, number: str, total: Decimal) -> str:
    """What a payment that follows the books says of itself: how it was paid, and the whole of it."""
    words = {"check": "check", "credit_card": "card payment", "electronic": "payment"}[method]
    return f"QuickBooks {f'{words} {number}'.strip()} of ${total:,.2f}"


def compare(expected: Sequence[Issued], found: Sequence[Issued]) -> PaymentsVerdict:
    """Every expected payment once, and no other. One more of what was expected is a duplicate, anything else wrong."""
    missing = Counter(expected) - Counter(found)
    extra = Counter(found) - Counter(expected)
    duplicates = {one: count for one, count in extra.items() if one in set(expected)}
    wrong = {one: count for one, count in extra.items() if one not in duplicates}
    sentences = [
        *(f"missing: {one}" for one in missing.elements()),
        *(f"once too often: {one}" for one, count in duplicates.items() for _ in range(count)),
        *(f"should not be there: {one}" for one, count in wrong.items() for _ in range(count)),
    ]
    return PaymentsVerdict(
        expected=len(expected),
        missing=missing.total(),
        duplicates=sum(duplicates.values()),
        wrong=sum(wrong.values()),
        sentences=tuple(sentences),
    )


__all__ = ["Issued", "PaymentsVerdict", "commitments_of", "compare", "new_payments", "notes_of"]

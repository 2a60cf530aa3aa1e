"""Contract payments as the oracle compares them: literals against what Procore holds; nothing of the product."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any


@dataclass(frozen=True)
class Issued:
    """One contract payment. ``requisition_id`` is None for one that a person entered without naming an invoice, and
    ``method`` empty for one that says none.
    """

    commitment_id: int
    requisition_id: int | None
    amount: Decimal
    check_number: str
    paid_on: str
    method: str

    def __str__(self) -> str:
        named = f"check {self.check_number}" if self.check_number else f"no check number ({self.method or 'no method'})"
        of = f"commitment {self.commitment_id}, requisition {self.requisition_id}"
        return f"${self.amount} of {of}, {named}, paid on {self.paid_on}"


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


def new_payments(before: dict[str, Any], after: dict[str, Any]) -> list[Issued]:
    """What stands in Procore now and did not before."""
    known = {row["id"] for row in before.get("contract_payments") or []}
    return [
        Issued(
            commitment_id=row["contract_id"],
            requisition_id=row.get("requisition_id"),
            amount=Decimal(str(row["amount"])),
            check_number=row.get("check_number") or "",
            paid_on=row.get("date") or "",
            method=row.get("payment_method") or "",
        )
        for row in after["contract_payments"]
        if row["id"] not in known
    ]


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


__all__ = ["Issued", "PaymentsVerdict", "compare", "new_payments"]

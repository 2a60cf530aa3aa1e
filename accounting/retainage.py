"""Retainage: what an invoice withholds and releases, what is booked before it, and the roll-forward that must tie."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from accounting.bill_types import BillDraft, LineRole, RetainageBalance, TransactionKind
from accounting.invoice import Invoice, InvoiceLine
from accounting.money import ZERO, dollars


def retainage_booked(draft: BillDraft) -> tuple[Decimal, Decimal]:
    """What a bill books as withheld and as released. On a vendor credit every sign is changed: what is withheld there
    stands as a positive line.
    """
    sign = -1 if draft.kind is TransactionKind.VENDOR_CREDIT else 1
    of_role = {role: sum((line.amount for line in draft.lines if line.role is role), ZERO) for role in LineRole}
    return -of_role[LineRole.RETAINAGE_WITHHELD] * sign, of_role[LineRole.RETAINAGE_RELEASED] * sign


def excess(invoice: Invoice, balance: RetainageBalance) -> Decimal:
    """How much more is let go than is booked, this invoice's own withholding included; zero when it is covered."""
    kept, let_go = invoice.withheld, invoice.released
    # Negative withholding corrects an earlier one: it lets money go just as a release does.
    if let_go <= 0 and kept >= 0:
        return ZERO
    return max(let_go - balance.open - kept, ZERO)


def excess_by_line(invoice: Invoice, amount: Decimal) -> list[tuple[InvoiceLine, Decimal]]:
    """``amount`` spread over the lines that release, in their order, none beyond its own release."""
    parts, left = [], amount
    for line in invoice.lines:
        part = min(max(line.released, ZERO), left)
        if part > 0:
            parts.append((line, part))
            left -= part
    return parts


@dataclass(frozen=True)
class RetainageMove:
    """What one posted bill did to a commitment's retainage."""

    withheld: Decimal
    released: Decimal


@dataclass(frozen=True)
class RollForward:
    """One commitment's retainage: opening + withheld − released = closing, next to what Procore and the books say.

    ``in_procore`` is the latest posted requisition's ``total_retainage``, ``in_books`` what the retainage account
    holds for vendor and job; None where nobody has told yet, which ties with nothing and breaks nothing.
    """

    commitment_id: str
    opening: Decimal
    withheld: Decimal
    released: Decimal
    in_procore: Decimal | None
    in_books: Decimal | None

    @property
    def closing(self) -> Decimal:
        return self.opening + self.withheld - self.released

    @property
    def ties(self) -> bool:
        return all(amount is None or amount == self.closing for amount in (self.in_procore, self.in_books))

    @property
    def sentence(self) -> str:
        """What ties, or by how much it does not and against whom."""
        off = [
            f"{who} {dollars(amount)} ({dollars(amount - self.closing)} off)"
            for who, amount in (("Procore shows", self.in_procore), ("QuickBooks shows", self.in_books))
            if amount is not None and amount != self.closing
        ]
        return f"Closing {dollars(self.closing)}, but {' and '.join(off)}." if off else "Ties to the cent."


def roll_forward(
    commitment_id: str,
    opening: Decimal,
    moves: Iterable[RetainageMove],
    in_procore: Decimal | None,
    in_books: Decimal | None,
) -> RollForward:
    """Roll a commitment's retainage forward over its posted bills."""
    posted: Sequence[RetainageMove] = list(moves)
    return RollForward(
        commitment_id=commitment_id,
        opening=opening,
        withheld=sum((move.withheld for move in posted), ZERO),
        released=sum((move.released for move in posted), ZERO),
        in_procore=in_procore,
        in_books=in_books,
    )

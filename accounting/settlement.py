"""How a bill stands towards money: paid, by credit, by discount, or by something that is no payment."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from accounting.money import ZERO
from accounting.payments import Share
from accounting.states import Settled


@dataclass(frozen=True)
class Settlement:
    """What settled a bill so far; ``other`` is a journal entry, a check coded to A/P, or nothing that was found.

    ``open`` is what QuickBooks says is left to pay.
    """

    total: Decimal
    open: Decimal
    cash: Decimal
    credit: Decimal
    discount: Decimal
    other: Decimal

    @property
    def settled(self) -> Settled:
        """A bill of which any part was settled without a payment that anybody can name needs a person's look."""
        if self.total <= 0 or self.cash == self.credit == self.discount == self.other == 0:
            return Settled.OPEN
        if self.open > 0:
            return Settled.PART
        if self.other > 0:
            return Settled.NO_PAYMENT_FOUND
        if self.cash > 0:
            return Settled.PAID
        return Settled.BY_CREDIT if self.credit >= self.discount else Settled.BY_DISCOUNT


def as_confirmed(share: Share, cash: Decimal) -> Share:
    """A share of which a person said how much was cash: the rest moved no money, so it counts as credit."""
    rest = share.cash + share.credit + share.other - cash
    return replace(share, cash=cash, credit=rest, other=ZERO, is_unclear=False)


def settlement(
    total: Decimal, open_amount: Decimal, shares: Iterable[Share], credits_told: Decimal = ZERO
) -> Settlement:
    """What settled a bill by all its payments. ``credits_told`` is what the bill itself says credits settled of it,
    outside of any payment (Desktop). What nothing explains counts as ``other``; a copy of the bill that is older than
    its payments explains too little, and is no reason for it.
    """
    cash = credit = discount = other = ZERO
    for share in shares:
        cash += share.cash
        credit += share.credit
        discount += share.discount
        other += share.other
    credit += credits_told
    unexplained = total - open_amount - cash - credit - discount - other
    return Settlement(total, open_amount, cash, credit, discount, other + max(unexplained, ZERO))

"""What a bill was paid in cash, as QuickBooks has it and as Procore shows it, as far as both are to show the same."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from accounting.money import ZERO
from accounting.payment_changes import STOPS_ALL, STOPS_NEW_ONLY, TOLD_BY_PROCORE, ShareFacts, WriteHold, hold_of

# Payments that are not for us to write, and cash whose amount in the commitment's currency nobody knows.
_NOT_COMPARED = STOPS_ALL | {WriteHold.OTHER_CURRENCY, WriteHold.CREDIT_UNCLEAR}


@dataclass(frozen=True)
class PaidShare:
    """One payment's share in a bill. ``in_procore`` is the contract payment that stands for it, None for none.

    ``hold`` is what came of the last look at it, and ``is_due`` says that there will be another one.
    """

    facts: ShareFacts
    in_procore: Decimal | None
    hold: WriteHold | None
    is_due: bool

    @property
    def is_compared(self) -> bool:
        """Whether Procore is to show this cash by now.

        Not while it is on its way, nor what waits for its day or was made before the start, unless it is there already.
        """
        hold = hold_of(self.facts)
        if hold in _NOT_COMPARED or (hold in STOPS_NEW_ONLY and self.in_procore is None):
            return False
        return not self.is_due or self.hold in TOLD_BY_PROCORE


@dataclass(frozen=True)
class PaidCash:
    """The cash of the same payments on either side."""

    in_procore: Decimal
    in_quickbooks: Decimal


def paid_cash(shares: Iterable[PaidShare]) -> PaidCash | None:
    """The cash of a bill's payments on either side; None where nothing is to be compared.

    What credits, discounts, journal entries and checks coded to accounts payable settled is no cash and in neither.
    """
    compared = [one for one in shares if one.is_compared]
    if not compared:
        return None
    return PaidCash(
        in_procore=sum((one.in_procore or ZERO for one in compared), ZERO),
        in_quickbooks=sum((one.facts.cash for one in compared), ZERO),
    )

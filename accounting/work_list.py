"""The work list: what people have to do, ranked by the money that each thing frees."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from accounting.blockers import EXPLANATIONS, BlockerReason, Hold, Owner
from accounting.money import dollars


@dataclass(frozen=True)
class Task:
    """One thing to do. ``frees`` are invoices held by nothing else, ``touches`` all that it holds.

    ``subject_key`` together with reason and connection is what one click clears. ``since`` is when the first of them
    was held (UTC); ``invoice_id`` is the one of them with the most money, of those that nothing else holds where there
    are any, ``invoice_name`` its number and vendor. Ids are text.
    """

    reason: BlockerReason
    connection_id: str | None
    subject_key: str
    subject: str
    since: datetime
    invoice_id: str
    invoice_name: str
    frees: int
    frees_amount: Decimal
    touches: int
    touches_amount: Decimal

    @property
    def owner(self) -> Owner:
        return EXPLANATIONS[self.reason].owner

    @property
    def button(self) -> str | None:
        return EXPLANATIONS[self.reason].button

    @property
    def doing(self) -> str:
        """What to do, in a few words: ``Map budget code 03-300``."""
        return f"{self.button or EXPLANATIONS[self.reason].sentence} {self.subject}".strip()

    @property
    def why(self) -> str:
        """Why the invoices are held."""
        return Hold(self.reason, self.subject).sentence

    @property
    def invoice(self) -> str | None:
        """Which invoice this is about; None where it is about all that its subject holds."""
        return None if self.reason in SHARED else self.invoice_name

    @property
    def outcome(self) -> str:
        """``frees 41 invoices, $1,204,118.20``; what it alone does not free is said so."""
        if self.frees:
            return f"frees {_invoices(self.frees)}, {dollars(self.frees_amount)}"
        return f"one of several things that {_invoices(self.touches)} of {dollars(self.touches_amount)} need"

    @property
    def sentence(self) -> str:
        """``Map budget code 03-300 → frees 41 invoices, $1,204,118.20``."""
        return f"{self.doing} → {self.outcome}"


# One click clears these for every invoice they hold; any other reason is about one invoice at a time.
SHARED = frozenset(
    {
        BlockerReason.VENDOR_UNMAPPED,
        BlockerReason.VENDOR_INACTIVE,
        BlockerReason.PROJECT_UNMAPPED,
        BlockerReason.PROJECT_UNROUTED,
        BlockerReason.COST_CODE_UNMAPPED,
        BlockerReason.MAPPING_REFUSED,
        BlockerReason.AP_ACCOUNT_MISSING,
        BlockerReason.RETAINAGE_ACCOUNT_MISSING,
        BlockerReason.RETAINAGE_OPENING_BALANCE,
        BlockerReason.PERIOD_CLOSED,
        BlockerReason.LOCK_DATE,
        BlockerReason.PROJECT_NOT_VISIBLE,
        BlockerReason.NO_QUICKBOOKS,
        BlockerReason.CONNECTION_EXPIRED,
        BlockerReason.PAUSED,
    }
)


def _invoices(count: int) -> str:
    return f"{count:,} {'invoice' if count == 1 else 'invoices'}"

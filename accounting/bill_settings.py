"""How one connection wants its bills: what an admin set for the books, and what people decided for one invoice."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from accounting.coding import Target


class LineGrouping(StrEnum):
    """One bill line per SOV line, or one per budget code."""

    SOV_LINE = "sov_line"
    BUDGET_CODE = "budget_code"


class BillDateSource(StrEnum):
    """Which day of the invoice is the bill's date."""

    BILLING_DATE = "billing_date"
    APPROVAL_DATE = "approval_date"
    PERIOD_END = "period_end"


class RetainageBooking(StrEnum):
    """GROSS: cost at gross, retainage withheld and released as lines of a liability account. NET: cost at net, the
    retained part is cost when it is billed."""

    GROSS = "gross"
    NET = "net"


class MissingLienWaiver(StrEnum):
    """MARK posts with ``HOLD – LIEN WAIVER`` first in the memo; WAIT holds the invoice until the waiver is there."""

    MARK = "mark"
    WAIT = "wait"


class ChangedInvoice(StrEnum):
    """What happens when an invoice is changed in Procore after its bill was posted, unpaid and unchanged."""

    ASK = "ask"
    UPDATE = "update"


@dataclass(frozen=True)
class BillSettings:
    """An admin's settings for one connection. ``pay_when_paid`` is the project's."""

    line_grouping: LineGrouping = LineGrouping.SOV_LINE
    retainage_booking: RetainageBooking = RetainageBooking.GROSS
    missing_lien_waiver: MissingLienWaiver = MissingLienWaiver.MARK
    pay_when_paid: bool = False
    review_before_posting: bool = False
    billable: bool = False


@dataclass(frozen=True)
class Decisions:
    """What people decided for one invoice only; each is kept with its author and never outlives a change it voids.

    ``small_difference`` is the difference (amount due less lines) that somebody saw and put on the retainage line.
    ``excess_to_cost`` is how much released retainage, beyond what is booked, may go to cost at most.
    ``not_duplicates`` are keys of transactions compared and found to be other ones. ``approved_hash`` is the hash of
    the draft that was shown and approved.
    """

    recoded: Mapping[int, Target] = field(default_factory=dict)
    bill_date: date | None = None
    small_difference: Decimal | None = None
    excess_to_cost: Decimal | None = None
    vendor_credit: bool = False
    lien_waiver_missing: bool = False
    not_duplicates: frozenset[str] = frozenset()
    approved_hash: str | None = None


DEFAULT_SETTINGS = BillSettings()
NOTHING_DECIDED = Decisions()

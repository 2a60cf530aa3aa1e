"""Whether a bill of ours may be taken back out of QuickBooks, and how: by what the books hold of it now."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from accounting.bill_types import RetainageBalance
from accounting.money import ZERO, dollars
from accounting.plan import in_words


@dataclass(frozen=True)
class BookedBill:
    """A bill as QuickBooks has it now. ``balance`` is what is left to pay; ``applied`` counts payments and credits."""

    bill_date: date
    total: Decimal
    balance: Decimal
    applied: int = 0

    @property
    def is_open(self) -> bool:
        """Nothing was paid of it, no credit applied."""
        return self.balance == self.total and not self.applied


@dataclass(frozen=True)
class ClosedDays:
    """Through which day QuickBooks' books are closed, and inBuild's own lock date; both closed days themselves."""

    through: date | None = None
    lock_date: date | None = None

    @property
    def last(self) -> date | None:
        return max((day for day in (self.through, self.lock_date) if day is not None), default=None)

    def holds(self, day: date) -> bool:
        return self.last is not None and day <= self.last


@dataclass(frozen=True)
class Booked:
    """The retainage that one bill books, and what is booked for its commitment with it."""

    withheld: Decimal
    released: Decimal
    balance: RetainageBalance

    @property
    def released_by_later(self) -> Decimal:
        """How much would be released that was never withheld, were the bill not there."""
        return max(-(self.balance.open - self.withheld + self.released), ZERO)


@dataclass(frozen=True)
class StaysThere:
    """QuickBooks keeps it, and why. ``may_reverse``: a reversing vendor credit is the way left."""

    sentence: str
    may_reverse: bool = False


CREDIT_STAYS = StaysThere("A vendor credit cannot be reversed by another one. Enter a bill against it in QuickBooks.")
_REVERSED = "-R"


def reversing_number(number: str, longest: int) -> str:
    """The number of the credit against a bill: the bill's with ``-R``, within what QuickBooks holds."""
    return f"{number[-(longest - len(_REVERSED)) :]}{_REVERSED}"


def reversal_note(number: str, bill_date: date, marker: str) -> str:
    """What the credit against a bill says of itself."""
    return f"Reverses bill {number} of {bill_date}, taken back, {marker}"


def reversed_by(number: str, on: date) -> str:
    """What is said of a bill once the credit against it is there."""
    return f"Reversed by vendor credit {number} of {on}."


def why_not_removed(bill: BookedBill, closed: ClosedDays, booked: Booked) -> StaysThere | None:
    """Why a bill cannot be deleted (Desktop: voided); None where it can: it is unpaid, and its period is open."""
    if booked.released_by_later > 0:
        return _released(booked)
    if not bill.is_open:
        paid = bill.total - bill.balance
        return StaysThere(
            f"{dollars(paid)} of it is paid or settled by credit. Take the payment off in QuickBooks first, or reverse "
            "the bill with a vendor credit.",
            may_reverse=True,
        )
    if closed.holds(bill.bill_date):
        return StaysThere(
            f"Its bill date, {in_words(bill.bill_date)}, lies in a closed period. Open the period, or reverse the bill "
            "with a vendor credit in the open one.",
            may_reverse=True,
        )
    return None


def why_not_reversed(bill: BookedBill, on: date, closed: ClosedDays, booked: Booked) -> StaysThere | None:
    """Why no vendor credit of that day can stand against a bill; None where one can."""
    if booked.released_by_later > 0:
        return _released(booked)
    if bill.total <= 0:
        return StaysThere("A bill of no amount has nothing to be reversed. Delete it in QuickBooks.")
    if closed.holds(on):
        return StaysThere(
            f"The books are closed through {in_words(closed.last or on)}, today included. Open the period, then try "
            "again.",
            may_reverse=True,
        )
    return None


def _released(booked: Booked) -> StaysThere:
    return StaysThere(
        f"Later bills of its commitment release {dollars(booked.released_by_later)} of the retainage it withholds. "
        "Take those back first."
    )

"""Closed periods: known before anything is sent, from QuickBooks' closing date and from inBuild's own lock date."""

from collections.abc import Iterator
from datetime import date

from accounting.blockers import BlockerReason, Hold

# The subject that clears what waits for QuickBooks' closing date, wherever it was found to be closed.
CLOSING_DATE = "closing date"


def closed(bill_date: date, closed_through: date | None, lock_date: date | None) -> Iterator[Hold]:
    """Why a bill of this date cannot go; the closing day itself is closed.

    QuickBooks Online refuses what is dated on or before ``Preferences.AccountingInfoPrefs.BookCloseDate``.
    """
    if closed_through is not None and bill_date <= closed_through:
        yield Hold(BlockerReason.PERIOD_CLOSED, in_words(closed_through), CLOSING_DATE)
    if lock_date is not None and bill_date <= lock_date:
        yield Hold(BlockerReason.LOCK_DATE, in_words(lock_date), "lock date")


def first_open_day(closed_through: date | None, lock_date: date | None) -> date | None:
    """The earliest date that neither date closes; None while nothing is closed."""
    known = [day for day in (closed_through, lock_date) if day is not None]
    return date.fromordinal(max(known).toordinal() + 1) if known else None


def redate_refusal(
    old: date, new: date, closed_through: date | None, lock_date: date | None, *, other_year_confirmed: bool
) -> str | None:
    """Why an invoice of ``old`` may not be posted as of ``new``, in a sentence; None when it may.

    Moving a cost into another year changes two years' books: only a person who says so does that.
    """
    if next(closed(new, closed_through, lock_date), None) is not None:
        opening = first_open_day(closed_through, lock_date)
        return f"{in_words(new)} is closed too. Choose {in_words(opening)} or a later day." if opening else None
    if new.year != old.year and not other_year_confirmed:
        return (
            f"That moves the cost from {old.year} to {new.year}. Confirm the other year if your accountant agrees, "
            "or open the period in QuickBooks."
        )
    return None


def in_words(day: date) -> str:
    """``June 30, 2026``."""
    return f"{day:%B} {day.day}, {day.year}"

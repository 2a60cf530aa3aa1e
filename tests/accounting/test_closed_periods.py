from datetime import date

import pytest

from accounting.bill import draft_bill
from accounting.bill_settings import Decisions
from accounting.bill_types import BillDraft, Held
from accounting.blockers import BlockerReason, Hold
from accounting.closed_periods import closed, first_open_day, redate_refusal
from tests.accounting.samples import NO_RETAINAGE, books, invoice

JUNE_30, JULY_1 = date(2026, 6, 30), date(2026, 7, 1)


@pytest.mark.parametrize(
    ("closed_through", "lock_date", "reasons"),
    [
        (None, None, []),
        (date(2026, 6, 29), date(2026, 6, 29), []),
        (JUNE_30, None, [BlockerReason.PERIOD_CLOSED]),
        (None, JUNE_30, [BlockerReason.LOCK_DATE]),
        (JULY_1, JUNE_30, [BlockerReason.PERIOD_CLOSED, BlockerReason.LOCK_DATE]),
    ],
)
def test_a_closing_day_is_closed_itself(
    closed_through: date | None, lock_date: date | None, reasons: list[BlockerReason]
) -> None:
    assert [hold.reason for hold in closed(JUNE_30, closed_through, lock_date)] == reasons
    outcome = draft_bill(invoice(), books(closed_through=closed_through, lock_date=lock_date), NO_RETAINAGE, False)
    assert [hold.reason for hold in (outcome.holds if isinstance(outcome, Held) else ())] == reasons


def test_the_reason_says_through_which_day() -> None:
    assert list(closed(JUNE_30, JUNE_30, None)) == [Hold(BlockerReason.PERIOD_CLOSED, "June 30, 2026", "closing date")]


def test_a_date_that_somebody_chose_is_the_bills_and_its_due_date_follows() -> None:
    of = books(closed_through=JUNE_30, decisions=Decisions(bill_date=JULY_1))
    draft = draft_bill(invoice(), of, NO_RETAINAGE, False)
    assert isinstance(draft, BillDraft)
    assert (draft.bill_date, draft.due_date) == (JULY_1, date(2026, 7, 31))


def test_nothing_is_dated_anew_by_itself() -> None:
    assert isinstance(draft_bill(invoice(), books(closed_through=JUNE_30), NO_RETAINAGE, False), Held)


@pytest.mark.parametrize(
    ("new", "confirmed", "words"),
    [
        (JULY_1, False, None),
        (JUNE_30, False, "June 30, 2026 is closed too. Choose July 1, 2026 or a later day."),
        (date(2027, 1, 2), False, "That moves the cost from 2026 to 2027."),
        (date(2027, 1, 2), True, None),
    ],
)
def test_another_year_needs_a_click_of_its_own(new: date, confirmed: bool, words: str | None) -> None:
    said = redate_refusal(date(2026, 6, 15), new, JUNE_30, None, other_year_confirmed=confirmed)
    assert said is None if words is None else said is not None and said.startswith(words)


@pytest.mark.parametrize(
    ("dates", "opens"), [((None, None), None), ((JUNE_30, None), JULY_1), ((date(2025, 12, 31), JUNE_30), JULY_1)]
)
def test_the_first_open_day_is_after_both(dates: tuple[date | None, date | None], opens: date | None) -> None:
    assert first_open_day(*dates) == opens

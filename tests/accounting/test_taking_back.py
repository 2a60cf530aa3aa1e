"""Whether a bill may be taken back: unpaid, its period open, and no later bill releasing what it withholds."""

from datetime import date
from decimal import Decimal

import pytest

from accounting.bill_types import RetainageBalance
from accounting.taking_back import Booked, BookedBill, ClosedDays, why_not_removed, why_not_reversed

JUNE_30, TODAY = date(2026, 6, 30), date(2026, 11, 22)
OPEN = ClosedDays()


def bill(total: str = "900.00", balance: str | None = None, applied: int = 0) -> BookedBill:
    return BookedBill(JUNE_30, Decimal(total), Decimal(balance or total), applied)


def booked(
    withheld: str = "0", released: str = "0", all_withheld: str = "0", all_released: str = "0", opening: str = "0"
) -> Booked:
    balance = RetainageBalance(Decimal(all_withheld), Decimal(all_released), Decimal(opening))
    return Booked(Decimal(withheld), Decimal(released), balance)


@pytest.mark.parametrize(
    ("one", "closed", "retainage", "beginning", "may_reverse"),
    [
        (bill(), OPEN, booked(), None, False),
        (bill(), ClosedDays(date(2026, 6, 29), date(2026, 6, 29)), booked(), None, False),
        (bill(balance="899.99"), OPEN, booked(), "$0.01 of it is paid or settled by credit.", True),
        (bill(balance="0"), OPEN, booked(), "$900.00 of it is paid", True),
        # A payment of no amount still hangs on it.
        (bill(applied=1), OPEN, booked(), "$0.00 of it is paid", True),
        (bill(), ClosedDays(JUNE_30), booked(), "Its bill date, June 30, 2026, lies in a closed period.", True),
        (bill(), ClosedDays(None, JUNE_30), booked(), "Its bill date, June 30, 2026, lies in a closed period.", True),
        # Its own retainage, released by nobody.
        (bill(), OPEN, booked("100", "0", "100", "0"), None, False),
        (bill(), OPEN, booked("100", "0", "100", "40"), "Later bills of its commitment release $40.00", False),
        (bill(), OPEN, booked("100", "0", "150", "40"), None, False),
        (bill(), OPEN, booked("100", "0", "100", "40", "50"), None, False),
        # The bill that releases goes first.
        (bill(), OPEN, booked("0", "40", "100", "40"), None, False),
    ],
)
def test_when_a_bill_may_be_removed(
    one: BookedBill, closed: ClosedDays, retainage: Booked, beginning: str | None, may_reverse: bool
) -> None:
    stays = why_not_removed(one, closed, retainage)
    if beginning is None:
        assert stays is None
    else:
        assert stays is not None
        assert stays.sentence.startswith(beginning)
        assert stays.may_reverse is may_reverse


@pytest.mark.parametrize(
    ("one", "closed", "retainage", "beginning"),
    [
        (bill(balance="0"), ClosedDays(JUNE_30), booked(), None),
        (bill(), ClosedDays(date(2026, 11, 21)), booked(), None),
        (bill(), ClosedDays(TODAY), booked(), "The books are closed through November 22, 2026, today included."),
        (bill("0.00"), OPEN, booked(), "A bill of no amount has nothing to be reversed."),
        (bill(), OPEN, booked("100", "0", "100", "40"), "Later bills of its commitment release $40.00"),
    ],
)
def test_when_a_vendor_credit_may_stand_against_it(
    one: BookedBill, closed: ClosedDays, retainage: Booked, beginning: str | None
) -> None:
    stays = why_not_reversed(one, TODAY, closed, retainage)
    assert stays is None if beginning is None else stays is not None and stays.sentence.startswith(beginning)

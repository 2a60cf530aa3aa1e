"""Which cash of a bill Procore is to show by now, and what either side comes to."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from accounting.paid_cash import PaidCash, PaidShare, paid_cash
from accounting.payment_changes import ShareFacts, WriteHold

H = WriteHold
CASH = Decimal("450.00")
NOTHING = Decimal(0)
FACTS = ShareFacts(
    cash=CASH,
    paid_on=date(2026, 7, 15),
    today=date(2026, 7, 15),
    is_to_be_printed=False,
    is_unclear=False,
    currency="USD",
    invoice_currency="USD",
    commitment_id="701973",
    paid_in_all=CASH,
    bill_total=CASH,
    write_back=True,
    write_back_from=date(2026, 7, 1),
    is_paused=False,
    uses_procore_pay=False,
)


def share(in_procore: str | None = None, hold: H | None = None, *, is_due: bool = False, **facts: Any) -> PaidShare:
    stands = None if in_procore is None else Decimal(in_procore)
    return PaidShare(replace(FACTS, **facts), stands, hold, is_due)


def both(in_procore: str, in_quickbooks: str) -> PaidCash:
    return PaidCash(Decimal(in_procore), Decimal(in_quickbooks))


@pytest.mark.parametrize(
    ("shares", "paid"),
    [
        ([], None),
        ([share("450.00")], both("450", "450")),
        ([share("200.00", cash=Decimal(200)), share("250.00", cash=Decimal(250))], both("450", "450")),
        # Not ours to write, or not known in the commitment's money.
        ([share(write_back=False)], None),
        ([share(write_back_from=None)], None),
        ([share("300.00", write_back=False)], None),
        ([share(is_paused=True)], None),
        ([share(uses_procore_pay=True)], None),
        ([share(commitment_id="")], None),
        ([share(currency="CAD")], None),
        ([share(is_unclear=True)], None),
        # Before the start, marked to print, dated ahead: not yet, but what stands in Procore already counts.
        ([share(paid_on=date(2026, 6, 30))], None),
        ([share("450.00", paid_on=date(2026, 6, 30))], both("450", "450")),
        ([share(is_to_be_printed=True)], None),
        ([share(paid_on=date(2026, 7, 16))], None),
        ([share("200.00", cash=Decimal(200)), share(is_to_be_printed=True)], both("200", "200")),
        # Credits, discounts and journal entries moved no cash.
        ([share(cash=NOTHING)], both("0", "0")),
        # On its way, for the first time or once more.
        ([share(is_due=True)], None),
        ([share("300.00", is_due=True)], None),
        # Somebody has to do something: it is said until they did, however often it is tried.
        ([share(None, H.REFUSED)], both("0", "450")),
        ([share(None, H.REFUSED, is_due=True)], both("0", "450")),
        ([share(None, H.NOT_VISIBLE, is_due=True)], both("0", "450")),
        ([share("300.00", H.ENTERED_BY_HAND)], both("300", "450")),
        ([share("450.00", H.LOCKED, is_due=True, cash=NOTHING)], both("450", "0")),
        ([share(None, H.LARGER_THAN_BILL, paid_in_all=Decimal("450.01"))], both("0", "450")),
        ([share(None, H.REFUSED), share("100.00", cash=Decimal(100))], both("100", "550")),
    ],
)
def test_what_is_compared(shares: list[PaidShare], paid: PaidCash | None) -> None:
    assert paid_cash(shares) == paid

"""What is done in Procore about a share of a payment, whatever happened to it in QuickBooks."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from accounting.payment_changes import (
    SENTENCES,
    InProcore,
    ShareFacts,
    Step,
    WantedPayment,
    WriteHold,
    hold_of,
    step_for,
)

JULY = date(2026, 7, 15)
H = WriteHold
NOTES = "QuickBooks check 10432 of $450.00"
WANTED = WantedPayment(Decimal("450.00"), JULY, "10432", NOTES)
GONE = replace(WANTED, cash=Decimal(0))
WRITTEN = InProcore(Decimal("450.00"), JULY, "10432", NOTES, is_ours=True)
BY_HAND = InProcore(Decimal("450.00"), date(2026, 7, 11), "", None, is_ours=False)
# Neither has a number: only the notes tell one from the other.
BY_CARD = replace(WANTED, check_number="", notes="QuickBooks card payment of $450.00")
BY_TRANSFER = replace(BY_CARD, notes="QuickBooks payment of $450.00")


def known_as(wanted: WantedPayment) -> InProcore:
    return InProcore(wanted.cash, wanted.paid_on, wanted.check_number, wanted.notes, is_ours=True)


@pytest.mark.parametrize(
    ("known", "wanted", "hold", "step"),
    [
        (None, WANTED, None, Step.CREATE),
        (None, GONE, None, Step.NOTHING),
        *((None, WANTED, hold, Step.NOTHING) for hold in WriteHold),
        (WRITTEN, WANTED, None, Step.NOTHING),
        (WRITTEN, GONE, None, Step.REMOVE),
        (WRITTEN, GONE, H.TO_PRINT, Step.REMOVE),
        (WRITTEN, GONE, H.BEFORE_START, Step.REMOVE),
        (WRITTEN, GONE, H.SWITCHED_OFF, Step.NOTHING),
        (WRITTEN, GONE, H.PAUSED, Step.NOTHING),
        (WRITTEN, GONE, H.PROCORE_PAY, Step.NOTHING),
        (WRITTEN, replace(WANTED, cash=Decimal("400.00")), None, Step.UPDATE),
        (WRITTEN, replace(WANTED, paid_on=date(2026, 7, 16)), None, Step.UPDATE),
        (WRITTEN, replace(WANTED, check_number="10433"), None, Step.UPDATE),
        (WRITTEN, replace(WANTED, check_number="10433"), H.TO_PRINT, Step.UPDATE),
        (WRITTEN, replace(WANTED, cash=Decimal("400.00")), H.CREDIT_UNCLEAR, Step.ASK),
        (WRITTEN, replace(WANTED, cash=Decimal("900.00")), H.LARGER_THAN_BILL, Step.ASK),
        (WRITTEN, replace(WANTED, cash=Decimal("400.00")), H.SWITCHED_OFF, Step.NOTHING),
        *((known_as(one), one, None, Step.NOTHING) for one in (BY_CARD, BY_TRANSFER)),
        (known_as(BY_CARD), BY_TRANSFER, None, Step.UPDATE),
        (known_as(BY_TRANSFER), BY_CARD, None, Step.UPDATE),
        (known_as(BY_CARD), BY_TRANSFER, H.BEFORE_START, Step.UPDATE),
        (known_as(BY_CARD), BY_TRANSFER, H.CREDIT_UNCLEAR, Step.ASK),
        (known_as(BY_CARD), BY_TRANSFER, H.PAUSED, Step.NOTHING),
        (replace(known_as(BY_CARD), is_ours=False), BY_TRANSFER, None, Step.NOTHING),
        # A Procore that shows no notes gives nothing to compare.
        (replace(WRITTEN, notes=None), WANTED, None, Step.NOTHING),
        (BY_HAND, WANTED, None, Step.NOTHING),
        (BY_HAND, GONE, None, Step.ASK),
        (BY_HAND, replace(WANTED, cash=Decimal("400.00")), None, Step.ASK),
    ],
)
def test_steps(known: InProcore | None, wanted: WantedPayment, hold: WriteHold | None, step: Step) -> None:
    assert step_for(known, wanted, hold) is step


RIGHT = ShareFacts(
    cash=Decimal("450.00"),
    paid_on=JULY,
    today=JULY,
    is_to_be_printed=False,
    is_unclear=False,
    currency="USD",
    invoice_currency="USD",
    commitment_id="701973",
    paid_in_all=Decimal("450.00"),
    bill_total=Decimal("450.00"),
    write_back=True,
    write_back_from=date(2026, 7, 1),
    is_paused=False,
    uses_procore_pay=False,
)


@pytest.mark.parametrize(
    ("different", "hold"),
    [
        ({}, None),
        ({"currency": ""}, None),
        ({"paid_on": date(2026, 7, 1)}, None),
        ({"write_back": False}, H.SWITCHED_OFF),
        ({"write_back_from": None}, H.SWITCHED_OFF),
        ({"is_paused": True}, H.PAUSED),
        ({"uses_procore_pay": True}, H.PROCORE_PAY),
        ({"paid_on": date(2026, 6, 30)}, H.BEFORE_START),
        ({"paid_on": date(2026, 7, 16)}, H.DATED_AHEAD),
        ({"is_to_be_printed": True}, H.TO_PRINT),
        ({"is_unclear": True}, H.CREDIT_UNCLEAR),
        ({"currency": "CAD"}, H.OTHER_CURRENCY),
        ({"paid_in_all": Decimal("450.01")}, H.LARGER_THAN_BILL),
        ({"commitment_id": ""}, H.NO_COMMITMENT),
        ({"commitment_id": "", "write_back": False}, H.NO_COMMITMENT),
    ],
)
def test_holds(different: dict[str, Any], hold: WriteHold | None) -> None:
    assert hold_of(replace(RIGHT, **different)) is hold


def test_every_hold_has_its_sentence() -> None:
    assert SENTENCES.keys() == set(WriteHold)

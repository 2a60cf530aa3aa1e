"""An invoice's payments as people read them: what each was, and where it stands towards Procore."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from accounting.payment_changes import SENTENCES, TOLD_BY_PROCORE, WriteHold, hold_of
from accounting.payments import PaymentMethod
from models.contract_payments import ShareSheet

# Who is asked: whoever may work on invoices. Until then nothing of it goes to Procore.
NO_PAYMENT = (
    "Settled by a journal entry or by a check coded to accounts payable. Confirm how much of it the vendor was paid, "
    "$0.00 if no money moved."
)
METHODS = {
    PaymentMethod.CHECK: "Check",
    PaymentMethod.CREDIT_CARD: "Credit card",
    PaymentMethod.ELECTRONIC: "Electronic",
}


class InProcoreNow(StrEnum):
    """Where a payment stands towards Procore."""

    WRITTEN = "written"
    ADOPTED = "adopted"
    NOT_WRITTEN = "not_written"
    NOTHING = "nothing"


@dataclass(frozen=True)
class ShownPayment:
    """One payment of an invoice's bill; the amounts are what it did for this bill. ``sentence`` says why it is not in
    Procore, or what is wrong with what is there. ``may_confirm``: a person has to say how much of it was cash;
    ``other`` is what a journal entry or a check coded to accounts payable settled while nobody said it of that.
    """

    id: UUID
    paid_on: date
    method: str
    number: str
    cash: Decimal
    credit: Decimal
    discount: Decimal
    other: Decimal
    payment_total: Decimal
    procore: InProcoreNow
    procore_payment_id: str | None
    sentence: str
    may_confirm: bool


def shown_payment(share: ShareSheet, now: datetime) -> ShownPayment | None:
    """None for a payment that is gone from the books and from Procore."""
    stands = share.procore_payment_id is not None
    if not stands and not any((share.cash, share.credit, share.discount, share.other)):
        return None
    told = share.decided
    uses_procore_pay = share.hold is WriteHold.PROCORE_PAY
    facts = share.facts(now, uses_procore_pay=uses_procore_pay)
    hold = hold_of(facts)
    if stands:
        procore = InProcoreNow.WRITTEN if share.procore_is_ours else InProcoreNow.ADOPTED
    else:
        procore = InProcoreNow.NOT_WRITTEN if share.wanted_cash > 0 else InProcoreNow.NOTHING
    return ShownPayment(
        id=share.id,
        paid_on=share.paid_on,
        method=METHODS[share.payment.method],
        number=share.number,
        cash=told.cash,
        credit=told.credit,
        discount=told.discount,
        other=told.other,
        payment_total=share.total,
        procore=procore,
        procore_payment_id=share.procore_payment_id,
        sentence=_sentence(share, procore, hold),
        may_confirm=facts.is_unclear or told.other > 0,
    )


def _sentence(share: ShareSheet, procore: InProcoreNow, hold: WriteHold | None) -> str:
    if share.hold in TOLD_BY_PROCORE:
        said = f": {share.said.rstrip('.')}." if share.said and share.hold is WriteHold.REFUSED else ""
        return f"{SENTENCES[share.hold]}{said}"
    match procore:
        case InProcoreNow.NOT_WRITTEN:
            return SENTENCES[hold] if hold else "Goes to Procore by itself."
        case InProcoreNow.NOTHING if share.decided.other > 0:
            return NO_PAYMENT
        case InProcoreNow.NOTHING:
            return "No money moved: nothing to write."
        case InProcoreNow.ADOPTED:
            return "Entered in Procore by a person; inBuild leaves it as it is."
        case InProcoreNow.WRITTEN if share.wanted_cash <= 0:
            return "Gone from QuickBooks; it is removed from Procore by itself."
        case _:
            return ""

"""An invoice's payments: what QuickBooks says, and what of it is in Procore."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from accounting.money import ZERO
from api.access import Accountant, Member, ServicesNow
from api.answers import Answer
from api.intents import confirming_payments
from api.money import Money
from api.problems import not_found
from api.shown_payments import shown_payment
from models.contract_payments import shares_of_invoice
from models.invoice_sheet import invoice_sheet

router = APIRouter(tags=["invoices"])


class PaymentAnswer(Answer):
    """One payment; the amounts are what it did for this invoice's bill, ``payment_total`` all the money that moved.

    ``procore`` is written, adopted, not_written or nothing (no money moved); ``sentence`` says why.
    """

    id: UUID
    paid_on: date
    method: str
    number: str
    cash: Money
    credit: Money
    discount: Money
    other: Money
    payment_total: Money
    procore: str
    procore_payment_id: str | None
    sentence: str
    may_confirm: bool


class PaymentsAnswer(BaseModel):
    """``settled`` is open, part, paid, by_credit, by_discount or no_payment_found; ``cash`` sums the payments."""

    settled: str
    currency: str
    cash: Money
    payments: list[PaymentAnswer]


class CashBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    cash: Annotated[Money, "what of the payment was cash for this bill"]


class ConfirmedAnswer(BaseModel):
    confirmed: bool = True


@router.get("/invoices/{invoice_id}/payments")
async def payments(invoice_id: UUID, visitor: Member, services: ServicesNow) -> PaymentsAnswer:
    """In the order they were made; what is gone from both sides is left out."""
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        sheet = await invoice_sheet(session, invoice_id)
        if sheet is None:
            raise not_found("invoice")
        shares = await shares_of_invoice(session, invoice_id)
    shown = [one for share in shares if (one := shown_payment(share, services.clock.now())) is not None]
    return PaymentsAnswer(
        settled=sheet.invoice.settled.value,
        currency=sheet.invoice.currency,
        cash=sum((one.cash for one in shown), ZERO),
        payments=[PaymentAnswer.model_validate(one) for one in shown],
    )


@router.post("/invoices/{invoice_id}/payments/{payment_id}/confirm")
async def confirm(
    invoice_id: UUID, payment_id: UUID, body: CashBody, visitor: Accountant, services: ServicesNow
) -> ConfirmedAnswer:
    """Say how much of it was cash, where a credit was used and QuickBooks does not say which bill took it."""
    await confirming_payments.confirm(services, visitor, invoice_id, payment_id, body.cash)
    return ConfirmedAnswer()

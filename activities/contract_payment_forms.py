"""A share of a bill payment in Procore's words, and Procore's words for one in ours."""

from accounting.invoice import InvoiceSource
from accounting.money import dollars
from accounting.payment_changes import InProcore
from accounting.payments import PaymentMethod, origin_id
from models.contract_payments import ShareSheet, Stands
from providers.procore.contract_payments import ContractPayment, ContractPaymentForm

METHOD_WORDS = {
    PaymentMethod.CHECK: "check",
    PaymentMethod.CREDIT_CARD: "card payment",
    PaymentMethod.ELECTRONIC: "payment",
}


def origin_of(share: ShareSheet) -> str:
    return origin_id(str(share.connection_id), share.kind, share.quickbooks_id, share.bill_id)


def form_of(share: ShareSheet) -> ContractPaymentForm:
    """What Procore is told of a share."""
    return ContractPaymentForm(
        paid_on=share.paid_on,
        amount=share.wanted_cash,
        invoice_number=share.invoice_number,
        invoice_date=share.billing_date,
        method=share.payment.method.value,
        check_number=share.check_number,
        notes=notes_of(share),
        requisition_id=requisition_of(share),
        origin_id=origin_of(share),
    )


def notes_of(share: ShareSheet) -> str:
    """Where the cash came from, by its method, its number and the whole payment."""
    if share.other:
        return "QuickBooks journal entry, or check coded to accounts payable; amount confirmed in inBuild"
    named = f"{METHOD_WORDS[share.payment.method]} {share.number}".strip()
    return f"QuickBooks {named} of {dollars(share.total)}"


def requisition_of(share: ShareSheet) -> str | None:
    return share.source_id if share.source == InvoiceSource.PROCORE_REQUISITION else None


def known_as(stands: ContractPayment, *, is_ours: bool) -> InProcore:
    return InProcore(stands.amount, stands.paid_on, stands.check_number, stands.notes, is_ours=is_ours)


def stands_as(payment: ContractPayment, *, is_ours: bool) -> Stands:
    return Stands(payment.id, payment.amount, payment.paid_on, payment.check_number, is_ours=is_ours)

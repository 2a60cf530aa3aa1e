"""What a person should know of a bill before it is sent, beside the bill itself."""

from accounting.bill_types import BillDraft, TransactionKind
from accounting.invoice import Invoice
from accounting.money import dollars
from accounting.numbers import normalise
from accounting.tax import TaxTreatment


def warnings(draft: BillDraft, invoice: Invoice) -> tuple[str, ...]:
    """What the bill says otherwise than the invoice does, one sentence each, in a stable order."""
    told = []
    if not normalise(invoice.number):
        told.append(f"The invoice has no number of its own: the bill gets {draft.number}.")
    elif draft.number != draft.full_number:
        told.append(f"The number is sent as {draft.number}; the vendor's own, {draft.full_number}, stands in the memo.")
    if draft.kind is TransactionKind.BILL and draft.terms_id is None:
        days = (draft.due_date - draft.bill_date).days
        told.append(f"QuickBooks has no payment terms of {days} days: the due date is sent without terms.")
    return tuple(told)


def tax_sentence(draft: BillDraft, invoice: Invoice) -> str | None:
    """How the bill takes the invoice's tax; None where there is none."""
    match draft.tax_treatment:
        case TaxTreatment.IN_DUE:
            return f"{dollars(invoice.tax)}, part of the amount due"
        case TaxTreatment.ON_TOP:
            return f"{dollars(invoice.tax)}, on top of the amount due"
    return None

"""The cash of linked bills' payments, as the books and Procore have it: everything from our own tables."""

from collections.abc import Iterable
from uuid import UUID

from accounting.paid_cash import PaidCash, PaidShare, paid_cash
from accounting.payment_changes import WriteHold
from models.contract_payments import ShareSheet, shares_of_invoices
from models.database import CompanySession


async def paid_in_cash(session: CompanySession, invoice_ids: Iterable[UUID]) -> dict[UUID, PaidCash]:
    """Of each of these invoices whose payments are compared."""
    by_invoice: dict[UUID, list[ShareSheet]] = {}
    for share in await shares_of_invoices(session, invoice_ids):
        by_invoice.setdefault(share.invoice_id, []).append(share)
    found = {
        invoice_id: paid_cash(_as_compared(session, one) for one in shares) for invoice_id, shares in by_invoice.items()
    }
    return {invoice_id: paid for invoice_id, paid in found.items() if paid is not None}


def _as_compared(session: CompanySession, share: ShareSheet) -> PaidShare:
    facts = share.facts(session.now, uses_procore_pay=share.hold is WriteHold.PROCORE_PAY)
    stands = share.procore_amount if share.procore_payment_id is not None else None
    return PaidShare(facts, stands, share.hold, share.is_due)

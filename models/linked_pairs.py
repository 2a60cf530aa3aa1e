"""Linked invoices and their bills as our tables have them: everything a comparison needs, a few hundred at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from accounting.bill_settings import ChangedInvoice
from models.database import CompanySession


@dataclass(frozen=True)
class LinkedBillNow:
    """One linked invoice with the texts of all three versions of its bill.

    ``posted`` are the bytes last accepted by QuickBooks, None for a bill that a person linked. ``booked`` is our copy
    of the bill as JSON, None while the copy does not hold it. ``requisition`` is Procore's own text, None for an
    upload. ``later_requisition`` names one that follows on the commitment. Dates are closed days themselves.
    """

    invoice_id: UUID
    connection_id: UUID
    quickbooks_kind: str
    transaction_type: str
    quickbooks_id: str
    link_sync_token: str
    posted: bytes | None
    booked: str | None
    sync_token: str | None
    balance: Decimal | None
    is_deleted: bool
    requisition: str | None
    status: str | None
    later_requisition: str | None
    when_changed: str
    closed_through: date | None
    lock_date: date | None
    retainage_withheld: Decimal
    retainage_released: Decimal
    retainage_account_id: str | None

    @property
    def is_desktop(self) -> bool:
        return self.quickbooks_kind == "desktop"

    @property
    def choice(self) -> ChangedInvoice:
        return ChangedInvoice(self.when_changed)


LINKED_NOW = """
    SELECT link.invoice_id, link.connection_id, connection.kind AS quickbooks_kind, link.transaction_type,
        link.quickbooks_id, link.sync_token AS link_sync_token, attempt.body AS posted, copy.raw AS booked,
        copy.sync_token, copy.balance, coalesce(copy.is_deleted, false) AS is_deleted, requisition.raw AS requisition,
        requisition.status, later.name AS later_requisition, settings.changed_invoice AS when_changed,
        settings.books_closed_through AS closed_through, settings.lock_date,
        link.retainage_withheld, link.retainage_released, link.retainage_account_id
    FROM bill_link AS link
    JOIN invoice ON invoice.company_id = link.company_id AND invoice.id = link.invoice_id
    JOIN connection ON connection.company_id = link.company_id AND connection.id = link.connection_id
    JOIN connection_settings AS settings
        ON settings.company_id = link.company_id AND settings.connection_id = link.connection_id
    LEFT JOIN quickbooks_transaction AS copy
        ON copy.company_id = link.company_id AND copy.connection_id = link.connection_id
        AND copy.transaction_type = link.transaction_type AND copy.quickbooks_id = link.quickbooks_id
    LEFT JOIN procore_requisition AS requisition
        ON requisition.company_id = link.company_id AND requisition.requisition_id = invoice.source_id
        AND invoice.source = 'procore_requisition'
    LEFT JOIN LATERAL (
        SELECT body FROM posting_attempt
        WHERE company_id = link.company_id AND subject_kind = 'invoice' AND subject_id = link.invoice_id
            AND operation IN ('create_bill', 'create_vendor_credit', 'update')
            AND state = 'accepted' AND quickbooks_id = link.quickbooks_id
        ORDER BY ended_at DESC LIMIT 1
    ) AS attempt ON true
    LEFT JOIN LATERAL (
        SELECT coalesce(commitment.number, following.commitment_id) || ' #' || following.sequence AS name
        FROM invoice AS following
        LEFT JOIN procore_commitment AS commitment
            ON commitment.company_id = following.company_id AND commitment.commitment_id = following.commitment_id
        WHERE following.company_id = link.company_id AND following.commitment_id = invoice.commitment_id
            AND following.commitment_id <> '' AND following.sequence > invoice.sequence
            AND following.state <> 'dont_post' AND NOT following.approval_withdrawn
        ORDER BY following.sequence LIMIT 1
    ) AS later ON true
    WHERE link.company_id = %(company_id)s AND link.ended_at IS NULL AND link.invoice_id = ANY(%(invoice_ids)s)
    ORDER BY link.invoice_id
"""


async def linked_bills_now(session: CompanySession, invoice_ids: Sequence[UUID]) -> list[LinkedBillNow]:
    """These invoices with their bills; those without a live link are left out."""
    return await session.ask(LINKED_NOW, LinkedBillNow, invoice_ids=list(invoice_ids))

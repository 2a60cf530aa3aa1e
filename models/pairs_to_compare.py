"""Linked pairs as our tables have them: an invoice, the bill it is linked to, and what was posted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from models.database import CompanySession


@dataclass(frozen=True)
class PairRow:
    """One live link with everything that is compared, each side as it was last told.

    ``posted`` are the bytes of the last write that QuickBooks accepted for it, None for a bill that a person linked.
    ``status``, ``raw_sha256`` are Procore's requisition now; None for an upload. ``book_raw`` is our copy of the
    transaction, None before it was read. ``retainage`` and ``net`` are the bill's as posted or linked, in the
    invoice's sign.
    """

    link_id: UUID
    connection_id: UUID
    invoice_id: UUID
    transaction_type: str
    project_id: str
    billing_date: date
    retainage: Decimal
    net: Decimal
    posted: bytes | None
    is_from_procore: bool
    is_withdrawn: bool
    is_changed: bool
    source_sha256: str
    status: str | None
    raw_sha256: str | None
    is_readable: bool
    book_raw: str | None
    is_deleted: bool
    balance: Decimal | None


PAIRS = """
    SELECT link.id AS link_id, link.connection_id, link.invoice_id, link.transaction_type, invoice.project_id,
        invoice.billing_date, link.retainage_withheld - link.retainage_released AS retainage,
        CASE WHEN link.transaction_type = 'VendorCredit' THEN -link.total ELSE link.total END AS net,
        posted.body AS posted, invoice.source = 'procore_requisition' AS is_from_procore,
        invoice.approval_withdrawn AS is_withdrawn, invoice.changed AS is_changed, invoice.source_sha256,
        requisition.status, requisition.raw_sha256,
        requisition.id IS NOT NULL AND requisition.unreadable IS NULL AS is_readable,
        booked.raw AS book_raw, coalesce(booked.is_deleted, false) AS is_deleted, booked.balance
    FROM bill_link AS link
    JOIN invoice ON invoice.company_id = link.company_id AND invoice.id = link.invoice_id
    LEFT JOIN LATERAL (
        SELECT attempt.body FROM posting_attempt AS attempt
        WHERE attempt.company_id = link.company_id AND attempt.subject_kind = 'invoice'
            AND attempt.subject_id = link.invoice_id AND attempt.state = 'accepted'
            AND attempt.connection_id = link.connection_id AND attempt.quickbooks_id = link.quickbooks_id
            AND attempt.operation IN ('create_bill', 'create_vendor_credit', 'update')
        ORDER BY attempt.created_at DESC, attempt.id DESC
        LIMIT 1
    ) AS posted ON link.origin <> 'by_person'
    LEFT JOIN procore_requisition AS requisition
        ON requisition.company_id = invoice.company_id AND requisition.requisition_id = invoice.source_id
            AND invoice.source = 'procore_requisition'
    LEFT JOIN quickbooks_transaction AS booked
        ON booked.company_id = link.company_id AND booked.connection_id = link.connection_id
            AND booked.transaction_type = link.transaction_type AND booked.quickbooks_id = link.quickbooks_id
    WHERE link.company_id = %(company_id)s AND link.connection_id = %(connection_id)s AND link.ended_at IS NULL
        AND (%(after)s::uuid IS NULL OR link.id > %(after)s)
    ORDER BY link.id
    LIMIT %(limit)s
"""


async def linked_pairs(session: CompanySession, connection_id: UUID, after: UUID | None, limit: int) -> list[PairRow]:
    """A page of a connection's live links, in the order of their ids, after the one given."""
    return await session.ask(PAIRS, PairRow, connection_id=connection_id, after=after, limit=limit)


@dataclass(frozen=True)
class LinkedBill:
    """A live link's transaction, to be read in QuickBooks."""

    link_id: UUID
    transaction_type: str
    quickbooks_id: str


LINKED_BILLS = """
    SELECT id AS link_id, transaction_type, quickbooks_id FROM bill_link
    WHERE company_id = %(company_id)s AND connection_id = %(connection_id)s AND ended_at IS NULL
        AND (%(after)s::uuid IS NULL OR id > %(after)s)
    ORDER BY id
    LIMIT %(limit)s
"""


async def linked_bills(
    session: CompanySession, connection_id: UUID, after: UUID | None, limit: int
) -> list[LinkedBill]:
    """A page of the transactions that live links name, in the order of the links' ids."""
    return await session.ask(LINKED_BILLS, LinkedBill, connection_id=connection_id, after=after, limit=limit)


RAW_TEXTS = """
    SELECT requisition_id, raw FROM procore_requisition
    WHERE company_id = %(company_id)s AND requisition_id = ANY(%(requisition_ids)s)
"""


@dataclass(frozen=True)
class _RawText:
    requisition_id: str
    raw: str


async def requisition_texts(session: CompanySession, requisition_ids: Sequence[str]) -> dict[str, str]:
    """Procore's own texts of these requisitions, by id."""
    found = await session.ask(RAW_TEXTS, _RawText, requisition_ids=list(requisition_ids))
    return {one.requisition_id: one.raw for one in found}

"""One invoice with everything its page shows, except the timeline (``models.events``)."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from accounting.states import Badge
from models.database import CompanySession
from models.invoice_badges import badge_of_row
from models.invoice_pages import project_of_invoice
from models.open_reasons import OpenReason, reasons_to_wait
from models.tables import (
    AttemptState,
    BillLink,
    Connection,
    Document,
    InvoiceLineRow,
    InvoiceRow,
    PostingAttempt,
    ProcoreCommitment,
    ProcoreProject,
    QuickBooksTransaction,
    ReferenceEntry,
)


@dataclass(frozen=True)
class LinkedBill:
    """The bill an invoice has in QuickBooks. ``body`` is what was sent, None where the bill was not made by us;
    ``target_names`` are the names of accounts and items by (list, id).

    ``balance`` is what our copy of the books says is still open, as read at ``read_at`` (UTC); both None where the copy
    does not hold the bill yet.
    """

    connection_id: UUID
    quickbooks_company_id: str
    quickbooks_id: str
    transaction_type: str
    quickbooks_company: str
    quickbooks_kind: str
    number: str
    total: Decimal
    linked_at: datetime
    origin: str
    balance: Decimal | None
    read_at: datetime | None
    body: bytes | None
    target_names: dict[tuple[str, str], str]


@dataclass(frozen=True)
class InvoiceSheet:
    """One invoice with everything its page shows, except the timeline."""

    invoice: InvoiceRow
    badge: Badge
    project_name: str
    project_time_zone: str | None
    commitment_number: str | None
    lines: tuple[InvoiceLineRow, ...]
    reasons: tuple[OpenReason, ...]
    bill: LinkedBill | None
    documents: tuple[str, ...]


async def invoice_sheet(session: CompanySession, invoice_id: UUID) -> InvoiceSheet | None:
    """Everything about one invoice; None when the company has none of that id."""
    found = await session.exec(
        select(InvoiceRow, ProcoreProject, ProcoreCommitment.number)
        .outerjoin(ProcoreProject, project_of_invoice())
        .outerjoin(
            ProcoreCommitment,
            sa.and_(
                col(ProcoreCommitment.company_id) == col(InvoiceRow.company_id),
                col(ProcoreCommitment.commitment_id) == col(InvoiceRow.commitment_id),
            ),
        )
        .where(InvoiceRow.company_id == session.company_id, InvoiceRow.id == invoice_id)
    )
    first = found.first()
    if first is None:
        return None
    invoice, project, commitment_number = first
    lines = await session.exec(
        select(InvoiceLineRow)
        .where(InvoiceLineRow.company_id == session.company_id, InvoiceLineRow.invoice_id == invoice_id)
        .order_by(col(InvoiceLineRow.position))
    )
    documents = await session.exec(
        select(Document.file_name)
        .where(Document.company_id == session.company_id, Document.invoice_id == invoice_id)
        .order_by(col(Document.created_at))
    )
    reasons = await reasons_to_wait(session, [invoice])
    return InvoiceSheet(
        invoice=invoice,
        badge=badge_of_row(invoice),
        project_name=project.name if project else invoice.project_id,
        project_time_zone=project.time_zone if project else None,
        commitment_number=commitment_number,
        lines=tuple(lines),
        reasons=tuple(reasons.get(invoice_id, [])),
        bill=await _linked_bill(session, invoice_id),
        documents=tuple(documents),
    )


async def _linked_bill(session: CompanySession, invoice_id: UUID) -> LinkedBill | None:
    found = await session.exec(
        select(BillLink, Connection, QuickBooksTransaction)
        .join(
            Connection,
            sa.and_(
                col(Connection.company_id) == col(BillLink.company_id),
                col(Connection.id) == col(BillLink.connection_id),
            ),
        )
        .outerjoin(
            QuickBooksTransaction,
            sa.and_(
                col(QuickBooksTransaction.company_id) == col(BillLink.company_id),
                col(QuickBooksTransaction.connection_id) == col(BillLink.connection_id),
                col(QuickBooksTransaction.transaction_type) == col(BillLink.transaction_type),
                col(QuickBooksTransaction.quickbooks_id) == col(BillLink.quickbooks_id),
            ),
        )
        .where(BillLink.company_id == session.company_id, BillLink.invoice_id == invoice_id)
        .where(col(BillLink.ended_at).is_(None))
    )
    first = found.first()
    if first is None:
        return None
    link, connection, copy = first
    bodies = await session.exec(
        select(PostingAttempt.body)
        .where(PostingAttempt.company_id == session.company_id, PostingAttempt.subject_kind == "invoice")
        .where(PostingAttempt.subject_id == invoice_id, PostingAttempt.state == AttemptState.ACCEPTED)
        .where(PostingAttempt.quickbooks_id == link.quickbooks_id)
        .order_by(col(PostingAttempt.ended_at).desc())
        .limit(1)
    )
    return LinkedBill(
        connection_id=connection.id,
        quickbooks_company_id=connection.quickbooks_company_id,
        quickbooks_id=link.quickbooks_id,
        transaction_type=link.transaction_type,
        quickbooks_company=connection.quickbooks_company_name,
        quickbooks_kind=connection.kind.value,
        number=link.number,
        total=link.total,
        linked_at=link.linked_at,
        origin=link.origin.value,
        balance=copy.balance if copy else None,
        read_at=copy.read_at if copy else None,
        body=bodies.first(),
        target_names=await _target_names(session, connection.id),
    )


async def _target_names(session: CompanySession, connection_id: UUID) -> dict[tuple[str, str], str]:
    found = await session.exec(
        select(ReferenceEntry.entity, ReferenceEntry.quickbooks_id, ReferenceEntry.full_name)
        .where(ReferenceEntry.company_id == session.company_id, ReferenceEntry.connection_id == connection_id)
        .where(col(ReferenceEntry.entity).in_(["Account", "Item"]))
    )
    return {(entity, quickbooks_id): name for entity, quickbooks_id, name in found}

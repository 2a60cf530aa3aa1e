"""Invoices uploaded to inBuild: written down with their document, approved by a person, then synced like any other."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from hashlib import sha256
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from accounting.blockers import BlockerReason, Hold
from accounting.invoice import InvoiceLine, InvoiceSource
from accounting.money import ZERO
from accounting.numbers import normalise
from models.database import CompanySession
from models.events import record_event
from models.invoice_pages import unapproved_upload
from models.invoices import NewInvoice, import_invoices
from models.routes import Route, routes_now
from models.tables import Document, InvoiceRow, ProcoreCommitment, ProcoreProject, ProcoreRequisition


class UnknownProject(Exception):
    """The project is not one of the company's Procore projects that inBuild may see."""


class UnknownCommitment(Exception):
    """The commitment number is not one of the project's."""


class NotAnUpload(Exception):
    """The invoice came from Procore and is approved there."""


@dataclass(frozen=True)
class UploadedInvoice:
    """What a person typed in. ``upload_id`` is chosen by the sender: the same one twice is the same upload."""

    upload_id: UUID
    project_id: str
    vendor_name: str
    number: str
    billing_date: date
    currency: str
    commitment_number: str | None
    due: Decimal
    lines: tuple[InvoiceLine, ...]


@dataclass(frozen=True)
class UploadedDocument:
    """A PDF that came with an invoice, not yet encrypted."""

    file_name: str
    content_type: str
    content: bytes


async def write_upload(session: CompanySession, upload: UploadedInvoice) -> tuple[UUID, bool]:
    """The invoice's id, and whether it is new. Raises UnknownProject and UnknownCommitment."""
    source_id = str(upload.upload_id)
    existing = await _by_source_id(session, source_id)
    if existing is not None:
        return existing, False
    await _check_project(session, upload.project_id)
    route = await _route(session, upload.project_id)
    new = NewInvoice(
        source=InvoiceSource.UPLOAD,
        source_id=source_id,
        source_sha256=sha256(repr(upload).encode()).hexdigest(),
        project_id=upload.project_id,
        commitment_id=await _commitment_id(session, upload),
        sequence=0,
        vendor_id=await _vendor_id(session, upload.vendor_name),
        vendor_name=upload.vendor_name,
        number=upload.number,
        normalised_number=normalise(upload.number),
        billing_date=upload.billing_date,
        currency=upload.currency,
        due=upload.due,
        tax=ZERO,
        retainage_change=None,
        lines=upload.lines,
        approved_at=None,
        holds=route.holds,
    )
    written = await import_invoices(session, [new], route.connection_id)
    return written[0], True


async def _route(session: CompanySession, project_id: str) -> Route:
    """Where the project posts; an upload of a project that is in no books, or without any books, waits for an admin."""
    routes = await routes_now(session)
    route = routes.of(project_id)
    if route.connection_id is None and not route.holds:
        if not routes.live:
            return Route(None, (Hold(BlockerReason.NO_QUICKBOOKS),))
        return Route(None, (Hold(BlockerReason.PROJECT_UNROUTED, project_id, project_id),))
    return route


async def _by_source_id(session: CompanySession, source_id: str) -> UUID | None:
    found = await session.exec(
        select(InvoiceRow.id).where(
            InvoiceRow.company_id == session.company_id,
            InvoiceRow.source == InvoiceSource.UPLOAD,
            InvoiceRow.source_id == source_id,
        )
    )
    return found.first()


async def _check_project(session: CompanySession, project_id: str) -> None:
    found = await session.exec(
        select(ProcoreProject.id).where(
            ProcoreProject.company_id == session.company_id, ProcoreProject.project_id == project_id
        )
    )
    if found.first() is None:
        raise UnknownProject


async def _commitment_id(session: CompanySession, upload: UploadedInvoice) -> str:
    if not upload.commitment_number:
        return ""
    found = await session.exec(
        select(ProcoreCommitment.commitment_id).where(
            ProcoreCommitment.company_id == session.company_id,
            ProcoreCommitment.project_id == upload.project_id,
            ProcoreCommitment.number == upload.commitment_number,
        )
    )
    commitment_id = found.first()
    if commitment_id is None:
        raise UnknownCommitment
    return commitment_id


async def _vendor_id(session: CompanySession, vendor_name: str) -> str:
    """Procore's id of the vendor where a requisition of theirs was seen (both share one mapping then), else our own."""
    found = await session.exec(
        select(ProcoreRequisition.vendor_id)
        .where(ProcoreRequisition.company_id == session.company_id)
        .where(sa.func.lower(col(ProcoreRequisition.vendor_name)) == vendor_name.lower())
        .where(col(ProcoreRequisition.vendor_id).is_not(None))
        .order_by(col(ProcoreRequisition.vendor_id))
        .limit(1)
    )
    known = found.first()
    return known or f"name:{sha256(vendor_name.casefold().encode()).hexdigest()[:24]}"


async def keep_document(
    session: CompanySession, document_id: UUID, invoice_id: UUID, document: UploadedDocument, sealed: bytes
) -> None:
    """Store a document's encrypted bytes; size and checksum are those of the document itself."""
    session.add(
        Document(
            company_id=session.company_id,
            id=document_id,
            invoice_id=invoice_id,
            file_name=document.file_name[:255],
            content_type=document.content_type,
            size=len(document.content),
            sha256=sha256(document.content).hexdigest(),
            content=sealed,
            created_at=session.now,
        )
    )
    record_event(session, "invoice", invoice_id, "document_added", size=len(document.content))


async def approve_upload(session: CompanySession, invoice_id: UUID, approved_by: UUID) -> bool | None:
    """Approve an uploaded invoice; False when it was approved before, None when there is no such invoice.

    Raises NotAnUpload for one that came from Procore.
    """
    found = await session.exec(
        select(InvoiceRow)
        .where(InvoiceRow.company_id == session.company_id, InvoiceRow.id == invoice_id)
        .with_for_update()
    )
    invoice = found.first()
    if invoice is None:
        return None
    if invoice.source is not InvoiceSource.UPLOAD:
        raise NotAnUpload
    if invoice.approved_at is not None:
        return False
    invoice.approved_at, invoice.approved_by = session.now, approved_by
    session.add(invoice)
    record_event(session, "invoice", invoice_id, "approved")
    return True


async def approve_uploads(session: CompanySession, invoice_ids: Sequence[UUID], approved_by: UUID) -> list[UUID]:
    """Approve those of these invoices that are uploads nobody approved yet; which they were."""
    approved = await session.execute(
        sa.update(InvoiceRow)
        .where(col(InvoiceRow.company_id) == session.company_id, col(InvoiceRow.id).in_(invoice_ids))
        .where(unapproved_upload())
        .values(approved_at=session.now, approved_by=approved_by)
        .returning(col(InvoiceRow.id))
        .execution_options(synchronize_session=False)
    )
    ids = sorted(approved.scalars())
    for invoice_id in ids:
        record_event(session, "invoice", invoice_id, "approved")
    return ids

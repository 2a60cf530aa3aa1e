"""Invoices: writing them down, each as its source tells it, and reading them where somebody is to work on them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from accounting.blockers import BlockerReason, Hold
from accounting.eligibility import ASKS_WHETHER
from accounting.invoice import InvoiceLine, InvoiceSource
from accounting.states import BEFORE_SENDING
from models.database import CompanySession
from models.events import record_event
from models.invoice_states import clear_blockers, move, state_under, write_blockers
from models.rows import insert_rows
from models.tables import InvoiceBlocker, InvoiceLineRow, InvoiceRow


@dataclass(frozen=True)
class NewInvoice:
    """An invoice to be written down, with the reasons to hold it that came with its source."""

    source: InvoiceSource
    source_id: str
    source_sha256: str
    project_id: str
    commitment_id: str
    sequence: int
    vendor_id: str
    vendor_name: str
    number: str
    normalised_number: str
    billing_date: date
    currency: str
    due: Decimal
    tax: Decimal
    retainage_change: Decimal | None
    lines: tuple[InvoiceLine, ...]
    approved_at: datetime | None
    holds: tuple[Hold, ...] = ()


def _header(new: NewInvoice) -> dict[str, Any]:
    return {
        "source_sha256": new.source_sha256,
        "project_id": new.project_id,
        "commitment_id": new.commitment_id,
        "sequence": new.sequence,
        "vendor_id": new.vendor_id,
        "vendor_name": new.vendor_name,
        "number": new.number,
        "normalised_number": new.normalised_number,
        "billing_date": new.billing_date,
        "currency": new.currency,
        "due": new.due,
        "tax": new.tax,
        "retainage_change": new.retainage_change,
        "approved_at": new.approved_at,
    }


def _line_rows(company_id: UUID, invoice_id: UUID, lines: Iterable[InvoiceLine]) -> list[dict[str, Any]]:
    return [
        {
            "company_id": company_id,
            "invoice_id": invoice_id,
            "position": line.position,
            "description": line.description,
            "cost_code_id": line.cost_code_id,
            "budget_code": line.budget_code,
            "gross": line.gross,
            "withheld": line.withheld,
            "released": line.released,
            "net": line.net,
            "is_rejected": line.is_rejected,
            "quantity": line.quantity,
        }
        for line in lines
    ]


KNOWN = """
    SELECT source, source_id FROM invoice WHERE company_id = %(company_id)s AND source_id = ANY(%(source_ids)s)
"""


@dataclass(frozen=True)
class _Known:
    source: str
    source_id: str


async def import_invoices(session: CompanySession, new: Sequence[NewInvoice], connection_id: UUID | None) -> list[UUID]:
    """Write down invoices that are not known yet; one that is known already is left as it is. Ids of the new ones."""
    known = await session.ask(KNOWN, _Known, source_ids=[one.source_id for one in new])
    seen = {(InvoiceSource(one.source), one.source_id) for one in known}
    fresh = {session.new_id(): one for one in new if (one.source, one.source_id) not in seen}
    if not fresh:
        return []
    rows = [
        {
            **_header(one),
            "company_id": session.company_id,
            "id": invoice_id,
            "source": one.source,
            "source_id": one.source_id,
            "connection_id": connection_id,
            "state": state_under(one.holds),
            "settled": "open",
            "changed": False,
            "approval_withdrawn": False,
            "removed_in_quickbooks": False,
            "imported_at": session.now,
            "failure_count": 0,
            "traceparent": session.actor.traceparent,
        }
        for invoice_id, one in fresh.items()
    ]
    await insert_rows(session, InvoiceRow, rows)
    lines = [row for invoice_id, one in fresh.items() for row in _line_rows(session.company_id, invoice_id, one.lines)]
    if lines:
        await insert_rows(session, InvoiceLineRow, lines)
    await write_blockers(session, {invoice_id: one.holds for invoice_id, one in fresh.items()})
    for invoice_id, one in fresh.items():
        record_event(session, "invoice", invoice_id, "imported", source=one.source, number=one.number, due=str(one.due))
    return list(fresh)


async def refresh_invoice(session: CompanySession, row: InvoiceRow, new: NewInvoice) -> None:
    """Take over what the source says now, before anything is posted.

    Reasons of the old version no longer hold; whether the invoice comes in at all is still asked where it was.
    """
    await replace_version(session, row, new)
    await clear_blockers(session, [row.id], [reason for reason in BlockerReason if reason not in ASKS_WHETHER])
    asked = await session.exec(
        select(InvoiceBlocker.reason)
        .where(InvoiceBlocker.company_id == session.company_id, InvoiceBlocker.invoice_id == row.id)
        .where(col(InvoiceBlocker.cleared_at).is_(None))
    )
    still_held = [Hold(BlockerReason(reason)) for reason in asked]
    await write_blockers(session, {row.id: new.holds})
    move(row, state_under([*still_held, *new.holds]))
    record_event(session, "invoice", row.id, "changed_in_procore", number=new.number, due=str(new.due))


async def replace_version(session: CompanySession, row: InvoiceRow, new: NewInvoice) -> None:
    """The invoice is what its source says now; how far it got stays as it is."""
    await session.execute(
        sa.delete(InvoiceLineRow)
        .where(col(InvoiceLineRow.company_id) == session.company_id, col(InvoiceLineRow.invoice_id) == row.id)
        .execution_options(synchronize_session=False)
    )
    for name, value in _header(new).items():
        setattr(row, name, value)
    row.approval_withdrawn = False
    session.add(row)
    lines = _line_rows(row.company_id, row.id, new.lines)
    if lines:
        await insert_rows(session, InvoiceLineRow, lines)


@dataclass(frozen=True)
class InvoiceOrigin:
    """What an invoice was made from: the source's id, and the fingerprint of its approved text."""

    source: InvoiceSource
    source_id: str
    source_sha256: str
    approval_withdrawn: bool
    commitment_id: str


ORIGINS_OF = """
    SELECT source, source_id, source_sha256, approval_withdrawn, commitment_id
    FROM invoice
    WHERE company_id = %(company_id)s AND id = ANY(%(ids)s) AND state = ANY(%(states)s)
"""


async def origins_of(session: CompanySession, invoice_ids: Sequence[UUID]) -> list[InvoiceOrigin]:
    """What these invoices were made from; those that meanwhile went further are left out."""
    return await session.ask(ORIGINS_OF, InvoiceOrigin, ids=list(invoice_ids), states=sorted(BEFORE_SENDING))


async def invoices_to_prepare(session: CompanySession, invoice_ids: Sequence[UUID]) -> list[InvoiceRow]:
    """These invoices, locked, in approval order; those that meanwhile went further or were withdrawn are left out."""
    found = await session.exec(
        select(InvoiceRow)
        .where(InvoiceRow.company_id == session.company_id, col(InvoiceRow.id).in_(invoice_ids))
        .where(col(InvoiceRow.state).in_(BEFORE_SENDING))
        .order_by(col(InvoiceRow.approved_at), col(InvoiceRow.sequence), col(InvoiceRow.id))
        .with_for_update()
    )
    return list(found)


async def invoices_by_id(session: CompanySession, invoice_ids: Iterable[UUID]) -> dict[UUID, InvoiceRow]:
    """These invoices, locked."""
    found = await session.exec(
        select(InvoiceRow)
        .where(InvoiceRow.company_id == session.company_id, col(InvoiceRow.id).in_(list(invoice_ids)))
        .with_for_update()
    )
    return {row.id: row for row in found}


MADE_FROM = """
    SELECT source_id AS requisition_id FROM invoice
    WHERE company_id = %(company_id)s AND source = %(source)s AND source_id = ANY(%(requisition_ids)s)
"""


@dataclass(frozen=True)
class _MadeFrom:
    requisition_id: str


async def invoices_of_requisitions(session: CompanySession, requisition_ids: Sequence[str]) -> dict[str, InvoiceRow]:
    """The invoices that came from these requisitions, by requisition id, locked."""
    source = InvoiceSource.PROCORE_REQUISITION
    # Most requisitions of a first look are no invoice yet: only those that are cost a row of the ORM's.
    made = await session.ask(MADE_FROM, _MadeFrom, source=source.value, requisition_ids=list(requisition_ids))
    if not made:
        return {}
    found = await session.exec(
        select(InvoiceRow)
        .where(InvoiceRow.company_id == session.company_id, InvoiceRow.source == source)
        .where(col(InvoiceRow.source_id).in_([one.requisition_id for one in made]))
        .with_for_update()
    )
    return {row.source_id: row for row in found}


RELEASE = "UPDATE invoice SET leased_until = NULL WHERE company_id = %(company_id)s AND id = ANY(%(ids)s)"


async def release(session: CompanySession, invoice_ids: Sequence[UUID]) -> None:
    """Give up the lease of these invoices."""
    if invoice_ids:
        await session.do(RELEASE, ids=list(invoice_ids))

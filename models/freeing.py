"""Freeing what waited for one thing: that reason is cleared where it was open, and what nothing else holds goes on."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from accounting.blockers import BlockerReason
from accounting.states import InvoiceState
from models.database import CompanySession
from models.events import record_event
from models.tables import ActorKind, InvoiceBlocker, InvoiceRow


@dataclass(frozen=True)
class Resolved:
    """Which open reasons are resolved: of these kinds, and of these keys, books and invoices where they are named."""

    reasons: tuple[BlockerReason, ...]
    subject_keys: tuple[str, ...] | None = None
    connection_id: UUID | None = None
    invoice_ids: tuple[UUID, ...] | None = None


async def free(session: CompanySession, resolved: Resolved) -> list[UUID]:
    """Clear the resolved reasons; the invoices that nothing else holds, which are drafted again by themselves.

    An invoice that something else still holds keeps that reason and its age, and is not sent round for nothing.
    """
    conditions = [
        col(InvoiceBlocker.company_id) == session.company_id,
        col(InvoiceBlocker.cleared_at).is_(None),
        col(InvoiceBlocker.reason).in_(resolved.reasons),
    ]
    if resolved.subject_keys is not None:
        conditions.append(col(InvoiceBlocker.subject_key).in_(resolved.subject_keys))
    if resolved.invoice_ids is not None:
        conditions.append(col(InvoiceBlocker.invoice_id).in_(resolved.invoice_ids))
    of_books = select(InvoiceRow.id).where(InvoiceRow.company_id == session.company_id)
    if resolved.connection_id is not None:
        of_books = of_books.where(InvoiceRow.connection_id == resolved.connection_id)
    conditions.append(col(InvoiceBlocker.invoice_id).in_(of_books))
    cleared = await session.execute(
        sa.update(InvoiceBlocker)
        .where(col(InvoiceBlocker.company_id) == session.company_id, *conditions)
        .values(cleared_at=session.now, cleared_by=_person(session))
        .returning(col(InvoiceBlocker.invoice_id), col(InvoiceBlocker.reason))
        .execution_options(synchronize_session=False)
    )
    by_invoice: dict[UUID, list[str]] = {}
    for invoice_id, reason in cleared.all():
        by_invoice.setdefault(invoice_id, []).append(reason)
    for invoice_id, reasons in by_invoice.items():
        record_event(session, "invoice", invoice_id, "reason_cleared", reasons=sorted(reasons))
    return await _go_on(session, list(by_invoice))


async def _go_on(session: CompanySession, invoice_ids: Sequence[UUID]) -> list[UUID]:
    if not invoice_ids:
        return []
    still_held = (
        sa.select(col(InvoiceBlocker.id))
        .where(col(InvoiceBlocker.company_id) == session.company_id)
        .where(col(InvoiceBlocker.invoice_id) == col(InvoiceRow.id), col(InvoiceBlocker.cleared_at).is_(None))
        .exists()
    )
    freed = await session.execute(
        sa.update(InvoiceRow)
        .where(col(InvoiceRow.company_id) == session.company_id, col(InvoiceRow.id).in_(invoice_ids), ~still_held)
        .where(col(InvoiceRow.state).in_([InvoiceState.WAITING, InvoiceState.NEEDS_YOU]))
        .values(state=InvoiceState.IMPORTED, not_before=None)
        .returning(col(InvoiceRow.id))
        .execution_options(synchronize_session=False)
    )
    ids = [invoice_id for (invoice_id,) in freed.all()]
    for invoice_id in ids:
        record_event(session, "invoice", invoice_id, "freed")
    return ids


def _person(session: CompanySession) -> UUID | None:
    actor = session.actor
    return UUID(actor.id) if actor.kind in (ActorKind.USER, ActorKind.SUPPORT) and actor.id else None

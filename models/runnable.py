"""Which invoices may go to QuickBooks now: chosen in approval order per project, and leased to whoever asked."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from accounting.connection_states import ConnectionState
from accounting.states import BEFORE_SENDING
from models.database import CompanySession
from models.desktop_queue import takes_bills
from models.tables import Connection, ConnectionSettings, InvoiceBlocker, InvoiceRow, ProcoreProject, QuickBooksKind

# How long a batch may hold its invoices before another look may take them: longer than a fresh look can take.
LEASE = timedelta(minutes=10)


@dataclass(frozen=True)
class Runnable:
    """Invoices of one project that may go to one connection now, in approval order."""

    connection_id: UUID
    project_id: str
    project_name: str
    invoice_ids: list[UUID] = field(default_factory=list)


async def lease_runnable(
    session: CompanySession, *, per_project: int, limit: int, project_id: str | None = None
) -> list[Runnable]:
    """Lease what may go: approved, unblocked, routed to an active connection whose posting is not paused.

    At most ``per_project`` of a project. A project some of whose invoices are leased already waits, unless it is
    asked for by name: then whoever asks has just finished with it. What an earlier attempt of the same activity leased
    before it died is free for the next one.
    """
    free = sa.or_(
        col(InvoiceRow.leased_until).is_(None),
        col(InvoiceRow.leased_until) <= session.now,
        col(InvoiceRow.leased_by) == session.actor.lease_name,
    )
    mine = sa.and_(free, col(InvoiceRow.project_id) == project_id) if project_id else ~_project_is_busy(session)
    queue = _queue(session).where(mine).subquery()
    statement = sa.select(queue).where(queue.c.place <= per_project)
    # Whole batches of few projects rather than a bit of each; the project that has waited longest first.
    order = (queue.c.waiting_since, queue.c.connection_id, queue.c.project_id, queue.c.place)
    chosen = (await session.execute(statement.order_by(*order).limit(limit))).all()
    groups: dict[tuple[UUID, str], Runnable] = {}
    for found in chosen:
        key = (found.connection_id, found.project_id)
        group = groups.setdefault(key, Runnable(*key, project_name=found.project_name or found.project_id))
        group.invoice_ids.append(found.id)
    if chosen:
        await session.execute(
            sa.update(InvoiceRow)
            .where(col(InvoiceRow.company_id) == session.company_id, col(InvoiceRow.id).in_([one.id for one in chosen]))
            .values(leased_until=session.now + LEASE, leased_by=session.actor.lease_name)
            .execution_options(synchronize_session=False)
        )
    return list(groups.values())


def _project_is_busy(session: CompanySession) -> sa.Exists:
    other = aliased(InvoiceRow)
    return (
        sa.select(col(other.id))
        .where(col(other.company_id) == session.company_id, col(other.project_id) == col(InvoiceRow.project_id))
        .where(col(other.connection_id) == col(InvoiceRow.connection_id), col(other.leased_until) > session.now)
        .where(col(other.leased_by).is_distinct_from(session.actor.lease_name))
        .exists()
    )


def _queue(session: CompanySession) -> sa.Select[tuple[UUID, UUID | None, str, str, datetime | None, int]]:
    company_id = session.company_id
    blocked = (
        sa.select(col(InvoiceBlocker.id))
        .where(col(InvoiceBlocker.company_id) == company_id, col(InvoiceBlocker.invoice_id) == col(InvoiceRow.id))
        .where(col(InvoiceBlocker.cleared_at).is_(None))
        .exists()
    )
    in_approval_order = [col(InvoiceRow.approved_at), col(InvoiceRow.sequence), col(InvoiceRow.id)]
    lane = [col(InvoiceRow.connection_id), col(InvoiceRow.project_id)]
    place = sa.func.row_number().over(partition_by=lane, order_by=in_approval_order)
    waiting_since = sa.func.min(col(InvoiceRow.approved_at)).over(partition_by=lane)
    return (
        sa.select(
            col(InvoiceRow.id),
            col(InvoiceRow.connection_id),
            col(InvoiceRow.project_id),
            col(ProcoreProject.name).label("project_name"),
            waiting_since.label("waiting_since"),
            place.label("place"),
        )
        .join(
            Connection,
            sa.and_(
                col(Connection.company_id) == company_id,
                col(Connection.id) == col(InvoiceRow.connection_id),
                col(Connection.state) == ConnectionState.ACTIVE,
            ),
        )
        .join(
            ConnectionSettings,
            sa.and_(
                col(ConnectionSettings.company_id) == company_id,
                col(ConnectionSettings.connection_id) == col(InvoiceRow.connection_id),
                col(ConnectionSettings.posting_paused).is_(False),
            ),
        )
        .outerjoin(
            ProcoreProject,
            sa.and_(
                col(ProcoreProject.company_id) == company_id,
                col(ProcoreProject.project_id) == col(InvoiceRow.project_id),
            ),
        )
        .where(col(InvoiceRow.company_id) == company_id)
        .where(col(InvoiceRow.state).in_(BEFORE_SENDING), col(InvoiceRow.approval_withdrawn).is_(False))
        .where(col(InvoiceRow.approved_at).is_not(None))
        .where(sa.or_(col(InvoiceRow.not_before).is_(None), col(InvoiceRow.not_before) <= session.now))
        .where(~blocked)
        # Nobody can call a PC: for a company file something is runnable while its Web Connector is there.
        .where(sa.or_(col(Connection.kind) != QuickBooksKind.DESKTOP, takes_bills(session, col(Connection.id))))
    )


async def next_due(session: CompanySession) -> datetime | None:
    """When the earliest delayed or leased invoice may be looked at again; None when there is none."""
    found = await session.exec(
        select(sa.func.min(sa.func.greatest(col(InvoiceRow.not_before), col(InvoiceRow.leased_until))))
        .where(InvoiceRow.company_id == session.company_id)
        .where(col(InvoiceRow.state).in_(BEFORE_SENDING), col(InvoiceRow.approved_at).is_not(None))
        .where(sa.or_(col(InvoiceRow.not_before) > session.now, col(InvoiceRow.leased_until) > session.now))
    )
    return found.one_or_none()

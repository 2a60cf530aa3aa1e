"""Which books a project posts to. An admin's word wins; else the one connection that takes all projects."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from accounting.blockers import BlockerReason, Hold
from accounting.money import to_cents
from accounting.states import BEFORE_SENDING, InvoiceState
from models.connections import connected
from models.database import CompanySession
from models.events import audit, record_event
from models.invoice_states import clear_blockers
from models.tables import Connection, ConnectionSettings, InvoiceBlocker, InvoiceRow, ProcoreProject, ProjectRoute

# What having no books says about an invoice.
OF_NO_BOOKS = (BlockerReason.PROJECT_UNROUTED, BlockerReason.NO_QUICKBOOKS)


@dataclass(frozen=True)
class Route:
    """Where a project's new invoices go. Without a connection they are held; out of the books they do not come in."""

    connection_id: UUID | None
    holds: tuple[Hold, ...] = ()
    in_books: bool = True


@dataclass(frozen=True)
class Routes:
    """Every project's route at one moment."""

    live: tuple[UUID, ...]
    take_all: tuple[UUID, ...]
    chosen: Mapping[str, UUID | None]

    def of(self, project_id: str, project_name: str | None = None) -> Route:
        if project_id in self.chosen:
            connection_id = self.chosen[project_id]
            return Route(connection_id, in_books=connection_id is not None)
        if len(self.take_all) == 1:
            return Route(self.take_all[0])
        if not self.live:
            return Route(None)
        return Route(None, (Hold(BlockerReason.PROJECT_UNROUTED, project_name or project_id, project_id),))


@dataclass(frozen=True)
class RoutedProject:
    """A project with its route as pages show it; ``waiting`` are invoices held until somebody chooses."""

    project_id: str
    name: str
    connection_id: UUID | None
    chosen: bool
    in_books: bool
    waiting_count: int
    waiting_total: Decimal


async def routes_now(session: CompanySession) -> Routes:
    live = await connected(session)
    settings = await session.exec(
        select(ConnectionSettings.connection_id).where(
            ConnectionSettings.company_id == session.company_id, col(ConnectionSettings.all_projects).is_(True)
        )
    )
    take_all = set(settings)
    chosen = await session.exec(
        select(ProjectRoute.project_id, ProjectRoute.connection_id).where(ProjectRoute.company_id == session.company_id)
    )
    return Routes(
        live=tuple(one.id for one in live),
        take_all=tuple(one.id for one in live if one.id in take_all),
        chosen=dict(chosen.all()),
    )


async def routed_projects(session: CompanySession) -> list[RoutedProject]:
    """Every visible project with its route, by name."""
    routes = await routes_now(session)
    found = await session.exec(
        select(ProcoreProject.project_id, ProcoreProject.name)
        .where(ProcoreProject.company_id == session.company_id, col(ProcoreProject.is_visible).is_(True))
        .order_by(col(ProcoreProject.name), col(ProcoreProject.project_id))
    )
    waiting = await session.exec(
        select(InvoiceRow.project_id, sa.func.count(), sa.func.sum(InvoiceRow.due))
        .where(InvoiceRow.company_id == session.company_id, col(InvoiceRow.connection_id).is_(None))
        .where(col(InvoiceRow.state).in_(BEFORE_SENDING))
        .group_by(col(InvoiceRow.project_id))
    )
    counts = {project_id: (count, total) for project_id, count, total in waiting.all()}
    projects = []
    for project_id, name in found:
        route = routes.of(project_id, name)
        count, total = counts.get(project_id, (0, Decimal(0)))
        projects.append(
            RoutedProject(
                project_id=project_id,
                name=name,
                connection_id=route.connection_id,
                chosen=project_id in routes.chosen,
                in_books=route.in_books,
                waiting_count=count,
                waiting_total=to_cents(Decimal(total)),
            )
        )
    return projects


async def route_project(
    session: CompanySession, project_id: str, connection: Connection | None, routed_by: UUID
) -> int:
    """Keep an admin's choice. Invoices that waited for it go there; those routed before stay where they are."""
    found = await session.exec(
        select(ProjectRoute)
        .where(ProjectRoute.company_id == session.company_id, ProjectRoute.project_id == project_id)
        .with_for_update()
    )
    row = found.first()
    connection_id = connection.id if connection else None
    if row is None:
        row = ProjectRoute(
            company_id=session.company_id,
            id=session.new_id(),
            project_id=project_id,
            connection_id=connection_id,
            routed_at=session.now,
            routed_by=routed_by,
        )
    else:
        row.connection_id, row.routed_at, row.routed_by = connection_id, session.now, routed_by
        row.version += 1
    session.add(row)
    chosen = str(connection_id) if connection_id else None
    record_event(session, "project", project_id, "project_routed", connection_id=chosen)
    audit(session, "project_routed", project_id=project_id, connection_id=chosen)
    waiting = await session.exec(
        select(InvoiceRow.id)
        .where(InvoiceRow.company_id == session.company_id, InvoiceRow.project_id == project_id)
        .where(col(InvoiceRow.connection_id).is_(None), col(InvoiceRow.state).in_(BEFORE_SENDING))
        .order_by(col(InvoiceRow.id))
        .with_for_update()
    )
    invoice_ids = list(waiting)
    if connection_id is not None:
        await give_books(session, invoice_ids, connection_id)
    else:
        await _leave_out(session, invoice_ids)
    return len(invoice_ids)


async def give_books(
    session: CompanySession,
    invoice_ids: Sequence[UUID],
    connection_id: UUID,
    *,
    cleared: Sequence[BlockerReason] = OF_NO_BOOKS,
    told_as: str = "routed",
) -> None:
    """Let these invoices post to this connection. ``cleared`` ends; whatever else holds one goes on holding it."""
    await clear_blockers(session, invoice_ids, cleared)
    still_held = (
        sa.exists()
        .where(col(InvoiceBlocker.company_id) == session.company_id)
        .where(col(InvoiceBlocker.invoice_id) == col(InvoiceRow.id), col(InvoiceBlocker.cleared_at).is_(None))
    )
    await session.execute(
        sa.update(InvoiceRow)
        .where(col(InvoiceRow.company_id) == session.company_id, col(InvoiceRow.id).in_(invoice_ids))
        .values(
            connection_id=connection_id,
            leased_until=None,
            state=sa.case((still_held, col(InvoiceRow.state)), else_=InvoiceState.IMPORTED.value),
        )
        .execution_options(synchronize_session=False)
    )
    for invoice_id in invoice_ids:
        record_event(session, "invoice", invoice_id, told_as, connection_id=str(connection_id))


async def _leave_out(session: CompanySession, invoice_ids: Sequence[UUID]) -> None:
    await clear_blockers(session, invoice_ids, OF_NO_BOOKS)
    await session.execute(
        sa.update(InvoiceRow)
        .where(col(InvoiceRow.company_id) == session.company_id, col(InvoiceRow.id).in_(invoice_ids))
        .values(state=InvoiceState.DONT_POST)
        .execution_options(synchronize_session=False)
    )
    for invoice_id in invoice_ids:
        record_event(session, "invoice", invoice_id, "dont_post", connection_id=None)

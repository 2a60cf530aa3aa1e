"""Which connection takes every project that no admin has routed. Where two do, such projects wait for a choice."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from sqlmodel import col, select

from accounting.blockers import BlockerReason
from accounting.money import ZERO
from accounting.states import BEFORE_SENDING
from models.connections import connected
from models.database import CompanySession
from models.events import audit, record_event
from models.mappings import connection_settings
from models.mirroring import mirroring_row
from models.routes import Routes, give_books, routes_now
from models.tables import Connection, InvoiceBlocker, InvoiceRow


class TakenByAnother(Exception):
    """Another connection takes all projects already; ``name`` is its QuickBooks company."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"{name} takes all projects")


@dataclass(frozen=True)
class AllProjects:
    """How the setting of one connection stands, with the version of its settings.

    ``rivals`` are other connected QuickBooks companies that take all projects too. ``waiting`` counts the invoices of
    projects that wait for a choice of books, whichever those will be.
    """

    on: bool
    version: int
    rivals: tuple[str, ...]
    waiting_count: int
    waiting_total: Decimal


async def all_projects(session: CompanySession, connection: Connection) -> AllProjects:
    settings = await connection_settings(session, connection.id)
    routes = await routes_now(session)
    waiting = await _waiting(session, routes)
    return AllProjects(
        on=settings.all_projects,
        version=settings.version,
        rivals=tuple(one.quickbooks_company_name for one in await _rivals(session, routes, connection.id)),
        waiting_count=len(waiting),
        waiting_total=sum((row.due for row in waiting), ZERO),
    )


async def take_all_projects(session: CompanySession, connection: Connection, on: bool, changed_by: UUID) -> int:
    """Keep an admin's word; how many waiting invoices got their books by it. The same word again changes nothing.

    Raises TakenByAnother where another connected QuickBooks company takes all projects.
    """
    # The toggle's row is the company's lock for connecting: two admins and a new connection come one after another.
    await mirroring_row(session)
    settings = await connection_settings(session, connection.id, lock=True)
    if settings.all_projects == on:
        return 0
    rivals = await _rivals(session, await routes_now(session), connection.id)
    if on and rivals:
        raise TakenByAnother(rivals[0].quickbooks_company_name)
    settings.all_projects = on
    settings.version += 1
    settings.updated_at, settings.updated_by = session.now, changed_by
    session.add(settings)
    await session.flush()
    changed = {"all_projects": [not on, on]}
    record_event(session, "connection", connection.id, "settings_changed", changed=changed)
    audit(session, "connection_settings_changed", connection_id=str(connection.id), changed=changed)
    return await _settle(session)


async def _settle(session: CompanySession) -> int:
    """Give the waiting invoices to the one connection that takes all projects, once there is one."""
    routes = await routes_now(session)
    if len(routes.take_all) != 1:
        return 0
    waiting = await _waiting(session, routes)
    if waiting:
        await give_books(session, [row.id for row in waiting], routes.take_all[0])
    return len(waiting)


async def _rivals(session: CompanySession, routes: Routes, connection_id: UUID) -> Sequence[Connection]:
    return [one for one in await connected(session) if one.id in routes.take_all and one.id != connection_id]


async def _waiting(session: CompanySession, routes: Routes) -> list[InvoiceRow]:
    """Invoices held because nobody said which books their project has."""
    found = await session.exec(
        select(InvoiceRow)
        .join(InvoiceBlocker, col(InvoiceBlocker.invoice_id) == col(InvoiceRow.id))
        .where(InvoiceRow.company_id == session.company_id, InvoiceBlocker.company_id == session.company_id)
        .where(InvoiceBlocker.reason == BlockerReason.PROJECT_UNROUTED, col(InvoiceBlocker.cleared_at).is_(None))
        .where(col(InvoiceRow.connection_id).is_(None), col(InvoiceRow.state).in_(BEFORE_SENDING))
        .where(col(InvoiceRow.project_id).not_in(routes.chosen))
        .order_by(col(InvoiceRow.id))
    )
    return list(found)

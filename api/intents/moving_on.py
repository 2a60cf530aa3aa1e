"""What an admin decides about invoices that wait: pause, other books, the books of projects, the list of a gap."""

from dataclasses import dataclass
from uuid import UUID

from accounting.connection_states import counts_as_active
from api.access import Visitor
from api.problems import Problem, not_found
from api.services import Services
from api.telling import tell
from contracts import mirroring
from models import all_projects, connections, gaps, projects, routes, waiting_invoices
from models.all_projects import AllProjects, TakenByAnother
from models.going_on import held_by_pause
from models.mappings import connection_settings
from models.tables import Connection
from models.toggle import StillGoing
from models.waiting_invoices import WaitingInvoices


@dataclass(frozen=True)
class Paused:
    """How the pause of a connection stands, and what resuming would send."""

    on: bool
    version: int
    waiting: StillGoing


async def show_pause(services: Services, visitor: Visitor, connection_id: UUID) -> Paused:
    """Raises Problem 404."""
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        if await connections.connection_by_id(session, connection_id) is None:
            raise not_found("connection")
        settings = await connection_settings(session, connection_id)
        waiting = await held_by_pause(session, connection_id)
    return Paused(settings.posting_paused, settings.pause_version, waiting)


async def pause(services: Services, visitor: Visitor, connection_id: UUID, on: bool) -> Paused:
    """Pause posting or let it go on; imports go on either way. Raises Problem 404."""
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        connection = await connections.connection_by_id(session, connection_id)
        if connection is None:
            raise not_found("connection")
        settings = await connections.pause_posting(session, connection_id, on, visitor.user_id)
        waiting = await held_by_pause(session, connection_id)
    # Told also when nothing changed: a repeated request heals a message that was lost, and the version makes it safe.
    message = mirroring.Paused(
        connection_id=connection_id,
        connection_name=connection.quickbooks_company_name,
        on=settings.posting_paused,
        version=settings.pause_version,
        actor=visitor.user.name,
    )
    await tell(services.workflows.pause_posting(visitor.company_id, visitor.company.name, message))
    return Paused(settings.posting_paused, settings.pause_version, waiting)


async def show_waiting(services: Services, visitor: Visitor, connection_id: UUID) -> WaitingInvoices:
    """Raises Problem 404 and 409."""
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        _check_live(await connections.connection_by_id(session, connection_id))
        return await waiting_invoices.waiting_invoices(session, connection_id)


async def move_waiting(services: Services, visitor: Visitor, connection_id: UUID, shown_hash: str) -> WaitingInvoices:
    """Move the waiting invoices to a connection, exactly those that were shown. Raises Problem 404 and 409."""
    try:
        async with services.database.company(visitor.company_id, visitor.actor) as session:
            connection = _check_live(await connections.connection_by_id(session, connection_id))
            moved = await waiting_invoices.move_waiting(session, connection, shown_hash)
    except waiting_invoices.WaitingListOutdated:
        raise Problem(
            409,
            "waiting_list_outdated",
            "The waiting invoices have changed since you saw them. Nothing was moved; look at the new count and total, "
            "then confirm.",
        ) from None
    await _wake(services, visitor, "waiting invoices were moved")
    return moved


async def route_project(services: Services, visitor: Visitor, project_id: str, connection_id: UUID | None) -> int:
    """Choose a project's books; None is *Not in these books*. How many waiting invoices that freed. Raises Problem."""
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        connection = None
        if connection_id is not None:
            connection = _check_live(await connections.connection_by_id(session, connection_id))
        if project_id not in await projects.projects_by_id(session, [project_id]):
            raise not_found("project")
        freed = await routes.route_project(session, project_id, connection, visitor.user_id)
    await _wake(services, visitor, "a project's books were chosen")
    return freed


async def show_all_projects(services: Services, visitor: Visitor, connection_id: UUID) -> AllProjects:
    """Raises Problem 404."""
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        connection = await connections.connection_by_id(session, connection_id)
        if connection is None:
            raise not_found("connection")
        return await all_projects.all_projects(session, connection)


async def take_all_projects(
    services: Services, visitor: Visitor, connection_id: UUID, on: bool
) -> tuple[AllProjects, int]:
    """Let a connection take every project nobody routed, or only routed ones; how that stands, and how many waiting
    invoices got their books by it. Raises Problem 404 and 409.
    """
    try:
        async with services.database.company(visitor.company_id, visitor.actor) as session:
            connection = _check_live(await connections.connection_by_id(session, connection_id))
            freed = await all_projects.take_all_projects(session, connection, on, visitor.user_id)
            await session.flush()
            now = await all_projects.all_projects(session, connection)
    except TakenByAnother as another:
        raise taken_already(another) from None
    await _wake(services, visitor, "a connection takes all projects" if on else "a connection takes routed projects")
    return now, freed


def taken_already(another: TakenByAnother) -> Problem:
    return Problem(
        409,
        "all_projects_taken",
        f"{another.name} takes all projects already. Turn that off there first, or choose the books of single "
        "projects.",
    )


async def accept_gap_list(services: Services, visitor: Visitor, shown_hash: str) -> UUID:
    """Bring in what was approved while nothing was connected. Raises Problem 409."""
    try:
        async with services.database.company(visitor.company_id, visitor.actor) as session:
            if not await connections.connected(session):
                raise Problem(
                    409, "nothing_connected", "No QuickBooks is connected. Connect it in Accounting Integrations first."
                )
            plan_id = await gaps.accept_gap_list(session, shown_hash, visitor.user_id)
    except gaps.GapListOutdated:
        raise Problem(
            409,
            "plan_outdated",
            "The list of invoices has changed since you saw it. Nothing was brought in; look at the new list, then "
            "confirm it.",
        ) from None
    await _wake(services, visitor, "what was approved in between is brought in")
    return plan_id


def _check_live(connection: Connection | None) -> Connection:
    if connection is None:
        raise not_found("connection")
    if not counts_as_active(connection.state):
        raise Problem(
            409, "disconnected", f"{connection.quickbooks_company_name} is disconnected. Connect it again first."
        )
    return connection


async def _wake(services: Services, visitor: Visitor, reason: str) -> None:
    await tell(services.workflows.wake_company(visitor.company_id, visitor.company.name, reason))

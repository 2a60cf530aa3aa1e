"""What waits and where it goes: pause, waiting invoices, projects' books, the list of a gap. Company admins only."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from accounting.plan import start_sentence
from api.access import ChangingAdmin, ReadingAdmin, ServicesNow
from api.answers import Answer, RequisitionAnswer
from api.intents import moving_on
from api.intents.moving_on import Paused
from api.money import Money
from api.words import all_projects_sentence, pause_sentence, waiting_sentence
from models import gaps, routes
from models.all_projects import AllProjects
from models.waiting_invoices import WaitingInvoices

router = APIRouter(tags=["connections"])

HashText = Annotated[str, Field(max_length=64)]


class PauseBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    on: bool


class PauseAnswer(BaseModel):
    """``waiting_count`` and ``waiting_total`` are what resuming sends."""

    on: bool
    version: int
    waiting_count: int
    waiting_total: Money
    sentence: str


class WaitingAnswer(BaseModel):
    """Invoices of disconnected books, or of none, that were never posted. Moving them names ``hash``."""

    count: int
    total: Money
    hash: str
    sentence: str


class MoveBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    hash: HashText


class RouteBody(BaseModel):
    """``connection_id`` null is *Not in these books*."""

    model_config = ConfigDict(extra="forbid")

    connection_id: UUID | None


class RouteAnswer(BaseModel):
    freed: int


class AllProjectsBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    on: bool


class AllProjectsAnswer(BaseModel):
    """``rivals`` are other connected QuickBooks companies that take all projects too: as long as there are any,
    invoices of projects without a choice of books wait. ``freed`` of them got their books by the change just made.
    """

    on: bool
    version: int
    rivals: list[str]
    waiting_count: int
    waiting_total: Money
    sentence: str
    freed: int


class RoutedProjectAnswer(Answer):
    """``chosen`` tells an admin's word from the default; ``waiting_count`` are held until somebody chooses."""

    project_id: str
    name: str
    connection_id: UUID | None
    chosen: bool
    in_books: bool
    waiting_count: int
    waiting_total: Money


class RoutedProjectsAnswer(BaseModel):
    projects: list[RoutedProjectAnswer]


class GapAnswer(BaseModel):
    """Approved while nothing was connected. ``complete``: every project was read since the connection came back."""

    since: datetime
    until: datetime
    start_date: date
    count: int
    total: Money
    hash: str
    complete: bool
    sentence: str
    entries: list[RequisitionAnswer]


class GapAcceptedAnswer(BaseModel):
    plan_id: UUID


@router.get("/connections/{connection_id}/pause")
async def show_pause(connection_id: UUID, visitor: ReadingAdmin, services: ServicesNow) -> PauseAnswer:
    return _pause_answer(await moving_on.show_pause(services, visitor, connection_id))


@router.put("/connections/{connection_id}/pause")
async def pause(connection_id: UUID, body: PauseBody, visitor: ChangingAdmin, services: ServicesNow) -> PauseAnswer:
    return _pause_answer(await moving_on.pause(services, visitor, connection_id, body.on))


@router.get("/connections/{connection_id}/waiting-invoices")
async def show_waiting(connection_id: UUID, visitor: ReadingAdmin, services: ServicesNow) -> WaitingAnswer:
    return _waiting_answer(await moving_on.show_waiting(services, visitor, connection_id))


@router.post("/connections/{connection_id}/waiting-invoices")
async def move_waiting(
    connection_id: UUID, body: MoveBody, visitor: ChangingAdmin, services: ServicesNow
) -> WaitingAnswer:
    return _waiting_answer(await moving_on.move_waiting(services, visitor, connection_id, body.hash))


@router.get("/connections/{connection_id}/all-projects")
async def show_all_projects(connection_id: UUID, visitor: ReadingAdmin, services: ServicesNow) -> AllProjectsAnswer:
    return _all_projects_answer(await moving_on.show_all_projects(services, visitor, connection_id), freed=0)


@router.put("/connections/{connection_id}/all-projects")
async def take_all_projects(
    connection_id: UUID, body: AllProjectsBody, visitor: ChangingAdmin, services: ServicesNow
) -> AllProjectsAnswer:
    now, freed = await moving_on.take_all_projects(services, visitor, connection_id, body.on)
    return _all_projects_answer(now, freed)


@router.get("/project-routes")
async def list_routes(visitor: ReadingAdmin, services: ServicesNow) -> RoutedProjectsAnswer:
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        found = await routes.routed_projects(session)
    return RoutedProjectsAnswer(projects=[RoutedProjectAnswer.model_validate(one) for one in found])


@router.put("/project-routes/{project_id}")
async def route_project(
    project_id: Annotated[str, Field(max_length=32)], body: RouteBody, visitor: ChangingAdmin, services: ServicesNow
) -> RouteAnswer:
    return RouteAnswer(freed=await moving_on.route_project(services, visitor, project_id, body.connection_id))


@router.get("/mirroring/gap")
async def show_gap(visitor: ReadingAdmin, services: ServicesNow) -> GapAnswer | None:
    """Null when nothing was left out because nothing was connected."""
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        found = await gaps.gap_list(session)
    if found is None:
        return None
    return GapAnswer(
        since=found.since,
        until=found.until,
        start_date=found.start_date,
        count=found.totals.create,
        total=found.totals.create_sum,
        hash=found.hash,
        complete=found.complete,
        sentence=start_sentence(found.start_date, found.totals),
        entries=[RequisitionAnswer.model_validate(entry) for entry in found.entries],
    )


@router.post("/mirroring/gap", status_code=202)
async def accept_gap(body: MoveBody, visitor: ChangingAdmin, services: ServicesNow) -> GapAcceptedAnswer:
    return GapAcceptedAnswer(plan_id=await moving_on.accept_gap_list(services, visitor, body.hash))


def _pause_answer(paused: Paused) -> PauseAnswer:
    return PauseAnswer(
        on=paused.on,
        version=paused.version,
        waiting_count=paused.waiting.count,
        waiting_total=paused.waiting.total,
        sentence=pause_sentence(paused.on, paused.waiting),
    )


def _all_projects_answer(now: AllProjects, freed: int) -> AllProjectsAnswer:
    return AllProjectsAnswer(
        on=now.on,
        version=now.version,
        rivals=list(now.rivals),
        waiting_count=now.waiting_count,
        waiting_total=now.waiting_total,
        sentence=all_projects_sentence(now),
        freed=freed,
    )


def _waiting_answer(waiting: WaitingInvoices) -> WaitingAnswer:
    return WaitingAnswer(
        count=waiting.count,
        total=waiting.total,
        hash=waiting.hash,
        sentence=waiting_sentence(waiting.count, waiting.total),
    )

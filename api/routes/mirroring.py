"""The mirroring toggle: how it stands, plans, on and off, and looking now."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict

from accounting.plan import DraftTotals, PlanTotals, PlanVerdict, start_sentence, switching_sentence
from accounting.plan_statement import PlanOutcome, adds_up
from api.access import Accountant, ChangingAdmin, Member, ServicesNow
from api.answers import Answer, RequisitionAnswer
from api.intents import switching
from api.money import Money
from api.problems import Problem, not_found
from api.routes.procore_access import AccessAnswer, access_answer
from api.words import off_sentence
from models import toggle
from models.plan_statement import statement_now
from models.plans import HeldReason, held_reasons
from models.tables import MirroringPlan, PlanState

router = APIRouter(tags=["mirroring"])

# A sentence of more reasons than this is read by nobody; the plan's entries say each one's own.
REASONS_SHOWN = 5


class PlanBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    start_date: date


class PlanAccepted(BaseModel):
    plan_id: UUID


class PlanEntryAnswer(RequisitionAnswer):
    """``transaction`` is the bill it is linked to, or may be; ``posts`` the total of the bill that is made of it."""

    verdict: str
    reason: str
    transaction: str
    posts: Money | None
    held_because: str


class PlanAnswer(BaseModel):
    """What switching on would bring in, in four piles. ``sentence`` and ``hash`` are there once the state is ``ready``.

    ``switching_sentence`` says what happens at once: bills posted, and what would be held, with the reasons.
    """

    id: UUID
    state: str
    start_date: date
    trouble: str | None
    hash: str | None
    sentence: str | None
    switching_sentence: str | None
    link_count: int
    link_sum: Money
    create_count: int
    create_sum: Money
    skip_count: int
    skip_sum: Money
    ask_count: int
    ask_sum: Money
    posts_count: int
    posts_sum: Money
    held_count: int
    held_sum: Money
    accepted_at: datetime | None
    closed_at: datetime | None
    entries: list[PlanEntryAnswer]


class StatementLineAnswer(Answer):
    verdict: PlanVerdict
    outcome: PlanOutcome
    count: int
    total: Money


class StatementAnswer(BaseModel):
    """What became of every invoice that was signed off. ``closed_at`` is set once nothing of it moves any more.

    ``adds_up``: the lines of each pile come to the count and the sum that were signed off.
    """

    plan_id: UUID
    accepted_at: datetime | None
    closed_at: datetime | None
    adds_up: bool
    lines: list[StatementLineAnswer]


class SwitchBody(BaseModel):
    """Turning on names a plan and the hash that was shown; turning off names neither."""

    model_config = ConfigDict(extra="forbid")

    on: bool
    plan_id: UUID | None = None
    plan_hash: str | None = None


class SwitchAnswer(BaseModel):
    on: bool
    version: int


class ProjectLookAnswer(Answer):
    project_id: str
    name: str
    last_looked_at: datetime | None
    trouble: str | None


class MirroringAnswer(BaseModel):
    """How the toggle stands, and what turning it off would leave going."""

    available: bool
    on: bool
    version: int
    since: datetime | None
    start_date: date | None
    still_going_count: int
    still_going_total: Money
    off_sentence: str
    projects: list[ProjectLookAnswer]
    procore_access: AccessAnswer


class WokenAnswer(BaseModel):
    accepted: bool = True


@router.post("/mirroring/plans", status_code=202)
async def request_plan(body: PlanBody, visitor: ChangingAdmin, services: ServicesNow) -> PlanAccepted:
    return PlanAccepted(plan_id=await switching.request_plan(services, visitor, body.start_date))


@router.get("/mirroring/plans/{plan_id}")
async def show_plan(
    plan_id: UUID,
    visitor: Member,
    services: ServicesNow,
    limit: Annotated[int, Query(ge=0, le=500)] = 200,
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
    pile: PlanVerdict | None = None,
) -> PlanAnswer:
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        plan = await toggle.plan_by_id(session, plan_id)
        if plan is None:
            raise not_found("plan")
        entries = await toggle.plan_entries(session, plan_id, limit, offset, pile)
        reasons = await held_reasons(session, plan_id, REASONS_SHOWN)
    return PlanAnswer(
        id=plan.id,
        state=plan.state.value,
        start_date=plan.start_date,
        trouble=plan.trouble,
        hash=plan.hash,
        sentence=plan_sentence(plan),
        switching_sentence=at_once_sentence(plan, reasons),
        link_count=plan.link_count,
        link_sum=plan.link_sum,
        create_count=plan.create_count,
        create_sum=plan.create_sum,
        skip_count=plan.skip_count,
        skip_sum=plan.skip_sum,
        ask_count=plan.ask_count,
        ask_sum=plan.ask_sum,
        posts_count=plan.posts_count,
        posts_sum=plan.posts_sum,
        held_count=plan.held_count,
        held_sum=plan.held_sum,
        accepted_at=plan.accepted_at,
        closed_at=plan.closed_at,
        entries=[PlanEntryAnswer.model_validate(entry) for entry in entries],
    )


@router.get("/mirroring/plans/{plan_id}/statement")
async def show_statement(plan_id: UUID, visitor: Member, services: ServicesNow) -> StatementAnswer:
    """The closing statement; while the run goes on, how it stands now."""
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        plan = await toggle.plan_by_id(session, plan_id)
        if plan is None or plan.state is not PlanState.ACCEPTED:
            raise not_found("statement")
        lines = await statement_now(session, plan)
    return StatementAnswer(
        plan_id=plan.id,
        accepted_at=plan.accepted_at,
        closed_at=plan.closed_at,
        adds_up=adds_up(piles_of(plan), lines),
        lines=[StatementLineAnswer.model_validate(line) for line in lines],
    )


def piles_of(plan: MirroringPlan) -> PlanTotals:
    return PlanTotals(
        *(plan.create_count, plan.create_sum, plan.skip_count, plan.skip_sum),
        *(plan.ask_count, plan.ask_sum, plan.link_count, plan.link_sum),
    )


def plan_sentence(plan: MirroringPlan) -> str | None:
    """The sentence of the start dialog; None until the plan has its counts."""
    if plan.state not in (PlanState.READY, PlanState.ACCEPTED):
        return None
    return start_sentence(plan.start_date, piles_of(plan), _drafted(plan))


def at_once_sentence(plan: MirroringPlan, reasons: Sequence[HeldReason]) -> str | None:
    """What switching on does at once, as the bills were drafted when the plan was made."""
    if plan.state not in (PlanState.READY, PlanState.ACCEPTED):
        return None
    return switching_sentence(plan.start_date, _drafted(plan), [(one.sentence, one.count) for one in reasons])


def _drafted(plan: MirroringPlan) -> DraftTotals:
    return DraftTotals(plan.posts_count, plan.posts_sum, plan.held_count, plan.held_sum)


@router.put("/mirroring")
async def switch(body: SwitchBody, visitor: ChangingAdmin, services: ServicesNow) -> SwitchAnswer:
    if not body.on:
        switched = await switching.switch_off(services, visitor)
        return SwitchAnswer(on=switched.on, version=switched.version)
    if body.plan_id is None or body.plan_hash is None:
        raise Problem(
            422,
            "plan_needed",
            "Turning mirroring on needs a plan and its hash. Ask for a plan with a start date first.",
        )
    switched = await switching.switch_on(services, visitor, body.plan_id, body.plan_hash)
    return SwitchAnswer(on=switched.on, version=switched.version)


@router.get("/mirroring")
async def show_mirroring(visitor: Member, services: ServicesNow) -> MirroringAnswer:
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        view = await toggle.toggle_view(session)
    return MirroringAnswer(
        available=view.has_connection,
        on=view.on,
        version=view.version,
        since=view.since,
        start_date=view.start_date,
        still_going_count=view.still_going.count,
        still_going_total=view.still_going.total,
        off_sentence=off_sentence(view.still_going),
        projects=[ProjectLookAnswer.model_validate(look) for look in view.projects],
        procore_access=access_answer(view.procore),
    )


@router.post("/sync-now", status_code=202)
async def sync_now(visitor: Accountant, services: ServicesNow) -> WokenAnswer:
    await switching.sync_now(services, visitor)
    return WokenAnswer()

"""Settings → Procore: the section QuickBooks Sync with its toggle, its two dialogs, and what was left out."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import RedirectResponse, Response

from accounting.dates import local_date
from accounting.plan import PlanVerdict, start_sentence
from accounting.plan_statement import PlanOutcome, StatementLine, adds_up
from api.access import ChangingAdmin, Member, ServicesNow, Visitor
from api.intents import moving_on, switching
from api.pages.rendering import page
from api.problems import Problem
from api.routes.mirroring import REASONS_SHOWN, at_once_sentence, piles_of, plan_sentence
from api.services import Services
from api.words import left_out_sentence, off_sentence
from models import toggle
from models.company_zone import company_zone
from models.database import CompanySession
from models.gaps import gap_list
from models.left_out import left_out
from models.plan_statement import statement_now
from models.plans import held_reasons
from models.tables import MirroringPlan

router = APIRouter(prefix="/settings/procore")
HERE = "/settings/procore"

LEFT_OUT_SHOWN = 25
ENTRIES_SHOWN = 50
# Each pile with what signing off does to it.
PILES = {
    PlanVerdict.LINK: ("Link", "In QuickBooks already: linked to that bill, nothing is posted."),
    PlanVerdict.CREATE: ("Create", "Not in QuickBooks: a bill is made of each."),
    PlanVerdict.ASK: ("Ask", "Something in doubt: held until somebody decides."),
    PlanVerdict.SKIP: ("Skip", "Stays out."),
}


@dataclass(frozen=True)
class Pile:
    """One pile as the page shows it: what is done with it, how many, of how much due."""

    verdict: PlanVerdict
    name: str
    does: str
    count: int
    total: Decimal


@dataclass(frozen=True)
class Closing:
    """The statement of the plan mirroring runs by. ``left`` are those still on their way."""

    plan: MirroringPlan
    lines: tuple[StatementLine, ...]
    adds_up: bool
    left: int


@router.get("")
async def procore_settings(
    request: Request,
    visitor: Member,
    services: ServicesNow,
    dialog: str = "",
    plan: UUID | None = None,
    pile: PlanVerdict | None = None,
    entries: Annotated[int, Query(ge=1, le=10_000)] = 1,
    number: Annotated[int, Query(alias="page", ge=1, le=10_000)] = 1,
) -> Response:
    return await _page(
        request, visitor, services, dialog=dialog, plan_id=plan, pile=pile, entries_page=entries, number=number
    )


async def _page(
    request: Request,
    visitor: Visitor,
    services: Services,
    *,
    dialog: str = "",
    plan_id: UUID | None = None,
    pile: PlanVerdict | None = None,
    entries_page: int = 1,
    number: int = 1,
    problem: Problem | None = None,
) -> Response:
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        view = await toggle.toggle_view(session)
        zone = await company_zone(session)
        plan = await toggle.plan_by_id(session, plan_id) if plan_id else None
        offset = (entries_page - 1) * ENTRIES_SHOWN
        entries = await toggle.plan_entries(session, plan.id, ENTRIES_SHOWN, offset, pile) if plan else []
        reasons = await held_reasons(session, plan.id, REASONS_SHOWN) if plan else []
        closing = await _closing(session)
        gap = await gap_list(session) if view.has_connection else None
        out = await left_out(session, LEFT_OUT_SHOWN, (number - 1) * LEFT_OUT_SHOWN)
    may_change = visitor.may_open_integrations and view.has_connection
    return page(
        request,
        "procore_settings.html",
        visitor,
        status=problem.status if problem else 200,
        problem=problem,
        view=view,
        zone=zone,
        may_change=may_change,
        dialog=dialog if may_change else "",
        plan=plan if may_change and not view.on else None,
        sentence=plan_sentence(plan) if plan else None,
        at_once=at_once_sentence(plan, reasons) if plan else None,
        piles=_piles(plan) if plan else [],
        pile=pile,
        pile_words=PILES,
        entries=entries,
        entries_page=entries_page,
        entries_pages=_pages(plan, pile) if plan else 1,
        closing=closing,
        off_sentence=off_sentence(view.still_going),
        gap=gap,
        gap_sentence=start_sentence(gap.start_date, gap.totals) if gap else None,
        out=out,
        left_out_sentence=left_out_sentence,
        number=number,
        pages=max(1, -(-out.total // LEFT_OUT_SHOWN)),
        today=local_date(services.clock.now(), zone),
    )


def _piles(plan: MirroringPlan) -> list[Pile]:
    totals = piles_of(plan)
    sums = {
        PlanVerdict.LINK: (totals.link, totals.link_sum),
        PlanVerdict.CREATE: (totals.create, totals.create_sum),
        PlanVerdict.ASK: (totals.ask, totals.ask_sum),
        PlanVerdict.SKIP: (totals.skip, totals.skip_sum),
    }
    return [Pile(verdict, *words, *sums[verdict]) for verdict, words in PILES.items()]


def _pages(plan: MirroringPlan, pile: PlanVerdict | None) -> int:
    count = sum(one.count for one in _piles(plan) if pile in (None, one.verdict))
    return max(1, -(-count // ENTRIES_SHOWN))


async def _closing(session: CompanySession) -> Closing | None:
    """How the run of the plan in force goes, or how it ended; None before any plan was accepted."""
    plan = await toggle.accepted_plan(session)
    if plan is None:
        return None
    lines = await statement_now(session, plan)
    left = sum(line.count for line in lines if line.outcome is PlanOutcome.ON_ITS_WAY)
    return Closing(plan, lines, adds_up(piles_of(plan), lines), left)


@router.post("/plans")
async def request_plan(
    request: Request, visitor: ChangingAdmin, services: ServicesNow, start_date: Annotated[date, Form()]
) -> Response:
    try:
        plan_id = await switching.request_plan(services, visitor, start_date)
    except Problem as problem:
        return await _page(request, visitor, services, dialog="start", problem=problem)
    return RedirectResponse(f"{HERE}?plan={plan_id}", 303)


@router.post("/on")
async def switch_on(
    request: Request,
    visitor: ChangingAdmin,
    services: ServicesNow,
    plan_id: Annotated[UUID, Form()],
    plan_hash: Annotated[str, Form(max_length=64)],
) -> Response:
    try:
        await switching.switch_on(services, visitor, plan_id, plan_hash)
    except Problem as problem:
        return await _page(request, visitor, services, plan_id=plan_id, problem=problem)
    return RedirectResponse(HERE, 303)


@router.post("/gap")
async def accept_gap(
    request: Request,
    visitor: ChangingAdmin,
    services: ServicesNow,
    plan_hash: Annotated[str, Form(max_length=64)],
) -> Response:
    try:
        await moving_on.accept_gap_list(services, visitor, plan_hash)
    except Problem as problem:
        return await _page(request, visitor, services, problem=problem)
    return RedirectResponse(HERE, 303)


@router.post("/off")
async def switch_off(visitor: ChangingAdmin, services: ServicesNow) -> Response:
    await switching.switch_off(services, visitor)
    return RedirectResponse(HERE, 303)

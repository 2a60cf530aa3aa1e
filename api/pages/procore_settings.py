"""Settings → Procore: the section QuickBooks Sync with its toggle, its two dialogs, and what was left out."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import RedirectResponse, Response

from accounting.dates import local_date
from accounting.plan import start_sentence
from api.access import ChangingAdmin, Member, ServicesNow, Visitor
from api.intents import moving_on, switching
from api.pages.rendering import page
from api.problems import Problem
from api.routes.mirroring import plan_sentence
from api.services import Services
from api.words import left_out_sentence, off_sentence
from models import toggle
from models.company_zone import company_zone
from models.gaps import gap_list
from models.left_out import left_out

router = APIRouter(prefix="/settings/procore")
HERE = "/settings/procore"

LEFT_OUT_SHOWN = 25
ENTRIES_SHOWN = 50


@router.get("")
async def procore_settings(
    request: Request,
    visitor: Member,
    services: ServicesNow,
    dialog: str = "",
    plan: UUID | None = None,
    number: Annotated[int, Query(alias="page", ge=1, le=10_000)] = 1,
) -> Response:
    return await _page(request, visitor, services, dialog=dialog, plan_id=plan, number=number)


async def _page(
    request: Request,
    visitor: Visitor,
    services: Services,
    *,
    dialog: str = "",
    plan_id: UUID | None = None,
    number: int = 1,
    problem: Problem | None = None,
) -> Response:
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        view = await toggle.toggle_view(session)
        zone = await company_zone(session)
        plan = await toggle.plan_by_id(session, plan_id) if plan_id else None
        entries = await toggle.plan_entries(session, plan.id, ENTRIES_SHOWN) if plan else []
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
        entries=entries,
        off_sentence=off_sentence(view.still_going),
        gap=gap,
        gap_sentence=start_sentence(gap.start_date, gap.totals) if gap else None,
        out=out,
        left_out_sentence=left_out_sentence,
        number=number,
        pages=max(1, -(-out.total // LEFT_OUT_SHOWN)),
        today=local_date(services.clock.now(), zone),
    )


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

"""Settings → Webhooks: where a company's alerts are sent, each address with its newest delivery."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from api.access import ChangingAdmin, ReadingAdmin, ServicesNow, Visitor
from api.intents import webhook_endpoints as intents
from api.intents.webhook_endpoints import AddedEndpoint
from api.pages.rendering import page
from api.problems import Problem
from api.services import Services
from models.company_zone import company_zone
from models.webhook_endpoints import endpoints
from providers.standard_webhooks.destination import URL_LENGTH

HERE = "/settings/webhooks"
router = APIRouter(prefix=HERE)

DONE = {
    "test": "A test is on its way. The newest delivery shows below within seconds.",
    "on": "Switched on. Alerts go there again.",
    "removed": "Removed. Nothing goes there any more.",
}


@router.get("")
async def webhooks(
    request: Request, visitor: ReadingAdmin, services: ServicesNow, remove: UUID | None = None, done: str = ""
) -> Response:
    return await _webhooks(request, visitor, services, removing=remove, done=DONE.get(done))


async def _webhooks(
    request: Request,
    visitor: Visitor,
    services: Services,
    *,
    removing: UUID | None = None,
    done: str | None = None,
    problem: Problem | None = None,
    added: AddedEndpoint | None = None,
    typed: str = "",
) -> Response:
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        rows = await endpoints(session)
        zone = await company_zone(session)
    return page(
        request,
        "webhooks.html",
        visitor,
        status=problem.status if problem else 200,
        problem=problem,
        done=done,
        endpoints=rows,
        removing=next((row for row in rows if row.id == removing), None),
        added=added,
        typed=typed,
        zone=zone,
    )


@router.post("")
async def add(
    request: Request,
    visitor: ChangingAdmin,
    services: ServicesNow,
    url: Annotated[str, Form(max_length=URL_LENGTH)] = "",
) -> Response:
    """The secret is in this answer and nowhere else: no redirect, which would have to carry it."""
    try:
        added = await intents.add(services, visitor, url)
    except Problem as problem:
        return await _webhooks(request, visitor, services, problem=problem, typed=url)
    return await _webhooks(request, visitor, services, added=added)


@router.post("/{endpoint_id}/test")
async def send_test(request: Request, endpoint_id: UUID, visitor: ChangingAdmin, services: ServicesNow) -> Response:
    try:
        await intents.send_test(services, visitor, endpoint_id)
    except Problem as problem:
        return await _webhooks(request, visitor, services, problem=problem)
    return RedirectResponse(f"{HERE}?done=test", 303)


@router.post("/{endpoint_id}/switch-on")
async def switch_on(endpoint_id: UUID, visitor: ChangingAdmin, services: ServicesNow) -> Response:
    await intents.switch_on(services, visitor, endpoint_id)
    return RedirectResponse(f"{HERE}?done=on", 303)


@router.post("/{endpoint_id}/remove")
async def remove(endpoint_id: UUID, visitor: ChangingAdmin, services: ServicesNow) -> Response:
    await intents.remove(services, visitor, endpoint_id)
    return RedirectResponse(f"{HERE}?done=removed", 303)

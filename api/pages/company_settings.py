"""Settings → Company: what counts as approved, and which people are accountants."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import RedirectResponse, Response

from api.access import ChangingAdmin, Member, ServicesNow
from api.intents import company_settings as intents
from api.pages.rendering import page
from models.company_settings import colleagues, takes_approved_as_noted
from models.company_zone import company_zone

HERE = "/settings/company"
router = APIRouter(prefix=HERE)

PEOPLE_SHOWN = 25
DONE = {
    "saved": "Saved. It counts from the next look at Procore on.",
    "named": "Named accountant. They can work on invoices from now on.",
    "ended": "No longer an accountant. They can still read invoices.",
}


@router.get("")
async def company_settings(
    request: Request,
    visitor: Member,
    services: ServicesNow,
    search: Annotated[str, Query(max_length=100)] = "",
    number: Annotated[int, Query(alias="page", ge=1, le=10_000)] = 1,
    done: str = "",
) -> Response:
    wanted = search.strip()
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        approved_as_noted = await takes_approved_as_noted(session)
        zone = await company_zone(session)
        people, total = await colleagues(session, wanted, PEOPLE_SHOWN, (number - 1) * PEOPLE_SHOWN)
    return page(
        request,
        "company_settings.html",
        visitor,
        zone=zone,
        done=DONE.get(done),
        may_change=visitor.may_open_integrations,
        approved_as_noted=approved_as_noted,
        people=people,
        total=total,
        search=wanted,
        number=number,
        pages=max(1, -(-total // PEOPLE_SHOWN)),
    )


@router.post("")
async def save(visitor: ChangingAdmin, services: ServicesNow, approved_as_noted: Annotated[bool, Form()]) -> Response:
    await intents.take_approved_as_noted(services, visitor, approved_as_noted)
    return RedirectResponse(f"{HERE}?done=saved", 303)


@router.post("/people/{user_id}")
async def name_accountant(
    user_id: UUID, visitor: ChangingAdmin, services: ServicesNow, accountant: Annotated[bool, Form()]
) -> Response:
    await intents.name_accountant(services, visitor, user_id, accountant)
    return RedirectResponse(f"{HERE}?done={'named' if accountant else 'ended'}", 303)

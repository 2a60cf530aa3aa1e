"""What the company has set for itself, and its people: who may work on invoices."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict

from api.access import ChangingAdmin, Member, ServicesNow
from api.answers import Answer
from api.intents import company_settings as intents
from models.company_settings import colleagues, takes_approved_as_noted

router = APIRouter(tags=["company settings"])


class CompanySettingsBody(BaseModel):
    """``approved_as_noted``: whether *approved as noted* counts as approved, from the next look at Procore on."""

    model_config = ConfigDict(extra="forbid")

    approved_as_noted: bool


class PersonAnswer(Answer):
    """Somebody of the company who has signed in at least once."""

    user_id: UUID
    name: str
    login: str
    is_company_admin: bool
    is_accountant: bool
    last_signed_in_at: datetime


class PeopleAnswer(BaseModel):
    people: list[PersonAnswer]
    total: int


class AccountantBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    accountant: bool


class AccountantAnswer(AccountantBody):
    user_id: UUID


@router.get("/company-settings")
async def show(visitor: Member, services: ServicesNow) -> CompanySettingsBody:
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        return CompanySettingsBody(approved_as_noted=await takes_approved_as_noted(session))


@router.put("/company-settings")
async def change(body: CompanySettingsBody, visitor: ChangingAdmin, services: ServicesNow) -> CompanySettingsBody:
    await intents.take_approved_as_noted(services, visitor, body.approved_as_noted)
    return body


@router.get("/people")
async def people(
    visitor: Member,
    services: ServicesNow,
    search: Annotated[str, Query(max_length=100)] = "",
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> PeopleAnswer:
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        found, total = await colleagues(session, search.strip(), limit, offset)
    return PeopleAnswer(people=[PersonAnswer.model_validate(one) for one in found], total=total)


@router.put("/people/{user_id}/accountant")
async def name_accountant(
    user_id: UUID, body: AccountantBody, visitor: ChangingAdmin, services: ServicesNow
) -> AccountantAnswer:
    """Name a colleague accountant, or end it; the same wish again changes nothing."""
    await intents.name_accountant(services, visitor, user_id, body.accountant)
    return AccountantAnswer(user_id=user_id, accountant=body.accountant)

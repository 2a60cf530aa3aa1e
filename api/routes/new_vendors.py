"""Vendors that are missing in QuickBooks: created there on a person's word."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from api.access import Accountant, ServicesNow
from api.intents import creating_vendor
from api.problems import not_found
from models.new_vendors import newest_wanted

router = APIRouter(tags=["mappings"])

Id = Annotated[str, Field(max_length=64)]


class NewVendorBody(BaseModel):
    """A vendor of Procore's, and the name it gets in QuickBooks."""

    model_config = ConfigDict(extra="forbid")

    procore_id: Id
    name: Annotated[str, Field(max_length=500)]


class VendorWantedAnswer(BaseModel):
    wanted: bool = True


class NewVendorAnswer(BaseModel):
    """``sentence`` says why QuickBooks refused it."""

    name: str
    state: str
    quickbooks_id: str | None
    sentence: str | None


@router.post("/connections/{connection_id}/vendors", status_code=202)
async def create_vendor(
    connection_id: UUID, body: NewVendorBody, visitor: Accountant, services: ServicesNow
) -> VendorWantedAnswer:
    """Create a vendor in QuickBooks and map it; the worker does so in a moment. 422 for a name that is taken."""
    await creating_vendor.create_vendor(services, visitor, connection_id, body.procore_id, body.name)
    return VendorWantedAnswer()


@router.get("/connections/{connection_id}/vendors/{procore_id}")
async def wanted_vendor(
    connection_id: UUID, procore_id: Id, visitor: Accountant, services: ServicesNow
) -> NewVendorAnswer:
    """What came of the last request to create it. 404 where nobody asked."""
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        found = (await newest_wanted(session, connection_id, [procore_id])).get(procore_id)
    if found is None:
        raise not_found("request to create this vendor")
    return NewVendorAnswer(
        name=found.display_name, state=found.state, quickbooks_id=found.quickbooks_id, sentence=found.answer
    )

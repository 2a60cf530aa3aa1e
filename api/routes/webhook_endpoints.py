"""Outgoing webhooks. Company admins only; the secret of each is answered once, when it is added."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from api.access import ChangingAdmin, ReadingAdmin, ServicesNow
from api.answers import Answer
from api.intents import webhook_endpoints as intents
from models.tables import EndpointState
from models.webhook_endpoints import endpoints
from providers.standard_webhooks.destination import URL_LENGTH

router = APIRouter(prefix="/webhook-endpoints", tags=["alerts"])


class EndpointBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    url: Annotated[str, Field(min_length=1, max_length=URL_LENGTH)]


class EndpointAnswer(Answer):
    """``said`` is why the newest delivery failed, null while they arrive. Times are UTC."""

    id: UUID
    url: str
    state: EndpointState
    state_reason: str | None
    created_at: datetime
    delivered_at: datetime | None
    tried_at: datetime | None
    said: str | None


class EndpointsAnswer(BaseModel):
    endpoints: list[EndpointAnswer]


class AddedEndpointAnswer(BaseModel):
    """The secret signs every webhook (Standard Webhooks, v1); it is shown here and nowhere again."""

    id: UUID
    url: str
    secret: str


@router.get("")
async def list_endpoints(visitor: ReadingAdmin, services: ServicesNow) -> EndpointsAnswer:
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        found = await endpoints(session)
    return EndpointsAnswer(endpoints=[EndpointAnswer.model_validate(row) for row in found])


@router.post("", status_code=201)
async def add_endpoint(body: EndpointBody, visitor: ChangingAdmin, services: ServicesNow) -> AddedEndpointAnswer:
    added = await intents.add(services, visitor, body.url)
    return AddedEndpointAnswer(id=added.endpoint_id, url=added.url, secret=added.secret)


@router.post("/{endpoint_id}/test", status_code=202)
async def send_test(endpoint_id: UUID, visitor: ChangingAdmin, services: ServicesNow) -> Response:
    await intents.send_test(services, visitor, endpoint_id)
    return Response(status_code=202)


@router.post("/{endpoint_id}/switch-on", status_code=204)
async def switch_on(endpoint_id: UUID, visitor: ChangingAdmin, services: ServicesNow) -> Response:
    await intents.switch_on(services, visitor, endpoint_id)
    return Response(status_code=204)


@router.delete("/{endpoint_id}", status_code=204)
async def remove_endpoint(endpoint_id: UUID, visitor: ChangingAdmin, services: ServicesNow) -> Response:
    await intents.remove(services, visitor, endpoint_id)
    return Response(status_code=204)

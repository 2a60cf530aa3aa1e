"""A person's own alerts, and what they choose to be told."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from accounting.alert_preferences import CHANNELS, TOPICS, AlertChannel, AlertTopic, Choice, Preferences
from accounting.alerts import AlertKind
from api.access import Member, ServicesNow, Visitor
from api.answers import Answer
from api.intents import alerts as intents
from api.money import Money
from models.alerts import shown_alerts

router = APIRouter(tags=["alerts"])


class AlertAnswer(Answer):
    """``count`` and ``amount`` are the invoices it holds; ``path`` is the page where it is cleared. Times are UTC."""

    alert_id: UUID
    kind: AlertKind
    title: str
    sentence: str
    path: str
    count: int
    amount: Money
    raised_at: datetime
    closed_at: datetime | None
    read_at: datetime | None


class AlertsAnswer(BaseModel):
    """Unread, then read, the most money first; what is over follows for a fortnight. ``unread`` counts all that are."""

    unread: int
    alerts: list[AlertAnswer]


class ChoiceBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    topic: AlertTopic
    channel: AlertChannel
    on: bool


class PreferencesBody(BaseModel):
    """The switches to change; the others stay."""

    model_config = ConfigDict(extra="forbid")

    choices: Annotated[list[ChoiceBody], Field(min_length=1, max_length=len(AlertTopic) * len(AlertChannel))]


class PreferencesAnswer(BaseModel):
    """Every switch the person has. ``mail_is_on`` false: this installation has no mail server."""

    mail_is_on: bool
    choices: list[ChoiceBody]


@router.get("/alerts")
async def list_alerts(
    visitor: Member, services: ServicesNow, limit: Annotated[int, Query(ge=1, le=200)] = 50
) -> AlertsAnswer:
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        found = await shown_alerts(session, visitor.user_id, await intents.preferences(session, visitor), limit)
    return AlertsAnswer(unread=visitor.company.unread_alerts, alerts=[AlertAnswer.model_validate(one) for one in found])


@router.post("/alerts/read", status_code=204)
async def read_all(visitor: Member, services: ServicesNow) -> Response:
    await intents.read(services, visitor)
    return Response(status_code=204)


@router.post("/alerts/{alert_id}/read", status_code=204)
async def read_one(alert_id: UUID, visitor: Member, services: ServicesNow) -> Response:
    await intents.read(services, visitor, alert_id)
    return Response(status_code=204)


@router.get("/alert-preferences")
async def show_preferences(visitor: Member, services: ServicesNow) -> PreferencesAnswer:
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        mine = await intents.preferences(session, visitor)
    return _answer(services, visitor, mine)


@router.put("/alert-preferences")
async def change_preferences(body: PreferencesBody, visitor: Member, services: ServicesNow) -> PreferencesAnswer:
    choices = [Choice(one.topic, one.channel, one.on) for one in body.choices]
    await intents.choose(services, visitor, choices)
    return await show_preferences(visitor, services)


def _answer(services: ServicesNow, visitor: Visitor, mine: Preferences) -> PreferencesAnswer:
    return PreferencesAnswer(
        mail_is_on=services.settings.mail_is_on,
        choices=[
            ChoiceBody(topic=topic, channel=channel, on=mine.wants(topic, channel))
            for topic in TOPICS[intents.role(visitor)]
            for channel in CHANNELS[topic]
        ],
    )

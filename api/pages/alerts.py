"""The bell, the list behind it, and what each person chooses to be told."""

from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from accounting.alert_preferences import CHANNELS, TOPICS, AlertChannel, AlertTopic, Choice
from api.access import Member, ServicesNow, Visitor
from api.intents import alerts as intents
from api.pages.forms import typed_fields
from api.pages.rendering import page
from api.problems import Problem
from api.services import Services
from models.alerts import shown_alerts
from models.company_zone import company_zone
from providers.mail.smtp import is_address

HERE = "/alerts"
PREFERENCES = f"{HERE}/preferences"
router = APIRouter(prefix=HERE)

SHOWN = 200
DONE = {
    "read": "All alerts are read.",
    "saved": "Saved. It counts from the next alert on.",
    "digest": "Your digest is on its way.",
    "nothing": "There is nothing to tell at the moment, so no digest was sent.",
}
TOPIC_WORDS = {
    AlertTopic.CONNECTION: (
        "A connection needs attention",
        "It has expired or is about to, the PC is silent, Procore does not let inBuild in, or a webhook was switched "
        "off.",
    ),
    AlertTopic.INVOICE_HELD: (
        "Invoices are held for a person",
        "One alert for each thing to do, however many invoices wait for it.",
    ),
    AlertTopic.BILL: (
        "A bill needs a look",
        "It was changed after posting, removed in QuickBooks, paid without a payment, or its approval was withdrawn.",
    ),
    AlertTopic.ACTIVITY: (
        "What went to QuickBooks and what waits",
        "Yesterday's bills and what is on its way, with totals.",
    ),
}
CHANNEL_WORDS = {
    AlertChannel.IN_APP: "In the app",
    AlertChannel.EMAIL: "By e-mail",
    AlertChannel.DIGEST: "In the daily digest",
}


@router.get("")
async def list_alerts(request: Request, visitor: Member, services: ServicesNow, done: str = "") -> Response:
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        mine = await intents.preferences(session, visitor)
        alerts = await shown_alerts(session, visitor.user_id, mine, SHOWN)
        zone = await company_zone(session)
    return page(
        request,
        "alerts.html",
        visitor,
        done=DONE.get(done),
        open_alerts=[one for one in alerts if one.closed_at is None],
        over=[one for one in alerts if one.closed_at is not None],
        most=SHOWN if len(alerts) == SHOWN else None,
        zone=zone,
    )


@router.get("/bell")
async def bell(request: Request, visitor: Member) -> Response:
    """The bell alone, for pages that are open while something happens."""
    return page(request, "bell.html", visitor)


@router.post("/read")
async def read_all(visitor: Member, services: ServicesNow) -> Response:
    await intents.read(services, visitor)
    return RedirectResponse(f"{HERE}?done=read", 303)


@router.post("/{alert_id}/read")
async def read_one(alert_id: UUID, visitor: Member, services: ServicesNow) -> Response:
    await intents.read(services, visitor, alert_id)
    return RedirectResponse(HERE, 303)


@router.get("/preferences")
async def preferences(request: Request, visitor: Member, services: ServicesNow, done: str = "") -> Response:
    return await _preferences(request, visitor, services, done=DONE.get(done))


async def _preferences(
    request: Request,
    visitor: Visitor,
    services: Services,
    *,
    done: str | None = None,
    problem: Problem | None = None,
) -> Response:
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        mine = await intents.preferences(session, visitor)
        zone = await company_zone(session)
    return page(
        request,
        "alert_preferences.html",
        visitor,
        status=problem.status if problem else 200,
        done=done,
        problem=problem,
        topics=[(topic, *TOPIC_WORDS[topic], _switches(topic, mine.chosen)) for topic in TOPICS[mine.role]],
        mail_is_on=services.settings.mail_is_on,
        address=visitor.user.login if is_address(visitor.user.login) else None,
        zone=zone,
    )


def _switches(topic: AlertTopic, chosen: frozenset[tuple[AlertTopic, AlertChannel]]) -> list[tuple[str, str, bool]]:
    """(name, label, is it on) of each."""
    return [
        (f"{topic.value}-{channel.value}", CHANNEL_WORDS[channel], (topic, channel) in chosen)
        for channel in CHANNELS[topic]
    ]


@router.post("/preferences")
async def save_preferences(request: Request, visitor: Member, services: ServicesNow) -> Response:
    typed = await typed_fields(request)
    choices = [
        Choice(topic, channel, typed[f"{topic.value}-{channel.value}"] == "true")
        for topic in TOPICS[intents.role(visitor)]
        for channel in CHANNELS[topic]
        if f"{topic.value}-{channel.value}" in typed
    ]
    await intents.choose(services, visitor, choices)
    return RedirectResponse(f"{PREFERENCES}?done=saved", 303)


@router.post("/digest")
async def send_digest(request: Request, visitor: Member, services: ServicesNow) -> Response:
    try:
        sent = await intents.send_digest_now(services, visitor)
    except Problem as problem:
        return await _preferences(request, visitor, services, problem=problem)
    return RedirectResponse(f"{PREFERENCES}?done={'digest' if sent else 'nothing'}", 303)

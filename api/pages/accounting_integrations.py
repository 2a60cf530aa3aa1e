"""Settings → Accounting Integrations: the cards, connecting, pausing and disconnecting."""

from dataclasses import dataclass, field
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from accounting.connection_states import counts_as_active
from api.access import ChangingAdmin, ReadingAdmin, ServicesNow, Visitor
from api.intents import company_files, connecting, moving_on
from api.pages.company_file_cards import file_cards
from api.pages.connection_frame import ROOT
from api.pages.rendering import page
from api.problems import Problem
from api.services import Services
from api.words import PRODUCTS, ending_sentence, pause_sentence, status_of, waiting_sentence
from models import attempts, connection_cards
from models.company_files import set_up_of
from models.company_zone import company_zone
from models.connection_cards import ConnectionCard
from models.going_on import held_by_pause
from models.members import names_of
from models.tables import AttemptOutcome, QuickBooksKind, WebConnectorLogin
from models.waiting_invoices import waiting_invoices
from models.web_connector import earlier_files

router = APIRouter(prefix=ROOT)

DONE = {
    "disconnect": "Disconnecting. Settings, mappings and the links to bills are kept.",
    "paused": "Posting is paused. Imports go on.",
    "resumed": "Posting goes on.",
    "moved": "The waiting invoices were moved and go on by themselves.",
}


@dataclass(frozen=True)
class Asked:
    """The connection that a dialog is open about, by what it asks."""

    disconnect: UUID | None = None
    pause: UUID | None = None
    move: UUID | None = None
    password: UUID | None = None


@dataclass(frozen=True)
class Once:
    """A password of the Web Connector, on this page and nowhere again."""

    heading: str
    user_name: str
    password: str = field(repr=False)


NOTHING_ASKED = Asked()


@router.get("")
async def cards(
    request: Request,
    visitor: ReadingAdmin,
    services: ServicesNow,
    disconnect: UUID | None = None,
    pause: UUID | None = None,
    move: UUID | None = None,
    password: UUID | None = None,
    done: str = "",
) -> Response:
    asked = Asked(disconnect=disconnect, pause=pause, move=move, password=password)
    return await _cards(request, visitor, services, asked=asked, done=DONE.get(done))


async def _cards(
    request: Request,
    visitor: Visitor,
    services: Services,
    *,
    asked: Asked = NOTHING_ASKED,
    done: str | None = None,
    problem: Problem | None = None,
    once: Once | None = None,
) -> Response:
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        every = await connection_cards.connection_cards(session)
        newest = await attempts.newest_attempt(session)
        names = await names_of(session, {card.connection.connected_by for card in every})
        files = await earlier_files(session)
        zone = await company_zone(session)
        pauses, movable = {}, {}
        for card in (card for card in every if counts_as_active(card.connection.state)):
            pauses[card.connection.id] = pause_sentence(
                card.posting_paused, await held_by_pause(session, card.connection.id)
            )
            movable[card.connection.id] = await waiting_invoices(session, card.connection.id)
        pending = newest if newest and newest.outcome is AttemptOutcome.PENDING else None
        set_up = await set_up_of(session, pending) if pending else None
        company_files_told = await file_cards(session, [card.connection for card in every])
    live = [card for card in every if counts_as_active(card.connection.state)]
    kinds = {card.connection.kind for card in live}
    return page(
        request,
        "accounting_integrations.html",
        visitor,
        status=problem.status if problem else 200,
        problem=problem,
        done=done,
        live=[(card, status_of(card.connection)) for card in live],
        warnings={
            card.connection.id: ending_sentence(card.connection, card.hard_end, services.clock.now()) for card in live
        },
        pauses=pauses,
        movable={key: one for key, one in movable.items() if one.count},
        waiting_sentence=waiting_sentence,
        files=files,
        once=once,
        set_up=set_up,
        company_files=company_files_told,
        zone=zone,
        earlier=[card.connection for card in every if card not in live],
        offered=[kind for kind in QuickBooksKind if not kinds or kind in kinds],
        kinds=kinds,
        names=names,
        failed=newest if newest and newest.outcome is AttemptOutcome.FAILED else None,
        pending=pending,
        finishing=pending is not None and (pending.code is not None or pending.code_used_at is not None),
        product=PRODUCTS,
        disconnecting=_card_of(live, asked.disconnect),
        pausing=_card_of(live, asked.pause),
        moving=_card_of(live, asked.move),
        renewing=_card_of(live, asked.password),
        now=services.clock.now(),
    )


def _card_of(live: list[ConnectionCard], connection_id: UUID | None) -> ConnectionCard | None:
    return next((card for card in live if card.connection.id == connection_id), None)


@router.post("/connect/{kind}")
async def connect(
    kind: QuickBooksKind,
    request: Request,
    visitor: ChangingAdmin,
    services: ServicesNow,
    earlier: Annotated[str, Form(pattern="^([0-9a-f-]{36})?$")] = "",
) -> Response:
    try:
        if kind is QuickBooksKind.DESKTOP:
            begun = await company_files.start_company_file(services, visitor, UUID(earlier) if earlier else None)
            once = Once("Password of this company file", begun.user_name, begun.password)
            return await _cards(request, visitor, services, once=once)
        started = await connecting.start_connecting(services, visitor)
    except Problem as problem:
        return await _cards(request, visitor, services, problem=problem)
    return RedirectResponse(started.authorize_url or ROOT, 303)


@router.post("/{connection_id}/password")
async def renew_password(
    connection_id: UUID, request: Request, visitor: ChangingAdmin, services: ServicesNow
) -> Response:
    login = await company_files.login_of_connection(services, visitor, connection_id)
    return await _renewed(request, visitor, services, login)


@router.post("/attempts/{attempt_id}/password")
async def renew_password_of_attempt(
    attempt_id: UUID, request: Request, visitor: ChangingAdmin, services: ServicesNow
) -> Response:
    login = await company_files.login_of_attempt(services, visitor, attempt_id)
    return await _renewed(request, visitor, services, login)


async def _renewed(request: Request, visitor: Visitor, services: Services, login: WebConnectorLogin) -> Response:
    password = await company_files.reset_password(services, visitor, login.id)
    heading = f"New password of {login.bound_company_name or 'this company file'}"
    return await _cards(request, visitor, services, once=Once(heading, login.user_name, password))


@router.post("/{connection_id}/pause")
async def pause(
    connection_id: UUID, visitor: ChangingAdmin, services: ServicesNow, on: Annotated[bool, Form()]
) -> Response:
    await moving_on.pause(services, visitor, connection_id, on)
    return RedirectResponse(f"{ROOT}?done={'paused' if on else 'resumed'}", 303)


@router.post("/{connection_id}/waiting-invoices")
async def move_waiting(
    connection_id: UUID,
    request: Request,
    visitor: ChangingAdmin,
    services: ServicesNow,
    hash: Annotated[str, Form(max_length=64)],
) -> Response:
    try:
        await moving_on.move_waiting(services, visitor, connection_id, hash)
    except Problem as problem:
        return await _cards(request, visitor, services, problem=problem)
    return RedirectResponse(f"{ROOT}?done=moved", 303)


@router.post("/{connection_id}/disconnect")
async def disconnect(connection_id: UUID, visitor: ChangingAdmin, services: ServicesNow) -> Response:
    await connecting.disconnect(services, visitor, connection_id)
    return RedirectResponse(f"{ROOT}?done=disconnect", 303)

"""Settings → Accounting Integrations: the cards, connecting and disconnecting, and each connection's accounts."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from accounting.account_choice import AccountUse, ChosenAccount, refusal
from accounting.connection_states import counts_as_active
from api.access import ChangingAdmin, ReadingAdmin, ServicesNow, Visitor
from api.intents import company_files, connecting, connection_settings, moving_on
from api.intents.company_files import StartedFile
from api.pages.rendering import page
from api.problems import Problem, not_found
from api.services import Services
from api.words import ending_sentence, pause_sentence, status_of, waiting_sentence
from models import attempts, connection_cards, connections, mappings
from models.connection_cards import AccountChoices
from models.going_on import held_by_pause
from models.members import names_of
from models.tables import AttemptOutcome, ConnectionSettings, QuickBooksKind, ReferenceEntry
from models.waiting_invoices import waiting_invoices
from models.web_connector import earlier_files

router = APIRouter(prefix="/settings/accounting-integrations")
HERE = "/settings/accounting-integrations"

DONE = {
    "disconnect": "Disconnecting. Settings, mappings and the links to bills are kept.",
    "paused": "Posting is paused. Imports go on.",
    "resumed": "Posting goes on.",
    "moved": "The waiting invoices were moved and go on by themselves.",
    "settings": "Settings saved. Invoices that waited for them go on by themselves.",
}


@router.get("")
async def cards(
    request: Request, visitor: ReadingAdmin, services: ServicesNow, disconnect: UUID | None = None, done: str = ""
) -> Response:
    return await _cards(request, visitor, services, asked_to_disconnect=disconnect, done=DONE.get(done))


async def _cards(
    request: Request,
    visitor: Visitor,
    services: Services,
    *,
    asked_to_disconnect: UUID | None = None,
    done: str | None = None,
    problem: Problem | None = None,
    begun: StartedFile | None = None,
) -> Response:
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        every = await connection_cards.connection_cards(session)
        newest = await attempts.newest_attempt(session)
        names = await names_of(session, {card.connection.connected_by for card in every})
        files = await earlier_files(session)
        pauses, movable = {}, {}
        for card in (card for card in every if counts_as_active(card.connection.state)):
            pauses[card.connection.id] = pause_sentence(
                card.posting_paused, await held_by_pause(session, card.connection.id)
            )
            movable[card.connection.id] = await waiting_invoices(session, card.connection.id)
    live = [card for card in every if counts_as_active(card.connection.state)]
    kinds = {card.connection.kind for card in live}
    pending = newest if newest and newest.outcome is AttemptOutcome.PENDING else None
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
        begun=begun,
        earlier=[card.connection for card in every if card not in live],
        offered=[kind for kind in QuickBooksKind if not kinds or kind in kinds],
        kinds=kinds,
        names=names,
        failed=newest if newest and newest.outcome is AttemptOutcome.FAILED else None,
        pending=pending,
        finishing=pending is not None and (pending.code is not None or pending.code_used_at is not None),
        disconnecting=next((card for card in live if card.connection.id == asked_to_disconnect), None),
        now=services.clock.now(),
    )


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
            return await _cards(request, visitor, services, begun=begun)
        started = await connecting.start_connecting(services, visitor)
    except Problem as problem:
        return await _cards(request, visitor, services, problem=problem)
    return RedirectResponse(started.authorize_url or HERE, 303)


@router.post("/{connection_id}/pause")
async def pause(
    connection_id: UUID, visitor: ChangingAdmin, services: ServicesNow, on: Annotated[bool, Form()]
) -> Response:
    await moving_on.pause(services, visitor, connection_id, on)
    return RedirectResponse(f"{HERE}?done={'paused' if on else 'resumed'}", 303)


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
    return RedirectResponse(f"{HERE}?done=moved", 303)


@router.post("/{connection_id}/disconnect")
async def disconnect(connection_id: UUID, visitor: ChangingAdmin, services: ServicesNow) -> Response:
    await connecting.disconnect(services, visitor, connection_id)
    return RedirectResponse(f"{HERE}?done=disconnect", 303)


@router.get("/{connection_id}")
async def settings(
    connection_id: UUID, request: Request, visitor: ReadingAdmin, services: ServicesNow, done: str = ""
) -> Response:
    return await _settings(request, visitor, services, connection_id, done=DONE.get(done))


async def _settings(
    request: Request,
    visitor: Visitor,
    services: Services,
    connection_id: UUID,
    *,
    done: str | None = None,
    problem: Problem | None = None,
    typed: AccountChoices | None = None,
) -> Response:
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        connection = await connections.connection_by_id(session, connection_id)
        if connection is None:
            raise not_found("connection")
        stored = await mappings.connection_settings(session, connection_id)
        chart = await connection_cards.chart_of_accounts(session, connection_id)
    return page(
        request,
        "connection_settings.html",
        visitor,
        status=problem.status if problem else 200,
        problem=problem,
        done=done,
        connection=connection,
        shown=status_of(connection),
        chosen=typed or _chosen(stored),
        expense_accounts=_usable(AccountUse.EXPENSE, chart),
        retainage_accounts=_usable(AccountUse.RETAINAGE, chart),
        ap_accounts=_usable(AccountUse.ACCOUNTS_PAYABLE, chart),
    )


@router.post("/{connection_id}")
async def choose_accounts(
    connection_id: UUID,
    request: Request,
    visitor: ChangingAdmin,
    services: ServicesNow,
    default_account_id: Annotated[str, Form(max_length=64)] = "",
    retainage_account_id: Annotated[str, Form(max_length=64)] = "",
    ap_account_id: Annotated[str, Form(max_length=64)] = "",
    default_terms_days: Annotated[int, Form()] = 30,
) -> Response:
    choices = AccountChoices(
        default_account_id or None, retainage_account_id or None, ap_account_id or None, default_terms_days
    )
    try:
        await connection_settings.choose_accounts(services, visitor, connection_id, choices)
    except Problem as problem:
        return await _settings(request, visitor, services, connection_id, problem=problem, typed=choices)
    return RedirectResponse(f"{HERE}/{connection_id}?done=settings", 303)


def _chosen(stored: ConnectionSettings) -> AccountChoices:
    return AccountChoices(
        stored.default_account_id, stored.retainage_account_id, stored.ap_account_id, stored.default_terms_days
    )


def _usable(use: AccountUse, chart: list[ReferenceEntry]) -> list[ReferenceEntry]:
    return [
        entry
        for entry in chart
        if refusal(use, ChosenAccount(entry.full_name, entry.account_type, entry.account_subtype, entry.active)) is None
    ]

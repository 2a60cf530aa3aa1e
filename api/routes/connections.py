"""Connections to QuickBooks: starting, looking, choosing accounts, disconnecting. Company admins only."""

from dataclasses import asdict
from datetime import date, datetime, time
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel

from accounting.account_choice import AccountUse, refusal
from accounting.bill_settings import BillDateSource, ChangedInvoice, LineGrouping, MissingLienWaiver, RetainageBooking
from accounting.coding import TargetKind
from accounting.connection_states import counts_as_active
from api.access import ChangingAdmin, ReadingAdmin, ServicesNow
from api.intents import connecting, connection_settings
from api.intents.connection_settings import SettingsChange
from api.problems import not_found
from api.words import ending_sentence, status_of
from models import attempts, connection_cards, connections, mappings, reference_lists
from models.coding import as_account
from models.connection_cards import ConnectionCard
from models.connection_settings import choices_of
from models.tables import ConnectionAttempt, ConnectionSettings, QuickBooksKind

router = APIRouter(tags=["connections"])


class StartedAnswer(BaseModel):
    """A begun attempt. ``authorize_url`` is where the person's browser goes next; Desktop has none."""

    attempt_id: UUID
    deadline: datetime
    authorize_url: str | None


class AttemptAnswer(BaseModel):
    id: UUID
    kind: str
    purpose: str
    outcome: str
    reason: str | None
    started_at: datetime
    deadline: datetime
    ended_at: datetime | None
    connection_id: UUID | None


class ConnectionAnswer(BaseModel):
    """One card. ``status`` is what people read; an expired connection still counts as active."""

    id: UUID
    kind: str
    status: str
    status_sentence: str | None
    offers_reconnect: bool
    counts_as_active: bool
    state: str
    state_since: datetime
    quickbooks_company_id: str
    quickbooks_company_name: str
    environment: str
    connected_at: datetime
    last_posted_at: datetime | None
    lists_read_at: datetime | None
    authorised_until: datetime | None
    warning: str | None
    posting_paused: bool


class ConnectionsAnswer(BaseModel):
    connections: list[ConnectionAnswer]
    available_kinds: list[str]
    newest_attempt: AttemptAnswer | None


class SettingsAnswer(BaseModel):
    """How bills are made in these books, and which version of that it is.

    ``books_closed_through`` is QuickBooks' own closing date, as last read.
    """

    connection_id: UUID
    default_account_id: str | None
    default_item_id: str | None
    retainage_account_id: str | None
    ap_account_id: str | None
    default_terms_days: int
    posting_basis: TargetKind
    line_grouping: LineGrouping
    bill_date_source: BillDateSource
    retainage_booking: RetainageBooking
    missing_lien_waiver: MissingLienWaiver
    changed_invoice: ChangedInvoice
    billable: bool
    review_before_posting: bool
    confirm_exact_matches: bool
    all_projects: bool
    lock_date: date | None
    books_closed_through: date | None
    write_back: bool
    write_back_from: date | None
    quiet_from: time | None
    quiet_until: time | None
    quiet_time_zone: str
    posting_paused: bool
    version: int
    updated_at: datetime


class AccountAnswer(BaseModel):
    """An active account, and what it may be chosen for (expense, retainage, accounts_payable)."""

    id: str
    name: str
    full_name: str
    account_type: str | None
    account_subtype: str | None
    usable_for: list[str]


class AccountsAnswer(BaseModel):
    accounts: list[AccountAnswer]


class AcceptedAnswer(BaseModel):
    accepted: bool = True


@router.post("/connections/online", status_code=201)
async def connect_online(visitor: ChangingAdmin, services: ServicesNow) -> StartedAnswer:
    started = await connecting.start_connecting(services, visitor)
    return StartedAnswer(attempt_id=started.attempt_id, deadline=started.deadline, authorize_url=started.authorize_url)


@router.get("/connections")
async def list_connections(visitor: ReadingAdmin, services: ServicesNow) -> ConnectionsAnswer:
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        cards = await connection_cards.connection_cards(session)
        newest = await attempts.newest_attempt(session)
    live = {card.connection.kind for card in cards if counts_as_active(card.connection.state)}
    return ConnectionsAnswer(
        connections=[_answer(card, services.clock.now()) for card in cards],
        available_kinds=[kind.value for kind in QuickBooksKind if not live or kind in live],
        newest_attempt=_attempt_answer(newest) if newest else None,
    )


@router.get("/connection-attempts/{attempt_id}")
async def show_attempt(attempt_id: UUID, visitor: ReadingAdmin, services: ServicesNow) -> AttemptAnswer:
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        attempt = await attempts.attempt(session, attempt_id)
    if attempt is None:
        raise not_found("attempt to connect")
    return _attempt_answer(attempt)


@router.post("/connections/{connection_id}/disconnect", status_code=202)
async def disconnect(connection_id: UUID, visitor: ChangingAdmin, services: ServicesNow) -> AcceptedAnswer:
    await connecting.disconnect(services, visitor, connection_id)
    return AcceptedAnswer()


@router.get("/connections/{connection_id}/settings")
async def show_settings(connection_id: UUID, visitor: ReadingAdmin, services: ServicesNow) -> SettingsAnswer:
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        if await connections.connection_by_id(session, connection_id) is None:
            raise not_found("connection")
        return _settings_answer(await mappings.connection_settings(session, connection_id))


@router.put("/connections/{connection_id}/settings")
async def change_settings(
    connection_id: UUID, body: SettingsChange, visitor: ChangingAdmin, services: ServicesNow
) -> SettingsAnswer:
    return _settings_answer(await connection_settings.change(services, visitor, connection_id, body))


@router.get("/connections/{connection_id}/accounts")
async def list_accounts(connection_id: UUID, visitor: ReadingAdmin, services: ServicesNow) -> AccountsAnswer:
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        if await connections.connection_by_id(session, connection_id) is None:
            raise not_found("connection")
        chart = await reference_lists.entries_of(session, connection_id, ["Account"])
    return AccountsAnswer(
        accounts=[
            AccountAnswer(
                id=entry.quickbooks_id,
                name=entry.name,
                full_name=entry.full_name,
                account_type=entry.account_type,
                account_subtype=entry.account_subtype,
                usable_for=[use.value for use in AccountUse if refusal(use, as_account(entry)) is None],
            )
            for entry in chart
        ]
    )


def _answer(card: ConnectionCard, now: datetime) -> ConnectionAnswer:
    row, shown = card.connection, status_of(card.connection)
    return ConnectionAnswer(
        id=row.id,
        kind=row.kind.value,
        status=shown.words,
        status_sentence=shown.sentence,
        offers_reconnect=shown.offers_reconnect,
        counts_as_active=counts_as_active(row.state),
        state=row.state.value,
        state_since=row.state_since,
        quickbooks_company_id=row.quickbooks_company_id,
        quickbooks_company_name=row.quickbooks_company_name,
        environment=row.environment,
        connected_at=row.connected_at,
        last_posted_at=row.last_posted_at,
        lists_read_at=row.lists_read_at,
        authorised_until=card.authorised_until,
        warning=ending_sentence(row, card.hard_end, now),
        posting_paused=card.posting_paused,
    )


def _attempt_answer(attempt: ConnectionAttempt) -> AttemptAnswer:
    return AttemptAnswer(
        id=attempt.id,
        kind=attempt.kind.value,
        purpose=attempt.purpose.value,
        outcome=attempt.outcome.value,
        reason=attempt.reason,
        started_at=attempt.started_at,
        deadline=attempt.deadline,
        ended_at=attempt.ended_at,
        connection_id=attempt.connection_id,
    )


def _settings_answer(settings: ConnectionSettings) -> SettingsAnswer:
    return SettingsAnswer(
        connection_id=settings.connection_id,
        **asdict(choices_of(settings)),
        books_closed_through=settings.books_closed_through,
        posting_paused=settings.posting_paused,
        version=settings.version,
        updated_at=settings.updated_at,
    )

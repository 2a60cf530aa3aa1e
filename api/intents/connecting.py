"""Connecting a QuickBooks company: starting an attempt, taking Intuit's callback, disconnecting."""

import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from accounting.connection_states import TIMED_OUT
from api.access import Visitor
from api.problems import Problem, not_found
from api.services import Services
from api.telling import tell
from api.words import PRODUCTS
from contracts.timeouts import DESKTOP_ATTEMPT_DEADLINE
from foundation.secret_box import SecretPlace
from models import attempts, connections
from models.database import CompanySession
from models.directory import MemberCompany, SignedInUser
from models.mirroring import mirroring_row
from models.tables import AttemptOutcome, ConnectionAttempt, ConnectionState, QuickBooksKind, WebConnectorLogin
from providers.quickbooks_online.errors import CallbackInvalid, ConsentRefused
from providers.quickbooks_online.oauth import Authorization, read_callback

REFUSED_AT_INTUIT = "Access to QuickBooks was not granted on Intuit's page."
NO_COMPANY_NAMED = "Intuit's answer named no QuickBooks company."
NO_CODE = "Intuit's answer carried no authorization."


@dataclass(frozen=True)
class Started:
    """A begun attempt. ``authorize_url`` is where the browser goes; None for Desktop, which has no such page."""

    attempt_id: UUID
    deadline: datetime
    authorize_url: str | None


async def start_connecting(services: Services, visitor: Visitor) -> Started:
    """Begin an attempt to connect QuickBooks Online. Raises Problem 409 where one is connected."""
    return await begin(services, visitor, QuickBooksKind.ONLINE)


MakeLogin = Callable[[CompanySession], Awaitable[WebConnectorLogin]]


async def begin(
    services: Services, visitor: Visitor, kind: QuickBooksKind, make_login: MakeLogin | None = None
) -> Started:
    """Begin an attempt; an open one of the same kind is over. Raises Problem 409 where one is connected."""
    is_online = kind is QuickBooksKind.ONLINE
    lifetime = timedelta(seconds=services.settings.connecting_seconds) if is_online else DESKTOP_ATTEMPT_DEADLINE
    state = secrets.token_urlsafe(32)
    try:
        async with services.database.company(visitor.company_id, visitor.actor) as session:
            # Connecting and disconnecting take the toggle's row first: they come one after the other.
            await mirroring_row(session)
            login = await make_login(session) if make_login else None
            started = await attempts.start_attempt(
                session, kind, visitor.user_id, state, services.clock.now() + lifetime, login
            )
    except attempts.AlreadyConnected:
        sentence = "QuickBooks Online is connected already. Disconnect it first to connect another."
        if kind is QuickBooksKind.DESKTOP:
            sentence = "This company file is connected already."
        raise Problem(409, "already_connected", sentence) from None
    except attempts.OtherKindConnected as other:
        connected = PRODUCTS[other.connected]
        raise Problem(
            409,
            "other_kind_connected",
            f"{connected} is connected. Disconnect it first to connect {PRODUCTS[kind]}.",
        ) from None
    except IntegrityError:
        raise Problem(
            409, "connecting_already", "Somebody else has just started connecting. Wait for them, or try again."
        ) from None
    for replaced in started.replaced:
        await tell(services.workflows.refuse_attempt(replaced, attempts.REPLACED))
    await tell(
        services.workflows.start_attempt(
            visitor.company_id, started.attempt_id, kind.value, started.deadline, services.clock.now()
        )
    )
    url = services.intuit_oauth.authorize_url(state) if kind is QuickBooksKind.ONLINE else None
    return Started(started.attempt_id, started.deadline, url)


async def attempt_of_callback(
    services: Services, user: SignedInUser, params: Mapping[str, str]
) -> tuple[MemberCompany, UUID]:
    """The company and attempt a callback belongs to, among the user's own. Raises Problem; changes nothing."""
    state = params.get("state", "")
    if not state:
        raise Problem(
            400,
            "state_missing",
            "Intuit's answer does not say which attempt it belongs to. Nothing was connected; start again from "
            "Accounting Integrations.",
        )
    for company in user.companies:
        visitor = Visitor(user, company)
        async with services.database.company(company.company_id, visitor.actor) as session:
            attempt = await attempts.attempt_of_state(session, state)
        if attempt is None:
            continue
        if attempt.started_by != user.user_id:
            raise Problem(
                403,
                "attempt_of_another_user",
                "Somebody else started this connection. Nothing was connected; start again under your own name.",
            )
        return company, attempt.id
    raise Problem(
        400,
        "state_unknown",
        "This answer from Intuit belongs to no attempt of yours. Nothing was connected; start again from Accounting "
        "Integrations.",
    )


async def take_callback(services: Services, visitor: Visitor, attempt_id: UUID, params: Mapping[str, str]) -> None:
    """Store what the callback brought, or end the attempt with its reason, and tell the attempt's workflow.

    A second callback of an attempt that has its code already changes nothing. Raises Problem 409 for a finished one.
    """
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        attempt = await connections.locked_attempt(session, attempt_id)
        if attempt is None:
            raise not_found("attempt to connect")
        if attempt.outcome is not AttemptOutcome.PENDING:
            raise Problem(
                409,
                "attempt_finished",
                "This attempt to connect is over. Nothing was changed; start again from Accounting Integrations.",
            )
        if attempt.code is not None or attempt.code_used_at is not None:
            return
        refusal = _take(services, session, attempt, params)
        if refusal is not None:
            attempts.fail_attempt(session, attempt, refusal)
        deadline, kind = attempt.deadline, attempt.kind
    if refusal is not None:
        await tell(services.workflows.refuse_attempt(attempt_id, refusal))
        return
    # The attempt's workflow may have missed its start: starting what runs already changes nothing.
    now = services.clock.now()
    await tell(services.workflows.start_attempt(visitor.company_id, attempt_id, kind.value, deadline, now))
    await tell(services.workflows.callback_received(attempt_id, now))


def _take(
    services: Services, session: CompanySession, attempt: ConnectionAttempt, params: Mapping[str, str]
) -> str | None:
    if services.clock.now() >= attempt.deadline:
        return TIMED_OUT
    authorization = _read(params)
    if isinstance(authorization, str):
        return authorization
    place = SecretPlace("connection_attempt", "code", attempt.id)
    sealed = services.secret_box.seal_text(authorization.code, place)
    attempts.keep_code(session, attempt, sealed, authorization.realm_id)
    return None


def _read(params: Mapping[str, str]) -> Authorization | str:
    """What the callback grants, or why it grants nothing. The state was compared by its hash before."""
    try:
        return read_callback(params, params["state"])
    except ConsentRefused:
        return REFUSED_AT_INTUIT
    except CallbackInvalid:
        return NO_COMPANY_NAMED if params.get("code") else NO_CODE


async def disconnect(services: Services, visitor: Visitor, connection_id: UUID) -> None:
    """Ask for a disconnect; one that is disconnected already stays so. Raises Problem 404."""
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        connection = await connections.connection_by_id(session, connection_id, lock=True)
        if connection is None:
            raise not_found("connection")
        if connection.state is ConnectionState.DISCONNECTED:
            return
        await connections.want_disconnect(session, connection, visitor.user_id)
        name, asked_at = connection.quickbooks_company_name, connection.disconnect_wanted_at
    await tell(services.workflows.disconnect(visitor.company_id, connection_id, name, visitor.user.name, asked_at))


async def refuse(services: Services, visitor: Visitor, attempt_id: UUID, reason: str) -> None:
    """End a pending attempt with a reason; a finished one stays as it ended."""
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        attempt = await connections.locked_attempt(session, attempt_id)
        if attempt is None or attempt.outcome is not AttemptOutcome.PENDING:
            return
        attempts.fail_attempt(session, attempt, reason)
    await tell(services.workflows.refuse_attempt(attempt_id, reason))

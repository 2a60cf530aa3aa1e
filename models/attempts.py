"""Attempts to connect a QuickBooks company, from the side of the person who makes them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from sqlmodel import col, select

from accounting.connection_states import AttemptOutcome, ConnectionState, check_attempt_move
from models.connections import connected
from models.database import CompanySession
from models.events import record_event
from models.mirroring import mirroring_row
from models.tables import AttemptPurpose, Connection, ConnectionAttempt, QuickBooksKind, WebConnectorLogin

REPLACED = "A newer attempt to connect replaced this one."


class AlreadyConnected(Exception):
    """The company has a working connection of this kind."""


class OtherKindConnected(Exception):
    """The company has a connection of the other QuickBooks kind: only one kind at a time."""

    def __init__(self, connected: QuickBooksKind) -> None:
        self.connected = connected
        super().__init__(f"QuickBooks {connected} is connected")


@dataclass(frozen=True)
class StartedAttempt:
    """A new attempt, and the ones it replaced, whose workflows have to be told."""

    attempt_id: UUID
    deadline: datetime
    replaced: tuple[UUID, ...]


def state_hash(state: str) -> str:
    """What is stored of an OAuth state: enough to know it again, useless to whoever reads the table."""
    return sha256(state.encode()).hexdigest()


async def start_attempt(
    session: CompanySession,
    kind: QuickBooksKind,
    started_by: UUID,
    state: str,
    deadline: datetime,
    login: WebConnectorLogin | None = None,
) -> StartedAttempt:
    """Begin an attempt; a pending one of the same kind is over. Raises AlreadyConnected and OtherKindConnected.

    ``login`` is what a Desktop attempt will be recognised by; one that had a connection before is for that file only.
    """
    # The toggle's row is the company's lock for connecting: two admins who connect at once come one after the other.
    await mirroring_row(session)
    live = await connected(session)
    check_one_kind(live, kind)
    expired = next((connection for connection in live if connection.state is ConnectionState.EXPIRED), None)
    # Any number of company files may be connected; QuickBooks Online is one.
    if kind is QuickBooksKind.ONLINE and live and expired is None:
        raise AlreadyConnected
    if login is not None and any(connection.id == login.connection_id for connection in live):
        raise AlreadyConnected
    replaced = await _end_pending(session, kind)
    target = login.connection_id if login is not None else (expired.id if expired else None)
    attempt = ConnectionAttempt(
        company_id=session.company_id,
        id=session.new_id(),
        kind=kind,
        purpose=AttemptPurpose.RECONNECT if expired and login is None else AttemptPurpose.CONNECT,
        connection_id=target,
        login_id=login.id if login else None,
        state_hash=state_hash(state),
        started_by=started_by,
        started_at=session.now,
        deadline=deadline,
        outcome=AttemptOutcome.PENDING,
    )
    session.add(attempt)
    record_event(session, "connection_attempt", attempt.id, "attempt_started", quickbooks_kind=kind.value)
    return StartedAttempt(attempt.id, deadline, replaced)


def check_one_kind(live: Sequence[Connection], kind: QuickBooksKind) -> None:
    """Raises OtherKindConnected while a connection of the other kind is live; an expired one counts."""
    other = next((connection for connection in live if connection.kind is not kind), None)
    if other is not None:
        raise OtherKindConnected(other.kind)


async def _end_pending(session: CompanySession, kind: QuickBooksKind) -> tuple[UUID, ...]:
    found = await session.exec(
        select(ConnectionAttempt)
        .where(ConnectionAttempt.company_id == session.company_id, ConnectionAttempt.kind == kind)
        .where(ConnectionAttempt.outcome == AttemptOutcome.PENDING)
        .with_for_update()
    )
    pending = list(found)
    for attempt in pending:
        fail_attempt(session, attempt, REPLACED)
    # The partial unique index admits one pending attempt: the old one must be over before the new one is inserted.
    await session.flush()
    return tuple(attempt.id for attempt in pending)


def fail_attempt(session: CompanySession, attempt: ConnectionAttempt, reason: str) -> None:
    """End a pending attempt with its reason and drop what it was given; ending it twice changes nothing.

    A refresh token stays until its workflow has put it where it is revoked: only that is left to do with it.
    """
    if attempt.outcome is AttemptOutcome.FAILED:
        return
    check_attempt_move(attempt.outcome, AttemptOutcome.FAILED)
    attempt.outcome, attempt.reason, attempt.ended_at = AttemptOutcome.FAILED, reason, session.now
    attempt.code = attempt.access_token = None
    session.add(attempt)
    record_event(session, "connection_attempt", attempt.id, "attempt_failed", reason=reason)


async def attempt_of_state(session: CompanySession, state: str) -> ConnectionAttempt | None:
    """The attempt of this company that carries an OAuth state, locked until the unit of work ends."""
    found = await session.exec(
        select(ConnectionAttempt)
        .where(ConnectionAttempt.company_id == session.company_id, ConnectionAttempt.state_hash == state_hash(state))
        .with_for_update()
    )
    return found.first()


async def attempt(session: CompanySession, attempt_id: UUID) -> ConnectionAttempt | None:
    found = await session.exec(
        select(ConnectionAttempt).where(
            ConnectionAttempt.company_id == session.company_id, ConnectionAttempt.id == attempt_id
        )
    )
    return found.first()


async def newest_attempt(session: CompanySession) -> ConnectionAttempt | None:
    """The attempt the page speaks of: the last one begun, of whichever kind."""
    found = await session.exec(
        select(ConnectionAttempt)
        .where(
            ConnectionAttempt.company_id == session.company_id, col(ConnectionAttempt.reason).is_distinct_from(REPLACED)
        )
        .order_by(col(ConnectionAttempt.started_at).desc(), col(ConnectionAttempt.id).desc())
        .limit(1)
    )
    return found.first()


def keep_code(
    session: CompanySession, attempt: ConnectionAttempt, sealed_code: bytes, quickbooks_company_id: str
) -> None:
    """Store what Intuit's redirect brought; the workflow trades it once."""
    attempt.code, attempt.quickbooks_company_id = sealed_code, quickbooks_company_id
    session.add(attempt)
    record_event(session, "connection_attempt", attempt.id, "attempt_authorized")


def attempt_succeeded(session: CompanySession, attempt: ConnectionAttempt, connection_id: UUID) -> None:
    """End an attempt well; the tokens it was given are the connection's now, and are handed over next."""
    check_attempt_move(attempt.outcome, AttemptOutcome.SUCCEEDED)
    attempt.outcome, attempt.ended_at, attempt.connection_id = AttemptOutcome.SUCCEEDED, session.now, connection_id
    attempt.code = None
    session.add(attempt)
    record_event(session, "connection_attempt", attempt.id, "attempt_succeeded", connection_id=str(connection_id))

"""Connections as the worker sees them: which are active, their tokens under a lease, the attempts behind them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select

from accounting.connection_states import ConnectionState, ExpiryReason, check_connection_move
from accounting.hard_end import is_due
from models.database import CompanySession
from models.events import audit, record_event
from models.mappings import connection_settings
from models.stored_tokens import StoredTokens
from models.tables import (
    Connection,
    ConnectionAttempt,
    ConnectionSettings,
    Credential,
    QuickBooksKind,
    TokenLease,
    TokenRevocation,
)

# A token call ends within 10 s; whoever finds a lease older than this knows that its owner is gone.
TOKEN_LEASE = timedelta(seconds=45)
POSTED_AGAIN_AFTER = timedelta(seconds=10)


@dataclass(frozen=True)
class SealedTokens:
    """A pair of tokens, encrypted for the credential's row, and when each ends (UTC)."""

    access_token: bytes
    refresh_token: bytes
    access_expires_at: datetime
    refresh_expires_at: datetime
    hard_expires_at: datetime | None


async def connection_by_id(session: CompanySession, connection_id: UUID, *, lock: bool = False) -> Connection | None:
    statement = select(Connection).where(Connection.company_id == session.company_id, Connection.id == connection_id)
    found = await session.exec(statement.with_for_update() if lock else statement)
    return found.first()


async def connected(session: CompanySession) -> list[Connection]:
    """Every connection that is not disconnected; an expired one counts."""
    found = await session.exec(
        select(Connection)
        .where(Connection.company_id == session.company_id, Connection.state != ConnectionState.DISCONNECTED)
        .order_by(col(Connection.connected_at))
    )
    return list(found)


async def connection_to(
    session: CompanySession, kind: QuickBooksKind, environment: str, quickbooks_company_id: str
) -> Connection | None:
    """The row of this QuickBooks company, in whatever state; connecting it again finds it."""
    found = await session.exec(
        select(Connection)
        .where(Connection.company_id == session.company_id, Connection.kind == kind)
        .where(Connection.environment == environment, Connection.quickbooks_company_id == quickbooks_company_id)
        .with_for_update()
    )
    return found.first()


def move_connection(session: CompanySession, row: Connection, state: ConnectionState, reason: str | None) -> None:
    """Raises IllegalMove unless the table of moves lists it. Staying in a state with the same reason tells nothing."""
    if row.state is state and row.state_reason == reason:
        return
    check_connection_move(row.state, state)
    row.state, row.state_reason, row.state_since = state, reason, session.now
    if state is not ConnectionState.EXPIRED:
        row.disconnect_wanted_at = row.disconnect_wanted_by = None
    row.version += 1
    session.add(row)
    record_event(session, "connection", row.id, f"connection_{state}", reason=reason)


async def ensure_settings(session: CompanySession, connection_id: UUID, *, all_projects: bool = True) -> None:
    """Give a new connection its settings; those that are there stay as they are."""
    # A further company file takes only the projects that an admin routes to it.
    settings = ConnectionSettings(
        company_id=session.company_id,
        connection_id=connection_id,
        all_projects=all_projects,
        updated_at=session.now,
    )
    await session.execute(insert(ConnectionSettings).values(settings.model_dump()).on_conflict_do_nothing())


async def credential_of(session: CompanySession, connection_id: UUID, *, lock: bool = False) -> Credential | None:
    statement = select(Credential).where(
        Credential.company_id == session.company_id, Credential.connection_id == connection_id
    )
    found = await session.exec(statement.with_for_update() if lock else statement)
    return found.first()


async def refuse_tokens(session: CompanySession, credential: Credential | StoredTokens, reason: ExpiryReason) -> None:
    """Intuit will never renew this pair again: every other worker learns it here and does not ask."""
    await session.execute(
        sa.update(Credential)
        .where(col(Credential.company_id) == session.company_id, col(Credential.id) == credential.id)
        .where(col(Credential.generation) == credential.generation)
        .values(refused_reason=reason.value)
        .execution_options(synchronize_session=False)
    )


async def warn_of_hard_end(session: CompanySession, connection: Connection, days: int) -> bool:
    """Tell once for each of 30, 14 and 3 days that the authorisation ends; whether it had not been told before."""
    credential = await credential_of(session, connection.id, lock=True)
    if credential is None or credential.hard_expires_at is None:
        return False
    if not is_due(days, credential.warned_days):
        return False
    credential.warned_days = days
    session.add(credential)
    ends_at = credential.hard_expires_at.isoformat()
    record_event(session, "connection", connection.id, "authorisation_ends_soon", days=days, ends_at=ends_at)
    return True


async def replace_tokens(
    session: CompanySession, credential: StoredTokens, tokens: SealedTokens, *, generation: int
) -> bool:
    """Store a renewed pair where nobody stored a newer one meanwhile; whether it was stored."""
    stored = await session.execute(
        sa.update(Credential)
        .where(col(Credential.company_id) == session.company_id, col(Credential.id) == credential.id)
        .where(col(Credential.generation) == generation)
        .values(
            access_token=tokens.access_token,
            refresh_token=tokens.refresh_token,
            previous_refresh_token=credential.refresh_token,
            access_expires_at=tokens.access_expires_at,
            refresh_expires_at=tokens.refresh_expires_at,
            hard_expires_at=tokens.hard_expires_at or credential.hard_expires_at,
            generation=generation + 1,
        )
        .returning(col(Credential.id))
        .execution_options(synchronize_session=False)
    )
    return stored.first() is not None


@dataclass(frozen=True)
class LeaseTaken:
    """The lease is ours. ``left_over``: its last owner vanished during a call, so an answer may have been lost."""

    left_over: bool


async def take_token_lease(
    session: CompanySession, connection_id: UUID, owner: UUID, generation: int
) -> LeaseTaken | None:
    """Take the right to renew a connection's tokens for 45 seconds; None while somebody else has it."""
    found = await session.exec(
        select(TokenLease)
        .where(TokenLease.company_id == session.company_id, TokenLease.connection_id == connection_id)
        .with_for_update()
    )
    lease = found.first()
    if lease is not None and lease.until > session.now and lease.owner != owner:
        return None
    left_over = lease is not None and lease.generation == generation and lease.owner != owner
    if lease is None:
        taken = await session.execute(
            insert(TokenLease)
            .values(
                company_id=session.company_id,
                id=session.new_id(),
                connection_id=connection_id,
                owner=owner,
                until=session.now + TOKEN_LEASE,
                generation=generation,
            )
            .on_conflict_do_nothing()
            .returning(col(TokenLease.id))
        )
        return LeaseTaken(left_over=False) if taken.first() is not None else None
    lease.owner, lease.until, lease.generation = owner, session.now + TOKEN_LEASE, generation
    session.add(lease)
    return LeaseTaken(left_over=left_over)


async def drop_token_lease(session: CompanySession, connection_id: UUID, owner: UUID) -> None:
    await session.execute(
        sa.delete(TokenLease)
        .where(col(TokenLease.company_id) == session.company_id, col(TokenLease.connection_id) == connection_id)
        .where(col(TokenLease.owner) == owner)
        .execution_options(synchronize_session=False)
    )


async def erase_tokens(session: CompanySession, connection_id: UUID) -> Credential | None:
    """Take the credential away; whoever revokes its refresh token gets it from the returned row."""
    credential = await credential_of(session, connection_id)
    if credential is not None:
        await session.delete(credential)
    return credential


async def forget_revocations(session: CompanySession, environment: str, quickbooks_company_id: str) -> None:
    """A new consent for the same realm is there: a late revoke of an older token must not cut it."""
    await session.execute(
        sa.delete(TokenRevocation)
        .where(col(TokenRevocation.company_id) == session.company_id)
        .where(col(TokenRevocation.environment) == environment)
        .where(col(TokenRevocation.quickbooks_company_id) == quickbooks_company_id)
        .execution_options(synchronize_session=False)
    )


@dataclass(frozen=True)
class SealedForRevoking:
    """A refresh token sealed for its revocation's own row."""

    revocation_id: UUID
    token: bytes


def revoke_later(
    session: CompanySession,
    sealed: SealedForRevoking,
    environment: str,
    quickbooks_company_id: str,
    *,
    connection_id: UUID | None = None,
    attempt_id: UUID | None = None,
) -> None:
    """Write down that a token is to be revoked, however long Intuit is away."""
    session.add(
        TokenRevocation(
            company_id=session.company_id,
            id=sealed.revocation_id,
            connection_id=connection_id,
            attempt_id=attempt_id,
            environment=environment,
            quickbooks_company_id=quickbooks_company_id,
            token=sealed.token,
            created_at=session.now,
        )
    )


async def revocations_of(
    session: CompanySession, *, connection_id: UUID | None = None, attempt_id: UUID | None = None
) -> list[TokenRevocation]:
    """What is to be revoked of one connection or one attempt."""
    found = await session.exec(
        select(TokenRevocation)
        .where(TokenRevocation.company_id == session.company_id)
        .where(col(TokenRevocation.connection_id).is_not_distinct_from(connection_id))
        .where(col(TokenRevocation.attempt_id).is_not_distinct_from(attempt_id))
    )
    return list(found)


async def forget_revocation(session: CompanySession, revocation_id: UUID) -> None:
    """It is done, or a newer consent has taken its place."""
    await session.execute(
        sa.delete(TokenRevocation)
        .where(col(TokenRevocation.company_id) == session.company_id, col(TokenRevocation.id) == revocation_id)
        .execution_options(synchronize_session=False)
    )


async def pause_posting(session: CompanySession, connection_id: UUID, on: bool, changed_by: UUID) -> ConnectionSettings:
    """Pause or resume posting under a new version; the same wish again changes nothing."""
    settings = await connection_settings(session, connection_id, lock=True)
    if settings.posting_paused == on:
        return settings
    settings.posting_paused = on
    settings.pause_version += 1
    settings.updated_at, settings.updated_by = session.now, changed_by
    session.add(settings)
    kind = "posting_paused" if on else "posting_resumed"
    record_event(session, "connection", connection_id, kind, version=settings.pause_version)
    audit(session, kind, connection_id=str(connection_id))
    return settings


async def want_disconnect(session: CompanySession, row: Connection, wanted_by: UUID) -> None:
    """Keep an admin's wish to disconnect; the workflow fulfils it."""
    if row.disconnect_wanted_at is None:
        row.disconnect_wanted_at, row.disconnect_wanted_by = session.now, wanted_by
        session.add(row)
        record_event(session, "connection", row.id, "disconnect_asked")
        audit(session, "disconnect", connection_id=str(row.id))


async def locked_attempt(session: CompanySession, attempt_id: UUID) -> ConnectionAttempt | None:
    found = await session.exec(
        select(ConnectionAttempt)
        .where(ConnectionAttempt.company_id == session.company_id, ConnectionAttempt.id == attempt_id)
        .with_for_update()
    )
    return found.first()


POSTED_THROUGH = """
    UPDATE connection SET last_posted_at = %(now)s
    WHERE company_id = %(company_id)s AND id = %(connection_id)s
        AND (last_posted_at IS NULL OR last_posted_at <= %(again_after)s)
"""


async def posted_through(session: CompanySession, connection_id: UUID) -> None:
    """Note that bills went through this connection just now, to the nearest ten seconds: batches side by side would
    wait for each other's commit to write the same minute.
    """
    await session.do(
        POSTED_THROUGH,
        connection_id=connection_id,
        now=session.now,
        again_after=session.now - POSTED_AGAIN_AFTER,
    )


async def lists_were_read(session: CompanySession, connection_id: UUID) -> None:
    await session.execute(
        sa.update(Connection)
        .where(col(Connection.company_id) == session.company_id, col(Connection.id) == connection_id)
        .values(lists_read_at=session.now)
        .execution_options(synchronize_session=False)
    )

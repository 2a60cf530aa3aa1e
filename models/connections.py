"""Connections as the worker sees them: which are active, their tokens under a lease, the attempts behind them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select

from accounting.connection_states import ConnectionState, check_connection_move
from models.database import CompanySession
from models.events import record_event
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
    row.version += 1
    session.add(row)
    record_event(session, "connection", row.id, f"connection_{state}", reason=reason)


async def ensure_settings(session: CompanySession, connection_id: UUID) -> None:
    await session.execute(
        insert(ConnectionSettings)
        .values(
            company_id=session.company_id,
            connection_id=connection_id,
            default_terms_days=30,
            all_projects=True,
            posting_paused=False,
            pause_version=0,
            batches_in_flight=4,
            version=1,
            updated_at=session.now,
        )
        .on_conflict_do_nothing()
    )


async def credential_of(session: CompanySession, connection_id: UUID) -> Credential | None:
    found = await session.exec(
        select(Credential).where(Credential.company_id == session.company_id, Credential.connection_id == connection_id)
    )
    return found.first()


async def replace_tokens(
    session: CompanySession, credential: Credential, tokens: SealedTokens, *, generation: int
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


async def revocations_of(session: CompanySession, connection_id: UUID) -> list[TokenRevocation]:
    found = await session.exec(
        select(TokenRevocation).where(
            TokenRevocation.company_id == session.company_id, TokenRevocation.connection_id == connection_id
        )
    )
    return list(found)


async def locked_attempt(session: CompanySession, attempt_id: UUID) -> ConnectionAttempt | None:
    found = await session.exec(
        select(ConnectionAttempt)
        .where(ConnectionAttempt.company_id == session.company_id, ConnectionAttempt.id == attempt_id)
        .with_for_update()
    )
    return found.first()


async def posted_through(session: CompanySession, connection_id: UUID) -> None:
    """Note that bills went through this connection just now."""
    await session.execute(
        sa.update(Connection)
        .where(col(Connection.company_id) == session.company_id, col(Connection.id) == connection_id)
        .values(last_posted_at=session.now)
        .execution_options(synchronize_session=False)
    )


async def lists_were_read(session: CompanySession, connection_id: UUID) -> None:
    await session.execute(
        sa.update(Connection)
        .where(col(Connection.company_id) == session.company_id, col(Connection.id) == connection_id)
        .values(lists_read_at=session.now)
        .execution_options(synchronize_session=False)
    )

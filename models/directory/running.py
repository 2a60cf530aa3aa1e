"""What should run: the companies, connections and attempts whose workflows housekeeping starts again."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.tables import (
    AttemptOutcome,
    AttemptState,
    BillLink,
    Company,
    Connection,
    ConnectionAttempt,
    ConnectionState,
    NewVendor,
    QuickBooksKind,
    TokenRevocation,
)


@dataclass(frozen=True)
class RunningCompany:
    """A company whose workflow should run."""

    company_id: UUID
    name: str


@dataclass(frozen=True)
class RunningConnection:
    """A connection whose workflow should run; ``wanted_by`` asked for a disconnect that nobody has fulfilled yet."""

    company_id: UUID
    connection_id: UUID
    quickbooks_company: str
    wanted_by: UUID | None


@dataclass(frozen=True)
class RunningAttempt:
    """An open attempt; ``called_back`` when its code waits to be traded."""

    company_id: UUID
    attempt_id: UUID
    kind: QuickBooksKind
    deadline: datetime
    called_back: bool


async def companies_to_run(session: AsyncSession) -> list[RunningCompany]:
    """Every company with a connection that is not disconnected."""
    found = await session.exec(
        select(Company.id, Company.name)
        .where(
            sa.exists()
            .where(col(Connection.company_id) == col(Company.id))
            .where(col(Connection.state) != ConnectionState.DISCONNECTED)
        )
        .order_by(col(Company.id))
    )
    return [RunningCompany(company_id, name) for company_id, name in found]


async def companies_with_paperwork(session: AsyncSession) -> list[RunningCompany]:
    """Every company with a vendor to create in QuickBooks Online, or a bill whose files are due."""
    vendor = (
        sa.exists()
        .where(col(NewVendor.company_id) == col(Company.id))
        .where(
            col(Connection.company_id) == col(NewVendor.company_id), col(Connection.id) == col(NewVendor.connection_id)
        )
        .where(col(Connection.kind) == QuickBooksKind.ONLINE)
        .where(col(NewVendor.state).in_([AttemptState.PREPARED, AttemptState.SENT, AttemptState.UNCLEAR]))
    )
    files = (
        sa.exists()
        .where(col(BillLink.company_id) == col(Company.id))
        .where(col(BillLink.files_due_at).is_not(None), col(BillLink.ended_at).is_(None))
    )
    found = await session.exec(
        select(Company.id, Company.name)
        .where(col(Company.feature_enabled), sa.or_(vendor, files))
        .order_by(col(Company.id))
    )
    return [RunningCompany(company_id, name) for company_id, name in found]


async def connections_to_run(session: AsyncSession) -> list[RunningConnection]:
    """Every connection that is not disconnected, or whose tokens are still to be revoked."""
    revoking = sa.exists().where(col(TokenRevocation.connection_id) == col(Connection.id))
    found = await session.exec(
        select(Connection)
        .where(sa.or_(col(Connection.state) != ConnectionState.DISCONNECTED, revoking))
        .order_by(col(Connection.id))
    )
    return [
        RunningConnection(row.company_id, row.id, row.quickbooks_company_name, row.disconnect_wanted_by)
        for row in found
    ]


async def attempts_to_run(session: AsyncSession) -> list[RunningAttempt]:
    """Every attempt that is open, or ended without its tokens having been put away."""
    found = await session.exec(
        select(ConnectionAttempt)
        .where(
            sa.or_(
                col(ConnectionAttempt.outcome) == AttemptOutcome.PENDING,
                col(ConnectionAttempt.refresh_token).is_not(None),
            )
        )
        .order_by(col(ConnectionAttempt.id))
    )
    return [RunningAttempt(row.company_id, row.id, row.kind, row.deadline, row.code is not None) for row in found]

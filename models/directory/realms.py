"""Who has a QuickBooks Online company connected, or is about to."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.tables import AttemptOutcome, Company, Connection, ConnectionAttempt, ConnectionState, QuickBooksKind


async def company_of_realm(session: AsyncSession, environment: str, realm_id: str) -> tuple[UUID, UUID] | None:
    """(company id, connection id) of the live connection to a QuickBooks Online company; None when there is none."""
    found = await session.exec(
        select(Connection.company_id, Connection.id).where(
            Connection.kind == QuickBooksKind.ONLINE,
            Connection.environment == environment,
            Connection.quickbooks_company_id == realm_id,
            Connection.state != ConnectionState.DISCONNECTED,
        )
    )
    return found.first()


@dataclass(frozen=True)
class CompanyOfRealm:
    """Whose live connection a QuickBooks Online company is."""

    company_id: UUID
    company_name: str


async def companies_of_realms(
    session: AsyncSession, environment: str, realm_ids: Collection[str]
) -> dict[str, CompanyOfRealm]:
    """The companies with a live connection to these QuickBooks companies, by realm; unknown realms are left out."""
    found = await session.exec(
        select(Connection.quickbooks_company_id, Company.id, Company.name)
        .join(Company, col(Company.id) == col(Connection.company_id))
        .where(
            Connection.kind == QuickBooksKind.ONLINE,
            Connection.environment == environment,
            col(Connection.quickbooks_company_id).in_(realm_ids),
            Connection.state != ConnectionState.DISCONNECTED,
        )
    )
    return {realm_id: CompanyOfRealm(company_id, name) for realm_id, company_id, name in found}


async def realm_is_held(session: AsyncSession, environment: str, realm_id: str) -> bool:
    """Whether anybody's live connection lives on this QuickBooks company's authorisation."""
    return await company_of_realm(session, environment, realm_id) is not None


async def realm_is_being_connected(session: AsyncSession, realm_id: str, company_id: UUID) -> bool:
    """Whether an open attempt of anybody was given access to this QuickBooks company, or one of the company may be."""
    found = await session.exec(
        select(ConnectionAttempt.id)
        .where(
            sa.or_(
                col(ConnectionAttempt.quickbooks_company_id) == realm_id,
                sa.and_(
                    col(ConnectionAttempt.company_id) == company_id,
                    col(ConnectionAttempt.quickbooks_company_id).is_(None),
                ),
            )
        )
        .where(ConnectionAttempt.outcome == AttemptOutcome.PENDING, ConnectionAttempt.kind == QuickBooksKind.ONLINE)
        .limit(1)
    )
    return found.first() is not None

"""Who the Web Connector is, looked up across companies: a call names a user or a ticket, and no company of ours."""

from dataclasses import dataclass, field
from hashlib import sha256
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.tables import Company, DesktopSession, WebConnectorLogin


@dataclass(frozen=True)
class CalledLogin:
    """The login behind a user name, with the argon2id hash its password has to match."""

    company_id: UUID
    company_name: str
    login_id: UUID
    password_hash: str = field(repr=False)


@dataclass(frozen=True)
class CalledSession:
    """The session behind a ticket, open or closed."""

    company_id: UUID
    company_name: str
    session_id: UUID
    login_id: UUID


def ticket_sha256(ticket: str) -> str:
    """What is stored of a ticket: enough to know it again, useless to whoever reads the table."""
    return sha256(ticket.encode("utf-8", "surrogatepass")).hexdigest()


async def called_login(session: AsyncSession, user_name: str) -> CalledLogin | None:
    found = await session.exec(
        select(WebConnectorLogin, Company)
        .join(Company, col(Company.id) == col(WebConnectorLogin.company_id))
        .where(WebConnectorLogin.user_name == user_name)
    )
    row = found.first()
    if row is None:
        return None
    login, company = row
    return CalledLogin(company.id, company.name, login.id, login.password_hash)


async def called_session(session: AsyncSession, ticket: str) -> CalledSession | None:
    found = await session.exec(
        select(DesktopSession, Company)
        .join(Company, col(Company.id) == col(DesktopSession.company_id))
        .where(DesktopSession.ticket_sha256 == ticket_sha256(ticket))
    )
    row = found.first()
    if row is None:
        return None
    called, company = row
    return CalledSession(company.id, company.name, called.id, called.login_id)

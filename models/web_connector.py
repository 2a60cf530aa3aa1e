"""What the Web Connector signs in with, one login for one company file: made once, its FileID given out again."""

from dataclasses import dataclass
from uuid import UUID

from sqlmodel import col, select

from models.database import CompanySession
from models.events import audit, record_event
from models.tables import AttemptOutcome, Connection, ConnectionAttempt, QuickBooksKind, WebConnectorLogin

# A company file knows no sandbox: its FileID alone names it.
DESKTOP_ENVIRONMENT = "desktop"


@dataclass(frozen=True)
class EarlierFile:
    """A company file that was connected before, offered first when an admin connects Desktop again."""

    connection_id: UUID
    company_name: str
    company_file: str | None


async def earlier_files(session: CompanySession) -> list[EarlierFile]:
    """Company files that are disconnected now, by name."""
    found = await session.exec(
        select(Connection, WebConnectorLogin)
        .join(WebConnectorLogin, col(WebConnectorLogin.connection_id) == col(Connection.id))
        .where(Connection.company_id == session.company_id, WebConnectorLogin.company_id == session.company_id)
        .where(Connection.kind == QuickBooksKind.DESKTOP, Connection.state == "disconnected")
        .order_by(col(Connection.quickbooks_company_name), col(Connection.id))
    )
    return [EarlierFile(row.id, row.quickbooks_company_name, login.company_file) for row, login in found]


async def make_login(session: CompanySession, user_name: str, password_hash: str, file_id: str) -> WebConnectorLogin:
    """A login for a company file nobody connected before."""
    login = WebConnectorLogin(
        company_id=session.company_id,
        id=session.new_id(),
        user_name=user_name,
        password_hash=password_hash,
        file_id=file_id,
        created_at=session.now,
        password_set_at=session.now,
    )
    session.add(login)
    await session.flush()
    return login


async def login_by_id(session: CompanySession, login_id: UUID) -> WebConnectorLogin | None:
    found = await session.exec(
        select(WebConnectorLogin).where(
            WebConnectorLogin.company_id == session.company_id, WebConnectorLogin.id == login_id
        )
    )
    return found.first()


async def login_of_connection(session: CompanySession, connection_id: UUID) -> WebConnectorLogin | None:
    found = await session.exec(
        select(WebConnectorLogin).where(
            WebConnectorLogin.company_id == session.company_id, WebConnectorLogin.connection_id == connection_id
        )
    )
    return found.first()


def set_password(session: CompanySession, login: WebConnectorLogin, password_hash: str) -> None:
    """Replace the password; the Web Connector asks for the new one at its next session."""
    login.password_hash, login.password_set_at, login.refused_at = password_hash, session.now, None
    session.add(login)
    record_event(session, "web_connector_login", login.id, "password_set")
    audit(session, "web_connector_password_set", login_id=str(login.id))


def note_signed_in(session: CompanySession, login: WebConnectorLogin) -> None:
    """The Web Connector came with the right password. Only its first time, and one after a wrong password, is news."""
    if login.seen_at is None or login.seen_at < login.password_set_at or login.refused_at is not None:
        record_event(session, "web_connector_login", login.id, "signed_in")
    login.seen_at, login.refused_at = session.now, None
    session.add(login)


async def note_refused(session: CompanySession, login_id: UUID) -> None:
    """The Web Connector came with a wrong password; it does so at every update until somebody types the right one."""
    login = await locked_login(session, login_id)
    if login.refused_at is None:
        login.refused_at = session.now
        session.add(login)
        record_event(session, "web_connector_login", login.id, "password_refused")


def note_downloaded(session: CompanySession, login: WebConnectorLogin) -> None:
    """Somebody has the file that sets up the Web Connector."""
    if login.file_downloaded_at is None or login.file_downloaded_at < login.password_set_at:
        login.file_downloaded_at = session.now
        session.add(login)
        record_event(session, "web_connector_login", login.id, "file_downloaded")


async def locked_login(session: CompanySession, login_id: UUID) -> WebConnectorLogin:
    """The login, for this unit of work alone."""
    found = await session.exec(
        select(WebConnectorLogin)
        .where(WebConnectorLogin.company_id == session.company_id, WebConnectorLogin.id == login_id)
        .with_for_update()
    )
    return found.one()


async def pending_attempt(session: CompanySession, login_id: UUID) -> UUID | None:
    """The open attempt to connect that a login was made or given out again for."""
    found = await session.exec(
        select(ConnectionAttempt.id)
        .where(ConnectionAttempt.company_id == session.company_id, ConnectionAttempt.login_id == login_id)
        .where(ConnectionAttempt.outcome == AttemptOutcome.PENDING)
    )
    return found.first()


def note_trouble(session: CompanySession, login: WebConnectorLogin, trouble: str | None) -> None:
    """What keeps the company file from being worked in, in words for its card; None when nothing does."""
    if login.trouble != trouble:
        login.trouble, login.trouble_at = trouble, session.now if trouble else None
        session.add(login)
        if trouble is not None:
            record_event(session, "web_connector_login", login.id, "trouble", said=trouble)


async def file_was_seen(session: CompanySession, login_id: UUID, connection_id: UUID, company_file: str | None) -> None:
    """The Web Connector opened the file: the login belongs to its connection, and the file's path is known."""
    login = await login_by_id(session, login_id)
    if login is not None:
        login.connection_id = connection_id
        login.company_file = company_file or login.company_file
        session.add(login)

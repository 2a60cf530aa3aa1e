"""Connecting a QuickBooks Desktop company file: its login, shown once, and the file that sets up the Web Connector."""

import asyncio
import secrets
from dataclasses import dataclass, field
from uuid import UUID, uuid4
from xml.sax.saxutils import escape

from argon2 import PasswordHasher

from api.access import Visitor
from api.intents.connecting import Started, begin
from api.problems import Problem, not_found
from api.services import Services
from models import attempts, connections, web_connector
from models.database import CompanySession
from models.tables import QuickBooksKind, WebConnectorLogin

# One for the application, for ever: the Web Connector files what it stores in a company file under it.
OWNER_ID = "{6f0c9a52-51c7-4d0e-9a7e-3b6f1d2c8e41}"
SERVICE_PATH = "/quickbooks-desktop/web-connector"
SUPPORT_PATH = "/quickbooks-desktop/support"
PASSWORD_BYTES = 18
# Minutes: the shortest interval the Web Connector's own window offers is one.
RUN_EVERY = 5

# argon2id, with the library's parameters (RFC 9106, low-memory).
HASHER = PasswordHasher()


@dataclass(frozen=True)
class StartedFile:
    """A begun Desktop attempt. The password is in no table and no log: whoever loses it sets a new one."""

    started: Started
    user_name: str
    password: str = field(repr=False)


async def start_company_file(services: Services, visitor: Visitor, earlier: UUID | None) -> StartedFile:
    """Begin an attempt for a new company file, or for one that was connected earlier. Raises Problem 404 and 409."""
    password, password_hash = await _new_password()

    async def login(session: CompanySession) -> WebConnectorLogin:
        if earlier is None:
            name = f"inbuild-{secrets.token_hex(6)}"
            return await web_connector.make_login(session, name, password_hash, f"{{{uuid4()}}}")
        known = await web_connector.login_of_connection(session, earlier)
        if known is None:
            raise not_found("company file")
        web_connector.set_password(session, known, password_hash)
        return known

    started = await begin(services, visitor, QuickBooksKind.DESKTOP, login)
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        attempt = await attempts.attempt(session, started.attempt_id)
        kept = await web_connector.login_by_id(session, attempt.login_id) if attempt and attempt.login_id else None
    if kept is None:
        raise not_found("attempt to connect")
    return StartedFile(started, kept.user_name, password)


async def reset_password(services: Services, visitor: Visitor, login_id: UUID) -> str:
    """A new password for a login, shown once. Raises Problem 404."""
    password, password_hash = await _new_password()
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        login = await web_connector.login_by_id(session, login_id)
        if login is None:
            raise not_found("Web Connector login")
        web_connector.set_password(session, login, password_hash)
    return password


async def login_of_attempt(services: Services, visitor: Visitor, attempt_id: UUID) -> WebConnectorLogin:
    """Raises Problem 404 for an attempt that is none of the company's, or connects QuickBooks Online."""
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        attempt = await attempts.attempt(session, attempt_id)
        login = await web_connector.login_by_id(session, attempt.login_id) if attempt and attempt.login_id else None
    if login is None:
        raise not_found("attempt to connect")
    return login


async def login_of_connection(services: Services, visitor: Visitor, connection_id: UUID) -> WebConnectorLogin:
    """Raises Problem 404 for a connection that is none of the company's, or lives in QuickBooks Online."""
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        connection = await connections.connection_by_id(session, connection_id)
        login = await web_connector.login_of_connection(session, connection_id)
    if connection is None:
        raise not_found("connection")
    if login is None:
        raise Problem(409, "not_desktop", "Only a QuickBooks Desktop connection has a Web Connector file.")
    return login


async def note_download(services: Services, visitor: Visitor, login_id: UUID) -> None:
    """The Web Connector file was downloaded: the first of the set-up steps is done."""
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        web_connector.note_downloaded(session, await web_connector.locked_login(session, login_id))


def web_connector_file(services: Services, login: WebConnectorLogin, company_name: str) -> str:
    """The ``.qwc`` file. It holds no password: the Web Connector asks for it once.

    Intuit: QuickBooks Web Connector Programmer's Guide, table of the QWC file's elements.
    """
    base = services.settings.public_base_url
    number = login.user_name.removeprefix("inbuild-")
    elements = {
        "AppName": f"inBuild Sync {number}",
        "AppID": "",
        "AppURL": f"{base}{SERVICE_PATH}",
        "AppDescription": f"Bills from Procore, {company_name}"[:80],
        "AppSupport": f"{base}{SUPPORT_PATH}",
        "UserName": login.user_name,
        "OwnerID": OWNER_ID,
        "FileID": login.file_id,
        "QBType": "QBFS",
        "CertURL": f"{base}{SUPPORT_PATH}",
    }
    lines = [f"  <{name}>{escape(value)}</{name}>" for name, value in elements.items()]
    lines += [
        "  <Scheduler>",
        f"    <RunEveryNMinutes>{RUN_EVERY}</RunEveryNMinutes>",
        "  </Scheduler>",
        "  <IsReadOnly>false</IsReadOnly>",
        "  <PersonalDataPref>pdpNotNeeded</PersonalDataPref>",
        "  <UnattendedModePref>umpRequired</UnattendedModePref>",
        "  <AuthFlags>0xF</AuthFlags>",
    ]
    body = "\n".join(lines)
    return f'<?xml version="1.0"?>\n<QBWCXML>\n{body}\n</QBWCXML>\n'


async def _new_password() -> tuple[str, str]:
    """A password and its hash. Hashing takes tens of milliseconds on purpose: outside the loop and any transaction."""
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    return password, await asyncio.to_thread(HASHER.hash, password)

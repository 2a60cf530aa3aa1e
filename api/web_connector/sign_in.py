"""Signing in: a limit on failures, then the password, both outside any transaction, then what there is to do."""

import asyncio
import secrets
from collections import OrderedDict, deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from argon2.exceptions import InvalidHashError, VerificationError

from accounting.connection_states import ConnectionState
from api.intents.company_files import HASHER
from api.services import Services
from api.telling import tell
from foundation.clock import Clock
from foundation.telemetry import current_traceparent
from models import directory
from models.company_files import is_quiet
from models.connections import connection_by_id
from models.database import Actor, CompanySession
from models.desktop_queue import bills_are_wanted, may_post_now, unanswered_write, waiting_writes
from models.desktop_readings import due_readings, ensure_readings
from models.desktop_sessions import open_session
from models.directory import CalledLogin, ticket_sha256
from models.tables import ActorKind, WebConnectorLogin
from models.web_connector import locked_login, note_refused, note_signed_in, pending_attempt

TICKET_BYTES = 24
# A person mistypes a password a few times; the Web Connector repeats a stored wrong one at every update.
FAILURES_OF_ONE_USER = 10
FAILURES_OF_ONE_ADDRESS = 50
WINDOW = timedelta(minutes=15)
KEYS_KEPT = 10_000
LONGEST_NAME, LONGEST_PASSWORD = 64, 256
# Each check fills megabytes of memory for tens of milliseconds, on purpose: a flood of them must queue.
CHECKS_AT_ONCE = asyncio.Semaphore(2)

NO_SUCH_USER, BUSY, NO_WORK = "nvu", "busy", "none"


class SignInThrottle:
    """Counts failed sign-ins per user and address, and per address, in this process.

    It protects the processor: a password of ours cannot be guessed. A person's own failures elsewhere lock nobody out.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._failures: OrderedDict[tuple[str, ...], deque[datetime]] = OrderedDict()

    def may_try(self, user_name: str, address: str) -> bool:
        return (
            self._count((user_name, address)) < FAILURES_OF_ONE_USER
            and self._count((address,)) < FAILURES_OF_ONE_ADDRESS
        )

    def failed(self, user_name: str, address: str) -> None:
        for key in ((user_name, address), (address,)):
            self._failures.setdefault(key, deque()).append(self._clock.now())
            self._failures.move_to_end(key)
        while len(self._failures) > KEYS_KEPT:
            self._failures.popitem(last=False)

    def succeeded(self, user_name: str, address: str) -> None:
        self._failures.pop((user_name, address), None)

    def _count(self, key: tuple[str, ...]) -> int:
        failures = self._failures.get(key, deque())
        while failures and failures[0] <= self._clock.now() - WINDOW:
            failures.popleft()
        return len(failures)


@dataclass(frozen=True)
class SignedIn:
    """A session was opened: its ticket, and the company file to open (empty: the one that is open)."""

    ticket: str
    company_file: str


async def sign_in(
    services: Services, throttle: SignInThrottle, user_name: str, password: str, address: str
) -> SignedIn | str:
    """Open a session, or say why there is none: ``nvu``, ``busy`` or ``none``, as the Web Connector knows them."""
    user_name = user_name[:LONGEST_NAME]
    if not throttle.may_try(user_name, address):
        return BUSY
    async with services.database.directory() as session:
        login = await directory.called_login(session, user_name.replace("\x00", ""))
    is_right = await password_is_right(password, login)
    if login is None or not is_right:
        throttle.failed(user_name, address)
        if login is not None:
            async with services.database.company(login.company_id, web_connector_actor()) as session:
                await note_refused(session, login.login_id)
        return NO_SUCH_USER
    throttle.succeeded(user_name, address)
    ticket = secrets.token_urlsafe(TICKET_BYTES)
    async with services.database.company(login.company_id, web_connector_actor()) as session:
        row = await locked_login(session, login.login_id)
        note_signed_in(session, row)
        connection_id = row.connection_id if await is_connected(session, row) else None
        if not await has_work(session, row):
            return NO_WORK
        await open_session(session, row.id, connection_id, ticket_sha256(ticket))
        company_file = row.company_file or ""
    if connection_id is not None:
        await tell(services.workflows.wake_company(login.company_id, login.company_name, "a QuickBooks PC is there"))
    return SignedIn(ticket, company_file)


async def password_is_right(password: str, login: CalledLogin | None) -> bool:
    """The same work whether or not the user exists: which user names do cannot be told from the time it takes."""
    if len(password) > LONGEST_PASSWORD:
        return False
    async with CHECKS_AT_ONCE:
        return await asyncio.to_thread(_verify, login.password_hash if login else nobodys_hash(), password)


def _verify(password_hash: str, password: str) -> bool:
    try:
        return HASHER.verify(password_hash, password)
    except (VerificationError, InvalidHashError, UnicodeEncodeError):
        return False


@cache
def nobodys_hash() -> str:
    """The hash of a password that was thrown away at once."""
    return HASHER.hash(secrets.token_urlsafe(TICKET_BYTES))


async def is_connected(session: CompanySession, login: WebConnectorLogin) -> bool:
    connection = await connection_by_id(session, login.connection_id) if login.connection_id else None
    return connection is not None and connection.state is ConnectionState.ACTIVE


async def has_work(session: CompanySession, login: WebConnectorLogin) -> bool:
    """Decided here, once: telling the Web Connector later that there is nothing has been seen to crash it."""
    if login.connection_id is None or not await is_connected(session, login):
        return await pending_attempt(session, login.id) is not None
    connection_id = login.connection_id
    if await is_quiet(session, connection_id):
        return False
    await ensure_readings(session, connection_id)
    if await unanswered_write(session, connection_id) is not None or await due_readings(session, connection_id):
        return True
    if not await may_post_now(session, connection_id):
        return False
    return bool(await waiting_writes(session, connection_id)) or await bills_are_wanted(session, connection_id)


def web_connector_actor() -> Actor:
    return Actor(ActorKind.PROVIDER, "web_connector", traceparent=current_traceparent())

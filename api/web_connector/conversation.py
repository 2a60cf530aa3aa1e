"""The operations of the Web Connector. None of them raises: whatever goes wrong here, it gets an answer it knows.

Each call is one or two short units of work. An answer is stored in one of its own before anybody reads it, so that
what QuickBooks did is never lost to a fault of ours.
"""

import logging
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from uuid import UUID

from api.services import Services
from api.telling import tell
from api.web_connector import sentences
from api.web_connector.answers import go_on
from api.web_connector.file_check import accept, identity, keep_closing_date, opened_file, refusal, refuse
from api.web_connector.sign_in import SignedIn, SignInThrottle, sign_in, web_connector_actor
from api.web_connector.steps import adopt_connection, carry_out, next_step, progress
from contracts.connection import CompanyFileIdentity
from models import directory
from models.database import CompanySession
from models.desktop_exchanges import (
    answered_unread,
    exchange_by_id,
    keep_answer,
    open_exchange,
    unread_answers_to,
)
from models.desktop_queue import unanswered_write
from models.desktop_readings import AFTER_TROUBLE, give_up_reading, reading_by_id
from models.desktop_sessions import close_session, locked_session, session_by_id
from models.directory import CalledSession
from models.inbox import wants_wake
from models.tables import ExchangeKind
from models.web_connector import locked_login, note_trouble, pending_attempt
from providers.quickbooks_desktop.company_file import OpenFile
from providers.quickbooks_desktop.soap import Answered, Call
from providers.quickbooks_desktop.verdicts import judge_hresult

LOG = logging.getLogger("inbuild_sync.web_connector")
VERSION = "inBuild Sync 1"
NO_OP = "NoOp"
DONE = "done"
FAILED = -1
ALL_DONE = 100
# QuickBooks could not open the file at the path it was told: whatever file is open is tried once, and checked.
CANNOT_OPEN = "0x80040403"


class Conversation:
    """One call of a Web Connector at ``address``, answered."""

    def __init__(self, services: Services, throttle: SignInThrottle, address: str) -> None:
        self._services = services
        self._throttle = throttle
        self._address = address
        self._operations: dict[str, tuple[Callable[..., Awaitable[Answered]], Answered]] = {
            "serverVersion": (self.server_version, VERSION),
            "clientVersion": (self.client_version, ""),
            "authenticate": (self.authenticate, ("", "busy")),
            "sendRequestXML": (self.send_request, ""),
            "receiveResponseXML": (self.receive_response, FAILED),
            "connectionError": (self.connection_error, DONE),
            "getLastError": (self.last_error, sentences.OUR_TROUBLE),
            "closeConnection": (self.close_connection, sentences.CLOSED),
        }

    async def answer(self, call: Call) -> Answered:
        """What the operation answers; after a fault of ours, what makes the Web Connector come again."""
        operation, after_a_fault = self._operations.get(call.operation.name, (self._nothing, ""))
        try:
            return await operation(*call.arguments.values())
        except Exception:
            LOG.exception("%s failed; the Web Connector is told to come again", call.operation.name)
            return after_a_fault

    async def server_version(self) -> str:
        return VERSION

    async def client_version(self, version: str) -> str:
        """Every version is good."""
        return ""

    async def authenticate(self, user_name: str, password: str) -> tuple[str, str]:
        """The ticket and the company file to open, or the word that says why there is no session."""
        signed_in = await sign_in(self._services, self._throttle, user_name, password, self._address)
        if isinstance(signed_in, SignedIn):
            return signed_in.ticket, signed_in.company_file
        return "", signed_in

    async def send_request(
        self, ticket: str, first_answer: str, company_file: str, country: str, major: str, minor: str
    ) -> str:
        """The next message set. What has no answer yet is handed out again, word for word; empty: ask for the error."""
        called = await self._called(ticket)
        if called is None:
            return ""
        if first_answer:
            await self._see_file(called, first_answer, company_file)
        await self._catch_up(called)
        async with self._company(called) as session:
            asking = await locked_session(session, called.session_id)
            if asking.closed_at is not None:
                return ""
            asking.last_call_at = session.now
            asking.company_file = asking.company_file or company_file or None
            session.add(asking)
            unanswered = await open_exchange(session, asking.id)
            if unanswered is not None:
                return unanswered.text
            await adopt_connection(session, asking)
            return await carry_out(session, asking, await next_step(session, asking))

    async def receive_response(self, ticket: str, response: str, hresult: str, message: str) -> int:
        """Store the answer, then go on with it: percent done, 100 for the end, negative for trouble."""
        called = await self._called(ticket)
        if called is None:
            return FAILED
        async with self._company(called) as session:
            asking = await locked_session(session, called.session_id)
            asking.last_call_at = session.now
            session.add(asking)
            exchange = await open_exchange(session, asking.id)
            if exchange is not None:
                keep_answer(session, exchange, response, hresult, message)
        if exchange is not None:
            await self._read_answer(called, exchange.id)
        async with self._company(called) as session:
            asking = await locked_session(session, called.session_id)
            await adopt_connection(session, asking)
            if asking.closed_at is not None or asking.trouble is not None:
                return FAILED
            return await progress(session, asking, await next_step(session, asking))

    async def connection_error(self, ticket: str, hresult: str, message: str) -> str:
        """QuickBooks could not be opened. A moved file is looked for once; everything else ends the session."""
        called = await self._called(ticket)
        if called is None:
            return DONE
        judged = judge_hresult(hresult, message)
        async with self._company(called) as session:
            asking = await locked_session(session, called.session_id)
            if judged.code == CANNOT_OPEN and not asking.other_path_tried and asking.closed_at is None:
                asking.other_path_tried = True
                session.add(asking)
                return ""
            close_session(session, asking, judged.sentence)
            note_trouble(session, await locked_login(session, called.login_id), judged.sentence)
        return DONE

    async def last_error(self, ticket: str) -> str:
        """Why nothing was handed out: NoOp to be asked again in five seconds, else a sentence for the person."""
        called = await self._called(ticket)
        if called is None:
            return sentences.UNKNOWN_TICKET
        async with self._company(called) as session:
            asking = await session_by_id(session, called.session_id)
            if asking.trouble is not None:
                return asking.trouble
            if asking.closed_at is None and asking.waits:
                return NO_OP
            return sentences.NOTHING_LEFT if asking.closed_at is None or asking.answered else sentences.ENDED

    async def close_connection(self, ticket: str) -> str:
        """End the session. A write without its answer stays open, and is the first thing of the next session."""
        called = await self._called(ticket)
        if called is None:
            return sentences.CLOSED
        async with self._company(called) as session:
            asking = await locked_session(session, called.session_id)
            close_session(session, asking)
            return sentences.finished(asking.answered, asking.trouble)

    async def _nothing(self, *_: str) -> str:
        return ""

    # --- which file

    async def _see_file(self, called: CalledSession, first_answer: str, company_file: str) -> None:
        found = opened_file(first_answer)
        # Without our mark in it the Web Connector may have asked under another owner: we ask ourselves.
        if found is not None:
            await self._judge_file(called, found, company_file)

    async def _judge_file(self, called: CalledSession, found: OpenFile, company_file: str) -> None:
        attempt_id: UUID | None = None
        told: CompanyFileIdentity | None = None
        async with self._company(called) as session:
            asking = await locked_session(session, called.session_id)
            if asking.verified_at is not None or asking.trouble is not None:
                return
            asking.company_file = company_file or asking.company_file
            login = await locked_login(session, called.login_id)
            reason = refusal(login, found, asking.company_file)
            if reason is not None:
                refuse(session, asking, login, reason)
                return
            accept(session, asking, login, found)
            freed = await keep_closing_date(session, asking)
            if asking.connection_id is None:
                attempt_id = await pending_attempt(session, login.id)
                told = identity(login, found, asking.company_file)
        if attempt_id is not None and told is not None:
            await tell(self._services.workflows.company_file_verified(attempt_id, told))
        if freed:
            await self._wake(called)

    # --- answers

    async def _read_answer(self, called: CalledSession, exchange_id: UUID) -> None:
        """Go on with a stored answer. A fault here loses nothing: the next call tries again."""
        try:
            async with self._company(called) as session:
                asking = await locked_session(session, called.session_id)
                exchange = await exchange_by_id(session, exchange_id)
                if exchange.interpreted_at is not None:
                    return
                opened = await go_on(session, asking, exchange)
                exchange.interpreted_at = session.now
                asking.answered += 1
                session.add_all((exchange, asking))
                has_news = exchange.kind is not ExchangeKind.OPENING
        except Exception:
            LOG.exception("an answer of the Web Connector is stored and could not be read")
            return
        if opened is not None:
            await self._judge_file(called, opened, "")
        if has_news:
            await self._wake(called)

    async def _catch_up(self, called: CalledSession) -> None:
        """Answers that were stored and not read: once more, and then around them, for nothing may stop at one."""
        async with self._company(called) as session:
            asking = await locked_session(session, called.session_id)
            unread = await answered_unread(session, asking.id)
            write = await unanswered_write(session, asking.connection_id) if asking.connection_id else None
            about_write = [one.id for one in await unread_answers_to(session, write.id)] if write else []
        for exchange_id in dict.fromkeys([*about_write, *([unread.id] if unread else [])]):
            await self._read_answer(called, exchange_id)
            async with self._company(called) as session:
                exchange = await exchange_by_id(session, exchange_id)
                if exchange.interpreted_at is None:
                    exchange.interpreted_at, exchange.trouble = session.now, sentences.OUR_TROUBLE
                    session.add(exchange)
                    if exchange.reading_id is not None:
                        reading = await reading_by_id(session, exchange.reading_id)
                        give_up_reading(session, reading, sentences.OUR_TROUBLE, AFTER_TROUBLE)

    # --- where everything happens

    async def _called(self, ticket: str) -> CalledSession | None:
        async with self._services.database.directory() as session:
            return await directory.called_session(session, ticket)

    def _company(self, called: CalledSession) -> AbstractAsyncContextManager[CompanySession]:
        return self._services.database.company(called.company_id, web_connector_actor())

    async def _wake(self, called: CalledSession) -> None:
        async with self._company(called) as session:
            to_signal = await wants_wake(session)
        if to_signal:
            await tell(
                self._services.workflows.wake_company(called.company_id, called.company_name, "QuickBooks answered")
            )

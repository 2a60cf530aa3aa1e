"""What is handed out next. The order is the rule: an open question first, then a page begun, then bills, then reading.

Nothing is sent while a write has no answer; every text is checked and stored before it leaves.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from accounting.closed_periods import in_words
from accounting.connection_states import ConnectionState
from api.web_connector import sentences
from api.web_connector.booked import queries
from api.web_connector.file_check import OPENING_ID, keep_closing_date, opening
from api.web_connector.outcomes import CLOSED, refuse
from api.web_connector.readings import page_request
from models.bill_updates import updates_are_wanted
from models.company_files import is_quiet
from models.connections import connection_by_id
from models.database import CompanySession
from models.desktop_exchanges import hand_out
from models.desktop_queue import (
    attempts_of_writes,
    bills_are_wanted,
    fresh_writes,
    last_settled_set,
    may_post_now,
    note_sent,
    unanswered_write,
    waiting_writes,
)
from models.desktop_readings import begin_reading, due_reading, due_readings, reading_under_way
from models.desktop_sessions import close_session
from models.tables import (
    AttemptState,
    DesktopExchange,
    DesktopReading,
    DesktopSession,
    DesktopWrite,
    ExchangeKind,
    PostingAttempt,
    PostingOperation,
    RecoveryStep,
    WriteState,
)
from models.web_connector import locked_login, pending_attempt
from providers.quickbooks_desktop.message_set import MessageSet, status_check, write_text
from providers.quickbooks_desktop.validator import InvalidMessageSet, check_message_set
from providers.quickbooks_desktop.verdicts import OUR_SENTENCE, Verdict

# One query asks for as many numbers as one batch has bills.
CHECKED_AT_ONCE = 30
# The Web Connector asks again five seconds after each NoOp: half a minute for a look at Procore.
MOST_WAITS = 6
# A status check and a look-up settle a write; an answer may be lost on the way to each.
MOST_ROUNDS = 6
# Other company files on the same PC wait for this one: their turn comes after at most this long.
SESSION_BUDGET = timedelta(minutes=30)


@dataclass(frozen=True)
class Opening:
    """Ask which company file is open."""


@dataclass(frozen=True)
class Recover:
    """Find out what came of a write that has no answer."""

    write: DesktopWrite


@dataclass(frozen=True)
class Page:
    """The next page of a reading, or its first one."""

    reading: DesktopReading


@dataclass(frozen=True)
class Check:
    """Look for bills of these numbers before sending any of them, and at those that are to be changed."""

    writes: Sequence[DesktopWrite]


@dataclass(frozen=True)
class Send:
    write: DesktopWrite


@dataclass(frozen=True)
class Wait:
    """Work is about to come: the Web Connector asks again in five seconds."""


@dataclass(frozen=True)
class Finish:
    """Nothing is left to do, or nothing may be done for the reason given."""

    trouble: str | None = None


Step = Opening | Recover | Page | Check | Send | Wait | Finish


async def next_step(session: CompanySession, asking: DesktopSession) -> Step:
    """What a session does next, as the tables stand now. Changes nothing."""
    if asking.closed_at is not None:
        return Finish(asking.trouble)
    if asking.trouble is not None:
        # Not even this session begins with an empty answer: it gets a question that does no harm.
        return Opening() if asking.handed_out == 0 else Finish(asking.trouble)
    if asking.verified_at is None:
        return Opening() if asking.handed_out == 0 else Finish(sentences.UNREADABLE_FILE)
    connection_id = asking.connection_id
    if connection_id is None:
        return await _before_connecting(session, asking)
    connection = await connection_by_id(session, connection_id)
    if connection is None or connection.state is not ConnectionState.ACTIVE:
        return Finish(sentences.NOT_CONNECTED)
    unanswered = await unanswered_write(session, connection_id)
    if unanswered is not None:
        is_over = unanswered.checked_session_id == asking.id and unanswered.rounds >= MOST_ROUNDS
        return Finish(sentences.STILL_UNCLEAR) if is_over else Recover(unanswered)
    under_way = await reading_under_way(session, asking.id)
    if under_way is not None:
        return Page(under_way)
    if session.now - asking.opened_at >= SESSION_BUDGET or await is_quiet(session, connection_id):
        return Finish()
    may_post = await may_post_now(session, connection_id)
    if may_post and (writes := await fresh_writes(session, connection_id, CHECKED_AT_ONCE)):
        # What takes a bill back is about that very bill; QuickBooks itself refuses a second vendor of a name.
        if writes[0].is_removal or writes[0].checked_session_id == asking.id:
            return Send(writes[0])
        return Check([write for write in writes if not write.is_removal and write.checked_session_id != asking.id])
    if (due := await due_reading(session, connection_id)) is not None:
        return Page(due)
    if asking.handed_out == 0:
        # Work is in sight and not here yet. An empty first answer has been seen to crash the Web Connector.
        return Opening()
    if may_post and asking.waits < MOST_WAITS and await _work_is_coming(session, connection_id):
        return Wait()
    return Finish()


async def _work_is_coming(session: CompanySession, connection_id: UUID) -> bool:
    return await bills_are_wanted(session, connection_id) or await updates_are_wanted(session, connection_id)


async def _before_connecting(session: CompanySession, asking: DesktopSession) -> Step:
    """The first session of a company file: the workflow makes the connection while the Web Connector waits."""
    if asking.handed_out == 0:
        return Opening()
    if await pending_attempt(session, asking.login_id) is None:
        return Finish(sentences.ATTEMPT_OVER)
    return Wait() if asking.waits < MOST_WAITS else Finish(sentences.STILL_CONNECTING)


async def adopt_connection(session: CompanySession, asking: DesktopSession) -> None:
    """The connection that was made while the session waited."""
    if asking.connection_id is None and asking.verified_at is not None:
        login = await locked_login(session, asking.login_id)
        connection = await connection_by_id(session, login.connection_id) if login.connection_id else None
        if connection is not None and connection.state is ConnectionState.ACTIVE:
            asking.connection_id = connection.id
            session.add(asking)
            await keep_closing_date(session, asking)


async def carry_out(session: CompanySession, asking: DesktopSession, step: Step) -> str:
    """The text to hand out, stored first; empty for the Web Connector to ask for the last error, which says why."""
    match step:
        case Opening():
            return hand_out(session, asking, ExchangeKind.OPENING, opening(), OPENING_ID).text
        case Recover(write):
            return (await _recover(session, asking, write)).text
        case Page(reading):
            return _page(session, asking, reading).text
        case Check(writes):
            return (await _check(session, asking, writes)).text
        case Send(write):
            sent = await _send(session, asking, write)
            if sent is None:
                await session.flush()
                return await carry_out(session, asking, await next_step(session, asking))
            return sent.text
        case Wait():
            asking.waits += 1
            session.add(asking)
            return ""
        case Finish(trouble):
            close_session(session, asking, trouble)
            return ""


async def _recover(session: CompanySession, asking: DesktopSession, write: DesktopWrite) -> DesktopExchange:
    attempt = (await attempts_of_writes(session, [write]))[write.attempt_id]
    if write.checked_session_id != asking.id:
        write.checked_session_id, write.rounds = asking.id, 0
    write.rounds += 1
    write.state, attempt.state = WriteState.UNCLEAR, AttemptState.UNCLEAR
    write.step = write.step or RecoveryStep.STATUS_CHECK
    session.add(write)
    session.add(attempt)
    if write.step is RecoveryStep.STATUS_CHECK:
        text, request_id = status_check(write.message_set_id).text(), request_id_of(attempt)
        kind = ExchangeKind.STATUS_CHECK
    else:
        kind, request_id = ExchangeKind.LOOK_UP, f"look-up-{asking.handed_out + 1}"
        text = MessageSet(queries((attempt,), request_id)).text()
    check_message_set(text)
    return hand_out(session, asking, kind, text, request_id, write_id=write.id)


def _page(session: CompanySession, asking: DesktopSession, reading: DesktopReading) -> DesktopExchange:
    if reading.session_id != asking.id:
        begin_reading(session, reading, asking.id)
    request_id = f"{reading.kind.value}-{asking.handed_out + 1}"
    text = page_request(reading, request_id)
    check_message_set(text)
    return hand_out(session, asking, ExchangeKind.READING, text, request_id, reading=reading)


async def _check(session: CompanySession, asking: DesktopSession, writes: Sequence[DesktopWrite]) -> DesktopExchange:
    """Look for the numbers about to be sent, and read the bills about to be changed once more."""
    attempts = await attempts_of_writes(session, writes)
    for write in writes:
        write.checked_session_id = asking.id
        session.add(write)
    request_id = f"check-{asking.handed_out + 1}"
    text = MessageSet(queries(list(attempts.values()), request_id)).text()
    check_message_set(text)
    return hand_out(session, asking, ExchangeKind.CHECK, text, request_id)


async def _send(session: CompanySession, asking: DesktopSession, write: DesktopWrite) -> DesktopExchange | None:
    """Hand a write out; None where it turned out that it must not go."""
    attempt = (await attempts_of_writes(session, [write]))[write.attempt_id]
    is_dated = attempt.operation is not PostingOperation.CREATE_VENDOR
    if is_dated and asking.closing_date is not None and attempt.bill_date <= asking.closing_date:
        refuse(session, write, CLOSED, CLOSED, in_words(asking.closing_date))
        return None
    forgotten = await last_settled_set(session, write.connection_id)
    text = write_text(attempt.body.decode("ascii"), write.message_set_id, forgotten)
    try:
        check_message_set(text)
    except InvalidMessageSet as wrong:
        refuse(session, write, Verdict.OUR_BUG, "invalid", f"{OUR_SENTENCE} ({wrong.faults[0]})")
        return None
    note_sent(session, write, attempt, text, asking.id)
    return hand_out(session, asking, ExchangeKind.WRITE, text, request_id_of(attempt), write_id=write.id)


def request_id_of(attempt: PostingAttempt) -> str:
    """A write's requestID: its invoice's marker, so that an answer about another one is known for what it is."""
    return attempt.memo_marker.replace(" ", "-")


async def progress(session: CompanySession, asking: DesktopSession, step: Step) -> int:
    """Percent for the Web Connector's bar: 100 ends the session, so never while anything is left."""
    if isinstance(step, Finish):
        return 100
    left = 1
    if asking.connection_id is not None:
        left += await waiting_writes(session, asking.connection_id) + await due_readings(session, asking.connection_id)
    return max(1, min(99, 100 * asking.answered // (asking.answered + left)))

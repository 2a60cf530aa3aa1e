"""Going on with a stored answer: whom it concerns, and what it says about the session itself."""

from api.web_connector import sentences
from api.web_connector.file_check import opened_file, refuse
from api.web_connector.outcomes import checked, looked_up, write_answered
from api.web_connector.readings import page_answered
from api.web_connector.steps import CHECKED_AT_ONCE
from models.database import CompanySession
from models.desktop_queue import attempts_of_writes, fresh_writes, write_by_id
from models.desktop_readings import reading_by_id
from models.tables import DesktopExchange, DesktopSession, ExchangeKind
from models.web_connector import locked_login, note_trouble
from providers.quickbooks_desktop.company_file import OpenFile
from providers.quickbooks_desktop.verdicts import Verdict, judge_hresult


async def go_on(session: CompanySession, asking: DesktopSession, exchange: DesktopExchange) -> OpenFile | None:
    """Write down what an answer says; the company file it names, where the question was which one is open."""
    if exchange.hresult:
        await _note_failure(session, asking, exchange)
    match exchange.kind:
        case ExchangeKind.OPENING:
            return await _file_named(session, asking, exchange)
        case ExchangeKind.READING if exchange.reading_id is not None:
            page_answered(session, await reading_by_id(session, exchange.reading_id), exchange)
        case ExchangeKind.CHECK if asking.connection_id is not None:
            fresh = await fresh_writes(session, asking.connection_id, CHECKED_AT_ONCE)
            writes = [write for write in fresh if write.checked_session_id == asking.id]
            checked(session, writes, await attempts_of_writes(session, writes), exchange)
        case _ if exchange.write_id is not None:
            write = await write_by_id(session, exchange.write_id)
            attempt = (await attempts_of_writes(session, [write]))[write.attempt_id]
            read = looked_up if exchange.kind is ExchangeKind.LOOK_UP else write_answered
            read(session, write, attempt, exchange)
        case _:
            raise ValueError(f"an exchange of kind {exchange.kind} names nothing it is about")
    return None


async def _note_failure(session: CompanySession, asking: DesktopSession, exchange: DesktopExchange) -> None:
    """QuickBooks gave no answer at all: the session ends with the reason, unless the fault is in our text."""
    judged = judge_hresult(exchange.hresult, exchange.message)
    if judged.verdict is not Verdict.OUR_BUG and asking.trouble is None:
        asking.trouble = judged.sentence
        session.add(asking)
        note_trouble(session, await locked_login(session, asking.login_id), judged.sentence)


async def _file_named(session: CompanySession, asking: DesktopSession, exchange: DesktopExchange) -> OpenFile | None:
    found = opened_file(exchange.answer or "")
    if found is None and asking.verified_at is None and asking.trouble is None:
        login = await locked_login(session, asking.login_id)
        name = login.bound_company_name or "The open company file"
        refuse(session, asking, login, sentences.NOT_STAMPED.format(name=name))
    return found

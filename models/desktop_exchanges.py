"""What was handed to the Web Connector in a session, and the answers exactly as they came."""

from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from models.database import CompanySession
from models.tables import DesktopExchange, DesktopReading, DesktopSession, ExchangeKind


async def open_exchange(session: CompanySession, session_id: UUID) -> DesktopExchange | None:
    """What was handed out in a session and has no answer yet."""
    found = await session.exec(
        select(DesktopExchange)
        .where(DesktopExchange.company_id == session.company_id, DesktopExchange.session_id == session_id)
        .where(col(DesktopExchange.answered_at).is_(None))
    )
    return found.first()


def hand_out(
    session: CompanySession,
    asking: DesktopSession,
    kind: ExchangeKind,
    text: str,
    request_id: str,
    *,
    write_id: UUID | None = None,
    reading: DesktopReading | None = None,
) -> DesktopExchange:
    """Write down what leaves next. The text is sent exactly as it is stored here."""
    asking.handed_out += 1
    asking.waits = 0
    session.add(asking)
    exchange = DesktopExchange(
        company_id=session.company_id,
        id=session.new_id(),
        session_id=asking.id,
        position=asking.handed_out,
        kind=kind,
        write_id=write_id,
        reading_id=reading.id if reading else None,
        request_id=request_id,
        text=text,
        handed_out_at=session.now,
        reading_began_at=reading.started_at if reading else None,
        is_whole=reading is not None and reading.from_modified is None,
    )
    session.add(exchange)
    return exchange


def keep_answer(session: CompanySession, exchange: DesktopExchange, answer: str, hresult: str, message: str) -> None:
    """Store what came, whatever it is. PostgreSQL's text holds no NUL: it becomes what is shown for it."""
    exchange.answer = answer.replace("\x00", "\N{SYMBOL FOR NULL}")
    exchange.hresult, exchange.message = hresult.replace("\x00", ""), message.replace("\x00", "")
    exchange.answered_at = session.now
    session.add(exchange)


async def exchange_by_id(session: CompanySession, exchange_id: UUID) -> DesktopExchange:
    """An exchange, locked for this unit of work."""
    found = await session.exec(
        select(DesktopExchange)
        .where(DesktopExchange.company_id == session.company_id, DesktopExchange.id == exchange_id)
        .with_for_update()
    )
    return found.one()


async def answered_unread(session: CompanySession, session_id: UUID) -> DesktopExchange | None:
    """An answer that was stored and never gone on with: whoever stored it stopped there."""
    found = await session.exec(
        select(DesktopExchange)
        .where(DesktopExchange.company_id == session.company_id, DesktopExchange.session_id == session_id)
        .where(col(DesktopExchange.answered_at).is_not(None), col(DesktopExchange.interpreted_at).is_(None))
        .order_by(col(DesktopExchange.position))
        .limit(1)
    )
    return found.first()


async def unread_answers_to(session: CompanySession, write_id: UUID) -> list[DesktopExchange]:
    """Stored answers about a write that nobody went on with, in whichever session they came."""
    found = await session.exec(
        select(DesktopExchange)
        .where(DesktopExchange.company_id == session.company_id, DesktopExchange.write_id == write_id)
        .where(col(DesktopExchange.answered_at).is_not(None), col(DesktopExchange.interpreted_at).is_(None))
        .order_by(col(DesktopExchange.handed_out_at), col(DesktopExchange.id))
    )
    return list(found)


async def pages_to_take_in(session: CompanySession, limit: int) -> list[UUID]:
    """Pages of lists and bills that have not reached our copy of the books, in the order they came."""
    found = await session.exec(
        select(DesktopExchange.id)
        .where(DesktopExchange.company_id == session.company_id, DesktopExchange.kind == ExchangeKind.READING)
        .where(col(DesktopExchange.interpreted_at).is_not(None), col(DesktopExchange.taken_in_at).is_(None))
        .order_by(col(DesktopExchange.id))
        .limit(limit)
    )
    return list(found)


async def page_is_lost(session: CompanySession, exchange: DesktopExchange) -> None:
    """A page that trips us: what was on it is not in our copy of the books, and its reading is not a whole one."""
    exchange.trouble = exchange.trouble or "it could not be taken in"
    session.add(exchange)
    await forget_page(session, exchange)


async def every_page_came(session: CompanySession, last: DesktopExchange) -> bool:
    """Whether each page of the reading that this one ends reached our copy of the books."""
    found = await session.exec(
        select(DesktopExchange.id)
        .where(DesktopExchange.company_id == session.company_id, DesktopExchange.reading_id == last.reading_id)
        .where(DesktopExchange.reading_began_at == last.reading_began_at, col(DesktopExchange.trouble).is_not(None))
        .limit(1)
    )
    return found.first() is None


async def forget_page(session: CompanySession, exchange: DesktopExchange) -> None:
    """A page whose contents are in our copy of the books is not kept twice."""
    await session.execute(
        sa.update(DesktopExchange)
        .where(col(DesktopExchange.company_id) == session.company_id, col(DesktopExchange.id) == exchange.id)
        .values(taken_in_at=session.now, answer="")
        .execution_options(synchronize_session=False)
    )

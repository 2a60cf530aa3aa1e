"""How far our copy of a connection's books reaches, and what left the books."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from accounting.blockers import BlockerReason
from models.comparisons import bills_are_gone
from models.database import CompanySession
from models.events import record_event
from models.freeing import Resolved, free
from models.tables import Connection, ConnectionSettings, QuickBooksTransaction


async def copy_reaches(session: CompanySession, connection_id: UUID) -> datetime | None:
    """Up to when the copy of these books' transactions is complete (UTC); None before it was first read."""
    found = await session.exec(
        select(Connection.transactions_read_at).where(
            Connection.company_id == session.company_id, Connection.id == connection_id
        )
    )
    return found.first()


async def note_copy(session: CompanySession, connection_id: UUID, complete_to: datetime) -> None:
    """The copy is complete up to this instant; an earlier one that was slower never takes it back."""
    reaches = col(Connection.transactions_read_at)
    await session.execute(
        sa.update(Connection)
        .where(col(Connection.company_id) == session.company_id, col(Connection.id) == connection_id)
        .where(sa.or_(reaches.is_(None), reaches < complete_to))
        .values(transactions_read_at=complete_to)
        .execution_options(synchronize_session=False)
    )


TAKE_REFRESH = """
    INSERT INTO provider_pace (company_id, connection_id, kind, reserved_until)
    VALUES (%(company_id)s, %(connection_id)s, 'copy', %(until)s)
    ON CONFLICT (company_id, connection_id, kind) DO UPDATE SET reserved_until = excluded.reserved_until
    WHERE provider_pace.reserved_until <= %(now)s
"""
END_REFRESH = """
    UPDATE provider_pace SET reserved_until = %(now)s
    WHERE company_id = %(company_id)s AND connection_id = %(connection_id)s AND kind = 'copy'
"""


async def take_refresh(session: CompanySession, connection_id: UUID, lease: timedelta) -> bool:
    """Whether it is the caller's to bring the copy up to date; no other one is until it ends or the lease runs out."""
    return await session.do(TAKE_REFRESH, connection_id=connection_id, now=session.now, until=session.now + lease) == 1


async def end_refresh(session: CompanySession, connection_id: UUID) -> None:
    """Whoever finds the copy too old from now on may bring it up to date."""
    await session.do(END_REFRESH, connection_id=connection_id, now=session.now)


async def mark_deleted(session: CompanySession, connection_id: UUID, gone: Iterable[tuple[str, str]]) -> None:
    """These transactions, by (type, id), are not in the books any more; the rows stay as what was there."""
    pairs = list(gone)
    copied = QuickBooksTransaction
    if pairs:
        await session.execute(
            sa.update(QuickBooksTransaction)
            .where(col(QuickBooksTransaction.company_id) == session.company_id)
            .where(col(QuickBooksTransaction.connection_id) == connection_id)
            .where(sa.tuple_(col(copied.transaction_type), col(copied.quickbooks_id)).in_(pairs))
            .values(is_deleted=True, read_at=session.now)
            .execution_options(synchronize_session=False)
        )
        await bills_are_gone(session, connection_id, pairs)


async def note_open_amount(session: CompanySession, connection_id: UUID, bill_id: str, open_amount: Decimal) -> None:
    """What is still open of a bill, where nothing else of it was read."""
    copied = QuickBooksTransaction
    await session.execute(
        sa.update(QuickBooksTransaction)
        .where(col(copied.company_id) == session.company_id, col(copied.connection_id) == connection_id)
        .where(col(copied.transaction_type) == "Bill", col(copied.quickbooks_id) == bill_id)
        .values(balance=open_amount)
        .execution_options(synchronize_session=False)
    )


async def note_closing_date(session: CompanySession, connection_id: UUID, closed_through: date | None) -> list[UUID]:
    """Keep QuickBooks' closing date; what waited for it is drafted again when it moved. The invoices freed."""
    found = await session.exec(
        select(ConnectionSettings)
        .where(ConnectionSettings.company_id == session.company_id, ConnectionSettings.connection_id == connection_id)
        .with_for_update()
    )
    settings = found.one()
    if settings.books_closed_through == closed_through:
        return []
    before, settings.books_closed_through = settings.books_closed_through, closed_through
    session.add(settings)
    told = [day.isoformat() if day else None for day in (before, closed_through)]
    record_event(session, "connection", connection_id, "closing_date_moved", changed=told)
    await session.flush()
    return await free(session, Resolved((BlockerReason.PERIOD_CLOSED,), connection_id=connection_id))

"""What is read of a company file and when: whole at first and once a week, in between only what changed."""

from datetime import date, datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select

from models.columns import UtcInstant
from models.database import CompanySession
from models.tables import DesktopReading, ReadingKind

READ_EVERY = timedelta(hours=1)
# Duplicates are looked for in a copy of the bills no older than this: a due reading, and a session it waits for.
COPY_SERVES_FOR = READ_EVERY + timedelta(minutes=30)
READ_WHOLE_EVERY = timedelta(days=7)
AFTER_TROUBLE = timedelta(hours=6)
# Two closed years: what is older was never meant by an invoice approved now.
BILLS_REACH = timedelta(days=730)
# QuickBooks writes local times whose offset is an hour wrong in summer, and two changes may share a second.
OVERLAP = timedelta(minutes=10)
LOCAL_TIME = "%Y-%m-%dT%H:%M:%S"


async def ensure_readings(session: CompanySession, connection_id: UUID) -> None:
    """Every reading of a company file has its row; a new one is due at once."""
    await session.execute(
        insert(DesktopReading)
        .values(
            [
                {
                    "company_id": session.company_id,
                    "id": session.new_id(),
                    "connection_id": connection_id,
                    "kind": kind,
                    "place": place,
                    "due_at": session.now,
                }
                for place, kind in enumerate(ReadingKind, start=1)
            ]
        )
        .on_conflict_do_nothing(index_elements=["company_id", "connection_id", "kind"])
    )


async def read_bills_now(session: CompanySession, connection_id: UUID) -> None:
    """Our copy of a company file's bills is behind: the next session reads what changed."""
    await session.execute(
        sa.update(DesktopReading)
        .where(col(DesktopReading.company_id) == session.company_id, col(DesktopReading.connection_id) == connection_id)
        .where(col(DesktopReading.kind) == ReadingKind.BILLS, col(DesktopReading.session_id).is_(None))
        .values(due_at=session.now)
        .execution_options(synchronize_session=False)
    )


async def read_bills_whole(session: CompanySession, connection_id: UUID) -> None:
    """Somebody doubts our copy of a company file's bills: the next session reads every one of them."""
    await session.execute(
        sa.update(DesktopReading)
        .where(col(DesktopReading.company_id) == session.company_id, col(DesktopReading.connection_id) == connection_id)
        .where(col(DesktopReading.kind) == ReadingKind.BILLS)
        .values(read_whole_at=None)
        .execution_options(synchronize_session=False)
    )
    await read_bills_now(session, connection_id)


async def reading_under_way(session: CompanySession, session_id: UUID) -> DesktopReading | None:
    """The reading whose pages this session is going through."""
    found = await session.exec(
        select(DesktopReading)
        .where(DesktopReading.company_id == session.company_id, DesktopReading.session_id == session_id)
        .limit(1)
        .with_for_update()
    )
    return found.first()


async def due_reading(session: CompanySession, connection_id: UUID) -> DesktopReading | None:
    """The next reading that is due. One that an earlier session did not finish is begun anew."""
    found = await session.exec(
        select(DesktopReading)
        .where(DesktopReading.company_id == session.company_id, DesktopReading.connection_id == connection_id)
        .where(col(DesktopReading.due_at) <= sa.literal(session.now, UtcInstant))
        .order_by(col(DesktopReading.place))
        .limit(1)
        .with_for_update()
    )
    return found.first()


async def due_readings(session: CompanySession, connection_id: UUID) -> int:
    found = await session.exec(
        select(sa.func.count())
        .select_from(DesktopReading)
        .where(col(DesktopReading.company_id) == session.company_id)
        .where(col(DesktopReading.connection_id) == connection_id)
        .where(col(DesktopReading.due_at) <= sa.literal(session.now, UtcInstant))
    )
    return found.one()


async def reading_by_id(session: CompanySession, reading_id: UUID) -> DesktopReading:
    found = await session.exec(
        select(DesktopReading)
        .where(DesktopReading.company_id == session.company_id, DesktopReading.id == reading_id)
        .with_for_update()
    )
    return found.one()


async def readings_of(session: CompanySession, connection_id: UUID) -> list[DesktopReading]:
    """Every reading of a company file, in the order they are read."""
    found = await session.exec(
        select(DesktopReading)
        .where(DesktopReading.company_id == session.company_id, DesktopReading.connection_id == connection_id)
        .order_by(col(DesktopReading.place))
    )
    return list(found)


def begin_reading(session: CompanySession, reading: DesktopReading, session_id: UUID) -> None:
    """Start from the first page: whole where that is due, else what changed since the watermark."""
    whole_at = reading.read_whole_at
    is_whole = reading.watermark is None or whole_at is None or whole_at <= session.now - READ_WHOLE_EVERY
    reading.from_modified = None if is_whole else earlier(reading.watermark or "")
    reading.started_at, reading.session_id, reading.iterator_id = session.now, session_id, None
    reading.newest = reading.watermark
    session.add(reading)


def first_day(began_at: datetime) -> date:
    """The first day a whole reading of the bills asks for; the same for each of its pages."""
    return (began_at - BILLS_REACH).date()


def page_came(session: CompanySession, reading: DesktopReading, iterator_id: str | None, newest: str | None) -> None:
    """A page came, and more are to come while the iterator has an id."""
    reading.iterator_id = iterator_id
    reading.newest = max(filter(None, (reading.newest, newest)), default=None)
    session.add(reading)


def finish_reading(session: CompanySession, reading: DesktopReading) -> None:
    """The last page came: only now does the watermark move."""
    if reading.from_modified is None:
        reading.read_whole_at = reading.started_at
    reading.watermark, reading.read_at, reading.trouble = reading.newest, session.now, None
    _put_off(session, reading, READ_EVERY)


def give_up_reading(session: CompanySession, reading: DesktopReading, trouble: str, pause: timedelta) -> None:
    """It goes on from the watermark another time; whatever else waits is not held up by it."""
    reading.trouble = trouble
    _put_off(session, reading, pause)


def _put_off(session: CompanySession, reading: DesktopReading, pause: timedelta) -> None:
    reading.due_at = session.now + pause
    reading.session_id = reading.iterator_id = None
    session.add(reading)


def earlier(watermark: str) -> str:
    """A watermark less the overlap, in the same local time. One that is no time is sent as it is."""
    try:
        moment = datetime.strptime(watermark, LOCAL_TIME)  # noqa: DTZ007 - the PC's own time; its zone is not told
    except ValueError:
        return watermark
    return (moment - OVERLAP).strftime(LOCAL_TIME)


def without_offset(time_modified: str) -> str | None:
    """QuickBooks' time without its offset, which cannot be relied on; None where there is none."""
    return time_modified[:19] if len(time_modified) >= len("2026-01-31T00:00:00") else None

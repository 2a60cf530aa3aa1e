"""Runs of a company's reconciliation: asked for, under way, over; and what the newest one found."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select

from accounting.dates import zone
from accounting.reconciliation import Amounts, Group, Part, Row
from models.company_zone import company_zone
from models.connections import connected
from models.database import CompanySession
from models.events import record_event
from models.reconciliation import Control
from models.tables import ReconciledBooks, ReconciliationRun, ReconciliationTotal, RunState

# Bookkeepers are asleep, and what was posted yesterday evening is in the books.
NIGHT = time(2)
# A statement is some thousand rows; five weeks of them answer "what did it say last month end?".
STATEMENTS_KEPT = timedelta(days=35)


class NothingToReconcile(Exception):
    """No QuickBooks company is connected, and none ever was."""


@dataclass(frozen=True)
class BooksNight:
    """One point of the trend: the differences that stood open, and those explained, when a run had ended."""

    ended_at: datetime
    open: int
    explained: int

    @property
    def all(self) -> int:
        return self.open + self.explained


async def ask_for_run(session: CompanySession, asked_by: UUID | None, *, reread: bool) -> ReconciliationRun:
    """A run to be made now; the one that is under way if there is one. Raises NothingToReconcile."""
    while (run := await run_under_way(session)) is None:
        await _begin(session, is_nightly=False, asked_by=asked_by, reread=reread)
    return run


async def begin_nightly(session: CompanySession) -> ReconciliationRun | None:
    """Tonight's run where it is due: after two in the morning where most projects are, once a day.

    None where it is not, or another run is under way: that one tells the same.
    """
    if await run_under_way(session) is not None:
        return None
    newest = await session.exec(
        select(ReconciliationRun.asked_at)
        .where(ReconciliationRun.company_id == session.company_id, col(ReconciliationRun.is_nightly).is_(True))
        .order_by(col(ReconciliationRun.asked_at).desc())
        .limit(1)
    )
    last = newest.first()
    if last is None:
        last = min((one.connected_at for one in await connected(session)), default=session.now)
    if last >= await _last_night(session):
        return None
    try:
        await _begin(session, is_nightly=True, asked_by=None, reread=False)
    except NothingToReconcile:
        return None
    return await run_under_way(session)


async def _last_night(session: CompanySession) -> datetime:
    here = zone(await company_zone(session))
    now = session.now.astimezone(here)
    tonight = datetime.combine(now.date(), NIGHT, here)
    return tonight if tonight <= now else datetime.combine(now.date() - timedelta(days=1), NIGHT, here)


async def _begin(session: CompanySession, *, is_nightly: bool, asked_by: UUID | None, reread: bool) -> None:
    """Nothing where somebody else has begun one at this very moment: that one is the company's then."""
    books = await connected(session)
    if not books:
        raise NothingToReconcile
    run = ReconciliationRun(
        company_id=session.company_id,
        id=session.new_id(),
        is_nightly=is_nightly,
        reread=reread,
        asked_by=asked_by,
        asked_at=session.now,
        state=RunState.ASKED,
    )
    added = await session.execute(
        insert(ReconciliationRun).values(run.model_dump()).on_conflict_do_nothing().returning(col(ReconciliationRun.id))
    )
    if added.first() is None:
        return
    session.add_all(
        ReconciledBooks(company_id=session.company_id, id=session.new_id(), run_id=run.id, connection_id=one.id)
        for one in books
    )
    record_event(session, "reconciliation", run.id, "reconciliation_asked_for", nightly=is_nightly, reread=reread)


async def run_under_way(session: CompanySession) -> ReconciliationRun | None:
    found = await session.exec(
        select(ReconciliationRun).where(
            ReconciliationRun.company_id == session.company_id, ReconciliationRun.state == RunState.ASKED
        )
    )
    return found.first()


async def run_by_id(session: CompanySession, run_id: UUID) -> ReconciliationRun | None:
    found = await session.exec(
        select(ReconciliationRun).where(
            ReconciliationRun.company_id == session.company_id, ReconciliationRun.id == run_id
        )
    )
    return found.first()


async def newest_run(session: CompanySession) -> ReconciliationRun | None:
    """The last run that told something."""
    found = await session.exec(
        select(ReconciliationRun)
        .where(ReconciliationRun.company_id == session.company_id, ReconciliationRun.state == RunState.DONE)
        .order_by(col(ReconciliationRun.asked_at).desc(), col(ReconciliationRun.id).desc())
        .limit(1)
    )
    return found.first()


async def newest_trouble(session: CompanySession) -> str | None:
    """Why the very last run told nothing; None when it did."""
    found = await session.exec(
        select(ReconciliationRun.state, ReconciliationRun.trouble)
        .where(ReconciliationRun.company_id == session.company_id, ReconciliationRun.state != RunState.ASKED)
        .order_by(col(ReconciliationRun.asked_at).desc(), col(ReconciliationRun.id).desc())
        .limit(1)
    )
    state, trouble = found.first() or (RunState.DONE, None)
    return trouble if state is RunState.FAILED else None


async def books_of_run(session: CompanySession, run_id: UUID) -> list[ReconciledBooks]:
    """Each connection of a run, in the order of their ids."""
    found = await session.exec(
        select(ReconciledBooks)
        .where(ReconciledBooks.company_id == session.company_id, ReconciledBooks.run_id == run_id)
        .order_by(col(ReconciledBooks.connection_id))
    )
    return list(found)


async def books_in_run(session: CompanySession, run_id: UUID, connection_id: UUID) -> ReconciledBooks:
    """One connection's place in a run, locked: two workers must not both compare its next page."""
    found = await session.exec(
        select(ReconciledBooks)
        .where(ReconciledBooks.company_id == session.company_id, ReconciledBooks.run_id == run_id)
        .where(ReconciledBooks.connection_id == connection_id)
        .with_for_update()
    )
    return found.one()


async def end_run(session: CompanySession, run_id: UUID, control: Control) -> None:
    """The run is over and told everything. Statements older than five weeks go; their counts stay for the trend."""
    run = await run_by_id(session, run_id)
    if run is None or run.state is not RunState.ASKED:
        return
    run.state, run.ended_at = RunState.DONE, session.now
    run.approved_count, run.approved_net = control.invoices, control.net
    session.add(run)
    await session.execute(
        sa.delete(ReconciliationTotal)
        .where(col(ReconciliationTotal.company_id) == session.company_id)
        .where(
            col(ReconciliationTotal.run_id).in_(
                select(ReconciliationRun.id)
                .where(ReconciliationRun.company_id == session.company_id)
                .where(col(ReconciliationRun.asked_at) < session.now - STATEMENTS_KEPT)
            )
        )
        .execution_options(synchronize_session=False)
    )


async def fail_run(session: CompanySession, run_id: UUID, trouble: str) -> None:
    """The run is over without a statement; ``trouble`` is a sentence for the page."""
    run = await run_by_id(session, run_id)
    if run is None or run.state is not RunState.ASKED:
        return
    run.state, run.ended_at, run.trouble = RunState.FAILED, session.now, trouble
    session.add(run)
    record_event(session, "reconciliation", run.id, "reconciliation_failed", reason=trouble)


STATEMENT = """
    SELECT project_id, coalesce(connection_id::text, '') AS connection_id, month, part, name, reason,
        sum(invoices)::int AS invoices, sum(retainage) AS retainage, sum(net) AS net
    FROM reconciliation_total
    WHERE company_id = %(company_id)s AND run_id = %(run_id)s
        AND (%(project_id)s::text IS NULL OR project_id = %(project_id)s)
        AND (%(connection_id)s::uuid IS NULL OR connection_id = %(connection_id)s)
        AND (%(first)s::date IS NULL OR month >= %(first)s) AND (%(last)s::date IS NULL OR month <= %(last)s)
    GROUP BY project_id, connection_id, month, part, name, reason
    ORDER BY project_id, month, connection_id, part, name, reason
"""


@dataclass(frozen=True)
class Selection:
    """What of a statement is wanted; None is everything. ``first`` and ``last`` are first days of months."""

    project_id: str | None = None
    connection_id: UUID | None = None
    first: date | None = None
    last: date | None = None


BY_PROJECT = """
    SELECT total.project_id, coalesce(project.name, total.project_id) AS project_name, total.part, total.name,
        total.reason, sum(total.invoices)::int AS invoices, sum(total.retainage) AS retainage, sum(total.net) AS net
    FROM reconciliation_total AS total
    LEFT JOIN procore_project AS project
        ON project.company_id = total.company_id AND project.project_id = total.project_id
    WHERE total.company_id = %(company_id)s AND total.run_id = %(run_id)s
        AND (%(project_id)s::text IS NULL OR total.project_id = %(project_id)s)
        AND (%(connection_id)s::uuid IS NULL OR total.connection_id = %(connection_id)s)
        AND (%(first)s::date IS NULL OR month >= %(first)s) AND (%(last)s::date IS NULL OR month <= %(last)s)
    GROUP BY total.project_id, project.name, total.part, total.name, total.reason
"""
MONTHS = """
    SELECT DISTINCT month FROM reconciliation_total
    WHERE company_id = %(company_id)s AND run_id = %(run_id)s ORDER BY month DESC
"""


@dataclass(frozen=True)
class ProjectRows:
    """One project's rows, over all its months that are wanted."""

    project_id: str
    name: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class _OfProject:
    project_id: str
    project_name: str
    part: str
    name: str
    reason: str
    invoices: int
    retainage: Decimal
    net: Decimal


@dataclass(frozen=True)
class _Month:
    month: date


async def statement_by_project(session: CompanySession, run_id: UUID, wanted: Selection) -> list[ProjectRows]:
    """The same by project, in the order of their names."""
    found = await session.ask(
        BY_PROJECT,
        _OfProject,
        run_id=run_id,
        project_id=wanted.project_id,
        connection_id=wanted.connection_id,
        first=wanted.first,
        last=wanted.last,
    )
    rows: dict[tuple[str, str], list[Row]] = {}
    for one in found:
        row = Row(Part(one.part), one.name, one.reason, one.invoices, Amounts(one.retainage, one.net))
        rows.setdefault((one.project_name, one.project_id), []).append(row)
    return [ProjectRows(project_id, name, tuple(of)) for (name, project_id), of in sorted(rows.items())]


async def months_of(session: CompanySession, run_id: UUID) -> list[date]:
    """The months a run's statement has rows of, the newest first."""
    return [one.month for one in await session.ask(MONTHS, _Month, run_id=run_id)]


@dataclass(frozen=True)
class _Total:
    project_id: str
    connection_id: str
    month: date
    part: str
    name: str
    reason: str
    invoices: int
    retainage: Decimal
    net: Decimal


async def statement_of(session: CompanySession, run_id: UUID, wanted: Selection) -> list[tuple[Group, Row]]:
    """The rows of a run's statement that are wanted, by project and month."""
    found = await session.ask(
        STATEMENT,
        _Total,
        run_id=run_id,
        project_id=wanted.project_id,
        connection_id=wanted.connection_id,
        first=wanted.first,
        last=wanted.last,
    )
    return [
        (
            Group(one.project_id, one.connection_id, one.month),
            Row(Part(one.part), one.name, one.reason, one.invoices, Amounts(one.retainage, one.net)),
        )
        for one in found
    ]


NIGHTS = """
    SELECT run.ended_at, sum(books.open_differences)::int AS open, sum(books.explained_differences)::int AS explained
    FROM reconciliation_run AS run
    JOIN reconciled_books AS books ON books.company_id = run.company_id AND books.run_id = run.id
    WHERE run.company_id = %(company_id)s AND run.state = 'done'
        AND (%(connection_id)s::uuid IS NULL OR books.connection_id = %(connection_id)s)
    GROUP BY run.id, run.ended_at
    ORDER BY run.ended_at DESC, run.id DESC
    LIMIT %(limit)s
"""


async def trend(session: CompanySession, connection_id: UUID | None, runs: int) -> list[BooksNight]:
    """The last runs that told something, the oldest first."""
    return (await session.ask(NIGHTS, BooksNight, connection_id=connection_id, limit=runs))[::-1]

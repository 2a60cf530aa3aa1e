"""A unit of work sees one company, keeps what it promises about money and time, and tells what it did in order."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError
from sqlalchemy.orm import aliased
from sqlmodel import SQLModel, col, select

from models.database import Actor, CompanySession, Database
from models.events import audit, record_event, timeline
from models.mirroring import ensure_row, raise_fence
from models.savepoint import savepoint
from models.tables import (
    ActorKind,
    AuditLog,
    Connection,
    ConnectionState,
    EventLog,
    MirroringPlan,
    PlanState,
    ProcoreProject,
    QuickBooksKind,
    TokenLease,
)
from tests.companies import add_company

TESTER = Actor(ActorKind.COMMAND, "tests")


@pytest.fixture
async def other_company_id(database: Database) -> UUID:
    return await add_company(database, "Second Street Builders")


def _project(session: CompanySession, project_id: str, name: str) -> ProcoreProject:
    return ProcoreProject(
        company_id=session.company_id,
        id=session.new_id(),
        project_id=project_id,
        name=name,
        time_zone="America/Denver",
        next_look_at=session.now,
    )


def _plan(session: CompanySession, create_sum: Decimal) -> MirroringPlan:
    return MirroringPlan(
        company_id=session.company_id,
        id=session.new_id(),
        start_date=date(2026, 6, 1),
        state=PlanState.READY,
        create_sum=create_sum,
        requested_by=session.new_id(),
        requested_at=session.now,
    )


async def _add_projects(database: Database, company_id: UUID, *names: str) -> None:
    async with database.company(company_id, TESTER) as session:
        for number, name in enumerate(names, start=1):
            session.add(_project(session, str(number), name))


async def _project_names(database: Database, company_id: UUID) -> set[str]:
    async with database.company(company_id, TESTER) as session:
        return set(await session.exec(select(ProcoreProject.name)))


# --- one company


async def test_a_query_that_forgets_its_company_still_sees_only_its_own(
    database: Database, company_id: UUID, other_company_id: UUID
) -> None:
    await _add_projects(database, company_id, "Riverside Clinic", "Mill Lofts")
    await _add_projects(database, other_company_id, "Harbor Garage")
    assert await _project_names(database, company_id) == {"Riverside Clinic", "Mill Lofts"}
    assert await _project_names(database, other_company_id) == {"Harbor Garage"}


async def test_asking_for_another_companys_rows_by_name_finds_none(
    database: Database, company_id: UUID, other_company_id: UUID
) -> None:
    await _add_projects(database, other_company_id, "Harbor Garage")
    async with database.company(company_id, TESTER) as session:
        theirs = select(ProcoreProject).where(ProcoreProject.company_id == other_company_id)
        assert (await session.exec(theirs)).all() == []


async def test_a_row_of_another_company_cannot_be_loaded_by_its_key(
    database: Database, company_id: UUID, other_company_id: UUID
) -> None:
    async with database.company(other_company_id, TESTER) as session:
        theirs = _project(session, "1", "Harbor Garage")
        session.add(theirs)
    async with database.company(company_id, TESTER) as session:
        assert await session.get(ProcoreProject, (other_company_id, theirs.id)) is None


async def test_a_forgetful_update_or_delete_leaves_other_companies_alone(
    database: Database, company_id: UUID, other_company_id: UUID
) -> None:
    await _add_projects(database, company_id, "Riverside Clinic")
    await _add_projects(database, other_company_id, "Harbor Garage")
    async with database.company(company_id, TESTER) as session:
        await session.execute(sa.update(ProcoreProject).values(name="Renamed"))
    assert await _project_names(database, company_id) == {"Renamed"}
    assert await _project_names(database, other_company_id) == {"Harbor Garage"}

    async with database.company(company_id, TESTER) as session:
        await session.execute(sa.delete(ProcoreProject))
    assert await _project_names(database, company_id) == set()
    assert await _project_names(database, other_company_id) == {"Harbor Garage"}


async def test_counts_and_subqueries_are_narrowed_too(
    database: Database, company_id: UUID, other_company_id: UUID
) -> None:
    await _add_projects(database, company_id, "Riverside Clinic")
    await _add_projects(database, other_company_id, "Harbor Garage", "Pier 9")
    async with database.company(company_id, TESTER) as session:
        count = sa.select(sa.func.count()).select_from(ProcoreProject)
        assert (await session.execute(count)).scalar_one() == 1

        other = aliased(ProcoreProject)
        named_theirs = sa.select(col(other.id)).where(col(other.name) == "Pier 9").exists()
        assert (await session.execute(sa.select(col(ProcoreProject.name)).where(named_theirs))).all() == []

        in_a_subquery = sa.select(ProcoreProject).subquery()
        assert len((await session.execute(sa.select(in_a_subquery))).all()) == 1


TABLES_OF_COMPANIES = {
    mapper.class_.__name__: mapper.class_ for mapper in SQLModel._sa_registry.mappers if "company_id" in mapper.columns
}


@contextmanager
def _statements_sent() -> Iterator[list[str]]:
    sent: list[str] = []

    def _note(_c: object, _cursor: object, statement: str, *_: object) -> None:
        sent.append(statement)

    sa.event.listen(Engine, "before_cursor_execute", _note)
    try:
        yield sent
    finally:
        sa.event.remove(Engine, "before_cursor_execute", _note)


async def test_every_table_with_a_company_is_narrowed(database: Database, company_id: UUID) -> None:
    assert len(TABLES_OF_COMPANIES) > 25
    not_narrowed = []
    async with database.company(company_id, TESTER) as session:
        for name, table in TABLES_OF_COMPANIES.items():
            with _statements_sent() as sent:
                await session.execute(sa.select(table))
            if f"{table.__tablename__}.company_id = " not in sent[-1]:
                not_narrowed.append(name)
    assert not_narrowed == []


async def test_a_reference_into_another_company_is_refused(
    database: Database, company_id: UUID, other_company_id: UUID
) -> None:
    async with database.company(other_company_id, TESTER) as session:
        theirs = Connection(
            company_id=other_company_id,
            id=session.new_id(),
            kind=QuickBooksKind.ONLINE,
            environment="production",
            quickbooks_company_id="9130350000000001",
            quickbooks_company_name="Second Street Builders LLC",
            state=ConnectionState.ACTIVE,
            state_since=session.now,
            connected_by=session.new_id(),
            connected_at=session.now,
            country="US",
            home_currency="USD",
        )
        session.add(theirs)
    with pytest.raises(IntegrityError, match="fk_token_lease"):
        async with database.company(company_id, TESTER) as session:
            session.add(
                TokenLease(
                    company_id=company_id,
                    id=session.new_id(),
                    connection_id=theirs.id,
                    owner=session.new_id(),
                    until=session.now,
                    generation=1,
                )
            )


# --- what is told


async def test_events_are_numbered_without_gaps_when_many_write_at_once(database: Database, company_id: UUID) -> None:
    async def one_unit(number: int) -> None:
        async with database.company(company_id, TESTER) as session:
            for step in range(3):
                record_event(session, "invoice", f"{number}", "looked_at", step=step)
                await asyncio.sleep(0)
            if number % 4 == 0:
                raise InterruptedError(number)

    ended = await asyncio.gather(*(one_unit(number) for number in range(20)), return_exceptions=True)
    assert sum(isinstance(end, InterruptedError) for end in ended) == 5
    assert not [end for end in ended if end is not None and not isinstance(end, InterruptedError)]
    async with database.company(company_id, TESTER) as session:
        told = (
            await session.exec(
                select(EventLog.seq, EventLog.subject_id)
                .where(EventLog.company_id == company_id)
                .order_by(col(EventLog.seq))
            )
        ).all()
    assert [seq for seq, _ in told] == list(range(1, 15 * 3 + 1))
    # The events of one unit of work stand together.
    assert all(len({subject for _, subject in told[at : at + 3]}) == 1 for at in range(0, len(told), 3))


async def test_each_company_counts_its_own_events(database: Database, company_id: UUID, other_company_id: UUID) -> None:
    for owner, subject in ((company_id, "a"), (other_company_id, "b"), (company_id, "a")):
        async with database.company(owner, TESTER) as session:
            record_event(session, "invoice", subject, "imported")
    async with database.company(company_id, TESTER) as session:
        assert [event.seq for event in await timeline(session, "invoice", "a")] == [1, 2]
        assert await timeline(session, "invoice", "b") == []
    async with database.company(other_company_id, TESTER) as session:
        assert [event.seq for event in await timeline(session, "invoice", "b")] == [1]


async def test_what_fails_leaves_neither_row_nor_event(database: Database, company_id: UUID) -> None:
    with pytest.raises(ZeroDivisionError):
        async with database.company(company_id, TESTER) as session:
            session.add(_project(session, "1", "Riverside Clinic"))
            record_event(session, "project", "1", "seen")
            await session.flush()
            raise ZeroDivisionError
    assert await _project_names(database, company_id) == set()
    async with database.company(company_id, TESTER) as session:
        assert await timeline(session, "project", "1") == []


@pytest.mark.parametrize("log", [EventLog, AuditLog], ids=["event_log", "audit_log"])
@pytest.mark.parametrize("rewriting", ["update", "delete", "truncate"])
async def test_logs_refuse_to_be_rewritten(
    database: Database, company_id: UUID, log: type[EventLog] | type[AuditLog], rewriting: str
) -> None:
    async with database.company(company_id, TESTER) as session:
        record_event(session, "company", company_id, "looked_up")
        audit(session, "looked_up")
    statements: dict[str, sa.Executable] = {
        "update": sa.update(log).values(actor_id="somebody else"),
        "delete": sa.delete(log),
        "truncate": sa.text("TRUNCATE event_log CASCADE" if log is EventLog else "TRUNCATE audit_log CASCADE"),
    }
    with pytest.raises(DBAPIError, match="rows are added, never changed or removed"):
        async with database.company(company_id, TESTER) as session:
            await session.execute(statements[rewriting])
    async with database.company(company_id, TESTER) as session:
        kept = (await session.exec(select(log.actor_id).where(log.company_id == company_id))).all()
        assert kept == ["tests"]


# --- money and time


@pytest.mark.parametrize("amount", ["0.005", "1284.3719", "-0.001"])
async def test_a_fraction_of_a_cent_is_refused_not_rounded(database: Database, company_id: UUID, amount: str) -> None:
    with pytest.raises(StatementError, match="fraction of a cent"):
        async with database.company(company_id, TESTER) as session:
            session.add(_plan(session, Decimal(amount)))


@pytest.mark.parametrize("amount", ["9007199254740993.12", "-0.01", "0.10", "1284.3700"])
async def test_an_amount_comes_back_to_the_cent(database: Database, company_id: UUID, amount: str) -> None:
    async with database.company(company_id, TESTER) as session:
        session.add(_plan(session, Decimal(amount)))
    async with database.company(company_id, TESTER) as session:
        [stored] = await session.exec(select(MirroringPlan).where(MirroringPlan.company_id == company_id))
    assert stored.create_sum == Decimal(amount)
    assert stored.create_sum.as_tuple().exponent == -2


async def test_a_naive_instant_is_refused(database: Database, company_id: UUID) -> None:
    with pytest.raises(StatementError, match="a stored instant needs a time zone"):
        async with database.company(company_id, TESTER) as session:
            project = _project(session, "1", "Riverside Clinic")
            project.next_look_at = datetime(2026, 6, 1, 12, 0)  # noqa: DTZ001 - the offence under test
            session.add(project)


async def test_an_instant_comes_back_in_utc(database: Database, company_id: UUID) -> None:
    given = datetime(2026, 6, 1, 23, 30, tzinfo=timezone(timedelta(hours=-6)))
    async with database.company(company_id, TESTER) as session:
        project = _project(session, "1", "Riverside Clinic")
        project.watermark = given
        session.add(project)
    async with database.company(company_id, TESTER) as session:
        [stored] = await session.exec(select(ProcoreProject.watermark).where(ProcoreProject.company_id == company_id))
    assert stored == given
    assert stored is not None
    assert stored.tzinfo is UTC
    assert stored.day == 2


async def test_a_savepoint_takes_back_what_a_raw_statement_did_first(database: Database) -> None:
    company_id = await add_company(database)
    async with database.company(company_id, TESTER) as session:
        await ensure_row(session)
        async with savepoint(session) as trial:
            assert (await raise_fence(session)).fence == 1
            await trial.rollback()
        with pytest.raises(KeyError):
            async with savepoint(session):
                assert (await raise_fence(session)).fence == 1
                raise KeyError
        assert (await raise_fence(session)).fence == 1


END_ALL = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


async def test_a_unit_of_work_begins_on_a_connection_that_is_there(
    database: Database, database_url: str, company_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.database.RESTED_SECONDS", 0)
    async with database.company(company_id, TESTER) as session:
        await ensure_row(session)
    server = sa.create_engine(database_url)
    try:
        # PostgreSQL was started again while nobody was using its connections.
        with server.connect() as other:
            assert other.execute(sa.text(END_ALL)).scalars().all() == [True]
    finally:
        server.dispose()
    async with database.company(company_id, TESTER) as session:
        assert (await raise_fence(session)).fence == 1

"""A reconciliation run over the simulated QuickBooks: when it begins, what it reads, what it does without an answer."""

from datetime import timedelta

import pytest
from sqlmodel import col, select
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.reconciling import Reconciling
from contracts.reconciliation import BooksToCompare, ReconciliationInput
from models.bill_differences import DifferenceFilter, standing_differences
from models.connections import connection_by_id
from models.copy_of_books import note_copy
from models.desktop_readings import ensure_readings, finish_reading, readings_of
from models.reconciliation_runs import ask_for_run, books_of_run, newest_run, run_under_way
from models.tables import ConnectionState, QuickBooksKind, ReadingKind, ReconciliationRun, RunState
from simulators.faults import FaultRule
from tests.activities.after_posting import Posted, posted_world
from tests.activities.conftest import Opener
from tests.desks import Desks, as_activity
from tests.small_world import small_world

DAY = timedelta(days=1)


async def housekeeping(desks: Desks) -> list[ReconciliationRun]:
    """What the Schedule does every few minutes; every run there is by now."""
    await ActivityEnvironment().run(desks.housekeeping.restart_missing)
    async with desks.product.session() as session:
        found = await session.exec(select(ReconciliationRun).order_by(col(ReconciliationRun.asked_at)))
        return list(found)


class Run:
    """The steps of the run that is under way, each called by hand as the workflow calls it."""

    def __init__(self, desks: Desks) -> None:
        self.desks = desks
        self.steps = Reconciling(desks.product.outside)

    async def begin(self) -> BooksToCompare:
        async with self.desks.product.session() as session:
            run = await run_under_way(session)
            assert run is not None
        self.request = ReconciliationInput(company_id=self.desks.company_id, run_id=run.id)
        (books,) = (await as_activity(self.steps.begin_reconciliation, self.request)).books
        return books

    async def make(self) -> ReconciliationRun:
        books = await self.begin()
        await as_activity(self.steps.refresh_linked_bills, books)
        return await self.compare_and_close(books)

    async def compare_and_close(self, books: BooksToCompare) -> ReconciliationRun:
        await as_activity(self.steps.compare_linked_bills, books)
        await as_activity(self.steps.close_reconciliation, self.request)
        async with self.desks.product.session() as session:
            run = await newest_run(session)
        assert run is not None and run.id == self.request.run_id
        return run

    async def trouble(self) -> str | None:
        async with self.desks.product.session() as session:
            (books,) = await books_of_run(session, self.request.run_id)
        return books.trouble


async def asked(desks: Desks, *, reread: bool = False) -> Run:
    async with desks.product.session() as session:
        await ask_for_run(session, desks.product.admin_id, reread=reread)
    return Run(desks)


async def fields(desks: Desks) -> list[str]:
    async with desks.product.session() as session:
        return sorted(one.field for one in await standing_differences(session, DifferenceFilter(), 100))


def reads(desks: Desks) -> int:
    """Metered reads of QuickBooks so far."""
    return sum(one["method"] == "GET" for one in desks.product.quickbooks.traffic.entries(0, 10_000))


async def test_every_night_once_and_a_copy_read_that_day_is_good_enough(open_world: Opener) -> None:
    async with open_world(small_world(2)) as desks:
        world, _ = await posted_world(desks)
        assert await housekeeping(desks) == []
        desks.advance(DAY)
        (nightly,) = await housekeeping(desks)
        assert (nightly.is_nightly, nightly.asked_by, len(await housekeeping(desks))) == (True, None, 1)
        before = reads(desks)
        assert (await Run(desks).make()).state is RunState.DONE
        # A day without any other reading: one change query, and the closing date.
        assert reads(desks) - before == 2
        assert len(await housekeeping(desks)) == 1
        desks.advance(timedelta(hours=23))
        async with desks.product.session() as session:
            await note_copy(session, world.connection.id, desks.clock.now())
        desks.advance(timedelta(hours=2))
        assert len(await housekeeping(desks)) == 2
        before = reads(desks)
        await Run(desks).make()
        assert reads(desks) == before


async def test_run_now_sees_what_happened_a_moment_ago(open_world: Opener) -> None:
    async with open_world(small_world(2)) as desks:
        world, ids = await posted_world(desks)
        desks.advance(timedelta(minutes=2))
        world.act("delete", await world.bill_of(ids[0]))
        world.act("edit", await world.bill_of(ids[1]), fields={"DocNumber": "OTHER"})
        await (await asked(desks)).make()
        assert await fields(desks) == ["deleted", "number"]


async def test_reading_every_linked_bill_finds_what_no_change_query_told(open_world: Opener) -> None:
    async with open_world(small_world(3)) as desks:
        world, ids = await posted_world(desks)
        world.act("delete", await world.bill_of(ids[0]))
        world.act("edit", await world.bill_of(ids[1]), fields={"DocNumber": "OTHER"})
        await forget_changes(desks, world)
        await (await asked(desks)).make()
        assert await fields(desks) == []
        desks.advance(timedelta(seconds=1))
        before = reads(desks)
        await (await asked(desks, reread=True)).make()
        assert await fields(desks) == ["deleted", "number"]
        # All three bills came with one query.
        assert reads(desks) - before == 1


async def forget_changes(desks: Desks, world: Posted) -> None:
    """The copy is said to be complete to this moment, although nobody asked what changed."""
    desks.advance(timedelta(seconds=1))
    async with desks.product.session() as session:
        await note_copy(session, world.connection.id, desks.clock.now() + timedelta(minutes=1))


async def test_without_an_answer_the_copy_is_compared_as_it_is(open_world: Opener) -> None:
    async with open_world(small_world(1)) as desks:
        await posted_world(desks)
        desks.advance(timedelta(minutes=2))
        desks.product.quickbooks.faults.add(FaultRule(effect="status", status=503, method="GET", path=r".*"))
        run = await asked(desks)
        books = await run.begin()
        with pytest.raises(ApplicationError):
            await as_activity(run.steps.refresh_linked_bills, books)
        assert await run.trouble() == "QuickBooks did not answer."
        assert (await run.compare_and_close(books)).state is RunState.DONE


async def test_an_ended_session_is_said_and_asks_nothing(open_world: Opener) -> None:
    async with open_world(small_world(1)) as desks:
        world, _ = await posted_world(desks)
        await desks.product.expire(world.connection)
        assert (await desks.connection(world.connection.id)).state is ConnectionState.EXPIRED
        run = await asked(desks)
        before = reads(desks)
        await run.make()
        assert (await run.trouble(), reads(desks)) == ("QuickBooks was not connected.", before)


async def test_a_company_file_is_read_whole_when_its_pc_calls_next(open_world: Opener) -> None:
    async with open_world(small_world(1)) as desks:
        world, _ = await posted_world(desks)
        async with desks.product.session() as session:
            connection = await connection_by_id(session, world.connection.id)
            assert connection is not None
            connection.kind = QuickBooksKind.DESKTOP
            await ensure_readings(session, connection.id)
            for reading in await readings_of(session, connection.id):
                reading.started_at, reading.from_modified = session.now, None
                finish_reading(session, reading)
        run = await asked(desks, reread=True)
        await run.make()
        assert await run.trouble() == (
            "Every bill is read again when the Web Connector of this company file calls next."
        )
        async with desks.product.session() as session:
            due = [one for one in await readings_of(session, world.connection.id) if one.due_at <= session.now]
        assert [(one.kind, one.read_whole_at) for one in due] == [(ReadingKind.BILLS, None)]


async def test_a_run_that_is_over_is_not_made_again(open_world: Opener) -> None:
    async with open_world(small_world(1)) as desks:
        await posted_world(desks)
        run = await asked(desks)
        made = await run.make()
        assert (await as_activity(run.steps.begin_reconciliation, run.request)).books == []
        await as_activity(run.steps.close_reconciliation, run.request)
        async with desks.product.session() as session:
            again = await newest_run(session)
        assert again is not None and again.ended_at == made.ended_at

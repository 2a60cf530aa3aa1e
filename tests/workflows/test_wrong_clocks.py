"""Our clock an hour away from Temporal's: an attempt stays open for its quarter of an hour, the guardian comes once."""

from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta

import pytest
from temporalio.testing import WorkflowEnvironment

from accounting.connection_states import TIMED_OUT
from contracts.names import connection_workflow_id
from foundation.clock import ManualClock
from models.connections import credential_of
from models.tables import AttemptOutcome
from tests.product import Product, eventually, running_product, worker_of
from tests.small_world import small_world
from tests.workflows.conftest import Runner
from tests.workflows.life import events
from tests.workflows.test_month_of_a_connection import WithoutMirroring, skipping

__all__ = ["skipping"]

HOUR = timedelta(hours=1)
WRONG = pytest.mark.parametrize("ahead", [HOUR, -HOUR], ids=["ours is ahead", "ours is behind"])


@WRONG
async def test_whoever_comes_back_in_time_is_connected(run_world: Runner, clock: ManualClock, ahead: timedelta) -> None:
    documents = small_world(1)
    clock.advance(ahead)
    async with run_world(documents, clock=clock) as product:
        connection = await product.connect(documents.expected["realm_id"])
        assert connection.state == "active"


@WRONG
async def test_whoever_does_not_is_told_so_in_time(run_world: Runner, clock: ManualClock, ahead: timedelta) -> None:
    clock.advance(ahead)
    async with run_world(small_world(1), clock=clock) as product:
        started = await product.start_attempt("a state", minutes=1 / 60)
        ended = await product.ended_attempt(started.attempt_id)
        assert (ended.outcome, ended.reason) == (AttemptOutcome.FAILED, TIMED_OUT)


async def live_on(product: Product, environment: WorkflowEnvironment, clock: ManualClock, hours: int) -> None:
    """Let hours pass by every clock, in steps shorter than they are apart."""
    step = timedelta(minutes=20)
    for _ in range(hours * 3):
        clock.advance(step)
        product.quickbooks.clock.advance(step)
        await environment.sleep(step)


@WRONG
async def test_the_guardian_warns_at_its_hour_and_looks_no_oftener(
    database_url: str, skipping: WorkflowEnvironment, task_queue: str, clock: ManualClock, ahead: timedelta
) -> None:
    documents = small_world(1)
    clock.set(await skipping.get_current_time() + ahead)
    async with AsyncExitStack() as opened:
        product = await opened.enter_async_context(
            running_product(documents, database_url, skipping.client, task_queue, clock=clock, with_worker=False)
        )
        product.outside = replace(product.outside, workflows=WithoutMirroring(skipping.client, task_queue))
        await opened.enter_async_context(worker_of(product))
        product.quickbooks.clock.set(clock.now(), stopped=True)
        connection = await product.connect(documents.expected["realm_id"])
        async with product.session() as session:
            credential = await credential_of(session, connection.id)
            assert credential is not None
            credential.hard_expires_at = clock.now() + timedelta(days=30, hours=8)
            session.add(credential)
        await product.outside.workflows.expired(
            product.company_id, connection.id, connection.quickbooks_company_name, "look again"
        )
        handle = skipping.client.get_workflow_handle(connection_workflow_id(connection.id))

        async def looked_again() -> bool:
            events_so_far = (await handle.fetch_history()).events
            return sum(one.HasField("activity_task_completed_event_attributes") for one in events_so_far) >= 2

        # The books were read, and the new end was looked at: hours that pass before would put the guardian's hour off.
        await eventually(looked_again)
        before = len(used(product))
        await live_on(product, skipping, clock, 12)

        async def warned() -> list[int]:
            told = await events(product, "connection", connection.id)
            return [one.data["days"] for one in told if one.kind == "authorisation_ends_soon"]

        assert await eventually(warned) == [30]
        assert len(used(product)) == before + 1


def used(product: Product) -> list[str]:
    """The guardian's use of the authorisation, of all its calls."""
    entries = product.quickbooks.traffic.entries()
    return [one["path"] for one in entries if "/companyinfo/" in one["path"]]

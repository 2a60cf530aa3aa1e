"""One run after another: ending when nothing is connected, starting again, handing over, and never losing a batch."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowExecutionStatus, WorkflowHandle

import activities.prepare
import contracts.timeouts
from accounting.bill import draft_bill
from accounting.bill_types import BillDraft, Books, Held, NothingToPost, RetainageBalance
from accounting.invoice import Invoice
from contracts.names import RESTART_MISSING
from simulators.faults import FaultRule
from tests.product import Product, eventually
from tests.small_world import small_world
from tests.workflows.conftest import NO_CACHE, Runner
from tests.workflows.stories import (
    all_in,
    becomes,
    bills_of,
    connected,
    connection_workflow,
    going,
    mirroring,
    planned,
    states,
    status,
    wanted_bills,
)

RUNNING, COMPLETED = WorkflowExecutionStatus.RUNNING, WorkflowExecutionStatus.COMPLETED


async def events_of(handle: WorkflowHandle[Any, Any], kind: int) -> int:
    history = await handle.fetch_history()
    return sum(1 for event in history.events if event.event_type == kind)


async def test_with_nothing_connected_a_run_ends_and_a_wake_starts_another(run_world: Runner) -> None:
    documents = small_world(1)
    async with run_world(documents) as product:
        await product.wake("a person looked at the page")
        await becomes(mirroring(product), COMPLETED)
        assert await events_of(mirroring(product), EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED) <= 2
        await connected(product, documents)
        await becomes(mirroring(product), RUNNING)
        await product.switch_on(await planned(product, documents))
        await all_in(product, "posted", 1)


async def test_a_disconnect_ends_the_run_once_the_batch_in_flight_has_ended(run_world: Runner) -> None:
    documents = small_world(2)
    async with run_world(documents, cached_workflows=NO_CACHE) as product:
        connection = await connected(product, documents)
        on_write = FaultRule(effect="hold_after", method="POST", path=r"/batch$", request_body='"create"', count=1)
        product.quickbooks.faults.add(on_write)
        await product.switch_on(await planned(product, documents))
        await eventually(lambda: held_in_quickbooks(product))
        await product.outside.workflows.disconnect(
            product.company_id, connection.id, connection.quickbooks_company_name, "admin"
        )
        await becomes(connection_workflow(product, connection), COMPLETED)
        looks = await events_of(mirroring(product), EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED)
        await product.wake("disconnected")
        await asyncio.sleep(4)
        assert await status(mirroring(product)) is RUNNING
        more = await events_of(mirroring(product), EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED) - looks
        assert more <= 3, "it waits for the batch instead of looking again and again"
        product.quickbooks.faults.release()
        await becomes(mirroring(product), COMPLETED)
        await all_in(product, "posted", 2)
        assert bills_of(product, documents) == wanted_bills(documents)


async def held_in_quickbooks(product: Product) -> bool:
    return bool(product.quickbooks.faults.describe()["held"])


async def test_wakes_in_the_midst_of_looks_lose_no_invoice(run_world: Runner) -> None:
    """A look that is given up may have leased invoices: whoever looks next must still get them."""
    documents = small_world(3, 3)
    async with run_world(documents) as product:
        await connected(product, documents)
        plan = await planned(product, documents)
        slow = FaultRule(effect="delay", seconds=0.4, method="GET", path=r"/requisitions$")
        product.procore.plan.add(slow)
        async with waking(product):
            await product.switch_on(plan)
            await all_in(product, "posted", 3)
        assert bills_of(product, documents) == wanted_bills(documents)


@asynccontextmanager
async def waking(product: Product) -> AsyncIterator[None]:
    """Wake the company five times a second while the block runs."""

    async def again_and_again() -> None:
        while True:
            await product.sync_now()
            await asyncio.sleep(0.2)

    task = asyncio.create_task(again_and_again())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_continue_as_new_carries_what_waits_and_posts_everything_once(
    run_world: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The workflow's module is read anew for each run, so it takes this number from the patched one.
    monkeypatch.setattr(contracts.timeouts, "RENEW_AT_EVENTS", 30)
    documents = small_world(9, 9)
    async with run_world(documents, cached_workflows=NO_CACHE) as product:
        await going(product, documents)
        await all_in(product, "posted", 9)
        assert bills_of(product, documents) == wanted_bills(documents)
        first = await product.temporal.get_workflow_handle(mirroring(product).id).describe()
        runs = 0
        async for execution in product.temporal.list_workflows(f"WorkflowId = '{first.id}'"):
            runs += 1
            history = await product.temporal.get_workflow_handle(execution.id, run_id=execution.run_id).fetch_history()
            assert len(history.events) < 120
        assert runs >= 2


async def test_what_is_missing_is_started_again(run_world: Runner) -> None:
    documents = small_world(1)
    async with run_world(documents) as product:
        connection = await going(product, documents)
        await all_in(product, "posted", 1)
        both = (mirroring(product), connection_workflow(product, connection))
        for handle in both:
            await handle.terminate("lost with the server's disk")
            await becomes(handle, WorkflowExecutionStatus.TERMINATED)
        await restart_missing(product)
        for handle in both:
            await becomes(handle, RUNNING)


async def restart_missing(product: Product) -> None:
    await product.temporal.execute_workflow(
        RESTART_MISSING, id=f"restart-{product.task_queue}", task_queue=product.task_queue
    )


async def test_what_runs_is_left_alone(run_world: Runner) -> None:
    """The Schedule fires every five minutes for ever: a company that runs must not pay for it with events."""
    documents = small_world(1)
    async with run_world(documents, look_interval_seconds=3600) as product:
        connection = await going(product, documents)
        await all_in(product, "posted", 1)
        both = (mirroring(product), connection_workflow(product, connection))
        await asyncio.sleep(1)
        before = [(await handle.describe()).history_length for handle in both]
        await restart_missing(product)
        await asyncio.sleep(3)
        assert [(await handle.describe()).history_length for handle in both] == before


def trips_over(number: str) -> Any:
    """The accounting rule, with a bug that shows in one invoice."""

    def draft(
        invoice: Invoice, books: Books, retainage: RetainageBalance, reused: bool
    ) -> BillDraft | Held | NothingToPost:
        if invoice.number == number:
            raise ZeroDivisionError("planted")
        return draft_bill(invoice, books, retainage, reused)

    return draft


async def test_one_invoice_of_a_batch_of_30_that_always_raises(
    run_world: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(activities.prepare, "FIRST_PAUSE", timedelta(milliseconds=50))
    documents = small_world(30)
    poison = sorted(documents.expected["requisitions"])[14]
    number = documents.expected["requisitions"][poison]["bill"]["number"]
    async with run_world(documents, draft=trips_over(number)) as product:
        await going(product, documents)

        async def ended() -> bool:
            found = await states(product)
            return found.get(poison) == "needs_you" and sum(1 for one in found.values() if one == "posted") == 29

        await eventually(ended)
        row = (await product.invoices())[poison]
        assert row.failure_count == 5
        assert await product.open_reasons(poison) == ["our_bug"]
        missing = wanted_bills(documents) - bills_of(product, documents)
        assert [one for one, _ in missing] == [number]
        (batch, *_) = [one for one in product.quickbooks.traffic.entries() if one["path"].endswith("/batch")]
        assert batch["status"] == 200

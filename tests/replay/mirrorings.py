"""Mirroring: posting and handing over to the next run; switched off and on, paused and resumed."""

import asyncio

from temporalio.client import WorkflowExecutionStatus

from contracts.names import RESTART_MISSING
from contracts.timeouts import RENEW_AT_EVENTS
from models.gaps import accept_gap_list, gap_list
from simulators.faults import FaultRule
from tests.product import eventually
from tests.replay.keeping import World, keep
from tests.small_world import small_world
from tests.workflows.life import disconnect, pause
from tests.workflows.stories import SETTLED, all_in, becomes, connected, going, mirroring, planned, states

WAKES_AT_ONCE = 20
# Procore keeps whole seconds.
A_SECOND_OF_PROCORE = 1.1


async def posting_and_handing_over(world: World) -> None:
    """Nine batches, so many wakes that the run is renewed while some wait, and a disconnect at the end."""
    documents = small_world(9, 9)
    async with world(documents) as product:
        connection = await connected(product, documents)
        # Four batches go at once: at this pace some still wait when the run is full.
        product.quickbooks.faults.add(FaultRule(effect="delay", seconds=2, method="POST", path=r"/(batch|bill)$"))
        await product.switch_on(await planned(product, documents))

        async def is_sending() -> bool:
            return "sending" in (await states(product)).values()

        await eventually(is_sending)
        first_run = (now := await mirroring(product).describe()).run_id
        while now.run_id == first_run:
            if now.history_length < RENEW_AT_EVENTS:
                await asyncio.gather(*(product.wake("many things happen") for _ in range(WAKES_AT_ONCE)))
            await asyncio.sleep(0.05)
            now = await mirroring(product).describe()
        await all_in(product, "posted", 9)
        await disconnect(product, connection)
        await product.wake("disconnected")
        await becomes(mirroring(product), WorkflowExecutionStatus.COMPLETED)
        for name, run_id in (("posts-and-hands-over", first_run), ("goes-on-and-ends", now.run_id)):
            await keep(f"mirroring-{name}", product.temporal.get_workflow_handle(now.id, run_id=run_id))


async def toggle_and_pause(world: World) -> None:
    """On while paused, resumed, off, on again with another plan, disconnected."""
    documents = small_world(2)
    async with world(documents) as product:
        connection = await connected(product, documents)
        await pause(product, connection, True)
        await product.switch_on(await planned(product, documents))
        await all_in(product, "imported", 2)
        await pause(product, connection, False)
        await all_in(product, "posted", 2)
        await product.switch_off()
        await asyncio.sleep(SETTLED.total_seconds())
        await product.switch_on(await planned(product, documents))
        await disconnect(product, connection)
        await becomes(mirroring(product), WorkflowExecutionStatus.COMPLETED)
        await keep("mirroring-toggle-and-pause", mirroring(product))


async def waiting_for_a_reconnect(world: World) -> None:
    """What is imported while the authorisation has ended goes once an admin has reconnected."""
    documents = small_world(1, waiting=1)
    async with world(documents) as product:
        connection = await going(product, documents)
        await all_in(product, "posted", 1)
        await product.expire(connection)
        (late,) = [one for one in product.procore.records.requisitions.values() if not one.is_approved]
        product.change(str(late.id), status="approved")
        await product.sync_now()
        await asyncio.sleep(SETTLED.total_seconds())
        await product.connect(documents.expected["realm_id"])
        await all_in(product, "posted", 2)
        await disconnect(product, connection)
        await becomes(mirroring(product), WorkflowExecutionStatus.COMPLETED)
        await keep("mirroring-waits-for-a-reconnect", mirroring(product))


async def gap_and_its_list(world: World) -> None:
    """Disconnected, approved meanwhile, connected again; an admin accepts the list of the gap."""
    documents = small_world(1, waiting=1)
    async with world(documents) as product:
        connection = await going(product, documents)
        await all_in(product, "posted", 1)
        await disconnect(product, connection)
        await becomes(mirroring(product), WorkflowExecutionStatus.COMPLETED)
        (late,) = [one for one in product.procore.records.requisitions.values() if not one.is_approved]
        product.change(str(late.id), status="approved")
        await asyncio.sleep(A_SECOND_OF_PROCORE)
        await product.connect(documents.expected["realm_id"])
        await product.sync_now()

        async def offered() -> str | None:
            async with product.session() as session:
                found = await gap_list(session)
            return found.hash if found is not None and found.complete else None

        shown = await eventually(offered)
        async with product.session() as session:
            await accept_gap_list(session, shown, product.admin_id)
        await product.wake("what was approved in between is brought in")
        await all_in(product, "posted", 2)
        await disconnect(product, connection)
        await becomes(mirroring(product), WorkflowExecutionStatus.COMPLETED)
        await keep("mirroring-brings-in-a-gap", mirroring(product))


async def keeping_hooks(world: World) -> None:
    """Procore's webhooks are looked after beside the looks."""
    documents = small_world(1)
    async with world(documents, procore_webhooks=True) as product:
        connection = await going(product, documents)
        await all_in(product, "posted", 1)

        async def are_there() -> bool:
            return bool(product.procore.events.hooks)

        await eventually(are_there)
        await disconnect(product, connection)
        await becomes(mirroring(product), WorkflowExecutionStatus.COMPLETED)
        await keep("mirroring-keeps-hooks", mirroring(product))


async def restart(world: World) -> None:
    """The Schedule's run that starts whatever is missing."""
    documents = small_world(1)
    async with world(documents) as product:
        await connected(product, documents)
        handle = await product.temporal.start_workflow(
            RESTART_MISSING, id=f"restart-{product.task_queue}", task_queue=product.task_queue
        )
        await handle.result()
        await keep("restart-missing", handle)

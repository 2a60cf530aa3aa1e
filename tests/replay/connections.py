"""A connection's life: every way its authorisation ends, reconnected, disconnected, connected again."""

import asyncio

from temporalio.client import WorkflowExecutionStatus

from models.tables import Connection
from simulators.faults import FaultRule
from tests.product import Product, eventually
from tests.replay.keeping import World, keep
from tests.small_world import small_world
from tests.workflows.life import connect_file, disconnect
from tests.workflows.stories import all_in, becomes, connected, connection_workflow, going, planned


async def expired(product: Product, connection: Connection) -> None:
    async def so() -> bool:
        return (await product.connection(connection.id)).state == "expired"

    await eventually(so)


async def whole_life(world: World) -> None:
    """Expired because a refresh was refused, reconnected, disconnected; then connected and disconnected again."""
    documents = small_world(1)
    async with world(documents) as product:
        connection = await going(product, documents)
        await all_in(product, "posted", 1)
        await product.expire(connection)
        await product.connect(documents.expected["realm_id"])
        await disconnect(product, connection)
        await keep("connection-life", connection_workflow(product, connection))
        await product.connect(documents.expected["realm_id"])
        await disconnect(product, connection)
        await keep("connection-connected-again", connection_workflow(product, connection))


async def expires_by_use(world: World) -> None:
    """The customer disconnects at Intuit, and a batch is the first to hear of it."""
    documents = small_world(1)
    async with world(documents) as product:
        connection = await connected(product, documents)
        product.quickbooks.change_switches({"disconnect_answer": "403"})
        product.quickbooks.disconnect(connection.quickbooks_company_id)
        await product.switch_on(await planned(product, documents))
        await expired(product, connection)
        await disconnect(product, connection)
        await keep("connection-expires-by-use", connection_workflow(product, connection))


async def expires_at_its_hard_end(world: World) -> None:
    """The guardian's own timer, and what it finds: the consent has come to its end."""
    documents = small_world(1)
    async with world(documents) as product:
        product.quickbooks.change_switches({"consent_seconds": "60"})
        connection = await connected(product, documents)
        await expired(product, connection)
        await disconnect(product, connection)
        await keep("connection-expires-at-its-hard-end", connection_workflow(product, connection))


async def disconnected_while_intuit_is_away(world: World) -> None:
    """A disconnect that does not wait for the lists, and a revocation that goes on until it is heard."""
    documents = small_world(1)
    async with world(documents) as product:
        for method, path in (("GET", "/query"), ("POST", "/tokens/revoke$")):
            product.quickbooks.faults.add(FaultRule(effect="status", status=503, method=method, path=path))
        attempt_id = await product.come_back_from_consent(documents.expected["realm_id"])
        await product.outside.workflows.callback_received(attempt_id, product.outside.clock.now())
        ended = await product.ended_attempt(attempt_id)
        assert ended.connection_id is not None, ended.reason
        connection = await product.connection(ended.connection_id)
        await disconnect(product, connection, ends=False)
        product.quickbooks.faults.remove()
        await becomes(connection_workflow(product, connection), WorkflowExecutionStatus.COMPLETED)
        await keep("connection-disconnected-while-intuit-is-away", connection_workflow(product, connection))


async def company_file(world: World) -> None:
    """A Desktop connection: its guardian has nothing to keep alive."""
    async with world(small_world(1)) as product:
        connection = await connect_file(product, "Hartwell East")
        await disconnect(product, connection)
        await keep("connection-to-a-company-file", connection_workflow(product, connection))


async def runs_on_and_on(world: World) -> None:
    """So much is heard of the connection that its run is renewed; the next one goes on and ends with a disconnect."""
    documents = small_world(1)
    async with world(documents) as product:
        connection = await connected(product, documents)
        handle = connection_workflow(product, connection)
        first_run = (now := await handle.describe()).run_id
        while now.run_id == first_run:
            await product.outside.workflows.expired(
                product.company_id, connection.id, connection.quickbooks_company_name, "somebody thought so"
            )
            await asyncio.sleep(0.1)
            now = await handle.describe()
        await disconnect(product, connection)
        for name, run_id in (("hands-over", first_run), ("goes-on-and-ends", now.run_id)):
            await keep(f"connection-{name}", product.temporal.get_workflow_handle(now.id, run_id=run_id))

"""Alerts that leave from a company's mirroring, and one that nobody takes and that is tried again."""

from sqlmodel import select
from temporalio.client import WorkflowExecutionStatus

from models.tables import AlertMessage
from models.webhook_endpoints import add_endpoint, endpoint_place
from providers.standard_webhooks.signature import new_secret
from tests.product import eventually
from tests.replay.keeping import World, keep
from tests.small_world import small_world
from tests.workflows.life import disconnect
from tests.workflows.stories import becomes, mirroring, planned

TRIES = 2


async def sending_alerts(world: World) -> None:
    """Invoices are held for want of accounts; the webhook that should tell of it is refused, once and again."""
    documents = small_world(2)
    async with world(documents) as product:
        async with product.session() as session:
            endpoint_id = session.new_id()
            sealed = product.outside.secrets.seal_text(new_secret(), endpoint_place(endpoint_id))
            add_endpoint(session, endpoint_id, "https://127.0.0.1:1/hook", sealed, product.admin_id)
        connection = await product.connect(documents.expected["realm_id"])
        await product.switch_on(await planned(product, documents))

        async def tried() -> bool:
            async with product.session() as session:
                return any(one.failures >= TRIES for one in await session.exec(select(AlertMessage)))

        await eventually(tried)
        await disconnect(product, connection)
        await becomes(mirroring(product), WorkflowExecutionStatus.COMPLETED)
        await keep("mirroring-sends-alerts", mirroring(product))

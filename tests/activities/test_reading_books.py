"""Reading a QuickBooks company's lists keeps within its limits, together with everybody else who asks."""

import asyncio

from temporalio.client import Client

from activities.connection import ConnectionDesk
from activities.online_lists import LISTS
from contracts.connection import AttemptRef, ConnectionRef
from tests.desks import as_activity
from tests.product import running_product
from tests.small_world import small_world

WORLD = small_world(1)
PER_SECOND = 10
READERS = 3


async def test_several_readings_at_once_are_never_one_request_too_many(
    database_url: str, temporal_client: Client, task_queue: str
) -> None:
    opening = running_product(
        WORLD, database_url, temporal_client, task_queue, with_worker=False, intuit_requests_per_second=PER_SECOND
    )
    async with opening as product:
        desk = ConnectionDesk(product.outside)
        attempt_id = await product.come_back_from_consent(WORLD.expected["realm_id"])
        attempt = AttemptRef(company_id=product.company_id, attempt_id=attempt_id)
        assert (await as_activity(desk.exchange_code, attempt)).reason is None
        established = await as_activity(desk.establish_connection, attempt)
        assert established.connection_id is not None, established.reason
        product.quickbooks.change_switches({"realm_app_per_second": PER_SECOND})
        ref = ConnectionRef(company_id=product.company_id, connection_id=established.connection_id)
        before = len(product.quickbooks.traffic.entries(0, 1000))
        read = await asyncio.gather(*(as_activity(desk.read_books, ref) for _ in range(READERS)))
        asked = product.quickbooks.traffic.entries(0, 1000)[before:]
    assert [one.state for one in read] == ["active"] * READERS
    # Every reader reads the lists; of the transactions a late one may find a copy young enough.
    assert len(asked) > len(LISTS) * READERS
    assert {request["status"] for request in asked} == {200}

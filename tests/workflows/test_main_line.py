"""An invoice approved in Procore becomes a bill in QuickBooks Online: the whole seeded world, undisturbed."""

from collections import Counter
from datetime import date
from decimal import Decimal

from temporalio.client import Client

from simulators.world.demo import demo_world
from tests.product import Product, eventually, running_product
from tests.retainage_ties import assert_retainage_ties


async def test_every_eligible_invoice_of_the_seeded_world_becomes_its_bill(
    database_url: str, temporal_client: Client, task_queue: str
) -> None:
    documents = demo_world()
    expected = documents.expected
    async with running_product(documents, database_url, temporal_client, task_queue) as product:
        connection = await product.connect(expected["realm_id"])
        await product.choose_accounts(connection, expected["expense_account"], expected["retainage_account"])
        plan = await product.plan(date.fromisoformat(expected["start_date"]))
        await product.switch_on(plan)
        wanted = {one for one, row in expected["requisitions"].items() if row["verdict"] == "bill"}

        async def all_posted() -> bool:
            invoices = await product.invoices()
            return {one for one, row in invoices.items() if row.state == "posted"} >= wanted

        await eventually(all_posted)
        await _only_those(product, expected)
        assert await assert_retainage_ties(product, connection, expected["retainage_account"]) >= 50


async def _only_those(product: Product, expected: dict[str, object]) -> None:
    states = Counter(row.state.value for row in (await product.invoices()).values())
    bills = product.quickbooks.companies[str(expected["realm_id"])].entities["Bill"].values()
    ours = [bill for bill in bills if "inBuild" in bill.get("PrivateNote", "")]
    assert len(ours) == states["posted"]
    assert sum(Decimal(str(bill["TotalAmt"])) for bill in ours) > 0

"""A hundred odd invoices through the whole product: each bill is its literal, each held one says why."""

from datetime import date
from decimal import Decimal
from typing import Any

from temporalio.client import Client

from simulators.world.odd_hundred import LITERALS, literal, odd_world
from tests.product import Product, eventually, running_product
from tests.retainage_ties import assert_retainage_ties

# The seed names reasons in its own words.
WORDS = {
    "third_decimal": "fraction_of_cent",
    "retainage_release": "retainage_opening_balance",
    "no_cost_code": "cost_code_missing",
}


async def test_every_odd_invoice_becomes_its_literal(
    database_url: str, temporal_client: Client, task_queue: str
) -> None:
    documents = odd_world()
    expected = documents.expected
    async with running_product(documents, database_url, temporal_client, task_queue) as product:
        connection = await product.connect(expected["realm_id"])
        await product.choose_accounts(connection, expected["expense_account"], expected["retainage_account"])
        await product.switch_on(await product.plan(date.fromisoformat(expected["start_date"])))
        wanted = {one for one, row in expected["requisitions"].items() if row["verdict"] == "bill"}
        held = {one for one, row in expected["requisitions"].items() if row["verdict"] == "held"}

        async def settled() -> bool:
            rows = await product.invoices()
            posted = {one for one, row in rows.items() if row.state == "posted"}
            waiting = {one for one, row in rows.items() if row.state == "needs_you"}
            return posted >= wanted and waiting >= held

        await eventually(settled)
        bills = await _bills(product, expected)
        for place in LITERALS:
            requisition_id, outcome = expected["order"][place - 1], literal(place)
            if outcome["verdict"] == "bill":
                told = bills[requisition_id]
                assert (told["total"], told["amounts"]) == (outcome["total"], outcome["amounts"]), place
            elif outcome["verdict"] == "held":
                reasons = await product.open_reasons(requisition_id)
                assert WORDS.get(outcome["reason"], outcome["reason"]) in reasons, (place, reasons)
            else:
                assert requisition_id not in bills, place
        assert await assert_retainage_ties(product, connection, expected["retainage_account"]) >= 25


async def _bills(product: Product, expected: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """What stands in QuickBooks, by the requisition whose marker the memo carries."""
    of_reference = {f"inBuild {row.reference}": one for one, row in (await product.invoices()).items()}
    found = {}
    for bill in product.bills(expected["realm_id"]):
        requisition_id = of_reference[bill["PrivateNote"].rpartition(" · ")[2]]
        assert requisition_id not in found, "one bill each"
        found[requisition_id] = {
            "total": f"{Decimal(bill['TotalAmt']):.2f}",
            "amounts": [f"{Decimal(line['Amount']):.2f}" for line in bill["Line"]],
        }
    return found

"""A hundred odd invoices through the whole product: each bill is its literal, each held one says why."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from temporalio.client import Client

from demo.check.oracle import BillForm, Books
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
        for requisition_id, outcome in expected["requisitions"].items():
            place = expected["order"].index(requisition_id) + 1
            by_hand = literal(place) if place in LITERALS else {}
            assert by_hand.get("verdict", outcome["verdict"]) == outcome["verdict"], place
            if outcome["verdict"] == "bill":
                told = bills.pop(requisition_id)
                assert told.form == BillForm.of_literal(outcome["bill"]), place
                assert told.memo.startswith(_memo(product, requisition_id)), (place, told.memo)
                assert told.ap_account == expected["ap_account"], place
                if by_hand:
                    assert (f"{told.form.total:.2f}", told.amounts) == (by_hand["total"], by_hand["amounts"]), place
            elif outcome["verdict"] == "held":
                reasons = await product.open_reasons(requisition_id)
                assert WORDS.get(outcome["reason"], outcome["reason"]) in reasons, (place, reasons)
        assert not bills, "nothing else was posted"
        assert await assert_retainage_ties(product, connection, expected["retainage_account"]) >= 25


@dataclass(frozen=True)
class Told:
    """A bill of QuickBooks as accountants read it; ``amounts`` in the order of its lines."""

    form: BillForm
    memo: str
    ap_account: str | None
    amounts: list[str]


def _memo(product: Product, requisition_id: str) -> str:
    """How a memo begins: the contract and the number of its requisition."""
    wire = product.requisition(requisition_id).wire
    contract = product.procore.records.commitments[int(wire["commitment_id"])]
    return f"Procore {contract['number']} #{wire['number']}, "


async def _bills(product: Product, expected: dict[str, Any]) -> dict[str, Told]:
    """What stands in QuickBooks, by the requisition whose marker the memo carries."""
    of_reference = {f"inBuild {row.reference}": one for one, row in (await product.invoices()).items()}
    realm_id = expected["realm_id"]
    entities = product.quickbooks.companies[realm_id].entities
    lists = {kind: list(entities[kind].values()) for kind in entities}
    books = Books({"companies": [{"realm_id": realm_id, **lists}]}, realm_id)
    found: dict[str, Told] = {}
    for bill in product.bills(realm_id):
        memo, seen = bill["PrivateNote"], books.found(bill)
        requisition_id = of_reference[memo.rpartition(" · ")[2]]
        assert requisition_id not in found, "one bill each"
        amounts = [f"{Decimal(line['Amount']):.2f}" for line in bill["Line"]]
        found[requisition_id] = Told(seen.form, memo, seen.ap_account, amounts)
    return found

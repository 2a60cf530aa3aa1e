"""A hundred odd invoices through the whole product: each bill is its literal, each held one says why."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from temporalio.client import Client

from demo.check.oracle import BillForm, Books
from models.retainage import retainage_of_connection
from models.tables import Connection
from simulators.procore.requisition import Requisition
from simulators.world.odd_hundred import LITERALS, literal, odd_world
from tests.product import Product, eventually, running_product

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
        await _retainage_ties(product, connection, expected["retainage_account"])


async def _retainage_ties(product: Product, connection: Connection, account: str) -> None:
    """Every contract rolls forward to the cent: our roll-forward, the retainage account, and Procore's own total."""
    async with product.session() as session:
        rolled = {one.commitment_id: one for one in await retainage_of_connection(session, connection.id)}
    in_books = _retainage_in_books(product, connection.quickbooks_company_id, account)
    rows = await product.invoices()
    compared = 0
    for commitment_id, one in rolled.items():
        booked = in_books.get(one.number, Decimal(0))
        assert one.rolled.closing - one.rolled.opening == booked, one.number
        requisitions = sorted(
            (r for r in product.procore.records.requisitions.values() if str(r.wire["commitment_id"]) == commitment_id),
            key=lambda r: int(r.wire["number"]),
        )
        posted = [str(r.id) in rows and rows[str(r.id)].state == "posted" for r in requisitions]
        if not any(posted) or not all(posted[posted.index(True) :]):
            # One that waits in between is in Procore's total, and in nobody's books.
            continue
        first = posted.index(True)
        before = _total_retainage(requisitions[first - 1]) if first else Decimal(0)
        assert booked == _total_retainage(requisitions[-1]) - before, one.number
        assert one.rolled.in_procore == _total_retainage(requisitions[-1]), one.number
        compared += 1
    assert compared >= 25


def _retainage_in_books(product: Product, realm_id: str, account: str) -> dict[str, Decimal]:
    """What stands on the retainage account, by the contract that the line names."""
    entities = product.quickbooks.companies[realm_id].entities
    (account_id,) = [one["Id"] for one in entities["Account"].values() if one["FullyQualifiedName"] == account]
    told: dict[str, Decimal] = {}
    for bill in product.bills(realm_id):
        for line in bill["Line"]:
            if line["AccountBasedExpenseLineDetail"]["AccountRef"]["value"] == account_id:
                contract = line["Description"].partition(", ")[2].rpartition(" #")[0]
                told[contract] = told.get(contract, Decimal(0)) - Decimal(line["Amount"])
    return told


def _total_retainage(requisition: Requisition) -> Decimal:
    return Decimal(requisition.wire["summary"]["total_retainage"])


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

"""Every commitment's retainage to the cent, three times over: our roll-forward, the account in QuickBooks, Procore.

QuickBooks' side is summed from the bills' own lines, Procore's from its own running totals: neither asks our tables.
"""

from collections import defaultdict
from decimal import Decimal

from models.retainage import retainage_of_connection
from models.tables import Connection
from simulators.procore.requisition import Requisition
from tests.product import Product

NOTHING = Decimal(0)


async def assert_retainage_ties(product: Product, connection: Connection, account: str) -> int:
    """Each commitment with a bill of ours ties; how many of them move retainage.

    What Procore says our bills moved is the change of its ``total_retainage`` at each requisition that was posted: one
    that waits in between is in its total, and in nobody's books.
    """
    async with product.session() as session:
        rolled = {one.commitment_id: one.rolled for one in await retainage_of_connection(session, connection.id)}
    posted = {source_id for source_id, row in (await product.invoices()).items() if row.state == "posted"}
    booked = _on_account(product, connection.quickbooks_company_id, account)
    numbers = {str(key): one["number"] for key, one in product.procore.records.commitments.items()}
    moving = 0
    for commitment_id, requisitions in _by_commitment(product).items():
        if not any(str(one.id) in posted for one in requisitions):
            continue
        moved, before, newest = NOTHING, NOTHING, NOTHING
        for one in requisitions:
            total = _total_retainage(one)
            if str(one.id) in posted:
                moved, newest = moved + total - before, total
            before = total
        in_books = booked.pop(numbers[commitment_id], NOTHING)
        assert in_books == moved, (numbers[commitment_id], "QuickBooks and Procore")
        if commitment_id not in rolled:
            assert moved == newest == NOTHING, (numbers[commitment_id], "is in nobody's roll-forward")
            continue
        ours = rolled[commitment_id]
        assert ours.withheld - ours.released == in_books, (numbers[commitment_id], "our roll-forward and QuickBooks")
        assert ours.closing == ours.opening + in_books, numbers[commitment_id]
        assert ours.in_procore == newest, (numbers[commitment_id], "our roll-forward and Procore")
        moving += moved != NOTHING
    assert not any(booked.values()), f"on the retainage account for nobody's commitment: {booked}"
    return moving


def _by_commitment(product: Product) -> dict[str, list[Requisition]]:
    found: dict[str, list[Requisition]] = defaultdict(list)
    for one in sorted(product.procore.records.requisitions.values(), key=lambda one: int(one.wire["number"])):
        found[str(one.wire["commitment_id"])].append(one)
    return found


def _on_account(product: Product, realm_id: str, account: str) -> dict[str, Decimal]:
    """What our bills put on the retainage account, by the commitment that the line names."""
    entities = product.quickbooks.companies[realm_id].entities
    (account_id,) = [one["Id"] for one in entities["Account"].values() if one["FullyQualifiedName"] == account]
    told: dict[str, Decimal] = defaultdict(Decimal)
    for bill in product.bills(realm_id):
        for line in bill["Line"]:
            if line["AccountBasedExpenseLineDetail"]["AccountRef"]["value"] == account_id:
                commitment = line["Description"].partition(", ")[2].rpartition(" #")[0]
                told[commitment] -= Decimal(line["Amount"])
    return told


def _total_retainage(requisition: Requisition) -> Decimal:
    return Decimal(requisition.wire["summary"]["total_retainage"])

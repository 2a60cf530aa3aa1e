"""A company file from its first session to its bills, with a real worker and a simulated PC."""

from __future__ import annotations

from decimal import Decimal

import sqlalchemy as sa
from sqlmodel import select
from temporalio.client import Client

from accounting.bill_settings import ChangedInvoice
from models.tables import Connection, ConnectionSettings, ConnectionState, DesktopReading
from tests.desktop_office import FILE, DesktopOffice, desktop_office, tidewater_world
from tests.product import eventually
from tests.workflows.life import disconnect, kept

OVER = {"posted", "needs_you"}


async def worked_off(office: DesktopOffice) -> dict[str, str]:
    """Update until nothing is on its way any more; the invoices' states by requisition."""

    async def nothing_moves() -> bool:
        await office.update()
        states = await office.states()
        return bool(states) and set(states.values()) <= OVER

    await eventually(nothing_moves, 120)
    return await office.states()


async def test_approved_invoices_become_bills_in_the_company_file(
    database_url: str, temporal_client: Client, task_queue: str
) -> None:
    documents = tidewater_world()
    async with desktop_office(documents, database_url, temporal_client, task_queue) as office:
        connection = await office.mirror(documents)
        states = await worked_off(office)
        expected = {
            (row["bill"]["number"], row["bill"]["total"])
            for source, row in documents.expected["requisitions"].items()
            if states.get(source) == "posted"
        }
        # Others wait for a vendor to be matched, or are of the jobs in the other company file.
        assert len(expected) >= 5
        assert {(number, f"{total:.2f}") for _, number, total in office.bills()} == expected
        assert office.bills() == await office.links()
        assert office.file.key == FILE
        # Nothing is left to do, and the Web Connector hears so when it signs in.
        assert await office.update() == "No data exchange required"

        # Changed in Procore afterwards, a bill follows through the same queue, from the bill as it was last read.
        await follows_its_invoice(office, await last_of_its_commitment(office))
        await comes_back(office, connection)


async def comes_back(office: DesktopOffice, connection: Connection) -> None:
    """Disconnected and connected again, the company file has its settings, mappings and links, and no second bill."""
    before, bills = await kept(office.product), office.bills()
    assert all(before.values())
    await disconnect(office.product, connection)
    assert await kept(office.product) == before
    again = await office.connect(connection.id)
    assert (again.id, again.state) == (connection.id, ConnectionState.ACTIVE)
    await worked_off(office)
    assert await kept(office.product) == before
    assert office.bills() == bills == await office.links()


async def last_of_its_commitment(office: DesktopOffice) -> str:
    """A posted invoice that no later requisition follows."""
    rows = list((await office.product.invoices()).values())
    last = {
        row.commitment_id: max(one.sequence for one in rows if one.commitment_id == row.commitment_id) for row in rows
    }
    return next(row.source_id for row in rows if row.state == "posted" and row.sequence == last[row.commitment_id])


async def follows_its_invoice(office: DesktopOffice, source: str) -> None:
    async with office.product.session() as session:
        settings = (await session.exec(select(ConnectionSettings))).one()
        settings.changed_invoice = ChangedInvoice.UPDATE
        session.add(settings)
        await session.execute(sa.update(DesktopReading).values(due_at=session.now))
    before = dict(await amounts(office))
    await office.update()
    office.product.bill_again(source, "1234.00")
    await office.product.sync_now()
    wanted = Decimal(office.product.requisition(source).wire["summary"]["current_payment_due"])

    async def follows() -> bool:
        await office.update()
        invoice = (await office.product.invoices())[source]
        return invoice.due == wanted and not invoice.changed

    await eventually(follows, 120)
    after = await amounts(office)
    (txn_id,) = [txn_id for txn_id, total in after.items() if before[txn_id] != total]
    assert (after[txn_id], after.keys()) == (wanted, before.keys())
    assert office.bills() == await office.links()
    (bill,) = [one for one in office.file.books.transactions["Bill"].values() if one["TxnID"] == txn_id]
    assert "inBuild" in bill["Memo"]


async def amounts(office: DesktopOffice) -> dict[str, Decimal]:
    """What each bill of ours in the company file adds up to, by TxnID."""
    return {txn_id: total for txn_id, _, total in office.bills()}

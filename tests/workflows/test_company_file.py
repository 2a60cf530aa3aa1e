"""A company file from its first session to its bills, with a real worker and a simulated PC."""

from __future__ import annotations

from temporalio.client import Client

from tests.desktop_office import FILE, DesktopOffice, desktop_office, tidewater_world
from tests.product import eventually

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
        await office.mirror(documents)
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

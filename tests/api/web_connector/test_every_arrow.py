"""Each arrow of an update cut in every way, and a PC that sleeps there for 16 days: never two bills, none lost."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from activities.desktop_answers import take_in_answers
from simulators.quickbooks_desktop.troubles import ARROWS, PROCESS, Trouble
from tests.api.seeding import add_invoice
from tests.api.web_connector.conftest import USER, Desk
from tests.api.web_connector.test_simulated_office import Customer, customer

__all__ = ["customer"]

# These arrows are passed with every message set, the others once in an update.
OFTEN = ("sendRequestXML", PROCESS, "receiveResponseXML")
# Whatever befell the last update, so many of them later everything is in the books.
ENOUGH = 6


class Struck:
    """Two bills in the queue, and one trouble at an arrow that an update goes by."""

    def __init__(self, desk: Desk, customer: Customer) -> None:
        self.desk, self.customer = desk, customer
        self.numbers: list[str] = []

    async def strike(self, arrow: str, effect: str, passage: int) -> None:
        call = arrow.partition(":")[2]
        numbers = [f"INV-{len(self.numbers) + more}" for more in (1, 2)]
        self.numbers += numbers
        await self.desk.queue(*numbers)
        self.customer.simulation.troubles.clear()
        self.customer.simulation.troubles.add(
            Trouble.model_validate({"arrow": arrow, "effect": effect, "after": passage})
        )
        if call == "connectionError":
            self.customer.pc.quickbooks.dialog = "Do you want to back up now?"
        for _ in range(passage + 1):
            await self.update()
        assert self.customer.simulation.troubles.describe()[0]["struck"] == 1
        self.customer.pc.quickbooks.dialog = None
        await self.drained()

    async def update(self) -> None:
        """Update Selected, up to the next morning it is awake again."""
        update = asyncio.create_task(self.customer.pc.update(USER))
        while not update.done():
            await asyncio.sleep(0.01)
            if self.customer.pc.is_asleep:
                self.desk.office.now.advance(timedelta(days=16))
                self.customer.pc.wake()
        await update

    async def drained(self) -> None:
        """What surely was not done is drafted anew, as the worker does it, until every bill is there: once."""
        for _ in range(ENOUGH):
            await self.customer.pc.update(USER)
            office = self.desk.office
            await take_in_answers(office.database, office.company_id, office.actor)
            if not await self.desk.queue_again():
                break
        assert self.customer.numbers() == sorted(self.numbers)


@pytest.mark.parametrize("arrow", ARROWS)
async def test_an_update_cut_at_any_arrow_makes_each_bill_once(desk: Desk, customer: Customer, arrow: str) -> None:
    call = arrow.partition(":")[2]
    if call == "getLastError":
        # Work is in sight, so the Web Connector is told to ask again.
        async with desk.session() as session:
            await add_invoice(session, "INV-soon", connection_id=desk.connection_id, source_id="6999")
    struck = Struck(desk, customer)
    for effect in ("crash_quickbooks" if call == PROCESS else "lose", "crash_pc"):
        for passage in (0, 1) if call in OFTEN else (0,):
            await struck.strike(arrow, effect, passage)
    await struck.strike(arrow, "sleep", 1 if call in OFTEN else 0)

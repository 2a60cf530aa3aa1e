"""The endpoint and the simulated office, which share no code: a whole update over the socket."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio

from api.intents.company_files import web_connector_file
from models.tables import WriteState
from simulators.quickbooks_desktop.company_file import CompanyFile
from simulators.quickbooks_desktop.pc import Pc
from simulators.quickbooks_desktop.simulation import Simulation
from simulators.quickbooks_desktop.troubles import Trouble
from tests.api.web_connector.conftest import PASSWORD, USER, Desk

# The lists that the bills of the fixtures point into.
BOOKS: dict[str, Any] = {
    "pcs": [{"name": "office", "open": "hartwell"}],
    "company_files": [
        {
            "key": "hartwell",
            "path": "C:\\Books\\Hartwell.qbw",
            "zone": "America/Chicago",
            "company": {"CompanyName": "Hartwell Construction LLC"},
            "Vendor": [{"ListID": "80000001-1700000000", "Name": "Acme Electric"}],
            "Customer": [{"ListID": "80000040-1700000000", "Name": "Tower"}],
            "Account": [
                {"ListID": "80000020-1700000000", "Name": "Subcontractors", "AccountType": "CostOfGoodsSold"},
                {"ListID": "80000030-1700000000", "Name": "Accounts Payable", "AccountType": "AccountsPayable"},
                {"ListID": "80000031-1700000000", "Name": "Checking", "AccountType": "Bank"},
            ],
        }
    ],
}


@dataclass
class Customer:
    """The simulated side."""

    simulation: Simulation

    @property
    def pc(self) -> Pc:
        return self.simulation.pcs["office"]

    @property
    def file(self) -> CompanyFile:
        return self.simulation.file("hartwell")

    def numbers(self) -> list[str]:
        return sorted(str(bill["RefNumber"]) for bill in self.file.books.transactions["Bill"].values())

    def ids(self) -> list[str]:
        return sorted(self.file.books.transactions["Bill"])


@pytest_asyncio.fixture
async def customer(desk: Desk, address: str) -> AsyncIterator[Customer]:
    """A PC with our own Web Connector file, the password typed in."""
    simulation = Simulation()
    simulation.change_switches({"noop_seconds": 0.01})
    simulation.load(BOOKS)
    services = desk.office.services
    text = web_connector_file(services, await desk.login(), "Hartwell")
    await simulation.pcs["office"].add_application(text.replace(services.settings.public_base_url, address), PASSWORD)
    yield Customer(simulation)
    simulation.reset()


async def test_bills_arrive_once(desk: Desk, customer: Customer) -> None:
    await desk.queue("INV-1", "INV-2", "INV-3")
    assert (await customer.pc.update(USER)).startswith("Finished")
    assert customer.numbers() == ["INV-1", "INV-2", "INV-3"]
    assert [write.state for write in await desk.writes()] == [WriteState.DONE] * 3
    assert await customer.pc.update(USER) == "No data exchange required"


# The first passage of these arrows is the look for bills of the same number, the second is the first bill.
_SECOND = ("sendRequestXML", "process", "receiveResponseXML")


@pytest.mark.parametrize(
    ("arrow", "effect"),
    [
        ("sent:sendRequestXML", "lose"),
        ("before:process", "crash_connector"),
        ("sent:process", "crash_quickbooks"),
        ("sent:process", "crash_pc"),
        ("after:process", "crash_connector"),
        ("sent:receiveResponseXML", "lose"),
        ("before:receiveResponseXML", "twice"),
    ],
)
async def test_trouble_at_an_arrow_makes_no_second_bill(
    desk: Desk, customer: Customer, arrow: str, effect: str
) -> None:
    await desk.queue("INV-1", "INV-2")
    second = arrow.partition(":")[2] in _SECOND
    customer.simulation.troubles.add(Trouble(arrow=arrow, effect=effect, after=int(second)))
    for _ in range(3):
        await customer.pc.update(USER)
    assert customer.simulation.troubles.describe()[0]["struck"] == 1
    writes = await desk.writes()
    # What surely was not done waits for another look at Procore; all else is in the books, once, and known to be.
    assert {write.state for write in writes} <= {WriteState.DONE, WriteState.POSTPONED}
    assert customer.ids() == sorted(str(write.txn_id) for write in writes if write.state is WriteState.DONE)
    assert len(customer.numbers()) == len(set(customer.numbers())) >= 1

"""The endpoint and the simulated office, which share no code: a whole update over the socket."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import pytest_asyncio

from accounting.duplicates import Wanted, look_alikes
from accounting.numbers import normalise
from activities.desktop_answers import take_in_answers
from api.intents.company_files import web_connector_file
from models.look_alikes import Sought, booked_near
from models.tables import WriteState
from simulators.quickbooks_desktop.company_file import CompanyFile
from simulators.quickbooks_desktop.pc import Pc
from simulators.quickbooks_desktop.people import Action, act
from simulators.quickbooks_desktop.simulation import Simulation
from simulators.quickbooks_desktop.troubles import Trouble
from tests.api.web_connector.conftest import PASSWORD, USER, Desk
from tests.api.web_connector.test_readings import all_due

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
            "Customer": [
                {"ListID": "80000040-1700000000", "Name": "Tower"},
                {"ListID": "80000041-1700000000", "Name": "Depot"},
            ],
            "Account": [
                {"ListID": "80000020-1700000000", "Name": "Subcontractors", "AccountType": "CostOfGoodsSold"},
                {"ListID": "80000030-1700000000", "Name": "Accounts Payable", "AccountType": "AccountsPayable"},
                {"ListID": "80000031-1700000000", "Name": "Checking", "AccountType": "Bank"},
                {"ListID": "80000032-1700000000", "Name": "Visa", "AccountType": "CreditCard"},
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


VENDOR, JOB, COST = "80000001-1700000000", "80000040-1700000000", "80000020-1700000000"


def spent(customer: Customer, kind: str, number: str, amount: str, job: str | None = JOB) -> str:
    """Somebody enters it straight to the vendor; its TxnID."""
    line = {"AccountRef": COST, "Amount": amount, "CustomerRef": job}
    fields = {"VendorRef": VENDOR, "TxnDate": "2026-06-20", "RefNumber": number, "expense_lines": [line]}
    source = {"Check": "80000031-1700000000", "CreditCardCharge": "80000032-1700000000"}.get(kind)
    fields |= {"AccountRef": source} if source else {"APAccountRef": "80000030-1700000000"}
    entered = act(customer.file, Action.model_validate({"action": "enter", "kind": kind, "fields": fields}))
    return str(entered["TxnID"])


async def alike(desk: Desk, net: str) -> list[str]:
    """What the rules hold INV-1 of that amount for, in words."""
    async with desk.session() as session:
        sought = {desk.invoices[0]: Sought(VENDOR, normalise("INV-1"), date(2026, 6, 30))}
        found = (await booked_near(session, desk.connection_id, sought))[desk.invoices[0]]
    wanted = Wanted(VENDOR, "INV-1", JOB, date(2026, 6, 30), Decimal(net), Decimal(net))
    return [one.words for one in look_alikes(wanted, found)]


async def read_the_books(desk: Desk, customer: Customer) -> None:
    """A session that reads everything, and the worker that takes it in."""
    await all_due(desk)
    await customer.pc.update(USER)
    await take_in_answers(desk.office.database, desk.office.company_id, desk.office.actor)


async def test_what_was_paid_without_a_bill_is_looked_at_too(desk: Desk, customer: Customer) -> None:
    await desk.queue("INV-1")
    await customer.pc.update(USER)
    check = spent(customer, "Check", "2044", "15300.00")
    spent(customer, "CreditCardCharge", "inv 1", "80.00", job=None)
    spent(customer, "VendorCredit", "CM-1", "15300.00")
    # Another job's check of the same amount, and one of this job and another amount, are no such thing.
    spent(customer, "Check", "2045", "15300.00", job="80000041-1700000000")
    spent(customer, "Check", "2046", "99.00")
    await read_the_books(desk, customer)
    words = await alike(desk, "15300.00")
    assert words == [
        "check 2044 of June 20, 2026, $15,300.00",
        "credit card charge inv 1 of June 20, 2026, $80.00",
        "vendor credit CM-1 of June 20, 2026, $15,300.00",
    ]
    act(customer.file, Action.model_validate({"action": "delete", "kind": "Check", "id": check}))
    await read_the_books(desk, customer)
    assert await alike(desk, "15300.00") == words[1:]


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

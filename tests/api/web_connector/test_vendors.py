"""A vendor that is created in a company file: on its way until the PC answers, and never a customer of that name."""

from __future__ import annotations

from typing import Any

import pytest

from accounting.blockers import BlockerReason, Hold
from activities.desktop_answers import take_in_answers
from models.mappings import live_mappings
from models.tables import MappingKind, WriteState
from simulators.quickbooks_desktop.troubles import Trouble
from tests.api.conftest import code_of
from tests.api.seeding import add_invoice
from tests.api.web_connector.conftest import USER, Desk
from tests.api.web_connector.test_simulated_office import Customer, customer

__all__ = ["customer"]

VENDOR = Hold(BlockerReason.VENDOR_UNMAPPED, "Ernie's Electrical", "8881")
LONG = "Ernie's Electrical and Low Voltage Contractors of Norfolk LLC"


async def waits(desk: Desk) -> None:
    async with desk.session() as session:
        invoice_id = await add_invoice(
            session, "INV-1", connection_id=desk.connection_id, source_id="7000", holds=(VENDOR,)
        )
        desk.invoices.append(invoice_id)


async def ask(desk: Desk, name: str) -> tuple[int, str]:
    path = f"/api/v1/connections/{desk.connection_id}/vendors"
    answer = await desk.office.admin.post(path, json={"procore_id": "8881", "name": name})
    return answer.status_code, "" if answer.status_code == 202 else code_of(answer)


async def update(desk: Desk, customer: Customer) -> None:
    await customer.pc.update(USER)
    await take_in_answers(desk.office.database, desk.office.company_id, desk.office.actor)


async def stands(desk: Desk) -> dict[str, Any]:
    found = await desk.office.admin.get(f"/api/v1/connections/{desk.connection_id}/vendors/8881")
    shown: dict[str, Any] = found.json()
    return shown


async def mapped(desk: Desk) -> list[str]:
    async with desk.session() as session:
        found = await live_mappings(session, desk.connection_id, kinds=[MappingKind.VENDOR], procore_ids=["8881"])
        return [str(one.target_id) for one in found]


async def page(desk: Desk) -> str:
    return (await desk.office.admin.get(f"/invoices/{desk.invoices[0]}")).text


@pytest.mark.parametrize(
    ("arrow", "effect"), [(None, ""), ("sent:sendRequestXML", "lose"), ("sent:process", "crash_quickbooks")]
)
async def test_it_is_on_its_way_then_there_once_and_mapped(
    desk: Desk, customer: Customer, arrow: str | None, effect: str
) -> None:
    await waits(desk)
    if arrow is not None:
        customer.simulation.troubles.add(Trouble.model_validate({"arrow": arrow, "effect": effect}))
    assert await ask(desk, "Ernie's Electrical") == (202, "")
    assert await ask(desk, "Ernie's Electrical") == (409, "asked_already")
    assert "is on its way to QuickBooks" in await page(desk)
    for _ in range(3):
        await update(desk, customer)
    vendors = customer.file.books.lists["Vendor"].values()
    (made,) = [one for one in vendors if one["Name"] == "Ernie's Electrical"]
    assert (await stands(desk))["state"] == "accepted"
    assert await mapped(desk) == [made["ListID"]]
    assert "is on its way to QuickBooks" not in await page(desk)


async def test_a_name_that_a_customer_has_is_held_with_another_one(desk: Desk, customer: Customer) -> None:
    await waits(desk)
    assert await ask(desk, "Tower") == (202, "")
    await update(desk, customer)
    refused = await stands(desk)
    assert (refused["state"], refused["sentence"]) == (
        "rejected",
        "QuickBooks already uses the name “Tower” for a customer, an employee or another name. Create the vendor as "
        "“Tower (Vendor)”.",
    )
    assert await mapped(desk) == []
    assert await ask(desk, "Tower (Vendor)") == (202, "")
    await update(desk, customer)
    assert len(await mapped(desk)) == 1
    assert {write.state for write in await desk.writes()} == {WriteState.REFUSED, WriteState.DONE}


async def test_a_vendor_of_that_name_is_to_be_matched(desk: Desk, customer: Customer) -> None:
    await waits(desk)
    assert await ask(desk, "Acme Electric") == (202, "")
    await update(desk, customer)
    assert (await stands(desk))["sentence"].startswith("QuickBooks has a vendor called “Acme Electric” already.")
    assert await mapped(desk) == []


async def test_names_have_at_most_41_characters_of_those_quickbooks_knows(desk: Desk) -> None:
    await waits(desk)
    for name in (LONG, "Ernie's: Electrical", "Ернест"):
        assert await ask(desk, name) == (422, "bad_name")

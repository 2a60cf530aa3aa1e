"""Creating a missing vendor in QuickBooks: what is asked for, and what is refused before QuickBooks is asked."""

from uuid import UUID

import httpx
import pytest
from sqlmodel import select

from accounting.blockers import BlockerReason, Hold
from models.connections import connection_by_id, move_connection
from models.new_vendors import vendor_refused, vendors_to_create
from models.tables import ConnectionState, NewVendor
from tests.api.booked import books, invoice, map_vendor
from tests.api.conftest import Office, SignIn, code_of
from tests.api.world import TOM

VENDOR = Hold(BlockerReason.VENDOR_UNMAPPED, "Ernie's Electrical", "8881")
BODY = (
    b'{"DisplayName":"Ernie\'s Electrical","CompanyName":"Ernie\'s Electrical",'
    b'"PrintOnCheckName":"Ernie\'s Electrical","Notes":"Created by inBuild for Procore vendor 8881"}'
)


async def waiting(office: Office) -> UUID:
    connection_id = await books(office)
    await invoice(office, "INV-0001", connection_id, holds=(VENDOR,))
    return connection_id


async def ask(office: Office, connection_id: UUID, name: str, procore_id: str = "8881") -> httpx.Response:
    path = f"/api/v1/connections/{connection_id}/vendors"
    return await office.admin.post(path, json={"procore_id": procore_id, "name": name})


async def test_what_quickbooks_will_get_is_written_down_once(office: Office) -> None:
    connection_id = await waiting(office)
    path = f"/api/v1/connections/{connection_id}/vendors/8881"
    assert (await office.admin.get(path)).status_code == 404
    assert (await ask(office, connection_id, "  Ernie's  Electrical ")).status_code == 202
    again = await ask(office, connection_id, "Ernie's Electrical")
    assert (again.status_code, code_of(again)) == (409, "asked_already")
    shown = (await office.admin.get(path)).json()
    assert shown == {"name": "Ernie's Electrical", "state": "prepared", "quickbooks_id": None, "sentence": None}
    async with office.database.company(office.company_id, office.actor) as session:
        (row,) = await session.exec(select(NewVendor).where(NewVendor.company_id == office.company_id))
        assert (row.body, row.asked_by) == (BODY, office.admin_id)
        (vendor,) = await vendors_to_create(session)
        await vendor_refused(session, vendor, "QuickBooks already uses the name.")
    assert (await office.admin.get(path)).json()["sentence"] == "QuickBooks already uses the name."
    assert (await ask(office, connection_id, "Ernie's Electrical Two")).status_code == 202


@pytest.mark.parametrize(
    ("name", "procore_id", "status", "code", "words"),
    [
        ("harbor  steel", "8881", 422, "name_taken", "QuickBooks has a vendor called “Harbor Steel” already."),
        ("Harbor Point Tower", "8881", 422, "name_taken", "Create the vendor as “Harbor Point Tower (Vendor)”."),
        ("Ernie: Electrical", "8881", 422, "bad_name", "no colon among them"),
        ("   ", "8881", 422, "bad_name", "1 to 500 characters"),
        ("Somebody", "1", 404, "not_found", "vendor"),
    ],
)
async def test_what_cannot_be_is_refused_before_quickbooks_is_asked(
    office: Office, name: str, procore_id: str, status: int, code: str, words: str
) -> None:
    refused = await ask(office, await waiting(office), name, procore_id)
    assert (refused.status_code, code_of(refused)) == (status, code)
    assert words in refused.json()["error"]["message"]


async def test_a_vendor_that_is_matched_is_not_created(office: Office) -> None:
    connection_id = await waiting(office)
    await map_vendor(office, connection_id)
    refused = await ask(office, connection_id, "Ernie's Electrical")
    assert (refused.status_code, code_of(refused)) == (409, "mapped_already")


async def test_nothing_is_created_through_an_expired_connection(office: Office) -> None:
    connection_id = await waiting(office)
    async with office.database.company(office.company_id, office.actor) as session:
        row = await connection_by_id(session, connection_id)
        assert row is not None
        move_connection(session, row, ConnectionState.EXPIRED, "refresh_refused")
    refused = await ask(office, connection_id, "Ernie's Electrical")
    assert (refused.status_code, code_of(refused)) == (409, "not_connected")


async def test_a_reader_creates_nothing(office: Office, sign_in: SignIn) -> None:
    connection_id = await waiting(office)
    reader = await sign_in(TOM)
    path = f"/api/v1/connections/{connection_id}/vendors"
    refused = await reader.post(path, json={"procore_id": "8881", "name": "Ernie's Electrical"})
    assert (refused.status_code, code_of(refused)) == (403, "not_accountant")

"""Taking back through the API: admins only, what is left is named, and the request can be followed."""

from typing import Any
from uuid import UUID, uuid4

import pytest_asyncio
from sqlmodel import select

from accounting.states import InvoiceState
from models.database import CompanySession
from models.invoice_states import clear_blockers
from models.invoices import invoices_by_id
from models.tables import AuditLog, BillLink, LinkOrigin
from models.taking_back import is_taken_back, stays_there, waiting_item
from tests.api.conftest import Office, SignIn, code_of
from tests.api.seeding import add_connection, add_invoice, add_projects
from tests.api.test_alerts import accountant
from tests.api.world import TOM


async def link_bill(
    session: CompanySession, invoice_id: UUID, connection_id: UUID, origin: LinkOrigin = LinkOrigin.POSTED
) -> None:
    """Give an invoice its bill, as the worker leaves it."""
    row = (await invoices_by_id(session, [invoice_id]))[invoice_id]
    row.state = InvoiceState.LINKED if origin is LinkOrigin.BY_PERSON else InvoiceState.POSTED
    session.add(row)
    await clear_blockers(session, [invoice_id])
    session.add(
        BillLink(
            company_id=session.company_id,
            id=session.new_id(),
            invoice_id=invoice_id,
            connection_id=connection_id,
            transaction_type="Bill",
            quickbooks_id=f"9{row.reference}",
            sync_token="0",
            number=row.number,
            total=row.due,
            commitment_id=row.commitment_id,
            origin=origin,
            linked_at=session.now,
        )
    )


async def post_it(office: Office, number: str, connection_id: UUID, origin: LinkOrigin = LinkOrigin.POSTED) -> UUID:
    async with office.database.company(office.company_id, office.actor) as session:
        invoice_id = await add_invoice(session, number, connection_id=connection_id, source_id=number)
        await link_bill(session, invoice_id, connection_id, origin)
    return invoice_id


@pytest_asyncio.fixture
async def connection_id(office: Office) -> UUID:
    async with office.database.company(office.company_id, office.actor) as session:
        made = await add_connection(session, office.admin_id)
        await add_projects(session)
    return made


async def take_back(office: Office, *invoice_ids: UUID, **more: str) -> Any:
    body = {"invoice_ids": [str(one) for one in invoice_ids], **more}
    return await office.admin.post("/api/v1/takings-back", json=body)


async def settle(office: Office, invoice_id: UUID, refused: str = "") -> None:
    """As the worker does once QuickBooks has answered."""
    async with office.database.company(office.company_id, office.actor) as session:
        item = await waiting_item(session, invoice_id)
        assert item is not None
        if refused:
            await stays_there(session, item, refused, may_reverse=True)
        else:
            await is_taken_back(session, item, "Deleted in QuickBooks.")


async def test_a_request_is_followed_to_its_end(office: Office, connection_id: UUID) -> None:
    one = await post_it(office, "INV-41", connection_id)
    two = await post_it(office, "INV-42", connection_id)
    linked = await post_it(office, "INV-43", connection_id, LinkOrigin.BY_PERSON)
    asked = await take_back(office, one, two, linked)
    assert asked.status_code == 202, asked.text
    assert asked.json()["count"] == 2
    assert asked.json()["left"] == [
        {
            "invoice_id": str(linked),
            "sentence": "Its bill was made in QuickBooks and only linked here. Unlink it instead.",
        }
    ]
    await settle(office, one)
    await settle(office, two, refused="It is paid.")
    shown = (await office.admin.get(f"/api/v1/takings-back/{asked.json()['id']}")).json()
    assert (shown["waiting"], shown["done"], shown["refused"]) == (0, 1, 1)
    assert {item["number"]: (item["state"], item["sentence"]) for item in shown["items"]} == {
        "INV-41": ("done", "Deleted in QuickBooks."),
        "INV-42": ("refused", "It is paid."),
    }
    async with office.database.company(office.company_id, office.actor) as session:
        audited = [row.action for row in await session.exec(select(AuditLog))]
    assert "take_back" in audited


async def test_nothing_to_take_back_says_why(office: Office, connection_id: UUID) -> None:
    async with office.database.company(office.company_id, office.actor) as session:
        unposted = await add_invoice(session, "INV-50", connection_id=connection_id, source_id="50")
    answer = await take_back(office, unposted)
    assert (answer.status_code, code_of(answer)) == (409, "nothing_to_take_back")
    assert "It has no bill in QuickBooks that inBuild made." in answer.text
    foreign = await take_back(office, uuid4())
    assert (foreign.status_code, code_of(foreign)) == (409, "nothing_to_take_back")
    wrong_bodies: tuple[dict[str, Any], ...] = (
        {"invoice_ids": []},
        {},
        {"invoice_ids": ["x"]},
        {"invoice_ids": [str(unposted)], "way": "burn"},
    )
    for body in wrong_bodies:
        wrong = await office.admin.post("/api/v1/takings-back", json=body)
        assert (wrong.status_code, code_of(wrong)) == (422, "invalid_input")
    assert (await office.admin.get(f"/api/v1/takings-back/{uuid4()}")).status_code == 404


async def test_only_admins_take_back_and_post_again(office: Office, connection_id: UUID, sign_in: SignIn) -> None:
    invoice_id = await post_it(office, "INV-41", connection_id)
    reader, marisol = await sign_in(TOM), await accountant(office, sign_in)
    body = {"invoice_ids": [str(invoice_id)]}
    assert (await reader.post("/api/v1/takings-back", json=body)).status_code == 403
    assert (await reader.post(f"/api/v1/invoices/{invoice_id}/post-again")).status_code == 403
    assert (await reader.get(f"/invoices/{invoice_id}/take-back")).status_code == 403
    # What an admin took out of the books is not an accountant's to put there again.
    assert (await marisol.post("/api/v1/takings-back", json=body)).status_code == 403
    await take_back(office, invoice_id)
    await settle(office, invoice_id)
    refused = await marisol.post(f"/api/v1/invoices/{invoice_id}/post-again")
    assert (refused.status_code, code_of(refused)) == (403, "not_admin")
    assert (await marisol.post(f"/invoices/{invoice_id}/post-again")).status_code == 403


async def test_only_what_was_taken_back_is_posted_again(office: Office, connection_id: UUID) -> None:
    invoice_id = await post_it(office, "INV-41", connection_id)
    early = await office.admin.post(f"/api/v1/invoices/{invoice_id}/post-again")
    assert (early.status_code, code_of(early)) == (409, "nothing_to_post_again")
    await take_back(office, invoice_id)
    await settle(office, invoice_id)
    assert (await office.admin.post(f"/api/v1/invoices/{invoice_id}/post-again")).status_code == 202
    shown = (await office.admin.get(f"/api/v1/invoices/{invoice_id}")).json()
    assert shown["state"] == "imported"
    assert (await office.admin.post(f"/api/v1/invoices/{uuid4()}/post-again")).status_code == 404

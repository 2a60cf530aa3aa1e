"""Two company files of one customer: one of them asleep for two weeks holds up nothing of the other."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest_asyncio

from accounting.blockers import BlockerReason
from models import web_connector
from models.copy_of_books import note_copy
from models.desktop_readings import ensure_readings
from models.runnable import lease_runnable
from models.standing import standings
from models.tables import ConnectionState, InvoiceRow, QuickBooksKind, WriteState
from tests.api.seeding import add_connection, add_invoice
from tests.api.web_connector import quickbooks
from tests.api.web_connector.conftest import PASSWORD, Connector, Desk, connector_at, quick_hash

WEST_USER, WEST_FILE = "inbuild-west", "{0a1b2c3d-0000-4000-8000-0000000000ff}"


@pytest_asyncio.fixture
async def west(desk: Desk) -> Desk:
    """The second company file; its PC was there a minute ago."""
    office = desk.office
    async with office.database.company(office.company_id, office.actor) as session:
        connection_id = await add_connection(
            session,
            office.admin_id,
            kind=QuickBooksKind.DESKTOP,
            state=ConnectionState.ACTIVE,
            realm_id=WEST_FILE,
            name="Hartwell West",
        )
        login = await web_connector.make_login(session, WEST_USER, quick_hash(PASSWORD), WEST_FILE)
        await web_connector.file_was_seen(session, login.id, connection_id, None)
        web_connector.note_signed_in(session, login)
        await ensure_readings(session, connection_id)
        await note_copy(session, connection_id, session.now)
    return replace(desk, connection_id=connection_id, login_id=login.id)


async def waiting(desk: Desk, number: str) -> UUID:
    async with desk.session() as session:
        return await add_invoice(session, number, connection_id=desk.connection_id, source_id=f"source-{number}")


async def why(desk: Desk, invoice_id: UUID) -> tuple[BlockerReason, str] | None:
    async with desk.session() as session:
        row = await session.get(InvoiceRow, (desk.office.company_id, invoice_id))
        assert row is not None
        told = (await standings(session, [row])).get(invoice_id)
    return (told.hold.reason, told.hold.sentence) if told else None


async def leased(desk: Desk) -> set[UUID]:
    async with desk.session() as session:
        return {one.connection_id for one in await lease_runnable(session, per_project=30, limit=100)}


async def test_the_other_files_bills_go_on_and_its_own_wait_with_the_reason(
    desk: Desk, west: Desk, connector: Connector, address: str
) -> None:
    sleeping = await waiting(west, "W-1")
    for day in range(14):
        desk.office.now.advance(timedelta(days=1))
        await desk.readings_are_done()
        await desk.queue(f"E-{day}")
        await connector.tell(quickbooks.found(await connector.begin()))
        sent = await connector.ask()
        assert await connector.tell(quickbooks.added(sent, desk.stamp(day), txn_id=f"{day:X}-1")) == 100
        await connector.close()
        assert await leased(desk) == set()
    assert [write.state for write in await desk.writes()] == [WriteState.DONE] * 14
    told = await why(west, sleeping)
    assert told is not None and told[0] is BlockerReason.DESKTOP_SILENT
    assert told[1].startswith("Not heard from since ") and "the PC is off or asleep" in told[1]
    page = (await desk.office.admin.get("/settings/accounting-integrations")).text
    assert "PC silent" in page and "Hartwell West" in page

    # It wakes: first its bills are read again, for a copy two weeks old says nothing; then its invoice may go.
    woken = await connector_at(address)
    assert await woken.sign_in(WEST_USER) == ""
    text = await woken.ask(quickbooks.which_file(WEST_FILE, name="Hartwell West"), path="C:\\Books\\West.qbw")
    assert "TermsQueryRq" in text
    assert await leased(west) == set()
    assert await why(west, sleeping) is None
    async with west.session() as session:
        await note_copy(session, west.connection_id, session.now)
    assert await leased(west) == {west.connection_id}


async def test_a_session_hands_out_its_own_files_bills_only(desk: Desk, west: Desk, connector: Connector) -> None:
    await west.queue("W-1")
    await desk.queue("E-1")
    check = await connector.begin()
    assert "E-1" in check and "W-1" not in check
    await connector.tell(quickbooks.found(check))
    sent = await connector.ask()
    assert await connector.tell(quickbooks.added(sent, desk.stamp(1))) == 100
    states = {str(write.connection_id): write.state for write in await desk.writes()}
    assert states == {str(desk.connection_id): WriteState.DONE, str(west.connection_id): WriteState.WAITING}

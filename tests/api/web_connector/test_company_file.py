"""Which company file is open: the right one, another one, a copy, another PC, and the first session of all."""

from __future__ import annotations

from datetime import timedelta

from sqlmodel import select

from models import web_connector
from models.desktop_readings import ensure_readings
from models.tables import DesktopReading, QuickBooksKind, ReadingKind, WebConnectorLogin, WriteState
from tests.api.conftest import Office
from tests.api.seeding import add_connection
from tests.api.web_connector import quickbooks
from tests.api.web_connector.conftest import Connector, Desk, connector_at

OTHER_FILE = "{0A1B2C3D-0000-4000-8000-00000000000F}"


async def test_another_company_file_gets_nothing_but_a_harmless_question(desk: Desk, connector: Connector) -> None:
    await desk.queue("INV-1")
    question = await connector.begin(quickbooks.which_file(OTHER_FILE, "Cascade Builders"))
    assert "HostQueryRq" in question and "Bill" not in question
    assert await connector.tell(quickbooks.which_file(OTHER_FILE, "Cascade Builders")) == -1
    said = await connector.last_error()
    assert said.startswith("Cascade Builders is open, but this connection belongs to another company file.")
    assert said == await connector.close() == (await desk.login()).trouble
    assert (await desk.write()).state is WriteState.WAITING


async def test_a_file_without_our_mark_is_asked_once_more_and_refused(desk: Desk, connector: Connector) -> None:
    await desk.queue("INV-1")
    question = await connector.begin(quickbooks.which_file(None))
    assert "<OwnerID>{6F0C9A52-51C7-4D0E-9A7E-3B6F1D2C8E41}</OwnerID>" in question
    assert await connector.tell(quickbooks.which_file(None)) == -1
    assert "does not carry inBuild's mark" in await connector.last_error()


async def test_our_own_question_may_find_the_mark(desk: Desk, connector: Connector) -> None:
    await desk.queue("INV-1")
    question = await connector.begin("<garbled")
    assert "CompanyQueryRq" in question
    assert 0 < await connector.tell(quickbooks.which_file()) < 100
    assert "INV-1" in await connector.ask()


async def bound(desk: Desk, connector: Connector) -> None:
    """One good session, which says where the file lives."""
    await desk.queue("INV-1")
    assert "INV-1" in await connector.begin()
    await connector.close()
    assert (await desk.login()).company_file == "C:\\Books\\Hartwell.qbw"


async def test_the_known_path_is_opened_next_time(desk: Desk, connector: Connector) -> None:
    await bound(desk, connector)
    assert await connector.sign_in() == "C:\\Books\\Hartwell.qbw"


async def test_a_second_pc_with_the_same_file_is_refused(desk: Desk, connector: Connector) -> None:
    await bound(desk, connector)
    second = await connector_at(connector.url)
    question = await second.begin(quickbooks.which_file(machine="LAPTOP-7"))
    assert "Bill" not in question
    await second.tell(quickbooks.which_file(machine="LAPTOP-7"))
    said = await second.last_error()
    assert "on OFFICE-PC" in said and "on LAPTOP-7" in said and "new password" in said


async def test_a_copy_under_another_company_name_is_refused_until_a_new_password_confirms_it(
    desk: Desk, connector: Connector
) -> None:
    await bound(desk, connector)
    renamed = quickbooks.which_file(name="Hartwell Holdings")
    await connector.tell(await _answered(connector, renamed))
    assert "Hartwell Holdings" in await connector.last_error()
    await connector.close()
    desk.office.now.advance(timedelta(seconds=1))
    async with desk.session() as session:
        login = await web_connector.locked_login(session, desk.login_id)
        web_connector.set_password(session, login, login.password_hash)
    assert "INV-1" in await connector.begin(renamed)
    login = await desk.login()
    assert (login.bound_company_name, login.trouble) == ("Hartwell Holdings", None)


async def _answered(connector: Connector, first: str) -> str:
    await connector.begin(first)
    return first


async def test_a_moved_file_is_looked_for_once(desk: Desk, connector: Connector) -> None:
    await bound(desk, connector)
    await connector.sign_in()
    assert await connector.call("connectionError", connector.ticket, "0x80040403", "Could not open") in (None, "")
    assert await connector.call("connectionError", connector.ticket, "0x80040403", "Could not open") == "done"
    assert "Was it moved?" in ((await desk.login()).trouble or "")


async def test_quickbooks_that_cannot_be_started_ends_the_session(desk: Desk, connector: Connector) -> None:
    await desk.queue("INV-1")
    await connector.sign_in()
    assert await connector.call("connectionError", connector.ticket, "0x80040408", "Could not start") == "done"
    assert "could not be started" in await connector.last_error()
    assert await connector.ask() == ""


async def test_the_first_session_names_the_file_to_its_attempt_and_goes_on_once_connected(
    office: Office, address: str
) -> None:
    begun = (await office.admin.post("/api/v1/connections/desktop", json={})).json()
    connector = await connector_at(address)
    assert await connector.sign_in(begun["user_name"], begun["password"]) == ""
    async with office.database.company(office.company_id, office.actor) as session:
        row = (
            await session.exec(
                select(WebConnectorLogin).where(
                    WebConnectorLogin.company_id == office.company_id,
                    WebConnectorLogin.user_name == begun["user_name"],
                )
            )
        ).one()
    assert row.seen_at is not None
    question = await connector.ask(quickbooks.which_file(row.file_id))
    assert "HostQueryRq" in question
    assert 0 < await connector.tell(quickbooks.which_file(row.file_id)) < 100
    # The workflow is making the connection: the Web Connector asks again every five seconds.
    assert await connector.ask() == ""
    assert await connector.last_error() == "NoOp"
    async with office.database.company(office.company_id, office.actor) as session:
        connection_id = await add_connection(
            session, office.admin_id, kind=QuickBooksKind.DESKTOP, realm_id=row.file_id
        )
        await web_connector.file_was_seen(session, row.id, connection_id, None)
        await ensure_readings(session, connection_id)
    assert "TermsQueryRq" in await connector.ask()
    async with office.database.company(office.company_id, office.actor) as session:
        readings = list(
            await session.exec(select(DesktopReading).where(DesktopReading.company_id == office.company_id))
        )
    assert {reading.kind for reading in readings} == set(ReadingKind)


async def test_an_attempt_that_ended_leaves_nothing_to_do(office: Office, address: str) -> None:
    begun = (await office.admin.post("/api/v1/connections/desktop", json={})).json()
    later = await office.admin.post("/api/v1/connections/desktop", json={})
    assert later.status_code == 201
    connector = await connector_at(address)
    assert await connector.sign_in(begun["user_name"], begun["password"]) == "none"

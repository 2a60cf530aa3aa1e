"""Connecting QuickBooks Desktop: the login shown once, the Web Connector's file, and earlier files first."""

import re
from datetime import timedelta
from uuid import UUID
from xml.etree import ElementTree

import httpx
from argon2 import PasswordHasher
from temporalio.client import Client

from accounting.connection_states import ConnectionState
from api.intents.company_files import OWNER_ID
from contracts.names import attempt_workflow_id
from models import attempts, connections, web_connector
from models.desktop_sessions import open_session
from models.tables import QuickBooksKind, WebConnectorLogin
from tests.api.conftest import Office, code_of
from tests.api.seeding import add_connection

FILE_ID = "{0a1b2c3d-0000-4000-8000-000000000001}"


async def begin(office: Office, **body: str) -> dict[str, str]:
    answer = await office.admin.post("/api/v1/connections/desktop", json=body)
    assert answer.status_code == 201, answer.text
    begun: dict[str, str] = answer.json()
    return begun


async def login_of(office: Office, attempt_id: str) -> WebConnectorLogin:
    async with office.database.company(office.company_id, office.actor) as session:
        attempt = await attempts.attempt(session, UUID(attempt_id))
        assert attempt is not None and attempt.login_id is not None
        login = await web_connector.login_by_id(session, attempt.login_id)
    assert login is not None
    return login


def elements(answer: httpx.Response) -> dict[str, str]:
    return {one.tag: one.text or "" for one in ElementTree.fromstring(answer.text)}  # noqa: S314 - our own answer


async def disconnected_file(office: Office) -> UUID:
    async with office.database.company(office.company_id, office.actor) as session:
        connection_id = await add_connection(
            session,
            office.admin_id,
            kind=QuickBooksKind.DESKTOP,
            state=ConnectionState.DISCONNECTED,
            realm_id=FILE_ID,
        )
        login = await web_connector.make_login(session, "inbuild-earlier", "hash", FILE_ID)
        await web_connector.file_was_seen(session, login.id, connection_id, "C:\\Books\\Hartwell.qbw")
    return connection_id


async def test_the_password_is_shown_once_and_kept_as_argon2id_only(office: Office, temporal_client: Client) -> None:
    begun = await begin(office)
    login = await login_of(office, begun["attempt_id"])
    assert login.password_hash.startswith("$argon2id$") and begun["password"] not in login.password_hash
    assert PasswordHasher().verify(login.password_hash, begun["password"])
    for path in (
        f"/api/v1/connection-attempts/{begun['attempt_id']}",
        begun["web_connector_file"],
        "/api/v1/connections",
    ):
        assert begun["password"] not in (await office.admin.get(path)).text
    handle = temporal_client.get_workflow_handle(attempt_workflow_id(UUID(begun["attempt_id"])))
    assert begun["password"] not in (await handle.fetch_history()).to_json()


async def test_the_web_connectors_file_names_the_login_and_the_file(office: Office) -> None:
    begun = await begin(office)
    login = await login_of(office, begun["attempt_id"])
    answer = await office.admin.get(begun["web_connector_file"])
    assert answer.status_code == 200
    assert answer.headers["content-disposition"] == f'attachment; filename="{login.user_name}.qwc"'
    told = elements(answer)
    assert (told["UserName"], told["OwnerID"], told["FileID"]) == (begun["user_name"], OWNER_ID, login.file_id)
    assert (told["QBType"], told["AppURL"]) == ("QBFS", "http://app.test/quickbooks-desktop/web-connector")
    # The Web Connector refuses a support page on another host (QBWC1000).
    assert httpx.URL(told["AppSupport"]).host == httpx.URL(told["AppURL"]).host
    assert elements(await office.admin.get(begun["web_connector_file"]))["FileID"] == login.file_id


async def test_a_password_can_be_set_anew(office: Office) -> None:
    begun = await begin(office)
    answer = await office.admin.post(f"/api/v1/connection-attempts/{begun['attempt_id']}/password")
    assert answer.json()["user_name"] == begun["user_name"]
    login = await login_of(office, begun["attempt_id"])
    assert PasswordHasher().verify(login.password_hash, answer.json()["password"])
    assert answer.json()["password"] != begun["password"]


async def test_an_earlier_file_is_offered_and_gets_its_file_id_again(office: Office) -> None:
    connection_id = await disconnected_file(office)
    offered = (await office.admin.get("/api/v1/company-files")).json()["files"]
    assert offered == [
        {
            "connection_id": str(connection_id),
            "company_name": "Hartwell Construction LLC",
            "company_file": "C:\\Books\\Hartwell.qbw",
        }
    ]
    assert (
        "Hartwell Construction LLC (connected earlier)"
        in (await office.admin.get("/settings/accounting-integrations")).text
    )
    begun = await begin(office, connection_id=str(connection_id))
    login = await login_of(office, begun["attempt_id"])
    assert (login.file_id, login.user_name) == (FILE_ID, "inbuild-earlier")


async def test_the_page_shows_user_name_and_password_once(office: Office) -> None:
    shown = await office.admin.post("/settings/accounting-integrations/connect/desktop")
    assert shown.status_code == 200
    assert "It is not shown again" in shown.text and "inbuild-" in shown.text
    again = await office.admin.get("/settings/accounting-integrations")
    assert "It is not shown again" not in again.text
    assert "Download the Web Connector file" in again.text


async def test_the_steps_follow_what_happened(office: Office) -> None:
    await office.admin.post("/settings/accounting-integrations/connect/desktop")
    root = "/settings/accounting-integrations"
    begun = await begin(office)

    async def done() -> list[str]:
        text = (await office.admin.get(root)).text
        return re.findall(r'<li class="done">\s*<b>([^<]+)', text)

    assert await done() == []
    await office.admin.get(begun["web_connector_file"])
    assert await done() == ["Download the Web Connector file"]
    login = await login_of(office, begun["attempt_id"])
    async with office.database.company(office.company_id, office.actor) as session:
        await web_connector.note_refused(session, login.id)
    assert "signs in with a wrong password" in (await office.admin.get(root)).text
    async with office.database.company(office.company_id, office.actor) as session:
        web_connector.note_signed_in(session, await web_connector.locked_login(session, login.id))
    assert await done() == ["Download the Web Connector file", "Type the password"]
    async with office.database.company(office.company_id, office.actor) as session:
        opened = await open_session(session, login.id, None, "0" * 64)
        opened.verified_at = session.now
        session.add(opened)
    assert (await done())[2:] == ["Company file verified"]


async def test_an_earlier_file_begins_its_steps_anew(office: Office) -> None:
    connection_id = await disconnected_file(office)
    async with office.database.company(office.company_id, office.actor) as session:
        login = await web_connector.login_of_connection(session, connection_id)
        assert login is not None
        web_connector.note_downloaded(session, login)
        web_connector.note_signed_in(session, login)
    office.now.advance(timedelta(days=3))
    await begin(office, connection_id=str(connection_id))
    page = (await office.admin.get("/settings/accounting-integrations")).text
    assert '<li class="done">' not in page and page.count('aria-current="step"') == 1


async def test_a_new_password_is_asked_for_and_shown_once(office: Office) -> None:
    connection_id = await disconnected_file(office)
    root = "/settings/accounting-integrations"
    async with office.database.company(office.company_id, office.actor) as session:
        row = await connections.connection_by_id(session, connection_id)
        assert row is not None
        row.state = ConnectionState.ACTIVE
        session.add(row)
    assert "Set a new password for Hartwell" in (await office.admin.get(f"{root}?password={connection_id}")).text
    shown = await office.admin.post(f"{root}/{connection_id}/password")
    (password,) = re.findall(r'<dt>Password</dt><dd><span class="once">([^<]+)', shown.text)
    async with office.database.company(office.company_id, office.actor) as session:
        login = await web_connector.login_of_connection(session, connection_id)
    assert login is not None and PasswordHasher().verify(login.password_hash, password)
    assert password not in (await office.admin.get(root)).text


async def test_a_file_that_is_nobodys_is_a_404(office: Office) -> None:
    unknown = await office.admin.post("/api/v1/connections/desktop", json={"connection_id": str(office.admin_id)})
    assert (unknown.status_code, code_of(unknown)) == (404, "not_found")
    async with office.database.company(office.company_id, office.actor) as session:
        online = await add_connection(session, office.admin_id)
    answer = await office.admin.get(f"/api/v1/connections/{online}/web-connector-file")
    assert (answer.status_code, code_of(answer)) == (409, "not_desktop")

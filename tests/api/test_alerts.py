"""Alerts, preferences and outgoing webhooks over HTTP: everybody has their own, and only admins send elsewhere."""

from uuid import UUID

import httpx
import pytest
from sqlmodel import select

from accounting.blockers import BlockerReason, Hold
from activities.alerts import AlertKeeping
from models.company_settings import name_accountant
from models.tables import AlertMessage, ConnectionState, EndpointState, WebhookEndpoint
from models.webhook_endpoints import endpoint_place, endpoints, not_delivered
from tests.api.conftest import Office, SignIn, code_of
from tests.api.seeding import add_connection, add_invoice, add_projects
from tests.api.world import MARISOL, TOM

NO_CODE = Hold(BlockerReason.COST_CODE_UNMAPPED, "03-300", "code:03-300")
PLACE = "https://8.8.8.8/hook"


@pytest.fixture(autouse=True)
def _mail_is_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMTP_HOST", "mail.test")


async def look(office: Office) -> None:
    """What the worker does with every look."""
    async with office.database.company(office.company_id, office.actor) as session:
        await AlertKeeping(session, office.services.settings, "Hartwell Construction").keep()


async def trouble(office: Office) -> None:
    """A connection that has expired, and two invoices that one thing holds."""
    async with office.database.company(office.company_id, office.actor) as session:
        connection_id = await add_connection(session, office.admin_id, state=ConnectionState.EXPIRED)
        await add_projects(session)
        for number in ("1", "2"):
            await add_invoice(session, f"INV-{number}", connection_id=connection_id, source_id=number, holds=(NO_CODE,))
    await look(office)


async def accountant(office: Office, sign_in: SignIn) -> httpx.AsyncClient:
    browser = await sign_in(MARISOL)
    user_id = UUID((await browser.get("/api/v1/me")).json()["id"])
    async with office.database.company(office.company_id, office.actor) as session:
        await name_accountant(session, user_id, True)
    return browser


async def shown(browser: httpx.AsyncClient) -> tuple[int, list[str]]:
    answer = (await browser.get("/api/v1/alerts")).json()
    return answer["unread"], sorted(one["title"] for one in answer["alerts"])


async def test_everybody_has_their_own(office: Office, sign_in: SignIn) -> None:
    await trouble(office)
    marisol, tom = await accountant(office, sign_in), await sign_in(TOM)
    expired = "The connection to Hartwell Construction LLC has expired"
    assert await shown(office.admin) == (2, ["Map budget code 03-300", expired])
    assert await shown(marisol) == (1, ["Map budget code 03-300"])
    assert await shown(tom) == (0, [])
    alerts = (await office.admin.get("/api/v1/alerts")).json()["alerts"]
    held = next(one for one in alerts if one["kind"] == "invoice_held")
    assert (held["count"], held["amount"]) == (2, "30600.00")
    assert (await office.admin.get(held["path"])).status_code == 200
    # An alert of others is none of theirs.
    other = next(one for one in alerts if one["kind"] == "connection")
    for browser in (marisol, tom):
        assert code_of(await browser.post(f"/api/v1/alerts/{other['alert_id']}/read")) == "not_found"

    assert (await office.admin.post(f"/api/v1/alerts/{held['alert_id']}/read")).status_code == 204
    assert (await shown(office.admin))[0] == 1
    assert (await shown(marisol))[0] == 1
    assert (await office.admin.post("/api/v1/alerts/read")).status_code == 204
    assert (await shown(office.admin))[0] == 0
    page = (await office.admin.get("/alerts")).text
    assert "Map budget code 03-300" in page and "Mark as read" not in page


async def test_every_alert_leads_to_a_page(office: Office) -> None:
    await trouble(office)
    for one in (await office.admin.get("/api/v1/alerts")).json()["alerts"]:
        assert (await office.admin.get(one["path"])).status_code == 200, one["path"]


async def test_people_choose_what_they_are_told(office: Office, sign_in: SignIn) -> None:
    await trouble(office)
    tom = await sign_in(TOM)
    told = (await office.admin.get("/api/v1/alert-preferences")).json()
    assert told["mail_is_on"] is True
    assert len(told["choices"]) == 10 and all(one["on"] for one in told["choices"])
    off = {"topic": "invoice_held", "channel": "in_app", "on": False}
    changed = await office.admin.put("/api/v1/alert-preferences", json={"choices": [off]})
    assert [one for one in changed.json()["choices"] if not one["on"]] == [off]
    assert (await shown(office.admin)) == (1, ["The connection to Hartwell Construction LLC has expired"])
    # A reader has one switch, and no other.
    assert (await tom.get("/api/v1/alert-preferences")).json()["choices"] == [
        {"topic": "activity", "channel": "digest", "on": False}
    ]
    refused = await tom.put("/api/v1/alert-preferences", json={"choices": [off | {"on": True}]})
    assert (refused.status_code, code_of(refused)) == (422, "no_such_choice")
    unknown = await office.admin.put("/api/v1/alert-preferences", json={"choices": [off | {"channel": "fax"}]})
    assert (unknown.status_code, code_of(unknown)) == (422, "invalid_input")


async def test_a_digest_now(office: Office, sign_in: SignIn) -> None:
    answer = await office.admin.post("/alerts/digest")
    assert answer.headers["location"] == "/alerts/preferences?done=nothing"
    await trouble(office)
    answer = await office.admin.post("/alerts/digest")
    assert answer.headers["location"] == "/alerts/preferences?done=digest"
    async with office.database.company(office.company_id, office.actor) as session:
        (digest,) = [one for one in await session.exec(select(AlertMessage)) if one.subject_key.startswith("now:")]
    assert digest.recipient_id == office.admin_id
    assert "2 things need you" in digest.content["subject"]
    # A reader who asked for nothing is told nothing.
    tom = await sign_in(TOM)
    assert (await tom.post("/alerts/digest")).headers["location"].endswith("nothing")


async def test_an_admin_adds_tests_and_removes_a_webhook(office: Office) -> None:
    added = await office.admin.post("/api/v1/webhook-endpoints", json={"url": f" {PLACE}#here"})
    assert added.status_code == 201, added.text
    secret, endpoint_id = added.json()["secret"], added.json()["id"]
    assert secret.startswith("whsec_") and added.json()["url"] == PLACE
    listed = await office.admin.get("/api/v1/webhook-endpoints")
    assert [one["url"] for one in listed.json()["endpoints"]] == [PLACE]
    page = await office.admin.get("/settings/webhooks")
    assert secret not in listed.text and secret not in page.text
    again = await office.admin.post("/api/v1/webhook-endpoints", json={"url": PLACE})
    assert (again.status_code, code_of(again)) == (409, "known_address")

    assert (await office.admin.post(f"/api/v1/webhook-endpoints/{endpoint_id}/test")).status_code == 202
    async with office.database.company(office.company_id, office.actor) as session:
        (message,) = await session.exec(select(AlertMessage))
        (row,) = await endpoints(session)
        assert row.secret is not None
        assert office.services.secret_box.open_text(row.secret, endpoint_place(row.id)) == secret
        not_delivered(session, row, "answered 410", gone=True)
    assert message.content["type"] == "test"
    off = await office.admin.post(f"/api/v1/webhook-endpoints/{endpoint_id}/test")
    assert (off.status_code, code_of(off)) == (409, "webhook_is_off")
    await look(office)
    assert (await shown(office.admin))[1] == ["The webhook to 8.8.8.8 was switched off"]
    assert (await office.admin.post(f"/api/v1/webhook-endpoints/{endpoint_id}/switch-on")).status_code == 204
    await look(office)
    assert (await shown(office.admin))[0] == 0

    assert (await office.admin.delete(f"/api/v1/webhook-endpoints/{endpoint_id}")).status_code == 204
    gone = await office.admin.delete(f"/api/v1/webhook-endpoints/{endpoint_id}")
    assert (gone.status_code, code_of(gone)) == (404, "not_found")
    async with office.database.company(office.company_id, office.actor) as session:
        row = (await session.exec(select(WebhookEndpoint))).one()
    assert (row.state, row.secret) == (EndpointState.REMOVED, None)


async def test_an_address_that_webhooks_do_not_go_to(office: Office) -> None:
    for url, code in (
        ("https://10.0.0.8/hook", "address_refused"),
        ("https://no-such-host.invalid/hook", "address_unknown"),
        ("", "invalid_input"),
    ):
        answer = await office.admin.post("/api/v1/webhook-endpoints", json={"url": url})
        assert (answer.status_code, code_of(answer)) == (422, code)


async def test_webhooks_are_for_admins(office: Office, sign_in: SignIn) -> None:
    marisol = await accountant(office, sign_in)
    for answer in (
        await marisol.get("/api/v1/webhook-endpoints"),
        await marisol.post("/api/v1/webhook-endpoints", json={"url": PLACE}),
        await marisol.get("/settings/webhooks"),
    ):
        assert answer.status_code == 403
    assert "/settings/webhooks" not in (await marisol.get("/alerts")).text


async def test_without_a_mail_server_the_page_says_so(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.services.settings.smtp_host = ""
    page = (await office.admin.get("/alerts/preferences")).text
    assert "This installation has no mail server" in page and "Send me my digest now" not in page
    refused = await office.admin.post("/alerts/digest")
    assert refused.status_code == 409
    await trouble(office)
    async with office.database.company(office.company_id, office.actor) as session:
        assert list(await session.exec(select(AlertMessage))) == []

"""Connecting QuickBooks: attempts, Intuit's callback in every shape, and disconnecting."""

import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

import httpx
import pytest
from temporalio.client import Client, WorkflowExecutionStatus

from accounting.connection_states import TIMED_OUT
from contracts.names import attempt_workflow_id, connection_workflow_id
from foundation.clock import ManualClock
from foundation.secret_box import SecretPlace
from models import attempts
from models.connections import locked_attempt
from models.events import timeline
from models.members import switch_feature
from models.tables import AttemptOutcome, ConnectionAttempt, ConnectionState, QuickBooksKind
from tests.api.conftest import Office, Procore, SignIn, code_of, state_of
from tests.api.seeding import add_connection
from tests.api.world import BERT, HARTWELL, TOM
from tests.companies import add_company

PAGE = "/settings/accounting-integrations"
REALM = "9130350000000001"


async def begin(browser: httpx.AsyncClient) -> tuple[str, str]:
    """A new attempt: its id and the state that Intuit will bring back."""
    answer = await browser.post("/api/v1/connections/online")
    assert answer.status_code == 201, answer.text
    return answer.json()["attempt_id"], state_of(answer.json()["authorize_url"])


async def stored(office: Office, attempt_id: str) -> ConnectionAttempt:
    async with office.database.company(office.company_id, office.actor) as session:
        found = await attempts.attempt(session, UUID(attempt_id))
    assert found is not None
    return found


async def connect(office: Office, **values: object) -> UUID:
    async with office.database.company(office.company_id, office.actor) as session:
        return await add_connection(session, office.admin_id, **values)  # type: ignore[arg-type]


async def test_connecting_starts_a_real_attempt(office: Office, temporal_client: Client) -> None:
    answer = await office.admin.post("/api/v1/connections/online")
    url = httpx.URL(answer.json()["authorize_url"])
    assert url.params["client_id"] == "qbo-client"
    assert url.params["redirect_uri"] == "http://app.test/quickbooks/callback"
    assert url.params["scope"] == "com.intuit.quickbooks.accounting"
    described = await temporal_client.get_workflow_handle(attempt_workflow_id(answer.json()["attempt_id"])).describe()
    assert described.status is WorkflowExecutionStatus.RUNNING


async def test_the_table_never_holds_the_state_itself(office: Office) -> None:
    attempt_id, state = await begin(office.admin)
    attempt = await stored(office, attempt_id)
    assert attempt.state_hash == attempts.state_hash(state) != state


async def test_a_new_attempt_replaces_the_open_one(office: Office) -> None:
    first, first_state = await begin(office.admin)
    second, _ = await begin(office.admin)
    assert (await stored(office, first)).outcome is AttemptOutcome.FAILED
    assert (await stored(office, second)).outcome is AttemptOutcome.PENDING
    late = await office.admin.get(f"/quickbooks/callback?code=c&realmId={REALM}&state={first_state}")
    assert late.status_code == 409
    assert "This attempt to connect is over" in late.text


async def test_the_callback_keeps_the_code_sealed_and_tells_the_workflow(
    office: Office, temporal_client: Client
) -> None:
    attempt_id, state = await begin(office.admin)
    answer = await office.admin.get(f"/quickbooks/callback?code=canary-code&realmId={REALM}&state={state}")
    assert (answer.status_code, answer.headers["location"]) == (303, PAGE)
    attempt = await stored(office, attempt_id)
    assert attempt.code is not None and b"canary-code" not in attempt.code
    place = SecretPlace("connection_attempt", "code", attempt.id)
    assert office.services.secret_box.open_text(attempt.code, place) == "canary-code"
    assert attempt.quickbooks_company_id == REALM
    history = await temporal_client.get_workflow_handle(attempt_workflow_id(attempt.id)).fetch_history()
    assert "callback_received" in history.to_json()
    assert "canary-code" not in history.to_json()


async def test_a_second_callback_changes_nothing(office: Office) -> None:
    attempt_id, state = await begin(office.admin)
    await office.admin.get(f"/quickbooks/callback?code=first&realmId={REALM}&state={state}")
    before = (await stored(office, attempt_id)).code
    answer = await office.admin.get(f"/quickbooks/callback?code=second&realmId={REALM}&state={state}")
    assert answer.status_code == 303
    assert (await stored(office, attempt_id)).code == before


async def test_callbacks_that_come_at_once_keep_one_code(office: Office, temporal_client: Client) -> None:
    attempt_id, state = await begin(office.admin)
    answers = await asyncio.gather(
        *(office.admin.get(f"/quickbooks/callback?code=c{n}&realmId={REALM}&state={state}") for n in range(5))
    )
    assert {answer.status_code for answer in answers} == {303}
    attempt = await stored(office, attempt_id)
    assert (attempt.outcome, attempt.quickbooks_company_id) == (AttemptOutcome.PENDING, REALM)
    async with office.database.company(office.company_id, office.actor) as session:
        told = [one.kind for one in await timeline(session, "connection_attempt", attempt.id)]
    assert told == ["attempt_started", "attempt_authorized"]
    history = await temporal_client.get_workflow_handle(attempt_workflow_id(attempt.id)).fetch_history()
    assert history.to_json().count('"signalName": "callback_received"') == 1


@pytest.mark.parametrize(
    "query", ["error=access_denied", f"code=again&realmId={REALM}", "code=again&realmId=7", "code=again&realmId=x", ""]
)
async def test_a_callback_while_the_code_is_traded_or_after_it_was_changes_nothing(office: Office, query: str) -> None:
    attempt_id, state = await begin(office.admin)
    await office.admin.get(f"/quickbooks/callback?code=first&realmId={REALM}&state={state}")
    async with office.database.company(office.company_id, office.actor) as session:
        attempt = await locked_attempt(session, UUID(attempt_id))
        assert attempt is not None
        attempt.code, attempt.code_used_at = None, session.now
        session.add(attempt)
    late = await office.admin.get(f"/quickbooks/callback?{query}&state={state}")
    assert (late.status_code, late.headers["location"]) == (303, PAGE)
    found = await stored(office, attempt_id)
    assert (found.outcome, found.code, found.quickbooks_company_id) == (AttemptOutcome.PENDING, None, REALM)
    async with office.database.company(office.company_id, office.actor) as session:
        attempt = await locked_attempt(session, UUID(attempt_id))
        assert attempt is not None
        attempts.attempt_succeeded(session, attempt, await add_connection(session, office.admin_id))
    late = await office.admin.get(f"/quickbooks/callback?{query}&state={state}")
    assert late.status_code == 409
    assert "This attempt to connect is over" in late.text and "start again" in late.text
    assert (await stored(office, attempt_id)).outcome is AttemptOutcome.SUCCEEDED


@pytest.mark.parametrize("query", ["code=c&realmId=1", f"code=c&realmId={REALM}&state=", "error=access_denied"])
async def test_a_callback_without_state_changes_nothing(office: Office, query: str) -> None:
    attempt_id, _ = await begin(office.admin)
    answer = await office.admin.get(f"/quickbooks/callback?{query}")
    assert answer.status_code == 400
    assert "which attempt it belongs to" in answer.text
    assert (await stored(office, attempt_id)).outcome is AttemptOutcome.PENDING


async def test_a_callback_with_a_forged_state_changes_nothing(office: Office) -> None:
    attempt_id, _ = await begin(office.admin)
    answer = await office.admin.get(f"/quickbooks/callback?code=c&realmId={REALM}&state=forged")
    assert answer.status_code == 400
    assert "belongs to no attempt of yours" in answer.text
    assert (await stored(office, attempt_id)).outcome is AttemptOutcome.PENDING


async def test_refusing_at_intuit_shows_connection_failed(office: Office) -> None:
    attempt_id, state = await begin(office.admin)
    answer = await office.admin.get(f"/quickbooks/callback?error=access_denied&state={state}")
    assert answer.status_code == 303
    attempt = await stored(office, attempt_id)
    assert (attempt.outcome, attempt.reason) == (
        AttemptOutcome.FAILED,
        "Access to QuickBooks was not granted on Intuit's page.",
    )
    page = (await office.admin.get(PAGE)).text
    assert "Connection Failed" in page and "was not granted" in page
    assert "Try again; if it fails again, contact inBuild support." in page


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("code=c&realmId=12a", "Intuit's answer named no QuickBooks company."),
        ("code=c&realmId=%D9%A1%D9%A2", "Intuit's answer named no QuickBooks company."),
        ("code=c&realmId=-1", "Intuit's answer named no QuickBooks company."),
        (f"code=c&realmId={'7' * 65}", "Intuit's answer named no QuickBooks company."),
        ("code=c&realmId=", "Intuit's answer named no QuickBooks company."),
        ("code=c", "Intuit's answer named no QuickBooks company."),
        ("realmId=9130350000000001", "Intuit's answer carried no authorization."),
    ],
)
async def test_an_incomplete_callback_ends_the_attempt(office: Office, query: str, reason: str) -> None:
    attempt_id, state = await begin(office.admin)
    assert (await office.admin.get(f"/quickbooks/callback?{query}&state={state}")).status_code == 303
    attempt = await stored(office, attempt_id)
    assert (attempt.outcome, attempt.reason, attempt.code) == (AttemptOutcome.FAILED, reason, None)


async def test_an_online_attempt_stays_open_for_a_quarter_of_an_hour(office: Office, clock: ManualClock) -> None:
    attempt_id, _ = await begin(office.admin)
    assert (await stored(office, attempt_id)).deadline - clock.now() == timedelta(minutes=15)


async def test_a_callback_after_the_deadline_is_too_late(office: Office, clock: ManualClock) -> None:
    attempt_id, state = await begin(office.admin)
    clock.advance(timedelta(minutes=16))
    await office.admin.get(f"/quickbooks/callback?code=c&realmId={REALM}&state={state}")
    attempt = await stored(office, attempt_id)
    assert (attempt.outcome, attempt.reason) == (AttemptOutcome.FAILED, TIMED_OUT)


async def test_a_callback_for_another_admins_attempt_is_refused(office: Office, sign_in: SignIn) -> None:
    attempt_id, state = await begin(office.admin)
    bert = await sign_in(BERT)
    answer = await bert.get(f"/quickbooks/callback?code=c&realmId={REALM}&state={state}")
    assert answer.status_code == 403
    assert "Somebody else started this connection" in answer.text
    assert (await stored(office, attempt_id)).outcome is AttemptOutcome.PENDING


async def test_a_callback_of_a_stranger_asks_to_sign_in(office: Office, anonymous: httpx.AsyncClient) -> None:
    attempt_id, state = await begin(office.admin)
    answer = await anonymous.get(f"/quickbooks/callback?code=secret-code&realmId={REALM}&state={state}")
    assert answer.status_code == 401
    assert "secret-code" not in answer.text
    assert (await stored(office, attempt_id)).outcome is AttemptOutcome.PENDING


async def test_whoever_lost_the_right_meanwhile_connects_nothing(office: Office, procore: Procore) -> None:
    attempt_id, state = await begin(office.admin)
    company = procore.simulator.records.users[1101]["companies"][str(HARTWELL)]
    company["permissions"] = {**company["permissions"], "directory": "Standard"}
    answer = await office.admin.get(f"/quickbooks/callback?code=c&realmId={REALM}&state={state}")
    assert answer.status_code == 403
    attempt = await stored(office, attempt_id)
    assert (attempt.outcome, attempt.code) == (AttemptOutcome.FAILED, None)


async def test_connecting_twice_is_refused(office: Office) -> None:
    await connect(office)
    answer = await office.admin.post("/api/v1/connections/online")
    assert (answer.status_code, code_of(answer)) == (409, "already_connected")


async def test_the_other_kind_is_refused_while_one_is_connected(office: Office) -> None:
    await connect(office)
    answer = await office.admin.post("/api/v1/connections/desktop")
    assert (answer.status_code, code_of(answer)) == (409, "other_kind_connected")
    assert answer.json()["error"]["message"] == (
        "QuickBooks Online is connected. Disconnect it first to connect QuickBooks Desktop."
    )
    listed = (await office.admin.get("/api/v1/connections")).json()
    assert listed["available_kinds"] == ["online"]


async def test_online_is_refused_while_desktop_is_connected(office: Office) -> None:
    await connect(office, kind=QuickBooksKind.DESKTOP)
    answer = await office.admin.post("/api/v1/connections/online")
    assert (answer.status_code, code_of(answer)) == (409, "other_kind_connected")
    # A further company file may be connected beside the first.
    assert (await office.admin.post("/api/v1/connections/desktop")).status_code == 201


async def test_an_expired_session_is_reconnected_not_connected_anew(office: Office) -> None:
    connection_id = await connect(office, state=ConnectionState.EXPIRED)
    listed = (await office.admin.get("/api/v1/connections")).json()["connections"][0]
    assert (listed["status"], listed["offers_reconnect"], listed["counts_as_active"]) == (
        "Session expired, reconnect",
        True,
        True,
    )
    assert "Reconnect to go on" in listed["status_sentence"]
    attempt_id, _ = await begin(office.admin)
    attempt = await stored(office, attempt_id)
    assert (attempt.purpose.value, attempt.connection_id) == ("reconnect", connection_id)


async def test_a_desktop_attempt_stays_open_for_two_weeks(office: Office, clock: ManualClock) -> None:
    answer = await office.admin.post("/api/v1/connections/desktop")
    assert answer.json()["authorize_url"] is None
    attempt = await stored(office, answer.json()["attempt_id"])
    assert attempt.deadline - clock.now() == timedelta(days=14)


async def test_disconnecting_tells_the_connections_workflow(office: Office, temporal_client: Client) -> None:
    connection_id = await connect(office)
    answer = await office.admin.post(f"/api/v1/connections/{connection_id}/disconnect")
    assert answer.status_code == 202
    history = await temporal_client.get_workflow_handle(connection_workflow_id(connection_id)).fetch_history()
    assert "disconnect" in history.to_json()


async def test_unknown_and_foreign_connections_are_the_same_404(office: Office) -> None:
    elsewhere = await add_company(office.database, "Elsewhere")
    async with office.database.company(elsewhere, office.actor) as session:
        foreign = await add_connection(session, office.admin_id, realm_id="777")
    for path in ("/api/v1/connections/{}/disconnect", "/api/v1/connections/{}/accounts"):
        send = office.admin.post if path.endswith("disconnect") else office.admin.get
        answers = [await send(path.format(one)) for one in (foreign, uuid4(), "not-an-id")]
        assert {answer.status_code for answer in answers} == {404}
        assert answers[0].json() == answers[1].json()


BEHIND_THE_PAGE = (
    ("POST", "/api/v1/connections/online"),
    ("POST", "/api/v1/connections/desktop"),
    ("GET", "/api/v1/connections"),
    ("GET", f"/api/v1/connection-attempts/{UUID(int=1)}"),
    ("POST", f"/api/v1/connections/{UUID(int=1)}/disconnect"),
    ("GET", f"/api/v1/connections/{UUID(int=1)}/accounts"),
    ("GET", f"/api/v1/connections/{UUID(int=1)}/settings"),
    ("POST", "/api/v1/mirroring/plans"),
    ("PUT", "/api/v1/mirroring"),
    ("GET", PAGE),
    ("GET", f"{PAGE}/{UUID(int=1)}"),
    ("POST", f"{PAGE}/connect/online"),
    ("POST", f"{PAGE}/{UUID(int=1)}/disconnect"),
    ("POST", "/settings/procore/off"),
)


async def ask(browser: httpx.AsyncClient, method: str, path: str) -> httpx.Response:
    if method == "GET" or not path.startswith("/api"):
        return await browser.request(method, path)
    body = {"start_date": "2026-06-01"} if path.endswith("plans") else {"on": False}
    return await browser.request(method, path, json=body)


async def test_every_route_behind_the_page_is_for_admins_with_the_feature(
    office: Office, sign_in: SignIn, anonymous: httpx.AsyncClient
) -> None:
    tom = await sign_in(TOM)
    for method, path in BEHIND_THE_PAGE:
        refused = await ask(tom, method, path)
        assert refused.status_code == 403, path
        assert "Only admin users can access accounting integrations." in refused.text, path
        assert (await ask(anonymous, method, path)).status_code == 401, path


async def test_the_feature_being_off_wins_over_the_role(office: Office, sign_in: SignIn) -> None:
    tom = await sign_in(TOM)
    async with office.database.company(office.company_id, office.actor) as session:
        await switch_feature(session, False)
    for browser in (tom, office.admin):
        for method, path in BEHIND_THE_PAGE:
            off = await ask(browser, method, path)
            assert off.status_code == 403, path
            assert "This feature is not available yet." in off.text, path

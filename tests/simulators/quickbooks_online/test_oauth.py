"""Connecting, refreshing, revoking, disconnecting: reference section 1."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest

from tests.simulators.quickbooks_online.books import CLIENT_ID, CLIENT_SECRET, REALM, REDIRECT
from tests.simulators.quickbooks_online.conftest import AUTHORIZE, Quickbooks

DAY = 86_400


def later(qbo: Quickbooks, days: float = 0, seconds: float = 0) -> None:
    """Skip time."""
    qbo.simulation.clock.advance(timedelta(days=days, seconds=seconds))


async def refresh(qbo: Quickbooks, value: str, headers: dict[str, str] | None = None) -> httpx.Response:
    """One refresh."""
    return await qbo.token({"grant_type": "refresh_token", "refresh_token": value}, headers)


async def test_consent_page_offers_every_company_and_two_buttons(qbo: Quickbooks) -> None:
    page = await qbo.http.get("/connect/oauth2", params=AUTHORIZE)
    assert page.status_code == 200
    for text in ("Northside Builders", "Southside Builders", REALM, "Connect", "No thanks"):
        assert text in page.text


async def test_callback_carries_code_state_and_realm_and_the_token_body_has_five_fields(
    qbo: Quickbooks,
) -> None:
    callback = await qbo.consent()
    assert set(callback) == {"code", "state", "realmId"}
    assert (callback["state"], callback["realmId"]) == ("s-1", REALM)
    answer = await qbo.token({"grant_type": "authorization_code", "code": callback["code"], "redirect_uri": REDIRECT})
    body = answer.json()
    assert {name: body[name] for name in ("token_type", "expires_in", "x_refresh_token_expires_in")} == {
        "token_type": "bearer",
        "expires_in": 3600,
        "x_refresh_token_expires_in": 8_726_400,
    }
    assert set(body) == {
        "token_type",
        "access_token",
        "expires_in",
        "refresh_token",
        "x_refresh_token_expires_in",
    }
    assert "canary77" in body["access_token"] and "canary77" in body["refresh_token"]
    assert "canary77" in callback["code"]
    assert answer.headers["intuit_tid"]


async def test_refusing_comes_back_as_access_denied(qbo: Quickbooks) -> None:
    assert await qbo.consent(decision="no") == {"error": "access_denied", "state": "s-1"}


async def test_a_company_must_be_chosen_and_the_person_be_its_administrator(qbo: Quickbooks) -> None:
    for form in ({"realm_id": ""}, {"realm_id": REALM, "user": "owner@southside.example"}):
        page = await qbo.http.post("/connect/oauth2", params=AUTHORIZE, data={"decision": "connect", **form})
        assert page.status_code == 400 and 'role="alert"' in page.text


@pytest.mark.parametrize(
    "wrong", [{"client_id": "nobody"}, {"redirect_uri": "http://localhost:9/other"}, {"client_id": ""}]
)
async def test_an_unknown_app_or_redirect_gets_a_page_and_no_redirect(qbo: Quickbooks, wrong: dict[str, str]) -> None:
    page = await qbo.http.get("/connect/oauth2", params=AUTHORIZE | wrong)
    assert page.status_code == 400 and "cannot be connected" in page.text


async def test_an_unknown_scope_goes_back_to_the_app(qbo: Quickbooks) -> None:
    answer = await qbo.http.get("/connect/oauth2", params=AUTHORIZE | {"scope": "all.of.it"})
    assert answer.status_code == 302
    assert "error=invalid_scope" in answer.headers["location"]
    assert "state=s-1" in answer.headers["location"]


async def test_a_code_works_once_and_for_ten_minutes_with_its_own_redirect(qbo: Quickbooks) -> None:
    code = (await qbo.consent())["code"]
    exchange = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT}
    wrong = await qbo.token(exchange | {"redirect_uri": "http://localhost:9/other"})
    assert (wrong.status_code, wrong.json()) == (400, {"error": "invalid_grant"})
    assert (await qbo.token(exchange)).status_code == 200
    again = await qbo.token(exchange)
    assert (again.status_code, again.json()) == (400, {"error": "invalid_grant"})
    late = await qbo.consent()
    later(qbo, seconds=601)
    assert (await qbo.token(exchange | {"code": late["code"]})).status_code == 400


async def test_a_wrong_secret_is_invalid_client(qbo: Quickbooks) -> None:
    for auth in (("test-client", "wrong"), ("nobody", "x"), ("", "")):
        answer = await qbo.http.post(
            "/oauth2/v1/tokens/bearer",
            data={"grant_type": "refresh_token", "refresh_token": qbo.tokens["refresh_token"]},
            auth=auth,
        )
        assert (answer.status_code, answer.json()) == (401, {"error": "invalid_client"})


async def test_the_secret_may_travel_in_the_body(qbo: Quickbooks) -> None:
    form = {"grant_type": "refresh_token", "refresh_token": qbo.tokens["refresh_token"]}
    for secret, status in ((CLIENT_SECRET, 200), ("wrong", 401)):
        answer = await qbo.http.post(
            "/oauth2/v1/tokens/bearer", data=form | {"client_id": CLIENT_ID, "client_secret": secret}
        )
        assert answer.status_code == status


async def test_within_a_day_a_refresh_returns_the_same_refresh_token(qbo: Quickbooks) -> None:
    later(qbo, days=0.9)
    body = (await refresh(qbo, qbo.tokens["refresh_token"])).json()
    assert body["refresh_token"] == qbo.tokens["refresh_token"]
    assert body["access_token"] != qbo.tokens["access_token"]


async def test_after_a_day_it_changes_and_the_old_one_is_dead_at_once(qbo: Quickbooks) -> None:
    later(qbo, days=1.1)
    first = (await refresh(qbo, qbo.tokens["refresh_token"])).json()
    assert first["refresh_token"] != qbo.tokens["refresh_token"]
    stale = await refresh(qbo, qbo.tokens["refresh_token"])
    assert stale.status_code == 400
    assert stale.json() == {
        "error": "invalid_grant",
        "error_description": "Incorrect or invalid refresh token",
    }
    assert (await refresh(qbo, first["refresh_token"])).status_code == 200
    counters = (await qbo.http.get("/control/counters")).json()
    assert (counters["refreshes"], counters["rotations"]) == (2, 1)


async def test_with_grace_the_old_one_leads_to_the_newest_for_a_day(qbo: Quickbooks) -> None:
    qbo.switch(refresh_grace=True)
    later(qbo, days=1.1)
    first = (await refresh(qbo, qbo.tokens["refresh_token"])).json()
    again = (await refresh(qbo, qbo.tokens["refresh_token"])).json()
    assert again["refresh_token"] == first["refresh_token"] != qbo.tokens["refresh_token"]
    later(qbo, days=1.1)
    assert (await refresh(qbo, qbo.tokens["refresh_token"])).status_code == 400


async def test_101_days_roll_and_five_years_do_not(qbo: Quickbooks) -> None:
    value = qbo.tokens["refresh_token"]
    later(qbo, days=100)
    value = (await refresh(qbo, value)).json()["refresh_token"]
    later(qbo, days=102)
    assert (await refresh(qbo, value)).status_code == 400
    tokens = await qbo.connect()
    value, days = tokens["refresh_token"], 0
    while days < 5 * 365 - 90:
        later(qbo, days=90)
        days += 90
        answer = (await refresh(qbo, value)).json()
        value = answer["refresh_token"]
    assert answer["x_refresh_token_expires_in"] < 90 * DAY
    later(qbo, days=90)
    assert (await refresh(qbo, value)).status_code == 400


async def test_the_hard_end_is_told_only_to_those_who_ask(qbo: Quickbooks) -> None:
    header = {"x-include-refresh-token-hard-expires-in": "true"}
    body = (await refresh(qbo, qbo.tokens["refresh_token"], header)).json()
    assert 5 * 365 * DAY - 60 < body["x_refresh_token_hard_expires_in"] <= 5 * 365 * DAY


async def test_a_consent_may_end_sooner_on_order(qbo: Quickbooks) -> None:
    qbo.switch(consent_seconds=50)
    header = {"x-include-refresh-token-hard-expires-in": "true"}
    body = (await refresh(qbo, (await qbo.connect())["refresh_token"], header)).json()
    assert 0 < body["x_refresh_token_hard_expires_in"] <= body["x_refresh_token_expires_in"] + 1 <= 51
    later(qbo, seconds=51)
    assert (await refresh(qbo, body["refresh_token"], header)).status_code == 400


async def test_an_access_token_lives_an_hour(qbo: Quickbooks) -> None:
    later(qbo, seconds=3601)
    answer = await qbo.call("GET", f"companyinfo/{REALM}")
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == 'Bearer realm="Intuit", error="invalid_token"'
    body = answer.json()
    assert body["fault"]["type"] == "AUTHENTICATION"
    assert body["fault"]["error"] == [
        {
            "message": "message=AuthenticationFailed; errorCode=003200; statusCode=401",
            "detail": "Token expired",
            "code": "3200",
            "element": None,
        }
    ]


@pytest.mark.parametrize(
    ("header", "detail"),
    [
        ("", "Missing bearer token"),
        ("Bearer short", "Malformed bearer token: too short or too long"),
        ("Bearer nobody-issued-this", "Token invalid"),
    ],
)
async def test_bad_bearer_tokens_are_401(qbo: Quickbooks, header: str, detail: str) -> None:
    answer = await qbo.call("GET", "preferences", headers={"authorization": header})
    assert (answer.status_code, answer.json()["fault"]["error"][0]["detail"]) == (401, detail)


async def test_another_company_or_environment_is_403(qbo: Quickbooks) -> None:
    qbo.realm = "9130350000000002"
    answer = await qbo.call("GET", "preferences")
    assert (answer.status_code, answer.json()["fault"]["error"][0]["code"]) == (403, "3100")
    qbo.realm = REALM
    qbo.switch(wrong_environment=True)
    assert (await qbo.call("GET", "preferences")).status_code == 403


@pytest.mark.parametrize("kind", ["refresh_token", "access_token"])
async def test_revoking_either_token_ends_the_connection(qbo: Quickbooks, kind: str) -> None:
    answer = await qbo.http.post(
        "/v2/oauth2/tokens/revoke", json={"token": qbo.tokens[kind]}, auth=(CLIENT_ID, CLIENT_SECRET)
    )
    assert (answer.status_code, answer.content) == (200, b"")
    assert (await refresh(qbo, qbo.tokens["refresh_token"])).status_code == 400
    assert (await qbo.call("GET", "preferences")).status_code == 401


async def test_revoking_takes_a_form_too(qbo: Quickbooks) -> None:
    answer = await qbo.http.post(
        "/v2/oauth2/tokens/revoke", data={"token": qbo.tokens["refresh_token"]}, auth=(CLIENT_ID, CLIENT_SECRET)
    )
    assert answer.status_code == 200
    assert (await qbo.call("GET", "preferences")).status_code == 401


@pytest.mark.parametrize(("answer", "status"), [("401", 401), ("403", 403)])
async def test_the_customer_disconnects_on_intuits_side(qbo: Quickbooks, answer: str, status: int) -> None:
    qbo.switch(disconnect_answer=answer)
    ended = await qbo.http.post("/control/disconnect", json={"realm": REALM})
    assert ended.json() == {"ended": 1}
    assert (await qbo.call("GET", "preferences")).status_code == status
    assert (await refresh(qbo, qbo.tokens["refresh_token"])).json()["error"] == "invalid_grant"
    await qbo.connect()
    assert (await qbo.call("GET", "preferences")).status_code == 200


async def test_a_user_who_lost_access_gets_code_120(qbo: Quickbooks) -> None:
    await qbo.person("remove_user", id="owner@northside.example")
    answer = await qbo.call("GET", "preferences")
    assert answer.status_code == 400
    error = answer.json()["Fault"]["Error"][0]
    assert error["code"] == "120" and "-11014" in error["Detail"]


async def test_a_suspended_company_gets_6190(qbo: Quickbooks) -> None:
    await qbo.person("suspend", value=True)
    answer = await qbo.call("GET", "preferences")
    assert answer.json()["Fault"]["Error"][0]["code"] == "6190"

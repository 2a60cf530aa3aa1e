from __future__ import annotations

import httpx
import pytest

from tests.simulators.procore.account import ADA, REDIRECT, SERVICE, Procore

AUTHORIZE = {"response_type": "code", "client_id": "app", "redirect_uri": REDIRECT, "state": "s-1"}


async def test_the_page_offers_every_person_and_denial(procore: Procore) -> None:
    page = await procore.http.get("/oauth/authorize", params=AUTHORIZE)
    assert page.status_code == 200
    for name in ("Ada Lindqvist", "Pat Osei", "Jo Bill"):
        assert name in page.text
    denied = await procore.http.post("/oauth/authorize", params=AUTHORIZE, data={"decision": "deny"})
    assert denied.headers["location"].startswith(f"{REDIRECT}?error=access_denied")
    assert "state=s-1" in denied.headers["location"]


async def test_a_code_works_once_and_only_for_its_redirect_address(procore: Procore) -> None:
    code = await procore.code(ADA)
    wrong = await procore.token_request(grant_type="authorization_code", code=code, redirect_uri=f"{REDIRECT}/")
    assert (wrong.status_code, wrong.json()["error"]) == (400, "invalid_grant")
    first = await procore.token_request(grant_type="authorization_code", code=code, redirect_uri=REDIRECT)
    assert first.json()["token_type"] == "bearer"
    assert first.json()["expires_in"] == 5400
    assert first.json()["refresh_token"]
    assert "cnry" in first.json()["access_token"]
    again = await procore.token_request(grant_type="authorization_code", code=code, redirect_uri=REDIRECT)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")


async def test_a_code_dies_after_ten_minutes(procore: Procore) -> None:
    code = await procore.code(ADA)
    await procore.control("POST", "clock", {"advance_seconds": 601})
    late = await procore.token_request(grant_type="authorization_code", code=code, redirect_uri=REDIRECT)
    assert (late.status_code, late.json()["error"]) == (400, "invalid_grant")


async def test_an_unregistered_redirect_address_gets_no_code(procore: Procore) -> None:
    asked = {**AUTHORIZE, "redirect_uri": "https://elsewhere.example/callback"}
    answer = await procore.http.post("/oauth/authorize", params=asked, data={"user_id": str(ADA)})
    assert answer.status_code == 400
    assert "location" not in answer.headers


async def test_the_out_of_band_address_shows_the_code_on_a_page(procore: Procore) -> None:
    asked = {**AUTHORIZE, "redirect_uri": "urn:ietf:wg:oauth:2.0:oob"}
    answer = await procore.http.post("/oauth/authorize", params=asked, data={"user_id": str(ADA)})
    assert answer.status_code == 200
    assert "code-cnry-" in answer.text


async def test_a_refresh_burns_the_old_token_even_when_the_answer_is_lost(procore: Procore) -> None:
    answer = await procore.token_request(
        grant_type="authorization_code", code=await procore.code(ADA), redirect_uri=REDIRECT
    )
    first = answer.json()["refresh_token"]
    second = (await procore.token_request(grant_type="refresh_token", refresh_token=first)).json()["refresh_token"]
    assert second != first
    burnt = await procore.token_request(grant_type="refresh_token", refresh_token=first)
    assert (burnt.status_code, burnt.json()["error_description"]) == (400, "The refresh token is invalid")

    await procore.control("POST", "faults", {"effect": "drop_after", "path": "/oauth/token", "count": 1})
    with pytest.raises(httpx.RemoteProtocolError):
        await procore.token_request(grant_type="refresh_token", refresh_token=second)
    assert (await procore.token_request(grant_type="refresh_token", refresh_token=second)).status_code == 400


async def test_client_credentials_bring_no_refresh_token(procore: Procore) -> None:
    answer = await procore.token_request(grant_type="client_credentials")
    assert set(answer.json()) == {"access_token", "token_type", "expires_in", "created_at"}
    info = await procore.http.get(
        "/oauth/token/info", headers={"Authorization": f"Bearer {answer.json()['access_token']}"}
    )
    assert info.json()["resource_owner_id"] == SERVICE
    assert info.json()["application"] == {"uid": "app"}
    assert 5390 < info.json()["expires_in_seconds"] <= 5400


async def test_wrong_credentials_are_refused(procore: Procore) -> None:
    answer = await procore.token_request(grant_type="client_credentials", client_secret="guessed")
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    basic = await procore.http.post("/oauth/token", data={"grant_type": "client_credentials"}, auth=("app", "s3cret"))
    assert basic.status_code == 401


async def test_an_unknown_grant_type_is_named(procore: Procore) -> None:
    answer = await procore.token_request(grant_type="password")
    assert (answer.status_code, answer.json()["error"]) == (400, "unsupported_grant_type")


async def test_revoking_one_token_kills_both(procore: Procore) -> None:
    answer = await procore.token_request(
        grant_type="authorization_code", code=await procore.code(ADA), redirect_uri=REDIRECT
    )
    tokens = answer.json()
    credentials = {"client_id": "app", "client_secret": "s3cret"}
    revoked = await procore.http.post("/oauth/revoke", data={**credentials, "token": tokens["refresh_token"]})
    assert revoked.status_code == 200
    assert (await procore.http.post("/oauth/revoke", data={**credentials, "token": "unknown"})).status_code == 200
    me = await Procore(procore.simulator, procore.http, procore.url, tokens["access_token"]).get("/rest/v1.0/me")
    assert me.status_code == 401
    refresh = await procore.token_request(grant_type="refresh_token", refresh_token=tokens["refresh_token"])
    assert refresh.status_code == 400


async def test_an_access_token_lives_ninety_minutes(procore: Procore) -> None:
    ada = await procore.signed_in(ADA)
    await procore.control("POST", "clock", {"advance_seconds": 5390})
    assert (await ada.get("/rest/v1.0/me")).status_code == 200
    await procore.control("POST", "clock", {"advance_seconds": 11})
    expired = await ada.get("/rest/v1.0/me")
    assert expired.status_code == 401
    assert expired.json()["message"] == "The access token is invalid"

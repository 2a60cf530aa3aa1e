"""The callback is checked before anything is sent; only two whole tokens are tokens; no error holds a secret."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from foundation.clock import ManualClock
from foundation.http_client import build_http_client
from providers.quickbooks_online import errors, oauth
from providers.quickbooks_online.oauth import Authorization, IntuitEndpoints, IntuitOAuth, read_callback
from providers.quickbooks_online.token_pair import TokenPair
from tests.exchanges.playback import HANG, Playback, http_answer, playback

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
GOOD = {"code": "AB11", "state": "s1", "realmId": "9130350000000001"}


def test_a_good_callback() -> None:
    authorization = read_callback(GOOD, "s1")
    assert authorization == Authorization(code="AB11", realm_id="9130350000000001")
    assert "AB11" not in repr(authorization)


@pytest.mark.parametrize(
    "params",
    [
        {**GOOD, "state": "another"},
        {**GOOD, "state": "séance"},
        {name: value for name, value in GOOD.items() if name != "state"},
        {name: value for name, value in GOOD.items() if name != "code"},
        {name: value for name, value in GOOD.items() if name != "realmId"},
        {**GOOD, "realmId": "12a"},
        {**GOOD, "realmId": "١٢"},
        {"error": "access_denied", "state": "another"},
        {"error": "access_denied"},
        {},
    ],
)
def test_a_bad_callback(params: Mapping[str, str]) -> None:
    with pytest.raises(errors.CallbackInvalid):
        read_callback(params, "s1")


def test_an_empty_state_matches_nothing() -> None:
    with pytest.raises(errors.CallbackInvalid):
        read_callback({**GOOD, "state": ""}, "")


def test_consent_refused() -> None:
    with pytest.raises(errors.ConsentRefused) as caught:
        read_callback({"error": "access_denied", "state": "s1", "code": "AB11", "realmId": "1"}, "s1")
    assert caught.value.code == "access_denied"


def _oauth(provider: Playback, http: object) -> IntuitOAuth:
    return IntuitOAuth(
        http,  # type: ignore[arg-type]
        ManualClock(NOW),
        client_id="client",
        client_secret="canary-secret",
        redirect_uri="https://app.example.com/callback",
        endpoints=IntuitEndpoints(token=f"{provider.url}/token", revoke=f"{provider.url}/revoke"),
    )


async def _refresh(answer: bytes) -> TokenPair:
    async with playback(answer) as provider, build_http_client() as http:
        return await _oauth(provider, http).refresh("canary-refresh")


async def test_life_times_start_before_the_request() -> None:
    pair = await _refresh(
        http_answer(
            200,
            '{"access_token":"a","refresh_token":"r","expires_in":"3600","x_refresh_token_expires_in":8726400,'
            '"x_refresh_token_hard_expires_in":86400}',
            {"intuit_tid": "t1"},
        )
    )
    assert pair == TokenPair(
        access_token="a",
        refresh_token="r",
        access_expires_at=NOW + timedelta(hours=1),
        refresh_expires_at=NOW + timedelta(days=101),
        hard_expires_at=NOW + timedelta(days=1),
        intuit_tid="t1",
    )


@pytest.mark.parametrize("life", ["null", "-5", '"soon"', "0", "1e99", "99999999999999999999", "true"])
async def test_absurd_life_times_are_replaced_by_the_documented_ones(life: str) -> None:
    """Losing a rotated refresh token over a number beside it would cost a reconnect."""
    pair = await _refresh(
        http_answer(
            200,
            f'{{"access_token":"a","refresh_token":"r","expires_in":{life},'
            f'"x_refresh_token_expires_in":{life},"x_refresh_token_hard_expires_in":{life}}}',
        )
    )
    assert pair.access_expires_at == NOW + timedelta(hours=1)
    assert pair.refresh_expires_at == NOW + timedelta(days=101)
    assert pair.hard_expires_at is None


def test_tokens_are_not_shown() -> None:
    pair = TokenPair("canary-a", "canary-r", NOW, NOW, None, "t")
    assert "canary" not in repr(pair)


@pytest.mark.parametrize(
    "answer",
    [
        http_answer(200, '{"access_token":"a"}'),
        http_answer(200, '{"access_token":"a","refresh_token":null}'),
        http_answer(200, '{"access_token":"","refresh_token":"r"}'),
        http_answer(200, '{"access_token":{"x":1},"refresh_token":"r"}'),
        http_answer(200, "<html>hello</html>"),
        http_answer(200, "[]"),
        http_answer(200),
        http_answer(200, '{"access_token":"canary-a","refresh_token":"ca')[:-2],
        http_answer(500, '{"error":"server_error"}'),
        http_answer(503, "<html></html>"),
        http_answer(302),
        b"",
    ],
)
async def test_an_answer_without_two_tokens_may_have_rotated_them(answer: bytes) -> None:
    with pytest.raises(errors.OutcomeUnclear) as caught:
        await _refresh(answer)
    assert "canary" not in f"{caught.value!r} {caught.value} {caught.value.__cause__!r}"


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (http_answer(400, '{"error":"invalid_grant"}'), errors.GrantRefused),
        (http_answer(200, '{"error":"invalid_grant"}'), errors.GrantRefused),
        (http_answer(401, '{"error":"invalid_client"}'), errors.ClientMisconfigured),
        (http_answer(400, '{"error":"invalid_request"}'), errors.RequestDefect),
        (http_answer(429, "<html>slow down</html>"), errors.Throttled),
        # Authlib would keep this one as the token.
        (http_answer(403, '{"fault":{"error":[{"code":"3100"}],"type":"SERVICE"}}'), errors.Postponed),
        (http_answer(404, "<html></html>"), errors.Postponed),
    ],
)
async def test_errors_of_a_token_call(answer: bytes, kind: type[errors.QuickBooksOnlineError]) -> None:
    with pytest.raises(errors.QuickBooksOnlineError) as caught:
        await _refresh(answer)
    assert type(caught.value) is kind


async def test_a_silent_token_endpoint_is_left_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(oauth, "TOKEN_CALL_SECONDS", 0.2)
    with pytest.raises(errors.OutcomeUnclear):
        await _refresh(HANG)


async def test_a_token_endpoint_that_nobody_serves() -> None:
    async with playback(b"") as provider:
        pass
    async with build_http_client() as http:
        with pytest.raises(errors.RequestNotSent):
            await _oauth(provider, http).refresh("r")


@pytest.mark.parametrize(("status", "revoked"), [(200, True), (400, False)])
async def test_revoking(status: int, revoked: bool) -> None:
    async with playback(http_answer(status)) as provider, build_http_client() as http:
        assert await _oauth(provider, http).revoke("r") is revoked


async def test_a_revocation_that_failed_is_an_error() -> None:
    async with playback(http_answer(401, '{"error":"invalid_client"}')) as provider, build_http_client() as http:
        with pytest.raises(errors.ClientMisconfigured):
            await _oauth(provider, http).revoke("r")

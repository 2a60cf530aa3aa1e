"""Token calls: what is refused, what is unclear, and that no secret shows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from foundation.clock import ManualClock
from providers.procore.errors import (
    ProcoreClientRefused,
    ProcoreError,
    ProcoreGrantRefused,
    ProcoreRateLimited,
    ProcoreRejected,
    ProcoreUnavailable,
    ProcoreUnreadable,
)
from providers.procore.oauth import ProcoreApp, ProcoreOAuth, ProcoreTokens
from tests.providers.procore.wire_server import Played, WireServer

NOW = datetime(2026, 7, 2, 9, 15, tzinfo=UTC)
APP = ProcoreApp("our-id", "our-s3cret", "https://sync.example/callback")
GOOD = '{"access_token":"acc-1","token_type":"Bearer","expires_in":60,"refresh_token":"ref-2","created_at":1}'


def oauth_of(procore: WireServer, http: httpx.AsyncClient) -> ProcoreOAuth:
    return ProcoreOAuth(f"{procore.url}/", http, APP, ManualClock(NOW))


async def test_the_end_of_a_token_counts_by_our_clock(procore: WireServer, http: httpx.AsyncClient) -> None:
    procore.play(Played(200, {}, GOOD))
    tokens = await oauth_of(procore, http).refresh("ref-1")
    assert tokens == ProcoreTokens("acc-1", "ref-2", NOW + timedelta(seconds=60))


async def test_an_answer_without_refresh_token_or_life_time_is_taken(
    procore: WireServer, http: httpx.AsyncClient
) -> None:
    procore.play(Played(200, {}, '{"access_token":"acc-1","token_type":"bearer"}'))
    tokens = await oauth_of(procore, http).exchange_code("code")
    assert tokens == ProcoreTokens("acc-1", None, NOW + timedelta(seconds=5400))


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, '{"error":"invalid_grant"}', ProcoreGrantRefused),
        (401, '{"error":"invalid_grant"}', ProcoreGrantRefused),
        (401, '{"message":"The refresh token is invalid"}', ProcoreGrantRefused),
        (401, "", ProcoreGrantRefused),
        (400, '{"error":"access_denied"}', ProcoreGrantRefused),
        (401, '{"error":"invalid_client"}', ProcoreClientRefused),
        (400, '{"error":"unauthorized_client"}', ProcoreClientRefused),
        (400, '{"error":"unsupported_grant_type"}', ProcoreRejected),
        (400, '{"error":"invalid_request","error_description":"x"}', ProcoreRejected),
        (200, '{"error":"invalid_grant","error_description":"x"}', ProcoreGrantRefused),
        (200, '{"error":"server_error"}', ProcoreRejected),
        (429, "{}", ProcoreRateLimited),
        (500, "<html>", ProcoreUnavailable),
        (503, "", ProcoreUnavailable),
        (403, "<html>blocked</html>", ProcoreUnreadable),
        (401, "<html>proxy</html>", ProcoreUnreadable),
        (302, "", ProcoreUnreadable),
        (200, "", ProcoreUnreadable),
        (200, "<html>maintenance</html>", ProcoreUnreadable),
        (200, GOOD[:40], ProcoreUnreadable),
        (200, "[]", ProcoreUnreadable),
        (200, '{"access_token":"","token_type":"bearer"}', ProcoreUnreadable),
        (200, '{"access_token":null,"token_type":"bearer"}', ProcoreUnreadable),
        (200, '{"token_type":"bearer"}', ProcoreUnreadable),
        (200, '{"access_token":"a","token_type":"mac"}', ProcoreUnreadable),
        (200, '{"access_token":"a","token_type":"bearer","expires_in":0}', ProcoreUnreadable),
        (200, '{"access_token":"a","token_type":"bearer","expires_in":"soon"}', ProcoreUnreadable),
    ],
)
async def test_a_refresh_that_fails_says_how(
    procore: WireServer, http: httpx.AsyncClient, status: int, body: str, kind: type[ProcoreError]
) -> None:
    procore.play(Played(status, {}, body))
    with pytest.raises(ProcoreError) as raised:
        await oauth_of(procore, http).refresh("ref-1")
    assert type(raised.value) is kind
    assert len(procore.received) == 1


async def test_a_refused_service_account_blames_the_settings(procore: WireServer, http: httpx.AsyncClient) -> None:
    procore.play(Played(401, {}, '{"message":"no"}'))
    with pytest.raises(ProcoreClientRefused):
        await oauth_of(procore, http).client_credentials()


async def test_a_lost_answer_is_not_asked_for_again(procore: WireServer, http: httpx.AsyncClient) -> None:
    procore.play(Played(silent=True), Played(200, {}, GOOD))
    with pytest.raises(ProcoreUnavailable):
        await oauth_of(procore, http).refresh("ref-1")
    assert len(procore.received) == 1


async def test_revoking_reports_a_failure(procore: WireServer, http: httpx.AsyncClient) -> None:
    procore.play(Played(200, {}, ""), Played(400, {}, '{"error":"invalid_request"}'), Played(503, {}, ""))
    oauth = oauth_of(procore, http)
    await oauth.revoke("acc-1")
    with pytest.raises(ProcoreRejected):
        await oauth.revoke("acc-1")
    with pytest.raises(ProcoreUnavailable):
        await oauth.revoke("acc-1")


@pytest.mark.parametrize("status", [400, 401, 422, 200])
async def test_no_secret_shows_in_an_error(procore: WireServer, http: httpx.AsyncClient, status: int) -> None:
    echo = '{"error":"invalid_grant","error_description":"ref-canary and our-s3cret are no good"}'
    procore.play(Played(status, {}, echo))
    with pytest.raises(ProcoreGrantRefused) as raised:
        await oauth_of(procore, http).refresh("ref-canary")
    shown = str(raised.value) + repr(raised.value) + repr(raised.value.__cause__)
    assert "canary" not in shown
    assert "s3cret" not in shown


async def test_no_token_shows_in_an_unreadable_answer(procore: WireServer, http: httpx.AsyncClient) -> None:
    procore.play(Played(200, {}, '{"access_token":{"value":"acc-canary"},"token_type":"bearer"}'))
    with pytest.raises(ProcoreUnreadable) as raised:
        await oauth_of(procore, http).refresh("ref-1")
    assert "canary" not in str(raised.value)


def test_tokens_and_app_hide_their_secrets() -> None:
    shown = repr(ProcoreTokens("acc-canary", "ref-canary", NOW)) + repr(ProcoreApp("id", "sec-canary", "https://x"))
    assert "canary" not in shown

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from foundation.clock import ManualClock
from providers.procore.errors import ProcoreUnavailable
from providers.procore.oauth import ProcoreApp, ProcoreOAuth
from providers.procore.token_source import ServiceAccountTokens
from tests.providers.procore.wire_server import Played, WireServer

NOW = datetime(2026, 7, 2, 9, 15, tzinfo=UTC)


def answer(name: str) -> Played:
    return Played(200, {}, f'{{"access_token":"{name}","token_type":"bearer","expires_in":5400}}')


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


@pytest.fixture
def source(procore: WireServer, http: httpx.AsyncClient, clock: ManualClock) -> ServiceAccountTokens:
    app = ProcoreApp("id", "secret", "https://sync.example/callback")
    return ServiceAccountTokens(ProcoreOAuth(procore.url, http, app, clock), clock)


async def test_one_token_serves_many_until_shortly_before_its_end(
    procore: WireServer, source: ServiceAccountTokens, clock: ManualClock
) -> None:
    procore.play(answer("one"), answer("two"))
    assert set(await asyncio.gather(*(source.token() for _ in range(20)))) == {"one"}
    clock.advance(timedelta(minutes=84, seconds=59))
    assert await source.token() == "one"
    clock.advance(timedelta(seconds=1))
    assert await source.token() == "two"
    assert len(procore.received) == 2


async def test_a_refused_token_is_replaced_by_one_call(procore: WireServer, source: ServiceAccountTokens) -> None:
    procore.play(answer("one"), answer("two"))
    assert await source.token() == "one"
    await asyncio.gather(*(source.rejected("one") for _ in range(5)))
    assert await source.token() == "two"
    await source.rejected("one")
    assert await source.token() == "two"
    assert len(procore.received) == 2


async def test_a_failed_call_leaves_the_next_one_free(procore: WireServer, source: ServiceAccountTokens) -> None:
    procore.play(Played(503, {}, ""), answer("one"))
    with pytest.raises(ProcoreUnavailable):
        await source.token()
    assert await source.token() == "one"

"""The simulator passes every literal exchange."""

from __future__ import annotations

import httpx
import pytest

from tests.simulators.quickbooks_online.books import document
from tests.simulators.quickbooks_online.conftest import Quickbooks
from tests.simulators.quickbooks_online.exchanges import EXCHANGES, Exchange, Sent


async def send(qbo: Quickbooks, sent: Sent) -> httpx.Response:
    """One request of an exchange."""
    body = {} if sent.body is None else {"json": sent.body}
    return await qbo.call(sent.method, sent.path, params=sent.params, **body)


def test_there_are_enough() -> None:
    assert len({exchange.name for exchange in EXCHANGES}) == len(EXCHANGES) >= 25


@pytest.mark.parametrize("exchange", EXCHANGES, ids=lambda exchange: exchange.name)
async def test_exchange(qbo: Quickbooks, exchange: Exchange) -> None:
    await qbo.http.post("/control/clock", json={"now": "2026-11-20T09:14:03.412-08:00", "stopped": True})
    qbo.simulation.load(document())
    await qbo.connect()
    qbo.switch(extra_fields=False)
    for sent in exchange.before:
        assert (await send(qbo, sent)).status_code == 200
    answer = await send(qbo, exchange.sent)
    body = answer.json()
    assert body.pop("time") == "2026-11-20T09:14:03.412-08:00"
    assert (answer.status_code, body) == (exchange.status, exchange.answer)

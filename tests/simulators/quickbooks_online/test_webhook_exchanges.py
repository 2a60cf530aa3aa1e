"""Every literal webhook: the simulator posts the same news, signed, when the same thing happens."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from simulators.quickbooks_online.wire import read_json
from simulators.server import serve
from tests.exchanges.matching import FOLDER, wire_text
from tests.exchanges.webhooks import WebhookExchange, load_webhooks, news_of
from tests.simulators.quickbooks_online.conftest import Quickbooks


def signature(verifier: str, body: bytes) -> str:
    return base64.b64encode(hmac.new(verifier.encode(), body, hashlib.sha256).digest()).decode()


@pytest.mark.parametrize("exchange", load_webhooks(), ids=str)
async def test_webhook(qbo: Quickbooks, exchange: WebhookExchange) -> None:
    got: list[dict[str, Any]] = []
    wanted = news_of(json.loads(exchange.body))
    arrived = asyncio.Event()

    async def receive(request: Request) -> Response:
        body = await request.body()
        assert request.headers["intuit-signature"] == signature(exchange.verifier, body)
        got.extend(news_of(json.loads(body)))
        if len(got) >= len(wanted):
            arrived.set()
        return Response()

    async with serve(Starlette(routes=[Route("/hook", receive, methods=["POST"])])) as url:
        await qbo.http.post("/control/clock", json={"now": exchange.given["clock"], "stopped": True})
        qbo.simulation.load(read_json((FOLDER / "quickbooks_online_payments_world.json").read_bytes()))
        qbo.switch(webhook_format=exchange.given["format"])
        await act(qbo, exchange.given["before"])
        await qbo.http.post("/control/webhooks", json={"url": f"{url}/hook", "verifier": exchange.verifier})
        await act(qbo, exchange.given["person"])
        async with asyncio.timeout(20):
            await arrived.wait()
        await qbo.http.post("/control/webhooks", json={"url": None})
    assert got == wanted


@pytest.mark.parametrize("exchange", load_webhooks(), ids=str)
def test_the_literal_signature_is_the_bodys(exchange: WebhookExchange) -> None:
    assert exchange.headers["intuit-signature"] == signature(exchange.verifier, exchange.body.encode())


async def act(qbo: Quickbooks, deeds: list[dict[str, Any]]) -> None:
    for deed in deeds:
        done = await qbo.http.post("/control/actions", content=wire_text({"realm": qbo.realm, **deed}))
        assert done.status_code == 200, done.text

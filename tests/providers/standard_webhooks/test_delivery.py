"""One webhook over a socket: the host by name, the address as looked up, and no redirect followed."""

from datetime import UTC, datetime

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from foundation.http_client import build_http_client
from providers.standard_webhooks.delivery import deliver
from providers.standard_webhooks.destination import Destination
from providers.standard_webhooks.errors import ReceiverGone, ReceiverUnavailable
from providers.standard_webhooks.signature import new_secret
from simulators.server import serve

NOW = datetime(2026, 7, 14, 17, tzinfo=UTC)


async def _deliver(url: str, address: str = "127.0.0.1") -> None:
    async with build_http_client() as http:
        await deliver(http, Destination(httpx.URL(url), address), new_secret(), "id", NOW, b"{}")


async def test_the_answer_decides() -> None:
    asked: list[tuple[str, str]] = []

    async def answer(request: Request) -> Response:
        asked.append((request.headers["host"], request.url.path))
        status = int(request.path_params["status"])
        return Response(status_code=status, headers={"location": "/answer/200"} if status == 302 else {})

    async with serve(Starlette(routes=[Route("/answer/{status}", answer, methods=["POST"])])) as url:
        port = httpx.URL(url).port
        named = f"http://receiver.test:{port}/answer"
        await _deliver(f"{named}/200")
        await _deliver(f"{named}/204")
        for status in (302, 400, 404, 500):
            with pytest.raises(ReceiverUnavailable, match=f"answered {status}"):
                await _deliver(f"{named}/{status}")
        with pytest.raises(ReceiverGone):
            await _deliver(f"{named}/410")
    assert len(asked) == 7, "a redirect is not followed"
    assert {host for host, _ in asked} == {f"receiver.test:{port}"}


async def test_nobody_there() -> None:
    with pytest.raises(ReceiverUnavailable, match="no answer"):
        await _deliver("http://receiver.test:1/hook")

from __future__ import annotations

import importlib.util

import httpx
import pytest

from foundation.http_client import DEFAULT_TIMEOUT, USER_AGENT, build_http_client


def answering(response: httpx.Response, seen: list[httpx.Request]) -> httpx.MockTransport:
    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return response

    return httpx.MockTransport(answer)


async def test_no_redirect_is_followed() -> None:
    seen: list[httpx.Request] = []
    async with build_http_client(
        answering(httpx.Response(302, headers={"Location": "https://b.example"}), seen)
    ) as http:
        assert (await http.get("https://a.example")).status_code == 302
    assert [str(request.url) for request in seen] == ["https://a.example"]
    assert seen[0].headers["user-agent"] == USER_AGENT


async def test_no_cookie_travels_from_one_call_to_the_next() -> None:
    seen: list[httpx.Request] = []
    cookie = httpx.Response(200, headers={"Set-Cookie": "session=of-one-company; Path=/"})
    async with build_http_client(answering(cookie, seen)) as http:
        await http.get("https://api.example/one")
        await http.get("https://api.example/two")
    assert "cookie" not in seen[1].headers


async def test_every_call_ends_in_time() -> None:
    async with build_http_client() as http:
        assert http.timeout == DEFAULT_TIMEOUT
    assert None not in DEFAULT_TIMEOUT.as_dict().values()
    async with build_http_client(timeout=httpx.Timeout(5, read=130)) as http:
        assert http.timeout.read == 130


async def test_a_proxy_of_the_environment_is_not_asked_for_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    async with build_http_client() as http:
        assert http._transport_for_url(httpx.URL("http://127.0.0.1:8000/x")) is http._transport
        assert http._transport_for_url(httpx.URL("http://localhost:8000/x")) is http._transport
        assert http._transport_for_url(httpx.URL("http://elsewhere.example/x")) is not http._transport


def test_httpx_has_no_rival() -> None:
    """Authlib would silently switch to httpx2, whose client takes none of our transports."""
    assert importlib.util.find_spec("httpx2") is None

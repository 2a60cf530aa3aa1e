"""Every literal exchange of `procore.json` and `procore_payments.json`, sent to the simulator over a socket.

The simulator holds `tests/exchanges/procore_world.json`. Status and body are compared by
`tests.exchanges.matching`; of the headers the volatile ones need only be of the right kind: X-Request-Id
present, X-Rate-Limit-Reset and Retry-After whole numbers, Link the same relations to the same pages. `given`
may name `switches` to set and `calls_before`, how often the same request is sent first; of payments, `payments`
that were issued before (`payment_id` is the last one) and whether the commitment's `allow_payments` is on.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from simulators.procore.app import create_app
from simulators.procore.simulator import ProcoreSettings, ProcoreSimulator
from simulators.server import serve
from tests.exchanges import matching
from tests.exchanges.matching import Exchange, fill, load_exchanges, read_body, wire_text

CALLBACK = "https://sync.example/auth/procore/callback"
SETTINGS = ProcoreSettings(
    client_id="client-id", client_secret="client-secret", redirect_uris=[CALLBACK, f"{CALLBACK}/"]
)
ADA, BEN = "1738001", "1738002"
WORLD = json.loads((matching.FOLDER / "procore_world.json").read_text("utf-8"))
HOOKS = "/rest/v2.0/companies/4907/projects/562949953434271/webhooks/hooks"
COUNTED = {"x-rate-limit-reset", "retry-after"}


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    simulator = ProcoreSimulator(SETTINGS)
    simulator.load(WORLD)
    async with serve(create_app(simulator)) as url, httpx.AsyncClient(base_url=url) as client:
        yield client


@pytest.mark.parametrize("exchange", [*load_exchanges("procore"), *load_exchanges("procore_payments")], ids=str)
async def test_the_simulator_answers_as_procore_does(exchange: Exchange, http: httpx.AsyncClient) -> None:
    request = fill(exchange.request.__dict__, await _holes(http, exchange))
    if switches := exchange.given.get("switches"):
        (await http.post("/control/switches", json=switches)).raise_for_status()
    for _ in range(exchange.given.get("calls_before", 0)):
        assert (await _send(http, request)).is_success

    answer = await _send(http, request)

    assert answer.status_code == exchange.response.status, answer.text
    assert matching.differences(exchange.response.body, read_body(answer.text)) == []
    assert _header_differences(exchange.response.headers, answer.headers) == []


async def _send(http: httpx.AsyncClient, request: dict[str, object]) -> httpx.Response:
    wanted = http.build_request(
        str(request["method"]),
        str(request["path"]),
        params=request["query"],  # type: ignore[arg-type]  # a list stands for a repeated parameter
        headers=request["headers"],  # type: ignore[arg-type]
        content=wire_text(request["body"]),
    )
    return await http.send(wanted)


async def _holes(http: httpx.AsyncClient, exchange: Exchange) -> dict[str, str]:
    """Run-time values, made only where the request names them."""
    wanted = set(re.findall(r"\$\{(\w+)\}", str(exchange.request)))
    holes = {"client_id": "client-id", "client_secret": "client-secret"}
    if wanted & {"code", "other_code"}:
        holes["code"] = holes["other_code"] = await _code(http, ADA)
    if "used_code" in wanted:
        holes["used_code"] = await _code(http, ADA)
        await _person(http, holes["used_code"])
    if wanted & {"user_token", "refresh_token", "burnt_refresh_token", "revocable_token", "stale_token"}:
        tokens = await _person(http, await _code(http, ADA))
        for name in ("user_token", "revocable_token", "stale_token"):
            holes[name] = tokens["access_token"]
        holes["refresh_token"] = holes["burnt_refresh_token"] = tokens["refresh_token"]
    if "burnt_refresh_token" in wanted:
        await _tokens(http, grant_type="refresh_token", refresh_token=holes["burnt_refresh_token"])
    if "stale_token" in wanted:
        (await http.post("/control/tokens/revoke", json={"user_id": int(ADA)})).raise_for_status()
    if "other_user_token" in wanted:
        holes["other_user_token"] = (await _person(http, await _code(http, BEN)))["access_token"]
    if "service_token" in wanted:
        holes["service_token"] = (await _tokens(http, grant_type="client_credentials"))["access_token"]
    for payment in exchange.given.get("payments", []):
        holes["payment_id"] = await _payment(http, payment)
    if "allow_payments" in exchange.given:
        allowed = {"allow_payments": exchange.given["allow_payments"]}
        (await http.patch("/control/commitments/701973", json=allowed)).raise_for_status()
    if "hook_id" in wanted or exchange.given.get("hook"):
        holes["hook_id"] = await _hook(http)
    return holes


async def _payment(http: httpx.AsyncClient, payment: dict[str, object]) -> str:
    issued = await http.post("/control/payments", json=payment)
    issued.raise_for_status()
    return str(issued.json()["id"])


async def _hook(http: httpx.AsyncClient) -> str:
    """A hook of the tower that tells of new requisitions; the exchanges write its values out."""
    token = (await _tokens(http, grant_type="client_credentials"))["access_token"]
    headers = {"Authorization": f"Bearer {token}", "Procore-Company-Id": "4907"}
    hook = {
        "payload_version": "v4.0",
        "namespace": "inbuild-sync-0a4d5b6c7d8e",
        "destination_url": "http://127.0.0.1:9/webhooks/procore/018f0c9e-7d7a-7cc2-8f6e-0a4d5b6c7d8e",
        "destination_headers": {"Authorization": "Bearer 123456"},
    }
    created = await http.post(HOOKS, json=hook, headers=headers)
    created.raise_for_status()
    hook_id = str(created.json()["data"]["id"])
    trigger = {"resource_name": "Draw Requests", "event_type": "create"}
    (await http.post(f"{HOOKS}/{hook_id}/triggers", json=trigger, headers=headers)).raise_for_status()
    return hook_id


async def _code(http: httpx.AsyncClient, user_id: str) -> str:
    asked = {"response_type": "code", "client_id": "client-id", "redirect_uri": CALLBACK, "state": "nonce"}
    answer = await http.post("/oauth/authorize", params=asked, data={"user_id": user_id})
    assert answer.status_code == 302, answer.text
    return parse_qs(urlsplit(answer.headers["location"]).query)["code"][0]


async def _person(http: httpx.AsyncClient, code: str) -> dict[str, str]:
    return await _tokens(http, grant_type="authorization_code", code=code, redirect_uri=CALLBACK)


async def _tokens(http: httpx.AsyncClient, **form: str) -> dict[str, str]:
    who = {"client_id": "client-id", "client_secret": "client-secret"}
    answer = await http.post("/oauth/token", data={**form, **who})
    answer.raise_for_status()
    tokens: dict[str, str] = answer.json()
    return tokens


def _header_differences(expected: dict[str, str], got: httpx.Headers) -> list[str]:
    found = []
    exact: dict[str, str] = {}
    for name, value in expected.items():
        if name.lower() == "link" and value != "-":
            if _relations(value) != _relations(got.get("link", "")):
                found.append(f"header Link: {got.get('link')!r} does not lead where {value!r} leads")
        elif name.lower() in COUNTED and value != "-":
            if not got.get(name, "").isdigit():
                found.append(f"header {name}: {got.get(name)!r} is no whole number")
        else:
            exact[name] = value
    return found + matching.header_differences(exact, got)


def _relations(link: str) -> dict[str, tuple[str, ...]]:
    """Relation to page and size; the host and the other parameters are the simulator's own affair."""
    pairs = re.findall(r'<([^>]*)>; rel="(\w+)"', link)
    return {
        relation: tuple(parse_qs(urlsplit(url).query)[name][0] for name in ("page", "per_page"))
        for url, relation in pairs
    }

"""The simulator, really listening, and a client that is connected to it by the real OAuth redirects."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from simulators.quickbooks_online.app import create_app
from simulators.quickbooks_online.simulation import Simulation
from simulators.server import serve
from tests.simulators.quickbooks_online.books import (
    CLIENT_ID,
    CLIENT_SECRET,
    REALM,
    REDIRECT,
    document,
)

AUTHORIZE = {
    "client_id": CLIENT_ID,
    "response_type": "code",
    "scope": "com.intuit.quickbooks.accounting",
    "redirect_uri": REDIRECT,
    "state": "s-1",
}


@dataclass
class Quickbooks:
    """The simulator as a client and as a person see it."""

    simulation: Simulation
    http: httpx.AsyncClient
    tokens: dict[str, Any]
    realm: str = REALM

    async def consent(self, decision: str = "connect", **fields: str) -> dict[str, str]:
        """Press a button on the consent page; returns what the callback carries."""
        form = {"decision": decision, "realm_id": self.realm, **fields}
        answer = await self.http.post("/connect/oauth2", params=AUTHORIZE, data=form)
        assert answer.status_code == 302, answer.text
        location = urlsplit(answer.headers["location"])
        assert f"{location.scheme}://{location.netloc}{location.path}" == REDIRECT
        return {name: values[0] for name, values in parse_qs(location.query).items()}

    async def token(self, form: dict[str, str], headers: dict[str, str] | None = None) -> httpx.Response:
        """Call the token endpoint as the registered app."""
        return await self.http.post(
            "/oauth2/v1/tokens/bearer", data=form, auth=(CLIENT_ID, CLIENT_SECRET), headers=headers
        )

    async def connect(self) -> dict[str, Any]:
        """Consent and exchange the code; the tokens are used from then on."""
        callback = await self.consent()
        answer = await self.token(
            {"grant_type": "authorization_code", "code": callback["code"], "redirect_uri": REDIRECT}
        )
        assert answer.status_code == 200, answer.text
        self.tokens = answer.json()
        return self.tokens

    async def call(self, method: str, path: str, **request: Any) -> httpx.Response:
        """Call the Accounting API of the connected company."""
        headers = {"authorization": f"Bearer {self.tokens['access_token']}", "accept": "application/json"}
        headers |= request.pop("headers", {})
        return await self.http.request(method, f"/v3/company/{self.realm}/{path}", headers=headers, **request)

    async def post(self, entity: str, payload: dict[str, Any], **params: str) -> dict[str, Any]:
        """Write, expecting success; returns the entity."""
        answer = await self.call("POST", entity, json=payload, params=params)
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return next(value for name, value in body.items() if name != "time")

    async def refused(self, entity: str, payload: dict[str, Any], **params: str) -> dict[str, Any]:
        """Write, expecting a Fault; returns its first error."""
        answer = await self.call("POST", entity, json=payload, params=params)
        assert answer.status_code == 400, answer.text
        return error_of(answer)

    async def read(self, entity: str, entity_id: str) -> dict[str, Any]:
        """Read by id, expecting success."""
        answer = await self.call("GET", f"{entity}/{entity_id}")
        assert answer.status_code == 200, answer.text
        return next(value for name, value in answer.json().items() if name != "time")

    async def query(self, statement: str) -> dict[str, Any]:
        """The QueryResponse of a statement, expecting success."""
        answer = await self.call("GET", "query", params={"query": statement})
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()["QueryResponse"]
        return found

    async def person(self, action: str, **fields: Any) -> dict[str, Any]:
        """A person does something in the QuickBooks pages."""
        answer = await self.http.post("/control/actions", json={"action": action, "realm": self.realm} | fields)
        assert answer.status_code == 200, answer.text
        done: dict[str, Any] = answer.json()
        return done

    def switch(self, **values: Any) -> None:
        """Set behaviour switches."""
        self.simulation.change_switches(values)


def error_of(answer: httpx.Response) -> dict[str, Any]:
    """The first error of a Fault body."""
    error: dict[str, Any] = answer.json()["Fault"]["Error"][0]
    return error


@pytest.fixture(scope="session")
async def listening() -> AsyncIterator[tuple[Simulation, httpx.AsyncClient]]:
    """One server for all tests of this directory."""
    simulation = Simulation(canary="canary77")
    async with serve(create_app(simulation)) as url, httpx.AsyncClient(base_url=url, timeout=10) as http:
        yield simulation, http


@pytest.fixture
async def qbo(listening: tuple[Simulation, httpx.AsyncClient]) -> Quickbooks:
    """A fresh world, limits off, an app connected to the first company."""
    simulation, http = listening
    simulation.reset()
    simulation.register_app(CLIENT_ID, CLIENT_SECRET, [REDIRECT])
    simulation.change_switches({"realm_per_minute": 0, "realm_app_per_second": 0, "batch_per_minute": 0})
    simulation.load(document())
    quickbooks = Quickbooks(simulation, http, {})
    await quickbooks.connect()
    simulation.traffic.clear()
    return quickbooks

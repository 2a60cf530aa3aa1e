"""The client against the simulator: connected by the real redirects, an answer lost on the way, no second bill."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from foundation.clock import SystemClock
from foundation.http_client import build_http_client
from providers.quickbooks_online import errors
from providers.quickbooks_online.batch import BatchCreate, BatchQuery, serialize_batch
from providers.quickbooks_online.bill_payload import serialize_bill
from providers.quickbooks_online.client import QuickBooksOnlineClient
from providers.quickbooks_online.oauth import IntuitEndpoints, IntuitOAuth, read_callback
from providers.quickbooks_online.query import Condition, Select
from providers.quickbooks_online.types import Bill, Vendor
from simulators.quickbooks_online.app import create_app
from simulators.quickbooks_online.simulation import Simulation
from simulators.server import serve
from tests.exchanges.matching import FOLDER
from tests.providers.quickbooks_online.bills import bill, work
from tests.providers.quickbooks_online.fixed_tokens import FixedTokens

REALM = "9130350000000001"
REDIRECT_URI = "https://app.example.com/callback"

# Each effect does the work first and then loses the answer in its own way.
LOSSES: list[dict[str, Any]] = [
    {"effect": "drop_after"},
    {"effect": "truncate"},
    {"effect": "truncate", "length": "original"},
    {"effect": "empty"},
    {"effect": "html", "status": 502, "commit": True},
    {"effect": "after_status", "status": 500},
]


@dataclass
class Connected:
    client: QuickBooksOnlineClient
    oauth: IntuitOAuth
    refresh_token: str
    person: httpx.AsyncClient

    async def arrange_fault(self, rule: dict[str, Any]) -> None:
        (await self.person.post("/control/faults", json={"count": 1, "method": "POST", **rule})).raise_for_status()


@pytest.fixture
async def connected() -> AsyncIterator[Connected]:
    """A client that a person has just connected to the simulated company."""
    simulation = Simulation()
    simulation.register_app("client", "secret", [REDIRECT_URI])
    async with (
        serve(create_app(simulation)) as url,
        httpx.AsyncClient(base_url=url) as person,
        build_http_client() as http,
    ):
        world = (FOLDER / "quickbooks_online_world.json").read_bytes()
        (await person.post("/control/load", content=world)).raise_for_status()
        oauth = IntuitOAuth(
            http,
            SystemClock(),
            client_id="client",
            client_secret="secret",
            redirect_uri=REDIRECT_URI,
            endpoints=IntuitEndpoints(
                authorize=f"{url}/connect/oauth2",
                token=f"{url}/oauth2/v1/tokens/bearer",
                revoke=f"{url}/v2/oauth2/tokens/revoke",
            ),
        )
        page = await person.post(oauth.authorize_url("s1"), data={"decision": "connect", "realm_id": REALM})
        callback = read_callback(dict(parse_qsl(urlsplit(page.headers["location"]).query)), "s1")
        pair = await oauth.exchange(callback.code)
        client = QuickBooksOnlineClient(url, http, FixedTokens(pair.access_token), callback.realm_id)
        yield Connected(client, oauth, pair.refresh_token, person)


@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: "-".join(map(str, loss.values())))
async def test_a_lost_answer_makes_no_second_bill(connected: Connected, loss: dict[str, Any]) -> None:
    body = serialize_bill(bill())
    await connected.arrange_fault({"path": "/bill$", **loss})
    with pytest.raises(errors.OutcomeUnclear):
        await connected.client.create(Bill, body, "r1")
    (found,) = await connected.client.find_bills("112", "NGC-2026-0047", Decimal("81000.09"))
    again = await connected.client.create(Bill, body, "r1")
    assert again.value == found
    assert len(await connected.client.find_bills("112", "NGC-2026-0047")) == 1


async def test_a_lost_batch_is_repeated_without_a_second_bill(connected: Connected) -> None:
    batch = serialize_batch(
        [
            BatchCreate("1", Bill, serialize_bill(bill("B-1", lines=(work("10.10"),)))),
            BatchCreate("2", Bill, serialize_bill(bill("B-2", vendor_id="999", lines=(work(),)))),
            BatchQuery("3", Select("Vendor", (Condition("DisplayName", "=", "O'Brien Steel"),))),
        ]
    )
    await connected.arrange_fault({"path": "/batch$", "effect": "drop_after"})
    with pytest.raises(errors.OutcomeUnclear):
        await connected.client.batch(batch, "r2")
    outcomes = (await connected.client.batch(batch, "r2")).outcomes
    made, refused, vendors = outcomes["1"], outcomes["2"], outcomes["3"]
    assert isinstance(made, Bill)
    assert made.total_amt == Decimal("10.10")
    assert isinstance(refused, errors.InvalidReference)
    assert not isinstance(vendors, Vendor | errors.QuickBooksOnlineError)
    assert [bill.id for bill in await connected.client.find_bills("112", "B-1")] == [made.id]


async def test_tokens_are_refreshed_and_revoked(connected: Connected) -> None:
    pair = await connected.oauth.refresh(connected.refresh_token)
    assert pair.hard_expires_at is not None
    assert await connected.oauth.revoke(pair.refresh_token)
    with pytest.raises(errors.GrantRefused):
        await connected.oauth.refresh(pair.refresh_token)
    with pytest.raises(errors.AccessTokenRejected):
        await connected.client.company_info()

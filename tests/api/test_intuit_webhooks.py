"""Where Intuit calls us: the signature counts, each company hears of its own books once, bad input changes nothing."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any

import httpx
import pytest
import pytest_asyncio
from sqlmodel import col, select
from temporalio.api.enums.v1 import EventType
from temporalio.service import RPCError

from api.app import create_app
from api.services import Services
from contracts.names import mirroring_workflow_id
from models.inbox import close_notices_before, rest
from models.mirroring import mirroring_row
from models.tables import InboxSource, WebhookInbox
from tests.api.conftest import APP, Office, code_of
from tests.api.seeding import add_connection
from tests.exchanges.webhooks import WebhookExchange, load_webhooks

REALM, VERIFIER = "9130350000000001", "v-token-6b1f"
PAID = next(exchange for exchange in load_webhooks() if exchange.name == "a bill is paid")


@dataclass(frozen=True)
class Intuit:
    """Somebody who can sign, and what came of it."""

    office: Office
    http: httpx.AsyncClient

    async def send(self, body: bytes, verifier: str = VERIFIER, **headers: str) -> httpx.Response:
        signature = base64.b64encode(hmac.new(verifier.encode(), body, hashlib.sha256).digest()).decode()
        return await self.http.post(
            "/webhooks/intuit", content=body, headers={"intuit-signature": signature, **headers}
        )

    async def inbox(self) -> list[str]:
        async with self.office.database.company(self.office.company_id, self.office.actor) as session:
            found = await session.exec(
                select(WebhookInbox.subject)
                .where(WebhookInbox.company_id == session.company_id, WebhookInbox.source == InboxSource.INTUIT)
                .order_by(col(WebhookInbox.subject))
            )
            return list(found)

    async def looked(self) -> None:
        """A look has read the books."""
        async with self.office.database.company(self.office.company_id, self.office.actor) as session:
            await close_notices_before(session, InboxSource.INTUIT, session.now)
            await rest(session)

    async def signals(self) -> int:
        client = self.office.services.workflows._client
        try:
            history = await client.get_workflow_handle(mirroring_workflow_id(self.office.company_id)).fetch_history()
        except RPCError:
            return 0
        signaled = EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED
        return sum(1 for event in history.events if event.event_type == signaled)


@pytest_asyncio.fixture
async def intuit(office: Office, anonymous: httpx.AsyncClient) -> AsyncIterator[Intuit]:
    async with office.database.company(office.company_id, office.actor) as session:
        # Connecting makes it.
        await mirroring_row(session)
        await add_connection(session, office.admin_id, realm_id=REALM)
    yield Intuit(office, anonymous)


def event(number: int = 1, **different: Any) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": f"0b7f3c52-6f8e-4d83-8f3f-{number:012d}",
        "source": "intuit.c2ltdWxhdGVk=",
        "type": "qbo.billpayment.created.v1",
        "time": "2026-12-15T21:31:25.179851000Z",
        "intuitentityid": f"{number}",
        "intuitaccountid": REALM,
        "data": {},
        **different,
    }


def body(*events: dict[str, Any]) -> bytes:
    return json.dumps(list(events)).encode()


@pytest.mark.parametrize("delivery", load_webhooks(), ids=str)
async def test_every_literal_delivery_is_kept_and_wakes(intuit: Intuit, delivery: WebhookExchange) -> None:
    answer = await intuit.http.post("/webhooks/intuit", content=delivery.body.encode(), headers=delivery.headers)
    assert (answer.status_code, answer.json()) == (200, {"accepted": True})
    assert len(await intuit.inbox()) == delivery.body.count('"intuitentityid"') + delivery.body.count('"lastUpdated"')
    assert await intuit.signals() == 1


async def test_a_repetition_is_kept_once_and_wakes_nobody_once_it_was_looked_at(intuit: Intuit) -> None:
    for _ in range(3):
        assert (await intuit.send(PAID.body.encode())).json() == {"accepted": True}
    assert (len(await intuit.inbox()), await intuit.signals()) == (2, 1)
    await intuit.looked()
    assert (await intuit.send(PAID.body.encode())).json() == {"accepted": False}
    assert await intuit.signals() == 1
    assert (await intuit.send(body(event(9)))).json() == {"accepted": True}
    assert await intuit.signals() == 2


async def test_a_wrong_signature_or_secret_is_refused(intuit: Intuit, caplog: pytest.LogCaptureFixture) -> None:
    good = PAID.body.encode()
    for answer in (
        await intuit.send(good, verifier="another"),
        await intuit.send(good, **{"intuit-signature": ""}),
        await intuit.http.post("/webhooks/intuit", content=good),
        await intuit.http.post("/webhooks/intuit", content=good + b" ", headers=PAID.headers),
    ):
        assert (answer.status_code, code_of(answer)) == (401, "wrong_signature")
    assert caplog.text.count("a webhook was refused: 401 wrong_signature at '/webhooks/intuit'") == 4
    assert (await intuit.inbox(), await intuit.signals()) == ([], 0)


@pytest.mark.parametrize(
    "stray",
    [
        event(intuitaccountid="424242"),
        event(type="qbo.estimate.updated.v1"),
        event(type="qbo.recurringtransaction.frozen.v7"),
    ],
    ids=["an unknown realm", "another kind", "unknown words"],
)
async def test_what_concerns_nobody_is_answered_well_and_changes_nothing(
    intuit: Intuit, stray: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    answer = await intuit.send(body(stray))
    assert (answer.status_code, answer.json()) == (200, {"accepted": False})
    assert (await intuit.inbox(), await intuit.signals()) == ([], 0)
    assert ("nobody has connected: '424242'" in caplog.text) is (stray["intuitaccountid"] == "424242")


async def test_an_unknown_word_for_a_payment_is_news_all_the_same(intuit: Intuit) -> None:
    answer = await intuit.send(body(event(type="qbo.billpayment.voided.v1"), event(2, intuitaccountid="7")))
    assert answer.json() == {"accepted": True}
    assert await intuit.inbox() == ["billpayment/1/voided"]


BROKEN = {
    "nothing": b"",
    "no JSON": b"paid!",
    "an object": b"{}",
    "an event of nothing": b"[{}]",
    "cut off": PAID.body.encode()[:-9],
    "no UTF-8": b"\xff\xfe",
    "nested without end": b"[" * 100_000,
    "a NUL": body(event(id="a\x00b")),
    "half a character": b'[{"id":"\\ud800","type":"qbo.bill.updated.v1","intuitentityid":"1","intuitaccountid":"1"}]',
    "an id without end": body(event(intuitentityid="7" * 5000)),
}


@pytest.mark.parametrize("name", BROKEN)
async def test_what_is_no_delivery_is_refused_and_not_kept(
    intuit: Intuit, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    answer = await intuit.send(BROKEN[name])
    assert (answer.status_code, code_of(answer)) == (422, "malformed_event")
    assert "a webhook was refused: 422 malformed_event" in caplog.text
    assert len(answer.text) < 1000
    assert (await intuit.inbox(), await intuit.signals()) == ([], 0)


async def test_ten_thousand_events_in_one_body_are_one_signal_and_five_megabytes_too_many(
    intuit: Intuit, caplog: pytest.LogCaptureFixture
) -> None:
    flood = body(*(event(number) for number in range(10_000)))
    assert len(flood) < 4 * 1024 * 1024
    assert (await intuit.send(flood)).json() == {"accepted": True}
    assert (len(await intuit.inbox()), await intuit.signals()) == (10_000, 1)
    assert (await intuit.send(b"x" * 5_000_000)).status_code == 413
    assert "a webhook was refused: 413 body_too_large" in caplog.text


async def test_without_a_verifier_nobody_is_let_in(services: Services) -> None:
    settings = services.settings.model_copy(update={"intuit_webhook_verifier": None})
    app = create_app(replace(services, settings=settings))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=APP) as http:
        answer = await http.post("/webhooks/intuit", content=PAID.body.encode(), headers=PAID.headers)
    assert (answer.status_code, code_of(answer)) == (404, "webhooks_not_set_up")

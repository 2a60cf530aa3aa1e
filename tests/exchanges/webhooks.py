"""Literal webhooks of QuickBooks Online: what Intuit posts when somebody changes the books.

`quickbooks_online_webhooks.json` is used from both sides: `headers` and `body` are what our endpoint is sent, byte for
byte, signed under `verifier`; the simulator must send the same news after `given.person` acted on the books of
`quickbooks_online_payments_world.json`. How news are packed into deliveries, their ids and sources are volatile.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from tests.exchanges.matching import FOLDER


@dataclass(frozen=True)
class WebhookExchange:
    """One delivery."""

    name: str
    fact: str
    given: dict[str, Any]
    verifier: str
    headers: dict[str, str]
    body: str

    def __str__(self) -> str:
        return self.name


def load_webhooks() -> list[WebhookExchange]:
    """All of them, in file order; names are unique."""
    entries = json.loads((FOLDER / "quickbooks_online_webhooks.json").read_text("utf-8"))
    assert len({entry["name"] for entry in entries}) == len(entries), "two webhooks share a name"
    return [WebhookExchange(**entry) for entry in entries]


def news_of(body: Any) -> list[dict[str, Any]]:
    """The single news of a delivery in either form, without what is volatile."""
    if isinstance(body, list):
        return [{name: value for name, value in event.items() if name not in ("id", "source")} for event in body]
    return [
        {"realmId": notice["realmId"], **entity}
        for notice in body["eventNotifications"]
        for entity in notice["dataChangeEvent"]["entities"]
    ]

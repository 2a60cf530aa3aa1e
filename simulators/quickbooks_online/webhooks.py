"""Webhooks: CloudEvents arrays (or the legacy body), signed, with Intuit's retry ladder (reference 3.4)."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import hmac
import json
import random
import uuid
from collections import Counter, deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx

from simulators.clock import SimulatorClock
from simulators.quickbooks_online.books import Change
from simulators.quickbooks_online.switches import Switches

# Waits after the first, second, ... failure; the last one repeats.
RETRY_SECONDS = (10, 20, 30, 300, 1200, 7200, 14400, 21600)
ANSWER_SECONDS = 3.0
MOST_EVENTS = 100
_POLL_SECONDS = 0.02

_LEGACY_WORDS = {
    "created": "Create",
    "updated": "Update",
    "deleted": "Delete",
    "void": "Void",
    "merged": "Merge",
}


@dataclass
class _Delivery:
    body: bytes
    next_at: float
    failures: int = 0


@dataclass
class Webhooks:
    """One app's endpoint. Without an endpoint, changes are not kept."""

    clock: SimulatorClock
    switches: Switches
    url: str | None = None
    verifier: str = ""
    kinds: frozenset[str] | None = None
    _waiting: list[Change] = field(default_factory=list)
    _deliveries: deque[_Delivery] = field(default_factory=deque)
    _counts: Counter[str] = field(default_factory=Counter)
    _dice: random.Random = field(default_factory=random.Random)

    def configure(self, url: str | None, verifier: str, kinds: list[str] | None) -> None:
        """Set the endpoint (None: none), the verifier token and the kinds of entity ticked (None: all)."""
        self.url = url
        self.verifier = verifier
        self.kinds = frozenset(kinds) if kinds is not None else None
        self._dice = random.Random(self.switches.webhook_seed)

    def clear(self) -> None:
        """Forget the endpoint and all that waits."""
        self.configure(None, "", None)
        self._waiting.clear()
        self._deliveries.clear()
        self._counts.clear()

    def enqueue(self, change: Change) -> None:
        """Take up a change for the next delivery."""
        if self.url is None or (self.kinds is not None and change.kind not in self.kinds):
            return
        if self._dice.random() < self.switches.webhook_drop:
            self._counts["dropped"] += 1
            return
        self._waiting.append(change)
        if self._dice.random() < self.switches.webhook_duplicate:
            self._counts["duplicated"] += 1
            self._waiting.append(change)

    def describe(self) -> dict[str, Any]:
        """Endpoint, queue and counts, for the control API."""
        return {
            "url": self.url,
            "waiting": len(self._waiting) + len(self._deliveries),
            "counts": dict(self._counts),
        }

    def body_of(self, changes: list[Change]) -> bytes:
        """The body of one delivery; several companies may be in it."""
        if self.switches.webhook_format == "legacy":
            return json.dumps({"eventNotifications": _legacy(changes)}).encode()
        return json.dumps([self._cloud_event(change) for change in changes]).encode()

    def signature(self, body: bytes) -> str:
        """The intuit-signature header: base64 of HMAC-SHA256 under the verifier token."""
        digest = hmac.new(self.verifier.encode(), body, hashlib.sha256).digest()
        return base64.b64encode(digest).decode()

    async def deliver_for_ever(self) -> None:
        """The sending loop; runs while the simulator does. Later deliveries wait for the first to be taken."""
        async with httpx.AsyncClient(timeout=ANSWER_SECONDS) as http:
            while True:
                await asyncio.sleep(_POLL_SECONDS)
                self._pack()
                if self._deliveries and self._deliveries[0].next_at <= self.clock.timestamp():
                    await self._send(http, self._deliveries[0])

    def _pack(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:MOST_EVENTS], self._waiting[MOST_EVENTS:]
            if self.switches.webhook_shuffle:
                self._dice.shuffle(batch)
            self._deliveries.append(_Delivery(self.body_of(batch), self.clock.timestamp()))

    async def _send(self, http: httpx.AsyncClient, delivery: _Delivery) -> None:
        if self.url is None:
            self._deliveries.clear()
            return
        headers = {
            "content-type": "application/json",
            "intuit-signature": self.signature(delivery.body),
            "intuit-t-id": str(uuid.uuid4()),
            "user-agent": "intuit_notification_server/0.1",
        }
        accepted = False
        with contextlib.suppress(httpx.HTTPError):  # a dead endpoint is what the ladder is for
            answer = await http.post(self.url, content=delivery.body, headers=headers)
            accepted = answer.status_code == 200
        if not self._deliveries or self._deliveries[0] is not delivery:
            return  # cleared meanwhile
        if accepted:
            self._deliveries.popleft()
            self._counts["delivered"] += 1
            return
        wait = RETRY_SECONDS[min(delivery.failures, len(RETRY_SECONDS) - 1)]
        delivery.failures += 1
        delivery.next_at = self.clock.timestamp() + wait
        self._counts["failed"] += 1

    def _cloud_event(self, change: Change) -> dict[str, Any]:
        word = self.switches.webhook_void_word if change.operation == "void" else change.operation
        seed = f"{change.realm_id}/{change.kind}/{change.entity_id}/{change.operation}/{change.timestamp}"
        moment = datetime.fromtimestamp(change.timestamp, UTC)
        return {
            "specversion": "1.0",
            "id": str(uuid.uuid5(uuid.NAMESPACE_URL, seed)),
            "source": "intuit.c2ltdWxhdGVk=",
            "type": f"qbo.{change.kind.lower()}.{word}.v1",
            "datacontenttype": "application/json",
            "time": f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond * 1000:09d}Z",
            "intuitentityid": change.entity_id,
            "intuitaccountid": change.realm_id,
            "data": {} if change.deleted_id is None else {"deletedId": change.deleted_id},
        }


def _legacy(changes: list[Change]) -> list[dict[str, Any]]:
    realms: dict[str, list[dict[str, Any]]] = {}
    for change in changes:
        moment = datetime.fromtimestamp(change.timestamp, UTC)
        entity: dict[str, Any] = {
            "name": change.kind,
            "id": change.entity_id,
            "operation": _LEGACY_WORDS[change.operation],
            "lastUpdated": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        }
        if change.deleted_id is not None:
            entity["deletedId"] = change.deleted_id
        realms.setdefault(change.realm_id, []).append(entity)
    return [{"realmId": realm_id, "dataChangeEvent": {"entities": entities}} for realm_id, entities in realms.items()]

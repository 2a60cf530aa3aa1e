"""Sending webhook events: one queue per hook, five seconds to answer, back-off, discard after half a day.

Source: documentation/plan_your_app/webhooks.md. Events go to this machine only unless more hosts are allowed.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections import deque
from datetime import timedelta
from urllib.parse import urlsplit

import httpx

from simulators.clock import SimulatorClock
from simulators.procore.switches import Switches
from simulators.procore.webhook_events import Delivery, Hook
from simulators.procore.wire import encoded

LONGEST_BACKOFF = 3600
_LOOK_AGAIN = 0.05  # how soon a waiting queue notices that the simulator's clock was moved


class WebhookDelivery:
    """Delivers in the order queued; a failure pauses the whole queue of that hook."""

    def __init__(self, switches: Switches, clock: SimulatorClock, hosts: frozenset[str]) -> None:
        self.switches = switches
        self.clock = clock
        self._hosts = hosts
        self._queues: dict[int, deque[Delivery]] = {}
        self._workers: dict[int, asyncio.Task[None]] = {}
        self._http: httpx.AsyncClient | None = None

    def reaches(self, url: str) -> bool:
        """Whether this simulator may send there."""
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and parts.hostname in self._hosts

    def queue(self, hook: Hook, delivery: Delivery) -> None:
        waiting = self._queues.setdefault(hook.id, deque())
        if self.switches.webhook_reorder and waiting:
            waiting.insert(random.randrange(len(waiting) + 1), delivery)
        else:
            waiting.append(delivery)
        worker = self._workers.get(hook.id)
        if worker is None or worker.done():
            self._workers[hook.id] = asyncio.get_running_loop().create_task(self._drain(hook))

    def stop(self, hook_id: int) -> None:
        """Forget what still waits for a hook that is gone."""
        self._queues.pop(hook_id, None)
        worker = self._workers.pop(hook_id, None)
        if worker is not None:
            worker.cancel()

    async def close(self) -> None:
        workers = list(self._workers.values())
        for hook_id in list(self._workers):
            self.stop(hook_id)
        for worker in workers:
            with contextlib.suppress(asyncio.CancelledError):
                await worker
        if self._http is not None:
            await self._http.aclose()
            self._http = None

    async def _drain(self, hook: Hook) -> None:
        waiting = self._queues[hook.id]
        while waiting:
            delivery = waiting[0]
            if delivery.status != "discarded":
                await self._deliver(hook, delivery)
            with contextlib.suppress(ValueError):
                waiting.remove(delivery)

    async def _deliver(self, hook: Hook, delivery: Delivery) -> None:
        pause = 1.0
        last_chance = delivery.event.moment + timedelta(seconds=self.switches.webhook_discard_after)
        while not await self._post(hook, delivery):
            if self.clock.now() >= last_chance:
                delivery.status = "discarded"
                return
            due = self.clock.now() + timedelta(seconds=pause * self.switches.webhook_backoff_scale)
            while self.clock.now() < due:  # noqa: ASYNC110 (a moved clock sets no event)
                await asyncio.sleep(min(_LOOK_AGAIN, max(0.001, (due - self.clock.now()).total_seconds())))
            pause = min(pause * 2, LONGEST_BACKOFF)
        delivery.status = "success"

    async def _post(self, hook: Hook, delivery: Delivery) -> bool:
        delivery.attempts += 1
        headers = {"Content-Type": "application/json"}
        if hook.authorization is not None:
            headers["Authorization"] = hook.authorization
        if self._http is None:
            self._http = httpx.AsyncClient(trust_env=False)
        try:
            response = await self._http.post(
                hook.destination_url,
                content=encoded(delivery.event.payload(hook.payload_version)),
                headers=headers,
                timeout=self.switches.webhook_timeout,
            )
        except httpx.HTTPError:
            delivery.response_status = None
            return False
        delivery.response_status = response.status_code
        return response.is_success

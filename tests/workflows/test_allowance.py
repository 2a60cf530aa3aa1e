"""Two hundred projects on 600 calls an hour: at most half is ours, webhooks and all, and no project goes unseen longer
than an hour.

No workflow runs here: its only part in this is to try the look again after the delay that the look itself names.
"""

import re
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from temporalio.client import Client
from temporalio.exceptions import ApplicationError

from activities.hooks import HookDesk
from contracts.hooks import HooksRequest
from contracts.mirroring import WatchResult
from simulators.traffic import Exchange
from tests.desks import Desks, as_activity, open_desks
from tests.small_world import empty_jobs, small_world

PROJECTS = 200
HOURS = 3
HOUR = 3600.0
HALF = 300
# Just slow enough for Procore's 25 calls in ten seconds.
A_CALL = timedelta(seconds=0.4)


async def let_hours_pass(desks: Desks, hours: int) -> None:
    """Look as often as the looks themselves ask for, and post what they find."""
    until = desks.clock.now() + timedelta(hours=hours)
    while desks.clock.now() < until:
        found = await desks.look()
        if isinstance(found, WatchResult):
            for batch in found.batches:
                await patiently(desks, partial(desks.post, batch))
            if found.hooks_due:
                await patiently(desks, partial(keep_hooks, desks))
        else:
            desks.advance(max(found, timedelta(seconds=1)))


async def keep_hooks(desks: Desks) -> None:
    desk = HookDesk(desks.product.outside)
    await as_activity(desk.keep_procore_hooks, HooksRequest(company_id=desks.company_id))


async def patiently(desks: Desks, work: Callable[[], Awaitable[None]]) -> None:
    """Do it, and where Procore's ten seconds are used up try again when it says so."""
    while True:
        try:
            await work()
            return
        except ApplicationError as later:
            assert later.type == "ProcoreRateLimited", later
            desks.advance(later.next_retry_delay or timedelta(seconds=1))


def every_call_takes(desks: Desks, duration: timedelta, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let time pass with every call of Procore."""
    traffic = desks.product.procore.traffic
    begin = traffic.begin

    def taking_time(method: str, path: str, query: str) -> Exchange:
        desks.advance(duration)
        return begin(method, path, query)

    monkeypatch.setattr(traffic, "begin", taking_time)


async def test_it_takes_half_of_the_allowance_and_sees_every_project_each_hour(
    database_url: str, temporal_client: Client, task_queue: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    documents = small_world(2, waiting=1)
    empty_jobs(documents, PROJECTS - 1)
    wanted: dict[str, Any] = {"look_interval_seconds": 300, "procore_webhooks": True}
    async with open_desks(documents, database_url, temporal_client, task_queue, **wanted) as desks:
        procore = desks.product.procore
        procore.change_switches({"hourly_limit": 600, "spike_limit": 25})
        every_call_takes(desks, A_CALL, monkeypatch)
        await desks.connect()
        await desks.switch_on()
        await let_hours_pass(desks, 1)
        late = next(str(one.id) for one in procore.records.requisitions.values() if not one.is_approved)
        desks.product.change(late, status="approved")
        await let_hours_pass(desks, HOURS - 1)

        answered = [
            one
            for one in procore.traffic.entries(limit=20_000)
            if one["path"].startswith("/rest/") and one["status"] != 429
        ]
        begun = answered[0]["started"]
        per_hour = Counter(int((one["started"] - begun) // HOUR) for one in answered)
        assert max(per_hour.values()) <= HALF
        assert set((await desks.states()).values()) == {"posted"}
        assert len(await desks.invoices()) == 3
        now = desks.clock.now().timestamp()
        seen: dict[str, list[float]] = {}
        for one in answered:
            if one["path"].endswith("/requisitions"):
                seen.setdefault(re.findall(r"project_id=(\d+)", one["query"])[0], []).append(one["started"])
        assert len(seen) == PROJECTS
        gaps = [max(b - a for a, b in zip(at, [*at[1:], now], strict=True)) for at in seen.values()]
        assert max(gaps) <= HOUR
        assert len(procore.events.hooks) > PROJECTS // 10

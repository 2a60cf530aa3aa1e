"""Waiting for a place before QuickBooks is asked, so that its limits are met by waiting and not by being refused."""

import asyncio
from datetime import timedelta
from uuid import UUID

from activities.failures import wait_for
from foundation.settings import Settings
from models.database import Actor, Database
from models.pacing import Pace, reserve

# Waited for inside the activity; longer waits give the worker's slot back.
LONGEST_WAIT_INSIDE = timedelta(seconds=15)


class RequestPacing:
    """The pace of one connection. Intuit: 10 requests a second and 40 batches a minute for an app in one company."""

    def __init__(
        self, settings: Settings, database: Database, company_id: UUID, connection_id: UUID, actor: Actor
    ) -> None:
        self._database = database
        self._company_id = company_id
        self._connection_id = connection_id
        self._actor = actor
        per_second, per_minute = settings.intuit_requests_per_second, settings.intuit_batches_per_minute
        self._requests = Pace.within("request", per_second, timedelta(seconds=1)) if per_second else None
        self._batches = Pace.within("batch", per_minute, timedelta(minutes=1)) if per_minute else None

    async def wait_for_request(self) -> None:
        await self._wait([self._requests])

    async def wait_for_batch(self) -> None:
        await self._wait([self._batches, self._requests])

    async def _wait(self, paces: list[Pace | None]) -> None:
        wanted = [pace for pace in paces if pace is not None]
        if not wanted:
            return
        async with self._database.company(self._company_id, self._actor) as session:
            delays = [await reserve(session, self._connection_id, pace) for pace in wanted]
            delay = max(delays)
            if delay > LONGEST_WAIT_INSIDE:
                # Raising gives the reserved places back: the unit of work is rolled back.
                raise wait_for("QuickBooks' limit is used up", delay - LONGEST_WAIT_INSIDE)
        await asyncio.sleep(delay.total_seconds())

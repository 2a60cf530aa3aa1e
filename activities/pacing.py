"""Waiting for a place before QuickBooks is asked, so that its limits are met by waiting and not by being refused."""

import asyncio
from datetime import timedelta
from uuid import UUID

from activities.failures import wait_for
from activities.outside import Outside
from foundation.settings import Settings
from models.database import Actor, CompanySession
from models.pacing import Pace, reserve
from providers.quickbooks_online.turn import Turn

# Waited for inside the activity; longer waits give the worker's slot back.
LONGEST_WAIT_INSIDE = timedelta(seconds=15)


class RequestPacing:
    """The pace of one connection. Intuit: 10 requests a second and 40 batches a minute for an app in one company."""

    def __init__(self, settings: Settings, connection_id: UUID) -> None:
        self._connection_id = connection_id
        per_second, per_minute = settings.intuit_requests_per_second, settings.intuit_batches_per_minute
        self._requests = Pace.within("request", per_second, timedelta(seconds=1)) if per_second else None
        self._batches = Pace.within("batch", per_minute, timedelta(minutes=1)) if per_minute else None

    async def reserve(self, session: CompanySession, *, is_batch: bool) -> timedelta:
        """Take a place in line and say how long to wait for it. Raises to be tried again where that is too long: the
        unit of work is rolled back then, and its places with it.
        """
        paces = [pace for pace in (self._batches if is_batch else None, self._requests) if pace is not None]
        delays = [await reserve(session, self._connection_id, pace) for pace in paces]
        delay = max(delays, default=timedelta(0))
        if delay > LONGEST_WAIT_INSIDE:
            raise wait_for("QuickBooks' limit is used up", delay - LONGEST_WAIT_INSIDE)
        return delay


def turns_of(outside: Outside, company_id: UUID, connection_id: UUID, actor: Actor) -> Turn:
    """What a longer reading awaits before each request: no bill on its way is to be refused because books are read."""
    pacing = RequestPacing(outside.settings, connection_id)

    async def wait() -> None:
        async with outside.database.company(company_id, actor) as session:
            place = await pacing.reserve(session, is_batch=False)
        await asyncio.sleep(place.total_seconds())

    return wait

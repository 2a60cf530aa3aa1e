"""What open pages are told without asking: that something happened in their company, not what."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from uuid import UUID

from models.database import Actor, Database
from models.news import newest_event

# Seconds between two looks, however many pages of a company are open: people see a change as it happens.
LOOK_EVERY = 1.0
# Seconds one stream lives. The browser opens the next one, and who may listen is asked again.
STREAM_SECONDS = 600.0


@dataclass
class _Seen:
    newest: int = -1
    looked_at: float = float("-inf")
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class News:
    """One per process; streams of the same company share its looks into the database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._seen: dict[UUID, _Seen] = {}

    async def of(self, company_id: UUID, actor: Actor, known: int) -> AsyncIterator[int]:
        """The company's newest event number, each time it is above what is ``known``, for as long as a stream lives."""
        loop = asyncio.get_running_loop()
        until = loop.time() + STREAM_SECONDS
        while loop.time() < until:
            newest = await self._newest(company_id, actor)
            if newest > known:
                known = newest
                yield newest
            await asyncio.sleep(LOOK_EVERY)

    async def _newest(self, company_id: UUID, actor: Actor) -> int:
        seen = self._seen.setdefault(company_id, _Seen())
        async with seen.lock:
            now = asyncio.get_running_loop().time()
            if now - seen.looked_at >= LOOK_EVERY:
                async with self._database.company(company_id, actor) as session:
                    seen.newest = await newest_event(session)
                seen.looked_at = now
        return seen.newest

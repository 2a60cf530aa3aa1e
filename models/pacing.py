"""How fast a QuickBooks company may be asked, over all workers: one reservation in one statement (GCRA)."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from models.database import CompanySession
from models.tables import ProviderPace

NOW = timedelta(0)


@dataclass(frozen=True)
class Pace:
    """``burst`` requests at once, then one every ``interval``: never more than the limit in any of its windows.

    A tenth of the limit stays free: places are counted when they are taken, the provider counts arrivals, and two that
    were taken apart may arrive together.
    """

    kind: str
    burst: int
    interval: timedelta

    @classmethod
    def within(cls, kind: str, limit: int, window: timedelta) -> "Pace":
        """A quarter of the limit may go at once; the rest is spread over the window."""
        burst = max(1, limit // 4)
        return cls(kind, burst, window / max(1, limit - math.ceil(limit / 10) - burst))


async def reserve(session: CompanySession, connection_id: UUID, pace: Pace) -> timedelta:
    """Take the next free place and say how long to wait for it; zero when it is now."""
    now = session.now
    fresh = insert(ProviderPace).values(
        company_id=session.company_id, connection_id=connection_id, kind=pace.kind, reserved_until=now + pace.interval
    )
    taken = await session.execute(
        fresh.on_conflict_do_update(
            index_elements=["company_id", "connection_id", "kind"],
            set_={"reserved_until": sa.func.greatest(col(ProviderPace.reserved_until), now) + pace.interval},
        ).returning(col(ProviderPace.reserved_until))
    )
    reserved_until: datetime = taken.scalar_one()
    return max(reserved_until - now - pace.burst * pace.interval, NOW)

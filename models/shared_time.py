"""Where every process learns the time it shares with the others: the one statement that asks PostgreSQL for it."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from foundation.clock import Clock
from foundation.shared_clock import SharedClock

TIME = sa.text("SELECT clock_timestamp()")


async def learn_time(session: AsyncSession, clock: Clock) -> None:
    """Tell a shared clock that wants telling what time it is; any other clock is left alone."""
    if not isinstance(clock, SharedClock) or not clock.wants_telling:
        return
    # Waiting for a connection would count as time that passed on the way.
    await session.connection()
    asked_at = clock.stopwatch()
    told: datetime = (await session.execute(TIME)).scalar_one()
    clock.tell(told, asked_at)

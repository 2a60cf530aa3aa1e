"""One time for every process of the product, whatever the clock of its machine says.

Leases, reservations and "not before" are written by one process and judged by another. Their machines may be an hour
apart, so all ask the same place, PostgreSQL, and count on from its answer with a stopwatch that nobody sets.
"""

import asyncio
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from foundation.clock import Clock, SystemClock

# Stopwatches of two machines drift apart by less than 0.2 s within an hour; a minute keeps them within milliseconds.
TOLD_FOR = 60.0
# A machine that slept, or whose clock was set, shows a time of day that moved otherwise than its stopwatch.
JUMP = timedelta(seconds=1)


class SharedClock:
    """The time last told, and what has passed since; the machine's own time until somebody tells it.

    ``machine`` and ``stopwatch`` (seconds from any beginning) are this machine's.
    """

    def __init__(self, machine: Clock | None = None, stopwatch: Callable[[], float] = time.monotonic) -> None:
        self._machine = machine or SystemClock()
        self._stopwatch = stopwatch
        self._told: datetime | None = None
        self._told_at = 0.0
        self._machine_said = self._machine.now()

    def now(self) -> datetime:
        if self._told is None:
            return self._machine.now()
        return self._told + timedelta(seconds=self._stopwatch() - self._told_at)

    async def sleep(self, step: timedelta) -> None:
        await asyncio.sleep(step.total_seconds())

    def stopwatch(self) -> float:
        """Seconds on this machine's stopwatch, for ``tell``."""
        return self._stopwatch()

    @property
    def wants_telling(self) -> bool:
        """Whether the time was last told too long ago, or this machine's clock has jumped since."""
        if self._told is None:
            return True
        passed = self._stopwatch() - self._told_at
        by_machine = self._machine.now() - self._machine_said
        return passed > TOLD_FOR or abs(by_machine - timedelta(seconds=passed)) > JUMP

    def tell(self, instant: datetime, asked_at: float) -> None:
        """It was ``instant`` halfway between ``asked_at`` on the stopwatch and now."""
        answered_at = self._stopwatch()
        self._told, self._told_at = instant, (asked_at + answered_at) / 2
        self._machine_said = self._machine.now() - timedelta(seconds=answered_at - self._told_at)

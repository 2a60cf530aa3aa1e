"""The one clock. No other module of the product asks the machine for the time of day."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the time; injected wherever a time is stored, compared or sent."""

    def now(self) -> datetime:
        """The current instant, aware, in UTC."""
        ...

    async def sleep(self, step: timedelta) -> None:
        """Returns once `step` has passed by this clock."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    async def sleep(self, step: timedelta) -> None:
        await asyncio.sleep(step.total_seconds())


class ManualClock:
    """A clock that stands still until it is moved: for tests and for skipped time."""

    def __init__(self, start: datetime) -> None:
        self._now = _as_utc(start)

    def now(self) -> datetime:
        return self._now

    async def sleep(self, step: timedelta) -> None:
        """Moves the clock instead of waiting."""
        self.advance(step)
        await asyncio.sleep(0)

    def set(self, instant: datetime) -> None:
        """Moves the clock to `instant`, which may lie in the past.

        Raises ValueError for a naive time.
        """
        self._now = _as_utc(instant)

    def advance(self, step: timedelta) -> None:
        """Moves the clock by `step`; a negative step moves it back."""
        self._now += step


def _as_utc(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise ValueError("a clock needs an aware time: this one names no time zone")
    return instant.astimezone(UTC)

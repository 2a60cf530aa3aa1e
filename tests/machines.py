"""Processes on machines whose clocks are wrong, over one PostgreSQL whose time passes as the test says."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

import models.shared_time
from foundation.clock import SystemClock
from foundation.shared_clock import SharedClock
from models.database import Database


@dataclass
class Machine:
    """One machine: how far its clock is wrong, and its stopwatch."""

    wrong_by: timedelta
    seconds: float = 0.0
    started_at: datetime = field(default_factory=lambda: SystemClock().now())

    def now(self) -> datetime:
        return self.started_at + self.wrong_by + timedelta(seconds=self.seconds)

    async def sleep(self, step: timedelta) -> None:
        raise NotImplementedError("time passes for all machines at once")

    def stopwatch(self) -> float:
        return self.seconds


class Machines:
    """Two machines, a database pool on each. PostgreSQL answers for itself; its time is only moved on."""

    def __init__(self, database_url: str, apart: timedelta, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch
        self._passed = timedelta(0)
        self.machines = (Machine(timedelta(0)), Machine(apart))
        self.first, self.second = (
            Database(database_url, SharedClock(one, one.stopwatch), pool_size=5) for one in self.machines
        )

    def pass_time(self, step: timedelta) -> None:
        for one in self.machines:
            one.seconds += step.total_seconds()
        self._passed += step
        moved = f"SELECT clock_timestamp() + interval '{self._passed.total_seconds()} seconds'"
        self._monkeypatch.setattr(models.shared_time, "TIME", sa.text(moved))


@asynccontextmanager
async def two_machines(database_url: str, apart: timedelta, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Machines]:
    opened = Machines(database_url, apart, monkeypatch)
    try:
        yield opened
    finally:
        await opened.first.close()
        await opened.second.close()

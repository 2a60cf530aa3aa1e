"""A worker that dies: at random units of work, just before they commit or just after."""

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import pytest

from models.database import Actor, CompanySession
from tests.desks import Desks


class Killed(BaseException):
    """The worker's process is gone: nothing after this point runs."""


class Fate:
    """Kills a worker at random units of work, just before they commit or just after."""

    def __init__(self, kills: int, every: int, seed: str) -> None:
        self._rng = random.Random(seed)
        self._left, self._every = kills, every
        self._in = self._rng.randint(1, every)
        self.is_dead = False
        self.kills = 0

    def strikes(self) -> bool:
        if self.is_dead:
            return True
        self._in -= 1
        if self._left <= 0 or self._in > 0:
            return False
        self._left -= 1
        self._in = self._rng.randint(1, self._every)
        self.is_dead = True
        self.kills += 1
        return True

    def commits_first(self) -> bool:
        return self._rng.random() < 0.5

    def revive(self) -> None:
        self.is_dead = False


@asynccontextmanager
async def mortal(desks: Desks, fate: Fate, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    """Every unit of work of the worker may be its last."""
    database = desks.product.outside.database
    living = database.company

    @asynccontextmanager
    async def company(company_id: UUID, actor: Actor) -> AsyncIterator[CompanySession]:
        if actor.activity_id is None:
            async with living(company_id, actor) as session:
                yield session
            return
        was_dead = fate.is_dead
        strikes = fate.strikes()
        if was_dead:
            raise Killed
        after = strikes and fate.commits_first()
        async with living(company_id, actor) as session:
            yield session
            if strikes and not after:
                raise Killed
        if after:
            raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(database, "company", company)
        yield

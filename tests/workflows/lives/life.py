"""One company's life: its admin at a browser, what the admin remembers, and the company's rows as they stand."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, TypeVar
from uuid import UUID

import httpx
from psycopg import sql
from sqlmodel import SQLModel
from temporalio.service import RPCError
from temporalio.testing import ActivityEnvironment

from accounting.connection_states import ConnectionState
from activities.connection import Housekeeping
from contracts.names import attempt_workflow_id
from models.database import Actor
from models.members import switch_feature
from models.projects import SeenProject, store_projects
from models.tables import (
    ActorKind,
    AttemptOutcome,
    Connection,
    ConnectionAttempt,
    ConnectionSettings,
    TokenRevocation,
)
from tests.product import eventually
from tests.workflows.lives.order import Remembered, Standing, check_order, left_over, standing_of
from tests.workflows.lives.stack import TRIES, Stack
from tests.workflows.lives.world import project_id_of

A_MOMENT = timedelta(seconds=5)

Row = TypeVar("Row", bound=SQLModel)


@dataclass
class Life:
    """A company with the feature on and its admin signed in."""

    stack: Stack
    place: int
    company_id: UUID
    browser: httpx.AsyncClient
    last_callback: str | None = None
    remembered: Remembered = field(default_factory=Remembered)

    @property
    def project_id(self) -> str:
        return str(project_id_of(self.place))

    async def ask(self, method: str, path: str, **sent: Any) -> httpx.Response:
        """What the browser asks; whoever was away for weeks signs in again first."""
        for _ in range(TRIES):
            answer = await self.browser.request(method, path, **sent)
            if answer.status_code != 401 and "Procore no longer accepts your sign-in" not in answer.text:
                break
            await self.stack.sign_in(self.browser, self.place)
        return answer

    def session(self) -> Any:
        return self.stack.product.outside.database.company(self.company_id, Actor(ActorKind.COMMAND, "test"))

    async def rows(self, table: type[Row]) -> list[Row]:
        """The company's rows, read past the product: the machine asks often."""
        query = sql.SQL("SELECT * FROM {} WHERE company_id = %s").format(sql.Identifier(str(table.__tablename__)))
        async with self.stack.rows.cursor() as cursor:
            await cursor.execute(query, [self.company_id])
            return [table(**one) for one in await cursor.fetchall()]

    async def live(self) -> list[Connection]:
        return [one for one in await self.rows(Connection) if one.state != ConnectionState.DISCONNECTED]

    async def settings_of(self, connection_id: UUID) -> ConnectionSettings:
        return next(one for one in await self.rows(ConnectionSettings) if one.connection_id == connection_id)

    async def ended(self, attempt_id: str) -> ConnectionAttempt:
        async def over() -> ConnectionAttempt | None:
            attempts = await self.rows(ConnectionAttempt)
            row = next(one for one in attempts if str(one.id) == attempt_id)
            return row if row.outcome != AttemptOutcome.PENDING else None

        row: ConnectionAttempt = await eventually(over)
        return row

    async def standing(self) -> Standing:
        return await standing_of(self.stack.rows, self.company_id)

    async def check(self) -> None:
        """What must be true at every moment. Raises AssertionError."""
        check_order(await self.standing(), self.remembered, self.stack.product.quickbooks, self.place)

    async def step(self, name: str, do: Callable[["Life"], Awaitable[None]]) -> None:
        self.stack.steps[name] += 1
        # Else a lease that a dead worker left behind would never end.
        self.stack.pass_time(A_MOMENT)
        await do(self)
        await self.check()

    async def leave(self) -> None:
        """The life is over: whatever was begun ends, and nothing that was given up is kept."""
        self.stack.pass_time(timedelta(seconds=self.stack.product.outside.settings.connecting_seconds))
        product, now = self.stack.product, self.stack.clock.now()
        waiting = [one for one in await self.rows(ConnectionAttempt) if one.outcome == AttemptOutcome.PENDING]
        for attempt in waiting:
            # Time went by on our clock, none on Temporal's: as if its server had been away for so long.
            with suppress(RPCError):
                await product.temporal.get_workflow_handle(attempt_workflow_id(attempt.id)).terminate(
                    "time stood still"
                )
        if waiting:
            await ActivityEnvironment().run(Housekeeping(product.outside).restart_missing)

        async def kept() -> list[str]:
            return left_over(await self.rows(ConnectionAttempt), await self.rows(TokenRevocation), now)

        async def nothing() -> bool:
            return not await kept()

        with suppress(AssertionError):
            await eventually(nothing)
        assert not (left := await kept()), f"company {self.place}: {left}"


async def begin_life(stack: Stack) -> Life:
    place, browser = stack.next_place(), stack.browser()
    await stack.sign_in(browser, place)
    me = (await browser.get("/api/v1/me")).json()
    life = Life(stack, place, UUID(me["company"]["id"]), browser)
    async with life.session() as session:
        await switch_feature(session, True)
        project = stack.product.procore.records.projects[project_id_of(place)]
        await store_projects(session, [SeenProject(life.project_id, project["name"], project["time_zone"], True)])
    return life

"""Units of work. A session is opened for one company, sees only its rows, and commits once at the end.

Inside it, every ORM statement is narrowed to the company by the session itself; the named queries say it too, and a
linter holds them to it. The one way to look across companies is ``Database.directory``, for ``models/directory/``.
"""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, TypeVar, cast
from uuid import UUID

import psycopg
import sqlalchemy as sa
from psycopg import AsyncConnection, AsyncCursor
from psycopg.rows import AsyncRowFactory, class_row, tuple_row
from sqlalchemy import event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.orm import LoaderCriteriaOption, ORMExecuteState, Session, with_loader_criteria
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.sql import visitors
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

import models.tables  # noqa: F401 - every table must be known before the first query
from foundation.clock import Clock
from foundation.ids import new_id
from models.shared_time import learn_time
from models.tables.record import ActorKind

Row = TypeVar("Row")


@dataclass(frozen=True)
class Actor:
    """Who does it: written into every event. ``id`` is a user's id, a workflow's id or a provider's name."""

    kind: ActorKind
    id: str | None = None
    workflow_id: str | None = None
    run_id: str | None = None
    activity_id: str | None = None
    traceparent: str | None = None

    @property
    def lease_name(self) -> str | None:
        """Whose leases are whose: the same for every attempt of one activity, None for anybody else."""
        return f"{self.run_id}/{self.activity_id}" if self.activity_id else None


class CompanySession(AsyncSession):
    """A session of one company. ``now`` is the instant its unit of work began, by the injected clock."""

    company_id: UUID
    actor: Actor
    clock: Clock
    now: datetime
    driver: AsyncConnection[Any] | None
    events: list[dict[str, Any]]

    def new_id(self) -> UUID:
        return new_id(self.clock)

    async def ask(self, sql: str, row: type[Row], **values: Any) -> list[Row]:
        """The rows of one statement as dataclasses, sent as it stands, in this unit of work.

        For what every invoice passes: through the ORM the same statement costs eight times as much. ``company_id`` is
        always this session's own; a statement that does not name it raises ValueError.
        """
        cursor = await self._cursor(class_row(row))
        await cursor.execute(self._own(sql), {**values, "company_id": self.company_id})
        return await cursor.fetchall()

    async def do(self, sql: str, **values: Any) -> int:
        """As ``ask``, for a statement that only changes rows; how many."""
        cursor = await self._cursor(tuple_row)
        await cursor.execute(self._own(sql), {**values, "company_id": self.company_id})
        return cursor.rowcount

    async def _cursor(self, factory: AsyncRowFactory[Row]) -> AsyncCursor[Row]:
        await self.write_out()
        if self.driver is None:
            pooled = await (await self.connection()).get_raw_connection()
            self.driver = cast("AsyncConnection[Any]", pooled.driver_connection)
        return self.driver.cursor(row_factory=factory)

    async def write_out(self) -> None:
        """Send what is pending of the ORM's rows; ``flush`` costs as much as a statement where nothing is."""
        if self.new or self.dirty or self.deleted:
            await self.flush()

    @staticmethod
    def _own(sql: str) -> str:
        if "%(company_id)s" not in sql:
            raise ValueError("this statement names no company")
        return sql


ROWS_OF_COMPANIES = {
    mapper.local_table: mapper.class_ for mapper in SQLModel._sa_registry.mappers if "company_id" in mapper.columns
}


@event.listens_for(Session, "do_orm_execute")
def _narrow_to_company(state: ORMExecuteState) -> None:
    company_id = state.session.info.get("company_id")
    if company_id is None or not (state.is_select or state.is_update or state.is_delete):
        return
    # Wherever the statement names a table: the session's own list of mappers leaves out counts and subqueries. In the
    # statement's order, so that an equal statement is an equal key of the compiled cache.
    named = dict.fromkeys(visitors.iterate(cast(sa.ClauseElement, state.statement)))
    tables = [part for part in named if isinstance(part, sa.Table) and part in ROWS_OF_COMPANIES]
    if tables:
        state.statement = state.statement.options(*(_only_of(table, company_id) for table in tables))


@lru_cache(maxsize=4096)
def _only_of(table: sa.Table, company_id: UUID) -> LoaderCriteriaOption:
    """Made once for a table and a company: the making costs more than many a statement."""
    row = ROWS_OF_COMPANIES[table]
    return with_loader_criteria(row, row.company_id == company_id, include_aliases=True)


# A server that went away is noticed before a unit of work begins; one that has just answered is not asked again.
RESTED_SECONDS = 1.0


def _ask_after_rest(engine: sa.Engine) -> None:
    """As ``pool_pre_ping`` does, for connections that have lain idle."""

    @event.listens_for(engine, "checkin")
    def _rests(_: Any, record: ConnectionPoolEntry) -> None:
        record.info["rests_since"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def _wakes(connection: DBAPIConnection, record: ConnectionPoolEntry, _: Any) -> None:
        if time.monotonic() - record.info.get("rests_since", time.monotonic()) < RESTED_SECONDS:
            return
        try:
            engine.dialect.do_ping(connection)
        except psycopg.Error:
            raise InvalidatePoolError from None


class Database:
    """The one pool of a process. Nothing holds one of its connections during a call to a provider."""

    def __init__(self, url: str, clock: Clock, pool_size: int = 10) -> None:
        self.clock = clock
        self._engine: AsyncEngine = create_async_engine(
            url,
            pool_size=pool_size,
            max_overflow=0,
            # A connection used a moment ago knows the tables and the statements; with all of them in turn each learns.
            pool_use_lifo=True,
            pool_timeout=30,
            connect_args={"options": "-c timezone=UTC", "prepare_threshold": 1},
        )
        _ask_after_rest(self._engine.sync_engine)

    @asynccontextmanager
    async def company(self, company_id: UUID, actor: Actor) -> AsyncIterator[CompanySession]:
        """One unit of work for one company: commits at the end with its events, rolls back on any exception."""
        from models.events import write_events

        async with CompanySession(self._engine, expire_on_commit=False, info={"company_id": company_id}) as session:
            session.company_id, session.actor, session.events = company_id, actor, []
            await learn_time(session, self.clock)
            session.clock, session.now, session.driver = self.clock, self.clock.now(), None
            yield session
            await session.write_out()
            await write_events(session)
            await session.commit()

    @asynccontextmanager
    async def directory(self) -> AsyncIterator[AsyncSession]:
        """A unit of work over companies and users, for ``models/directory/`` only."""
        async with AsyncSession(self._engine, expire_on_commit=False) as session:
            await learn_time(session, self.clock)
            yield session
            await session.commit()

    async def close(self) -> None:
        await self._engine.dispose()

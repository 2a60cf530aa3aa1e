"""A generated company in a test's database, with the oddities that a test adds to it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa

from benchmarks.large_company import LargeCompany
from benchmarks.pages import sign_up
from models.database import Actor, CompanySession, Database
from models.tables import ActorKind

ACTOR = Actor(ActorKind.COMMAND, "test")


@dataclass(frozen=True)
class GeneratedCompany:
    """A company, its admin, and the unit of work it was written in."""

    session: CompanySession
    company_id: UUID
    user_id: UUID
    connection_id: UUID

    async def change(self, statements: str, **values: Any) -> None:
        """Run statements in turn; each may name ``company_id`` and ``values``."""
        known = values | {"company_id": self.company_id}
        for statement in map(sa.text, statements.split(";")):
            await self.session.execute(statement, {name: known[name] for name in statement._bindparams})


@asynccontextmanager
async def generated_company(database: Database, invoices: int) -> AsyncIterator[GeneratedCompany]:
    """A new company with so many invoices, and with what lies beside them."""
    company_id, user_id = uuid4(), uuid4()
    await sign_up(database, company_id, user_id)
    async with database.company(company_id, ACTOR) as session:
        company = LargeCompany(company_id, user_id, session, invoices)
        await company.write()
        yield GeneratedCompany(session, company_id, user_id, company.connection_id)

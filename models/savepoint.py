"""Part of a unit of work that may be taken back alone."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncSessionTransaction

from models.database import CompanySession


@asynccontextmanager
async def savepoint(session: CompanySession) -> AsyncIterator[AsyncSessionTransaction]:
    """What happens inside is taken back by ``rollback`` of what is given, or by an exception.

    SQLAlchemy sets its savepoint only when the ORM first needs the connection: raw statements sent before that would
    stay. So it is set here.
    """
    async with session.begin_nested() as part:
        await session.connection()
        yield part

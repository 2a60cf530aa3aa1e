"""Procore's company directory, read once a day, so that suggestions know more of a vendor than its name."""

from datetime import timedelta
from uuid import UUID

from activities.reading_procore import CompanyReader
from models.database import Actor, Database
from models.procore_vendors import directory_read_at, store_vendors
from providers.procore.errors import ProcoreError

A_DAY = timedelta(days=1)


async def read_directory(database: Database, company_id: UUID, actor: Actor, reader: CompanyReader) -> None:
    """Read it where it is older than a day. One that is empty or refused is asked for again by the next caller: looks
    that find nothing due, and those that list the projects, come once an hour.
    """
    async with database.company(company_id, actor) as session:
        read_at = await directory_read_at(session)
        is_fresh = read_at is not None and read_at > session.now - A_DAY
        budget = await reader.settle(session)
    if is_fresh or budget.left <= 0:
        return
    await reader.breathe()
    try:
        vendors = await reader.vendors()
    except ProcoreError:
        # The looks themselves say what is wrong with Procore; names alone still make suggestions.
        return
    async with database.company(company_id, actor) as session:
        await store_vendors(session, vendors)
        await reader.settle(session)

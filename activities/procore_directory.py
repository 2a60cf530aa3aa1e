"""Procore's company directory, once a day: suggestions then know the numbers, mails and phones of its vendors."""

from datetime import timedelta
from uuid import UUID

from temporalio import activity

from activities.outside import Outside
from activities.procore_access import is_of_project
from activities.reading_procore import CompanyReader
from models.database import Actor
from models.procore_vendors import directory_read_at, seen_vendor, store_vendors
from providers.procore.errors import ProcoreError
from providers.procore.vendors import ProcoreVendor

# What an invoice is posted by comes with the invoice: nothing waits for the directory.
EVERY = timedelta(days=1)


async def follow_directory(outside: Outside, company_id: UUID, actor: Actor, reader: CompanyReader) -> None:
    """Read the vendors where that was a day ago: a call for every three hundred. Raises ProcoreError.

    A service account that may not see the directory leaves it as it was: people read it in their own name then.
    """
    async with outside.database.company(company_id, actor) as session:
        read_at = await directory_read_at(session)
    if read_at is not None and outside.clock.now() - read_at < EVERY:
        return
    listed: list[ProcoreVendor] = []
    try:
        async for page in reader.client.vendors():
            listed += page.records
            await reader.breathe()
    except ProcoreError as trouble:
        if not is_of_project(trouble):
            raise
        activity.logger.info("Procore's directory is not for the service account: %s", trouble)
        return
    async with outside.database.company(company_id, actor) as session:
        await store_vendors(session, [seen_vendor(one) for one in listed])

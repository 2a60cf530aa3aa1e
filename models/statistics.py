"""What PostgreSQL's planner knows of the tables that a plan fills."""

import sqlalchemy as sa

from models.database import CompanySession

COUNT_ROWS = sa.text("ANALYZE procore_requisition, mirroring_plan_entry, invoice, invoice_line")


async def count_rows(session: CompanySession) -> None:
    """Have PostgreSQL count what was just written, this unit of work's own rows included.

    It would by itself within a minute. Until then it takes a company for a handful of rows and joins a thousand
    invoices by reading each of them a thousand times, in the foreign keys' checks as well.
    """
    await session.execute(COUNT_ROWS)

"""What the filters of the invoice list offer: projects, vendors, and the reasons somebody waits for now."""

import sqlalchemy as sa
from sqlmodel import col, select

from accounting.blockers import BlockerReason
from models.database import CompanySession
from models.standing import standing_of_connections
from models.tables import InvoiceBlocker, InvoiceLineRow, InvoiceRow, ProcoreProject
from models.vendor_walk import vendors_of

# A list in a page has an end; the search finds every vendor.
MOST_VENDORS = 1_000
# Enough to know every code in use; all lines of two years would be too many to read for a form.
LINES_READ = 5_000


async def project_names(session: CompanySession) -> list[tuple[str, str]]:
    """(project id, name) of the company's projects, for filters and the upload form, by name."""
    found = await session.exec(
        select(ProcoreProject.project_id, ProcoreProject.name)
        .where(ProcoreProject.company_id == session.company_id)
        .order_by(col(ProcoreProject.name), col(ProcoreProject.project_id))
    )
    return [(project_id, name) for project_id, name in found]


async def vendor_names(session: CompanySession) -> list[tuple[str, str]]:
    """(vendor id, name) of everybody who ever sent an invoice, by name; at most MOST_VENDORS of them."""
    vendors = vendors_of(session, InvoiceRow).subquery()
    found = await session.execute(sa.select(vendors).limit(MOST_VENDORS))
    return sorted(((str(vendor_id), str(known_as)) for vendor_id, known_as in found), key=lambda one: one[1].casefold())


async def known_codes(session: CompanySession) -> dict[str, str]:
    """Budget codes of the newest invoices' lines with Procore's id of their cost code, by code."""
    newest = (
        sa.select(col(InvoiceLineRow.budget_code), col(InvoiceLineRow.cost_code_id))
        .join(
            InvoiceRow,
            sa.and_(
                col(InvoiceRow.company_id) == col(InvoiceLineRow.company_id),
                col(InvoiceRow.id) == col(InvoiceLineRow.invoice_id),
            ),
        )
        .where(col(InvoiceLineRow.company_id) == session.company_id, col(InvoiceRow.company_id) == session.company_id)
        .order_by(col(InvoiceRow.imported_at).desc(), col(InvoiceRow.reference).desc())
        .limit(LINES_READ)
        .subquery()
    )
    found = await session.execute(sa.select(newest.c.budget_code, newest.c.cost_code_id).distinct())
    return dict(sorted((code, cost_code_id) for code, cost_code_id in found if code and cost_code_id))


async def reasons_now(session: CompanySession) -> list[BlockerReason]:
    """The reasons that hold an invoice at this moment, in the vocabulary's order."""
    found = await session.exec(
        select(InvoiceBlocker.reason)
        .where(InvoiceBlocker.company_id == session.company_id, col(InvoiceBlocker.cleared_at).is_(None))
        .distinct()
    )
    open_now = {*found, *(await standing_of_connections(session)).values()}
    return [reason for reason in BlockerReason if reason in open_now]

"""Every vendor of a table, once each, found by walking its index from vendor to vendor.

Reading every row for its vendor would take a hundred times as long in a company with years of invoices.
"""

from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from models.database import CompanySession
from models.tables import InvoiceRow, ProcoreRequisition


def vendors_of(session: CompanySession, table: type[InvoiceRow] | type[ProcoreRequisition]) -> sa.Select[Any]:
    """``vendor_id`` and one of the names it has there. Needs an index on company and vendor."""
    vendor_id, company_id = col(table.vendor_id), session.company_id
    first = sa.func.min(vendor_id).label("vendor_id")
    vendors = (
        sa.select(first).where(col(table.company_id) == company_id).cte(f"{table.__name__}_vendors", recursive=True)
    )
    following = (
        sa.select(first)
        .where(col(table.company_id) == company_id, vendor_id > vendors.c.vendor_id)
        .lateral(f"{table.__name__}_following")
    )
    # The last vendor is followed by none, which ends the walk.
    vendors = vendors.union_all(
        sa.select(following.c.vendor_id).join_from(vendors, following, following.c.vendor_id.is_not(None))
    )
    named = (
        sa.select(col(table.vendor_name))
        .where(col(table.company_id) == company_id, vendor_id == vendors.c.vendor_id)
        .limit(1)
        .lateral(f"{table.__name__}_named")
    )
    return sa.select(vendors.c.vendor_id, named.c.vendor_name).join_from(vendors, named, sa.true())

"""Bills that invoices are linked to now, connection by connection, page by page."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from models.database import CompanySession


@dataclass(frozen=True)
class LiveLink:
    """One live link, and where its invoice stands in the statement.

    ``retainage`` (withheld less released) and ``net`` are the bill's as it was posted or linked, in the invoice's sign:
    QuickBooks keeps a vendor credit as a positive amount.
    """

    link_id: UUID
    invoice_id: UUID
    transaction_type: str
    quickbooks_id: str
    project_id: str
    billing_date: date
    retainage: Decimal
    net: Decimal


LIVE_LINKS = """
    SELECT link.id AS link_id, link.invoice_id, link.transaction_type, link.quickbooks_id, invoice.project_id,
        invoice.billing_date, link.retainage_withheld - link.retainage_released AS retainage,
        CASE WHEN link.transaction_type = 'VendorCredit' THEN -link.total ELSE link.total END AS net
    FROM bill_link AS link
    JOIN invoice ON invoice.company_id = link.company_id AND invoice.id = link.invoice_id
    WHERE link.company_id = %(company_id)s AND link.connection_id = %(connection_id)s AND link.ended_at IS NULL
        AND (%(after)s::uuid IS NULL OR link.id > %(after)s)
    ORDER BY link.id
    LIMIT %(limit)s
"""


async def live_links(session: CompanySession, connection_id: UUID, after: UUID | None, limit: int) -> list[LiveLink]:
    """A page of a connection's live links, in the order of their ids, after the one given."""
    return await session.ask(LIVE_LINKS, LiveLink, connection_id=connection_id, after=after, limit=limit)

"""Bills that invoices are linked to now, connection by connection, page by page."""

from dataclasses import dataclass
from datetime import date, datetime
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


@dataclass(frozen=True)
class _Unread:
    quickbooks_id: str


UNREAD_BILLS = """
    SELECT link.quickbooks_id
    FROM bill_link AS link
    JOIN quickbooks_transaction AS copy
        ON copy.company_id = link.company_id AND copy.connection_id = link.connection_id
        AND copy.transaction_type = link.transaction_type AND copy.quickbooks_id = link.quickbooks_id
    WHERE link.company_id = %(company_id)s AND link.connection_id = %(connection_id)s AND link.ended_at IS NULL
        AND link.transaction_type = 'Bill' AND NOT copy.is_deleted
        AND copy.read_at < %(since)s AND copy.transaction_date >= %(first_day)s
"""


async def linked_bills_unread(
    session: CompanySession, connection_id: UUID, since: datetime, first_day: date
) -> list[str]:
    """QuickBooks' ids of linked bills dated on or after a day that no reading has brought since."""
    found = await session.ask(UNREAD_BILLS, _Unread, connection_id=connection_id, since=since, first_day=first_day)
    return [one.quickbooks_id for one in found]

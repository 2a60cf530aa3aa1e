"""Our copy of the books as duplicates are looked for in it: what a vendor has there, and where an invoice stands."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from accounting.duplicates import NEAR, BookedTransaction
from accounting.money import ZERO
from models.database import CompanySession
from models.tables import BillLink, Connection, QuickBooksTransaction

KIND_WORDS = {"Bill": "bill", "VendorCredit": "vendor credit", "Purchase": "check or expense"}


@dataclass(frozen=True)
class Sought:
    """One invoice to look for: its vendor in these books, its number as compared, and its bill's likely date."""

    vendor_id: str
    normalised_number: str
    day: date


def transaction_key(transaction_type: str, quickbooks_id: str) -> str:
    return f"{transaction_type}:{quickbooks_id}"


async def booked_near(
    session: CompanySession, connection_id: UUID, sought: Mapping[UUID, Sought]
) -> dict[UUID, tuple[BookedTransaction, ...]]:
    """What each invoice's vendor has in the books with that number, or dated within 45 days; deleted ones left out.

    Whether one is really alike is a rule of accounting; this narrows the books down to what the rule has to see.
    """
    if not sought:
        return {}
    linked = (
        sa.select(col(BillLink.id))
        .where(col(BillLink.company_id) == session.company_id)
        .where(col(BillLink.connection_id) == col(QuickBooksTransaction.connection_id))
        .where(col(BillLink.transaction_type) == col(QuickBooksTransaction.transaction_type))
        .where(col(BillLink.quickbooks_id) == col(QuickBooksTransaction.quickbooks_id))
        .where(col(BillLink.ended_at).is_(None))
        .exists()
    )
    days = [one.day for one in sought.values()]
    numbers = {one.normalised_number for one in sought.values() if one.normalised_number}
    found = await session.exec(
        select(QuickBooksTransaction)
        .where(QuickBooksTransaction.company_id == session.company_id)
        .where(QuickBooksTransaction.connection_id == connection_id)
        .where(col(QuickBooksTransaction.is_deleted).is_(False), ~linked)
        .where(col(QuickBooksTransaction.vendor_id).in_({one.vendor_id for one in sought.values()}))
        .where(
            sa.or_(
                col(QuickBooksTransaction.normalised_number).in_(numbers),
                col(QuickBooksTransaction.transaction_date).between(min(days) - NEAR, max(days) + NEAR),
            )
        )
        .order_by(col(QuickBooksTransaction.transaction_date), col(QuickBooksTransaction.quickbooks_id))
    )
    by_vendor: dict[str, list[BookedTransaction]] = {}
    for row in found:
        if (one := as_booked(row)) is not None:
            by_vendor.setdefault(one.vendor_id, []).append(one)
    return {invoice_id: tuple(by_vendor.get(one.vendor_id, ())) for invoice_id, one in sought.items()}


def as_booked(row: QuickBooksTransaction) -> BookedTransaction | None:
    """A transaction as the rule compares it; None where the books say too little to be compared."""
    if row.vendor_id is None or row.transaction_date is None:
        return None
    total = row.total if row.total is not None else ZERO
    return BookedTransaction(
        key=transaction_key(row.transaction_type, row.quickbooks_id),
        kind=KIND_WORDS.get(row.transaction_type, row.transaction_type),
        vendor_id=row.vendor_id,
        number=row.number or "",
        transaction_date=row.transaction_date,
        total=total,
        gross=row.gross if row.gross is not None else total,
        customer_ids=frozenset(row.customer_ids or ()),
    )


async def posted_elsewhere(
    session: CompanySession, connection_id: UUID, invoice_ids: Iterable[UUID]
) -> dict[UUID, str]:
    """By invoice: the QuickBooks company of another connection that has, or had, a bill of it."""
    found = await session.exec(
        select(BillLink.invoice_id, Connection.quickbooks_company_name)
        .join(
            Connection,
            sa.and_(
                col(Connection.company_id) == col(BillLink.company_id),
                col(Connection.id) == col(BillLink.connection_id),
            ),
        )
        .where(BillLink.company_id == session.company_id, BillLink.connection_id != connection_id)
        .where(col(BillLink.invoice_id).in_(list(invoice_ids)))
        .order_by(col(BillLink.linked_at))
    )
    return dict(found.all())


async def transaction_by_key(session: CompanySession, connection_id: UUID, key: str) -> QuickBooksTransaction | None:
    """A transaction of these books by its key (``Bill:145``), locked; None where there is none or it is deleted."""
    transaction_type, _, quickbooks_id = key.partition(":")
    found = await session.exec(
        select(QuickBooksTransaction)
        .where(QuickBooksTransaction.company_id == session.company_id)
        .where(QuickBooksTransaction.connection_id == connection_id)
        .where(QuickBooksTransaction.transaction_type == transaction_type)
        .where(QuickBooksTransaction.quickbooks_id == quickbooks_id)
        .where(col(QuickBooksTransaction.is_deleted).is_(False))
        .with_for_update()
    )
    return found.first()

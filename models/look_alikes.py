"""Our copy of the books as duplicates are looked for in it: what a vendor has there, and where an invoice stands."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlmodel import col, select

from accounting.duplicates import NEAR, BookedTransaction
from accounting.money import ZERO
from models.database import CompanySession
from models.tables import QuickBooksTransaction

KIND_WORDS = {
    "Bill": "bill",
    "VendorCredit": "vendor credit",
    "Purchase": "check or expense",
    "Check": "check",
    "CreditCardCharge": "credit card charge",
}


@dataclass(frozen=True)
class Sought:
    """One invoice to look for: its vendor in these books, its number as compared, and its bill's likely date."""

    vendor_id: str
    normalised_number: str
    day: date


def transaction_key(transaction_type: str, quickbooks_id: str) -> str:
    return f"{transaction_type}:{quickbooks_id}"


# What is linked answers another invoice; so does what an attempt on its way has made and nobody has linked yet. A bill
# that was taken back owes nothing any more, and the credit against it is no credit of anything else.
BOOKED_NEAR = """
    SELECT transaction_type, quickbooks_id, vendor_id, number, transaction_date, total, gross, customer_ids
    FROM quickbooks_transaction AS booked
    WHERE company_id = %(company_id)s AND connection_id = %(connection_id)s AND NOT is_deleted
        AND vendor_id = ANY(%(vendor_ids)s) AND transaction_date IS NOT NULL
        AND (normalised_number = ANY(%(numbers)s) OR transaction_date BETWEEN %(first_day)s AND %(last_day)s)
        AND NOT EXISTS (
            SELECT FROM bill_link AS link
            WHERE link.company_id = %(company_id)s AND link.connection_id = booked.connection_id
                AND link.transaction_type = booked.transaction_type AND link.quickbooks_id = booked.quickbooks_id
                AND link.ended_at IS NULL
        )
        AND NOT EXISTS (
            SELECT FROM posting_attempt AS attempt
            WHERE attempt.company_id = %(company_id)s AND attempt.connection_id = booked.connection_id
                AND attempt.state IN ('sent', 'unclear') AND attempt.lookup_vendor_id = booked.vendor_id
                AND attempt.lookup_number = booked.number AND attempt.lookup_total = booked.total
        )
        AND NOT EXISTS (
            SELECT FROM taking_back_item AS item
            JOIN bill_link AS link ON link.company_id = item.company_id AND link.id = item.bill_link_id
            WHERE item.company_id = %(company_id)s AND item.state = 'done' AND link.connection_id = booked.connection_id
                AND (
                    (link.transaction_type = booked.transaction_type AND link.quickbooks_id = booked.quickbooks_id)
                    OR (booked.transaction_type = 'VendorCredit' AND booked.quickbooks_id = item.credit_id)
                )
        )
    ORDER BY transaction_date, quickbooks_id
"""


@dataclass(frozen=True)
class _Booked:
    transaction_type: str
    quickbooks_id: str
    vendor_id: str
    number: str | None
    transaction_date: date
    total: Decimal | None
    gross: Decimal | None
    customer_ids: list[str] | None


async def booked_near(
    session: CompanySession, connection_id: UUID, sought: Mapping[UUID, Sought]
) -> dict[UUID, tuple[BookedTransaction, ...]]:
    """What each invoice's vendor has in the books with that number, or dated within 45 days; deleted ones left out.

    Whether one is really alike is a rule of accounting; this narrows the books down to what the rule has to see.
    """
    if not sought:
        return {}
    days = [one.day for one in sought.values()]
    found = await session.ask(
        BOOKED_NEAR,
        _Booked,
        connection_id=connection_id,
        vendor_ids=sorted({one.vendor_id for one in sought.values()}),
        numbers=sorted({one.normalised_number for one in sought.values() if one.normalised_number}),
        first_day=min(days) - NEAR,
        last_day=max(days) + NEAR,
    )
    by_vendor: dict[str, list[BookedTransaction]] = {}
    for row in found:
        by_vendor.setdefault(row.vendor_id, []).append(_as_compared(row))
    return {invoice_id: tuple(by_vendor.get(one.vendor_id, ())) for invoice_id, one in sought.items()}


def _as_compared(row: _Booked) -> BookedTransaction:
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


# Of several, the last one linked.
ELSEWHERE = """
    SELECT DISTINCT ON (link.invoice_id) link.invoice_id, connection.quickbooks_company_name AS name
    FROM bill_link AS link
    JOIN connection ON connection.company_id = link.company_id AND connection.id = link.connection_id
    WHERE link.company_id = %(company_id)s AND link.connection_id <> %(connection_id)s
        AND link.invoice_id = ANY(%(invoice_ids)s)
    ORDER BY link.invoice_id, link.linked_at DESC
"""


@dataclass(frozen=True)
class _Elsewhere:
    invoice_id: UUID
    name: str


async def posted_elsewhere(
    session: CompanySession, connection_id: UUID, invoice_ids: Iterable[UUID]
) -> dict[UUID, str]:
    """By invoice: the QuickBooks company of another connection that has, or had, a bill of it."""
    found = await session.ask(ELSEWHERE, _Elsewhere, connection_id=connection_id, invoice_ids=list(invoice_ids))
    return {one.invoice_id: one.name for one in found}


# Whoever moves books takes number or amount along; vendors and days may be others.
MIGRATED = """
    SELECT transaction_type, quickbooks_id, vendor_id, number, transaction_date, total, gross, customer_ids
    FROM quickbooks_transaction AS booked
    WHERE company_id = %(company_id)s AND connection_id = %(connection_id)s AND NOT is_deleted
        AND transaction_type IN ('Bill', 'VendorCredit') AND transaction_date IS NOT NULL
        AND ((normalised_number = %(number)s AND %(number)s <> '') OR total = abs(%(due)s) OR gross = abs(%(due)s))
        AND NOT EXISTS (
            SELECT FROM bill_link AS link
            WHERE link.company_id = %(company_id)s AND link.connection_id = booked.connection_id
                AND link.transaction_type = booked.transaction_type AND link.quickbooks_id = booked.quickbooks_id
                AND link.ended_at IS NULL
        )
    ORDER BY (normalised_number = %(number)s AND total = abs(%(due)s)) DESC, transaction_date DESC, quickbooks_id
    LIMIT 20
"""


async def migrated_bills(
    session: CompanySession, connection_id: UUID, normalised_number: str, due: Decimal
) -> list[BookedTransaction]:
    """Bills of these books that an invoice posted elsewhere may have become, the likeliest first, at most twenty."""
    found = await session.ask(MIGRATED, _Booked, connection_id=connection_id, number=normalised_number, due=due)
    return [_as_compared(one) for one in found]


async def words_of_transaction(session: CompanySession, connection_id: UUID | None, key: str) -> str | None:
    """A transaction of these books in the words of a look-alike, as it is now; None where it is not there any more."""
    found = await transaction_by_key(session, connection_id, key) if connection_id is not None else None
    if found is None or found.transaction_date is None:
        return None
    return _as_compared(
        _Booked(
            transaction_type=found.transaction_type,
            quickbooks_id=found.quickbooks_id,
            vendor_id=found.vendor_id or "",
            number=found.number,
            transaction_date=found.transaction_date,
            total=found.total,
            gross=found.gross,
            customer_ids=found.customer_ids,
        )
    ).words


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

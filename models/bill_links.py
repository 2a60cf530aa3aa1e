"""Bills in QuickBooks: which invoice became which, what retainage they booked, and our copy of the books."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlmodel import col, select

from accounting.bill_types import RetainageBalance, WithheldIn
from accounting.money import ZERO
from models.comparisons import bills_were_read
from models.database import CompanySession
from models.posting import Attempt
from models.rows import OnConflict, insert_rows
from models.tables import BillLink, LinkOrigin, QuickBooksTransaction


@dataclass(frozen=True)
class AcceptedBill:
    """What QuickBooks answered for one attempt. ``raw`` is its own JSON. ``takes_files``: files may hang on it."""

    attempt: Attempt
    transaction_type: str
    quickbooks_id: str
    sync_token: str
    number: str
    total: Decimal
    balance: Decimal | None
    bill_date: date
    memo: str
    raw: str
    adopted: bool
    takes_files: bool = False


ACCEPT = """
    UPDATE posting_attempt AS attempt
    SET state = 'accepted', ended_at = %(now)s, quickbooks_id = given.quickbooks_id, adopted = given.adopted
    FROM unnest(%(ids)s::uuid[], %(quickbooks_ids)s::text[], %(adopted)s::boolean[])
        AS given(id, quickbooks_id, adopted)
    WHERE attempt.company_id = %(company_id)s AND attempt.id = given.id
"""


async def end_accepted(session: CompanySession, bills: Sequence[AcceptedBill]) -> None:
    """Note which attempts became bills, and which bills."""
    await session.do(
        ACCEPT,
        now=session.now,
        ids=[bill.attempt.id for bill in bills],
        quickbooks_ids=[bill.quickbooks_id for bill in bills],
        adopted=[bill.adopted for bill in bills],
    )


async def link_bills(session: CompanySession, bills: Sequence[AcceptedBill]) -> None:
    """Write the links of accepted bills and put the bills into our copy of the books."""
    if not bills:
        return
    rows = [
        {
            "company_id": session.company_id,
            "id": session.new_id(),
            "invoice_id": bill.attempt.subject_id,
            "connection_id": bill.attempt.connection_id,
            "transaction_type": bill.transaction_type,
            "quickbooks_id": bill.quickbooks_id,
            "sync_token": bill.sync_token,
            "number": bill.number,
            "total": bill.total,
            "retainage_withheld": bill.attempt.retainage_withheld,
            "retainage_released": bill.attempt.retainage_released,
            "retainage_account_id": bill.attempt.retainage_account_id,
            "commitment_id": bill.attempt.commitment_id,
            "origin": LinkOrigin.ADOPTED if bill.adopted else LinkOrigin.POSTED,
            "linked_at": session.now,
            "files_due_at": session.now if bill.takes_files else None,
        }
        for bill in bills
    ]
    await insert_rows(session, BillLink, rows)
    # Straight into the copy: what has just become of our own write is no news to compare.
    await _store(session, [_copied(bill) for bill in bills])


FOLLOW = """
    UPDATE bill_link SET sync_token = %(sync_token)s, number = %(number)s, total = %(total)s,
        retainage_withheld = %(withheld)s, retainage_released = %(released)s,
        retainage_account_id = coalesce(%(account_id)s, retainage_account_id)
    WHERE company_id = %(company_id)s AND invoice_id = %(invoice_id)s AND ended_at IS NULL
        AND quickbooks_id = %(quickbooks_id)s
"""


async def link_follows(session: CompanySession, bill: AcceptedBill) -> None:
    """A bill was updated: its link and our copy of the books say what it is now."""
    await session.do(
        FOLLOW,
        invoice_id=bill.attempt.subject_id,
        quickbooks_id=bill.quickbooks_id,
        sync_token=bill.sync_token,
        number=bill.number,
        total=bill.total,
        withheld=bill.attempt.retainage_withheld,
        released=bill.attempt.retainage_released,
        account_id=bill.attempt.retainage_account_id,
    )
    await _store(session, [_copied(bill)])


def _copied(bill: AcceptedBill) -> dict[str, Any]:
    """What QuickBooks answered, for our copy of the books."""
    return {
        "connection_id": bill.attempt.connection_id,
        "transaction_type": bill.transaction_type,
        "quickbooks_id": bill.quickbooks_id,
        "sync_token": bill.sync_token,
        "vendor_id": bill.attempt.lookup_vendor_id,
        "number": bill.number,
        "normalised_number": None,
        "transaction_date": bill.bill_date,
        "total": bill.total,
        "balance": bill.balance,
        "memo": bill.memo,
        "raw": bill.raw,
    }


async def store_transactions(session: CompanySession, rows: Iterable[dict[str, Any]]) -> None:
    """Refresh our copy of transactions in the books; linked invoices whose bills moved on are compared again."""
    read = list(rows)
    await _store(session, read)
    await bills_were_read(session, read)


async def _store(session: CompanySession, rows: Iterable[dict[str, Any]]) -> None:
    complete = [
        {
            "updated_at": session.now,
            **row,
            "company_id": session.company_id,
            "id": session.new_id(),
            "is_deleted": False,
            "read_at": session.now,
        }
        for row in {(row["connection_id"], row["transaction_type"], row["quickbooks_id"]): row for row in rows}.values()
    ]
    keys = ("company_id", "connection_id", "transaction_type", "quickbooks_id")
    await insert_rows(session, QuickBooksTransaction, complete, OnConflict(keys))


BALANCES = """
    SELECT link.commitment_id, booked.vendor_id, link.retainage_account_id AS account_id,
        sum(link.retainage_withheld) AS withheld, sum(link.retainage_released) AS released,
        sum(greatest(link.retainage_withheld, 0)) AS kept
    FROM bill_link AS link
    LEFT JOIN quickbooks_transaction AS booked
        ON booked.company_id = link.company_id AND booked.connection_id = link.connection_id
        AND booked.transaction_type = link.transaction_type AND booked.quickbooks_id = link.quickbooks_id
    WHERE link.company_id = %(company_id)s AND link.connection_id = %(connection_id)s AND link.ended_at IS NULL
        AND link.commitment_id = ANY(%(commitment_ids)s)
    GROUP BY link.commitment_id, booked.vendor_id, link.retainage_account_id
    ORDER BY min(link.linked_at), link.retainage_account_id
"""


@dataclass(frozen=True)
class _Booked:
    commitment_id: str
    vendor_id: str | None
    account_id: str | None
    withheld: Decimal
    released: Decimal
    kept: Decimal


@dataclass(frozen=True)
class BookedRetainage:
    """Retainage booked in one set of books, by commitment, QuickBooks vendor and account, the oldest first."""

    parts: Sequence[_Booked]

    def of(self, commitment_id: str, vendor_id: str | None = None) -> RetainageBalance:
        """What is booked on a commitment with this vendor, or with any where none is named."""
        counted = [
            one
            for one in self.parts
            if one.commitment_id == commitment_id and (vendor_id is None or one.vendor_id in (None, vendor_id))
        ]
        return RetainageBalance(
            sum((one.withheld for one in counted), ZERO),
            sum((one.released for one in counted), ZERO),
            withheld_in=tuple(WithheldIn(one.account_id, one.kept) for one in counted if one.kept > 0),
        )


async def booked_retainage(
    session: CompanySession, connection_id: UUID, commitment_ids: Iterable[str]
) -> BookedRetainage:
    """What is booked in these books through live bill links: what other books withheld cannot be released here."""
    found = await session.ask(
        BALANCES, _Booked, connection_id=connection_id, commitment_ids=sorted(set(commitment_ids))
    )
    return BookedRetainage(found)


async def end_links(session: CompanySession, invoice_id: UUID) -> list[BillLink]:
    """The invoice has no bill any more; the link that was, kept as its history."""
    found = await session.exec(
        select(BillLink)
        .where(BillLink.company_id == session.company_id, BillLink.invoice_id == invoice_id)
        .where(col(BillLink.ended_at).is_(None))
        .with_for_update()
    )
    links = list(found)
    for link in links:
        link.ended_at = session.now
        session.add(link)
    return links

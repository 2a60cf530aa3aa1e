"""Invoices that were meant for other books and were never posted: an admin may move them, seeing count and total."""

import json
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from accounting.blockers import BlockerReason
from accounting.money import ZERO
from accounting.states import BEFORE_SENDING
from models.database import CompanySession
from models.events import audit, record_event
from models.routes import give_books
from models.tables import BillLink, Connection, ConnectionState, InvoiceBlocker, InvoiceRow

# What the old books said about an invoice says nothing about the new ones; the next draft finds what still stands.
OF_THE_BOOKS = (
    BlockerReason.NO_QUICKBOOKS,
    BlockerReason.VENDOR_UNMAPPED,
    BlockerReason.VENDOR_INACTIVE,
    BlockerReason.PROJECT_UNMAPPED,
    BlockerReason.COST_CODE_UNMAPPED,
    BlockerReason.RETAINAGE_ACCOUNT_MISSING,
    BlockerReason.REFUSED_BY_QUICKBOOKS,
    BlockerReason.PERIOD_CLOSED,
    BlockerReason.LOCK_DATE,
)


class WaitingListOutdated(Exception):
    """The waiting invoices are not the ones that were shown."""


@dataclass(frozen=True)
class WaitingInvoices:
    """Never posted, and their books are not connected any more. ``hash`` names exactly these."""

    invoice_ids: tuple[UUID, ...]
    total: Decimal
    hash: str

    @property
    def count(self) -> int:
        return len(self.invoice_ids)


async def waiting_invoices(session: CompanySession, connection_id: UUID, *, lock: bool = False) -> WaitingInvoices:
    """What may be moved to this connection: no bill anywhere, and no books of their own that are still connected."""
    connected_elsewhere = (
        sa.exists()
        .where(col(Connection.company_id) == session.company_id)
        .where(col(Connection.id) == col(InvoiceRow.connection_id))
        .where(col(Connection.state) != ConnectionState.DISCONNECTED)
    )
    has_bill = (
        sa.exists()
        .where(col(BillLink.company_id) == session.company_id)
        .where(col(BillLink.invoice_id) == col(InvoiceRow.id))
    )
    unrouted = (
        sa.exists()
        .where(col(InvoiceBlocker.company_id) == session.company_id)
        .where(col(InvoiceBlocker.invoice_id) == col(InvoiceRow.id), col(InvoiceBlocker.cleared_at).is_(None))
        .where(col(InvoiceBlocker.reason) == BlockerReason.PROJECT_UNROUTED)
    )
    statement = (
        select(InvoiceRow)
        .where(InvoiceRow.company_id == session.company_id, col(InvoiceRow.state).in_(BEFORE_SENDING))
        .where(col(InvoiceRow.connection_id).is_distinct_from(connection_id))
        .where(~connected_elsewhere, ~has_bill, ~unrouted)
        .order_by(col(InvoiceRow.id))
    )
    rows = list(await session.exec(statement.with_for_update() if lock else statement))
    named = [[str(row.id), str(row.connection_id), str(row.due)] for row in rows]
    return WaitingInvoices(
        invoice_ids=tuple(row.id for row in rows),
        total=sum((row.due for row in rows), ZERO),
        hash=sha256(json.dumps([str(connection_id), named]).encode()).hexdigest(),
    )


async def move_waiting(session: CompanySession, connection: Connection, shown_hash: str) -> WaitingInvoices:
    """Move them, all or none. Raises WaitingListOutdated unless they are the ones that were shown."""
    waiting = await waiting_invoices(session, connection.id, lock=True)
    if waiting.hash != shown_hash:
        raise WaitingListOutdated
    if not waiting.invoice_ids:
        return waiting
    await give_books(session, waiting.invoice_ids, connection.id, cleared=OF_THE_BOOKS, told_as="moved_to_other_books")
    record_event(
        session,
        "connection",
        connection.id,
        "waiting_invoices_moved",
        count=waiting.count,
        total=str(waiting.total),
    )
    audit(session, "waiting_invoices_moved", connection_id=str(connection.id), count=waiting.count)
    return waiting

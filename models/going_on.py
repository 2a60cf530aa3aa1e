"""What would go to QuickBooks when a connection's posting is resumed."""

from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from accounting.money import to_cents
from accounting.states import BEFORE_SENDING
from models.database import CompanySession
from models.tables import InvoiceBlocker, InvoiceRow
from models.toggle import StillGoing


async def held_by_pause(session: CompanySession, connection_id: UUID) -> StillGoing:
    """Count and total of the approved invoices of a connection that nothing but the pause holds."""
    held = (
        sa.exists()
        .where(col(InvoiceBlocker.company_id) == session.company_id)
        .where(col(InvoiceBlocker.invoice_id) == col(InvoiceRow.id), col(InvoiceBlocker.cleared_at).is_(None))
    )
    found = await session.exec(
        select(sa.func.count(), sa.func.coalesce(sa.func.sum(InvoiceRow.due), 0))
        .where(InvoiceRow.company_id == session.company_id, InvoiceRow.connection_id == connection_id)
        .where(col(InvoiceRow.state).in_(BEFORE_SENDING), col(InvoiceRow.approval_withdrawn).is_(False))
        .where(col(InvoiceRow.approved_at).is_not(None), ~held)
    )
    count, total = found.one()
    return StillGoing(count, to_cents(total))

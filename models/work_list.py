"""Everything that holds invoices now, for the work list to rank."""

from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from accounting.blockers import Hold
from accounting.states import BEFORE_SENDING
from accounting.work_list import OpenBlocker, Task, work_list
from models.database import CompanySession
from models.tables import InvoiceBlocker, InvoiceRow


async def tasks_now(session: CompanySession, connection_id: UUID | None = None) -> tuple[Task, ...]:
    """What people have to do, ranked by the money it frees; of one connection's invoices, where it is named."""
    statement = (
        sa.select(
            col(InvoiceRow.id),
            col(InvoiceRow.due),
            col(InvoiceRow.connection_id),
            col(InvoiceBlocker.reason),
            col(InvoiceBlocker.subject),
            col(InvoiceBlocker.subject_key),
        )
        .join(
            InvoiceBlocker,
            sa.and_(
                col(InvoiceBlocker.company_id) == col(InvoiceRow.company_id),
                col(InvoiceBlocker.invoice_id) == col(InvoiceRow.id),
            ),
        )
        .where(col(InvoiceRow.company_id) == session.company_id, col(InvoiceBlocker.cleared_at).is_(None))
        .where(col(InvoiceRow.state).in_(BEFORE_SENDING), col(InvoiceRow.approval_withdrawn).is_(False))
    )
    if connection_id is not None:
        statement = statement.where(col(InvoiceRow.connection_id) == connection_id)
    found = await session.execute(statement)
    return work_list(
        OpenBlocker(str(invoice_id), due, Hold(reason, subject, key), str(of or ""))
        for invoice_id, due, of, reason, subject, key in found.all()
    )

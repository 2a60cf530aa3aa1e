"""Requisitions that inBuild itself pushed into Procore: known ones are never imported as a subcontractor's own."""

from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select

from accounting.invoice import InvoiceSource
from models.database import CompanySession
from models.events import record_event
from models.tables import InvoiceRow, ProcorePush


class AlreadyImported(Exception):
    """The requisition came in as an invoice before anyone said that inBuild had pushed it."""


async def record_push(session: CompanySession, requisition_id: str, project_id: str, recorded_by: UUID) -> bool:
    """Remember a push; False when it was known already. Raises AlreadyImported."""
    imported = await session.exec(
        select(InvoiceRow.id).where(
            InvoiceRow.company_id == session.company_id,
            InvoiceRow.source == InvoiceSource.PROCORE_REQUISITION,
            InvoiceRow.source_id == requisition_id,
        )
    )
    if imported.first() is not None:
        raise AlreadyImported
    stored = await session.execute(
        insert(ProcorePush)
        .values(
            company_id=session.company_id,
            id=session.new_id(),
            requisition_id=requisition_id,
            project_id=project_id,
            recorded_by=recorded_by,
            recorded_at=session.now,
        )
        .on_conflict_do_nothing(index_elements=["company_id", "requisition_id"])
        .returning(col(ProcorePush.id))
    )
    if stored.first() is None:
        return False
    record_event(session, "requisition", requisition_id, "push_recorded", project_id=project_id)
    return True

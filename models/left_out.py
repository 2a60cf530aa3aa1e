"""What is approved in Procore and stays out, with the reason: a list, never silence."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import col, select

from accounting.eligibility import NotImportedReason
from accounting.invoice import InvoiceSource
from models.database import CompanySession
from models.tables import InvoiceRow, ProcoreProject, ProcoreRequisition, RequisitionVerdict


@dataclass(frozen=True)
class LeftOut:
    """A requisition approved in Procore that was not imported, and the word for why."""

    requisition_id: str
    project_id: str
    project_name: str | None
    vendor_name: str | None
    number: str | None
    reason: str
    needs_person: bool
    updated_at: datetime | None


@dataclass(frozen=True)
class LeftOutPage:
    rows: tuple[LeftOut, ...]
    total: int


async def left_out(session: CompanySession, limit: int, offset: int = 0) -> LeftOutPage:
    """What is approved in Procore and not imported, newest change first."""
    imported = (
        select(InvoiceRow.id)
        .where(InvoiceRow.company_id == session.company_id)
        .where(InvoiceRow.source == InvoiceSource.PROCORE_REQUISITION)
        .where(col(InvoiceRow.source_id) == col(ProcoreRequisition.requisition_id))
        .exists()
    )
    conditions = (
        col(ProcoreRequisition.company_id) == session.company_id,
        col(ProcoreRequisition.verdict).in_([RequisitionVerdict.NOT_IMPORTED, RequisitionVerdict.NEEDS_PERSON]),
        col(ProcoreRequisition.verdict_reason).is_distinct_from(NotImportedReason.NOT_APPROVED.value),
        ~imported,
    )
    total = await session.exec(
        select(sa.func.count())
        .select_from(ProcoreRequisition)
        .where(ProcoreRequisition.company_id == session.company_id, *conditions)
    )
    found = await session.exec(
        select(ProcoreRequisition, ProcoreProject.name)
        .outerjoin(
            ProcoreProject,
            sa.and_(
                col(ProcoreProject.company_id) == col(ProcoreRequisition.company_id),
                col(ProcoreProject.project_id) == col(ProcoreRequisition.project_id),
            ),
        )
        .where(ProcoreRequisition.company_id == session.company_id, *conditions)
        .order_by(col(ProcoreRequisition.updated_at).desc().nulls_last(), col(ProcoreRequisition.id))
        .limit(limit)
        .offset(offset)
    )
    rows = tuple(
        LeftOut(
            requisition_id=row.requisition_id,
            project_id=row.project_id,
            project_name=project_name,
            vendor_name=row.vendor_name,
            number=row.number,
            reason=row.verdict_reason or row.verdict.value,
            needs_person=row.verdict is RequisitionVerdict.NEEDS_PERSON,
            updated_at=row.updated_at,
        )
        for row, project_name in found
    )
    return LeftOutPage(rows, total.one())

"""The day a connection's setting wants on a bill, where it is not the billing date."""

import json
from collections.abc import Iterable
from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from accounting.bill_settings import BillDateSource
from accounting.dates import UnknownTimeZone, local_date
from accounting.invoice import InvoiceSource
from models.database import CompanySession
from models.tables import InvoiceRow, ProcoreProject, ProcoreRequisition


async def bill_dates(session: CompanySession, basis: BillDateSource, invoice_ids: Iterable[UUID]) -> dict[UUID, date]:
    """By invoice: its approval date in the project's zone, or the end of its period.

    An invoice left out has none (an upload has no period, a zone nobody knows gives no date): its billing date counts.
    """
    match basis:
        case BillDateSource.BILLING_DATE:
            return {}
        case BillDateSource.APPROVAL_DATE:
            return await _approval_dates(session, invoice_ids)
        case BillDateSource.PERIOD_END:
            return await _period_ends(session, invoice_ids)


async def _approval_dates(session: CompanySession, invoice_ids: Iterable[UUID]) -> dict[UUID, date]:
    found = await session.execute(
        sa.select(col(InvoiceRow.id), col(InvoiceRow.approved_at), col(ProcoreProject.time_zone))
        .join(
            ProcoreProject,
            sa.and_(
                col(ProcoreProject.company_id) == col(InvoiceRow.company_id),
                col(ProcoreProject.project_id) == col(InvoiceRow.project_id),
            ),
        )
        .where(col(InvoiceRow.company_id) == session.company_id, col(InvoiceRow.id).in_(list(invoice_ids)))
        .where(col(InvoiceRow.approved_at).is_not(None))
    )
    dates = {}
    for invoice_id, approved_at, time_zone in found.all():
        try:
            dates[invoice_id] = local_date(approved_at, time_zone)
        except UnknownTimeZone:
            continue
    return dates


async def _period_ends(session: CompanySession, invoice_ids: Iterable[UUID]) -> dict[UUID, date]:
    found = await session.execute(
        sa.select(col(InvoiceRow.id), col(ProcoreRequisition.raw))
        .join(
            ProcoreRequisition,
            sa.and_(
                col(ProcoreRequisition.company_id) == col(InvoiceRow.company_id),
                col(ProcoreRequisition.requisition_id) == col(InvoiceRow.source_id),
            ),
        )
        .where(col(InvoiceRow.company_id) == session.company_id, col(InvoiceRow.id).in_(list(invoice_ids)))
        .where(col(InvoiceRow.source) == InvoiceSource.PROCORE_REQUISITION)
    )
    ends = {invoice_id: json.loads(raw).get("requisition_end") for invoice_id, raw in found.all()}
    return {invoice_id: date.fromisoformat(end) for invoice_id, end in ends.items() if end}

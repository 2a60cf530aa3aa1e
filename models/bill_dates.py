"""The day a connection's setting wants on a bill, where it is not the billing date."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from accounting.bill_settings import BillDateSource
from accounting.dates import UnknownTimeZone, local_date
from accounting.invoice import Invoice, InvoiceSource
from models.database import CompanySession
from models.requisitions import texts_of


async def bill_dates(
    session: CompanySession, basis: BillDateSource, invoices: Mapping[UUID, Invoice]
) -> dict[UUID, date]:
    """By invoice: its approval date in the project's zone, or the end of its period.

    An invoice left out has none (an upload has no period, a zone nobody knows gives no date): its billing date counts.
    """
    match basis:
        case BillDateSource.BILLING_DATE:
            return {}
        case BillDateSource.APPROVAL_DATE:
            return await _approval_dates(session, invoices)
        case BillDateSource.PERIOD_END:
            return await _period_ends(session, invoices)


TIME_ZONES = """
    SELECT project_id, time_zone FROM procore_project
    WHERE company_id = %(company_id)s AND project_id = ANY(%(project_ids)s)
"""


@dataclass(frozen=True)
class _Project:
    project_id: str
    time_zone: str


async def _approval_dates(session: CompanySession, invoices: Mapping[UUID, Invoice]) -> dict[UUID, date]:
    project_ids = sorted({one.project_id for one in invoices.values()})
    found = await session.ask(TIME_ZONES, _Project, project_ids=project_ids)
    zones = {project.project_id: project.time_zone for project in found}
    dates = {}
    for invoice_id, one in invoices.items():
        if one.approved_at is None or one.project_id not in zones:
            continue
        try:
            dates[invoice_id] = local_date(one.approved_at, zones[one.project_id])
        except UnknownTimeZone:
            continue
    return dates


async def _period_ends(session: CompanySession, invoices: Mapping[UUID, Invoice]) -> dict[UUID, date]:
    by_requisition = {
        one.source_id: invoice_id
        for invoice_id, one in invoices.items()
        if one.source is InvoiceSource.PROCORE_REQUISITION
    }
    texts = await texts_of(session, by_requisition)
    ends = {by_requisition[key]: json.loads(text).get("requisition_end") for key, text in texts.items()}
    return {invoice_id: date.fromisoformat(end) for invoice_id, end in ends.items() if end}

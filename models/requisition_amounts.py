"""What each requisition comes to, read once from Procore's text and kept beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from models.database import CompanySession
from models.rows import OnConflict, insert_rows
from models.tables import RequisitionAmount


@dataclass(frozen=True)
class UnmeasuredRequisition:
    """A requisition whose text nobody has added up."""

    requisition_id: str
    raw: str
    raw_sha256: str


@dataclass(frozen=True)
class MeasuredRequisition:
    """What a requisition comes to: retainage withheld less released, and what is due; ``billing_date`` dates it."""

    requisition_id: str
    raw_sha256: str
    billing_date: date
    retainage: Decimal
    net: Decimal


UNMEASURED = """
    SELECT requisition.requisition_id, requisition.raw, requisition.raw_sha256
    FROM procore_requisition AS requisition
    LEFT JOIN requisition_amount AS amount
        ON amount.company_id = requisition.company_id AND amount.requisition_id = requisition.requisition_id
            AND amount.raw_sha256 = requisition.raw_sha256
    WHERE requisition.company_id = %(company_id)s AND requisition.requisition_id > %(after)s
        AND requisition.unreadable IS NULL AND amount.id IS NULL
        AND requisition.status IN ('approved', 'approved_as_noted')
    ORDER BY requisition.requisition_id
    LIMIT %(limit)s
"""


async def unmeasured(session: CompanySession, after: str, limit: int) -> list[UnmeasuredRequisition]:
    """Approved requisitions of new or changed text, in the order of their ids as texts."""
    return await session.ask(UNMEASURED, UnmeasuredRequisition, after=after, limit=limit)


async def store_measured(session: CompanySession, measured: Sequence[MeasuredRequisition]) -> None:
    rows = [
        {
            "company_id": session.company_id,
            "id": session.new_id(),
            "requisition_id": one.requisition_id,
            "raw_sha256": one.raw_sha256,
            "billing_date": one.billing_date,
            "retainage": one.retainage,
            "net": one.net,
        }
        for one in measured
    ]
    await insert_rows(session, RequisitionAmount, rows, OnConflict(keys=("company_id", "requisition_id")))

"""Requests to take bills back, as pages show them."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlmodel import col, select

from models.database import CompanySession
from models.tables import BillLink, InvoiceRow, TakeBackState, TakeBackWay, TakingBack, TakingBackItem


@dataclass(frozen=True)
class ItemShown:
    """One invoice of a request: waiting, done or refused, and why."""

    invoice_id: UUID
    number: str
    vendor_name: str
    total: Decimal
    state: TakeBackState
    sentence: str
    may_reverse: bool
    ended_at: datetime | None


@dataclass(frozen=True)
class TakingBackShown:
    """How a request goes, in its own order."""

    id: UUID
    way: TakeBackWay
    requested_at: datetime
    items: tuple[ItemShown, ...]

    def of(self, state: TakeBackState) -> list[ItemShown]:
        return [item for item in self.items if item.state is state]


async def taking_back_shown(session: CompanySession, taking_back_id: UUID) -> TakingBackShown | None:
    found = await session.exec(
        select(TakingBack).where(TakingBack.company_id == session.company_id, TakingBack.id == taking_back_id)
    )
    asked = found.first()
    if asked is None:
        return None
    rows = await session.exec(
        select(TakingBackItem, InvoiceRow, BillLink)
        .join(InvoiceRow, col(InvoiceRow.id) == col(TakingBackItem.invoice_id))
        .join(BillLink, col(BillLink.id) == col(TakingBackItem.bill_link_id))
        .where(TakingBackItem.company_id == session.company_id, InvoiceRow.company_id == session.company_id)
        .where(BillLink.company_id == session.company_id, TakingBackItem.taking_back_id == taking_back_id)
        .order_by(col(TakingBackItem.position))
    )
    items = tuple(
        ItemShown(
            invoice_id=row.id,
            number=row.number,
            vendor_name=row.vendor_name,
            total=link.total,
            state=item.state,
            sentence=item.sentence,
            may_reverse=item.may_reverse,
            ended_at=item.ended_at,
        )
        for item, row, link in rows
    )
    return TakingBackShown(asked.id, asked.way, asked.requested_at, items)


async def newest_item(session: CompanySession, invoice_id: UUID) -> TakingBackItem | None:
    """What came of the last click on *Take back* for an invoice; None when nobody ever clicked."""
    found = await session.exec(
        select(TakingBackItem)
        .where(TakingBackItem.company_id == session.company_id, TakingBackItem.invoice_id == invoice_id)
        .order_by(col(TakingBackItem.ended_at).desc().nulls_first(), col(TakingBackItem.id).desc())
        .limit(1)
    )
    return found.first()

"""Taking bills back out of QuickBooks: what a person asked for, and what came of each invoice."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from models.columns import UtcInstant, belongs_to_company, enum_column, references
from models.tables.base import CompanyRow


class TakeBackWay(StrEnum):
    """REMOVE deletes the bill (Desktop: voids it). REVERSE leaves it and makes a vendor credit against it."""

    REMOVE = "remove"
    REVERSE = "reverse"


class TakeBackState(StrEnum):
    WAITING = "waiting"
    DONE = "done"
    REFUSED = "refused"


class TakingBack(CompanyRow, table=True):
    """One click on *Take back*, for one invoice or many."""

    __tablename__ = "taking_back"
    __table_args__ = (belongs_to_company(), sa.Index(None, "company_id", "requested_at"))

    way: TakeBackWay = Field(sa_type=enum_column(TakeBackWay, "take_back_way"))
    requested_by: UUID
    requested_at: datetime = Field(sa_type=UtcInstant)


class TakingBackItem(CompanyRow, table=True):
    """One invoice to be taken back: waiting until QuickBooks has said so, or refused with the reason.

    ``position`` is its turn within the batch, newest first. ``may_reverse``: a reversing vendor credit is the way
    left; ``credit_id`` is that credit's once it is made.
    """

    __tablename__ = "taking_back_item"
    __table_args__ = (
        references("taking_back", "taking_back_id"),
        references("invoice", "invoice_id"),
        references("bill_link", "bill_link_id"),
        references("posting_batch", "batch_id"),
        sa.UniqueConstraint("company_id", "taking_back_id", "invoice_id"),
        sa.Index(
            "uq_taking_back_item_waiting",
            "company_id",
            "invoice_id",
            unique=True,
            postgresql_where=sa.text("state = 'waiting'"),
        ),
        sa.Index(None, "company_id", "batch_id"),
    )

    taking_back_id: UUID
    invoice_id: UUID
    bill_link_id: UUID
    batch_id: UUID
    position: int
    state: TakeBackState = Field(sa_type=enum_column(TakeBackState, "take_back_state"))
    sentence: str = ""
    may_reverse: bool = False
    credit_id: str | None = Field(default=None, max_length=64)
    ended_at: datetime | None = Field(default=None, sa_type=UtcInstant)


__all__ = ["TakeBackState", "TakeBackWay", "TakingBack", "TakingBackItem"]

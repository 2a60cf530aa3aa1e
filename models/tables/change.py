"""What changed after posting: the last comparison of each linked invoice with its bill, and what people said to it."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from accounting.after_sync import NextStep
from models.columns import UtcInstant, enum_column, references
from models.tables.base import CompanyRow


class BillComparison(CompanyRow, table=True):
    """One linked invoice: when it has to be compared, what the last comparison found, and what is to follow.

    ``baseline`` is the bill as a person linked it, for there is no posted version of it. ``fingerprint`` stands for the
    differences found; ``kept_fingerprint`` for those a person explained, ``update_fingerprint`` for those the bill is
    to be updated by: neither holds for other differences. ``update_raw`` is Procore's text that an update on its way
    was made from.
    """

    __tablename__ = "bill_comparison"
    __table_args__ = (
        references("invoice", "invoice_id"),
        references("connection", "connection_id"),
        sa.UniqueConstraint("company_id", "invoice_id"),
        sa.Index("ix_bill_comparison_due", "company_id", "due_at", postgresql_where=sa.text("due_at IS NOT NULL")),
        sa.Index(
            "ix_bill_comparison_to_update",
            "company_id",
            "update_wanted_at",
            postgresql_where=sa.text("update_wanted_at IS NOT NULL"),
        ),
    )

    invoice_id: UUID
    connection_id: UUID
    due_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    compared_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    sync_token: str | None = Field(default=None, max_length=32)
    baseline: str | None = None
    step: NextStep = Field(default=NextStep.NOTHING, sa_type=enum_column(NextStep, "next_step"))
    because: str = ""
    fingerprint: str = Field(default="", max_length=64)
    differences: list[dict[str, str]] = Field(default_factory=list, sa_type=JSONB)
    kept_fingerprint: str | None = Field(default=None, max_length=64)
    kept_by: UUID | None = None
    kept_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    kept_note: str | None = None
    update_fingerprint: str | None = Field(default=None, max_length=64)
    update_wanted_by: UUID | None = None
    update_wanted_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    update_raw: str | None = None
    not_before: datetime | None = Field(default=None, sa_type=UtcInstant)

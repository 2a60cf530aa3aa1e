"""What people decided for one invoice, and what an admin confirmed of a commitment."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from models.columns import Amount, UtcInstant, enum_column, references
from models.tables.base import CompanyRow


class DecisionKind(StrEnum):
    """What ``value`` says, and ``subject_key`` where one invoice may have several.

    RECODE: ``account:80`` or ``item:501`` for the line at position ``subject_key``, ``vendor:56`` for ``vendor``, each
    with a fingerprint of what it was chosen for. BILL_DATE: an ISO date.
    SMALL_DIFFERENCE: the difference in dollars. NOT_DUPLICATE: ``subject_key`` is the transaction's key.
    APPROVED_DRAFT: the draft's hash. The others say yes.
    """

    RECODE = "recode"
    BILL_DATE = "bill_date"
    SMALL_DIFFERENCE = "small_difference"
    EXCESS_TO_COST = "excess_to_cost"
    VENDOR_CREDIT = "vendor_credit"
    LIEN_WAIVER_MISSING = "lien_waiver_missing"
    NOT_DUPLICATE = "not_duplicate"
    APPROVED_DRAFT = "approved_draft"
    POST_HERE = "post_here"


class InvoiceDecision(CompanyRow, table=True):
    """One decision for one invoice, live until ``ended_at``; older ones are its history."""

    __tablename__ = "invoice_decision"
    __table_args__ = (
        references("invoice", "invoice_id"),
        sa.Index(
            "uq_invoice_decision_live",
            "company_id",
            "invoice_id",
            "kind",
            "subject_key",
            unique=True,
            postgresql_where=sa.text("ended_at IS NULL"),
        ),
    )

    invoice_id: UUID
    kind: DecisionKind = Field(sa_type=enum_column(DecisionKind, "decision_kind"))
    subject_key: str = Field(default="", max_length=128)
    value: str = ""
    decided_by: UUID | None = None
    decided_at: datetime = Field(sa_type=UtcInstant)
    ended_at: datetime | None = Field(default=None, sa_type=UtcInstant)


class RetainageOpening(CompanyRow, table=True):
    """What an admin confirmed to be withheld in the books before the first bill of ours; live until superseded."""

    __tablename__ = "retainage_opening"
    __table_args__ = (
        references("connection", "connection_id"),
        sa.Index(
            "uq_retainage_opening_live",
            "company_id",
            "connection_id",
            "commitment_id",
            unique=True,
            postgresql_where=sa.text("superseded_at IS NULL"),
        ),
    )

    connection_id: UUID
    commitment_id: str = Field(max_length=32)
    amount: Decimal = Field(sa_type=Amount)
    account_id: str | None = Field(default=None, max_length=64)
    confirmed_by: UUID
    confirmed_at: datetime = Field(sa_type=UtcInstant)
    superseded_at: datetime | None = Field(default=None, sa_type=UtcInstant)


__all__ = ["DecisionKind", "InvoiceDecision", "RetainageOpening"]

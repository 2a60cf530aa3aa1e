"""Invoices on their way to QuickBooks, and why some of them wait."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from accounting.blockers import BlockerReason
from accounting.invoice import InvoiceSource
from accounting.states import InvoiceState, Settled
from models.columns import Amount, Quantity, UtcInstant, belongs_to_company, enum_column, references
from models.tables.base import CompanyRow


class InvoiceRow(CompanyRow, table=True):
    """A vendor's invoice. Progress is ``state``; what else is true of it stands in the facts beside it.

    ``approved_at`` orders posting within a project and is None for an upload nobody approved yet. ``leased_until``
    keeps an invoice out of other looks while a batch holds it; ``not_before`` delays another try.
    """

    __tablename__ = "invoice"
    __table_args__ = (
        belongs_to_company(),
        references("connection", "connection_id"),
        sa.UniqueConstraint("company_id", "source", "source_id"),
        sa.UniqueConstraint("reference"),
        sa.Index("ix_invoice_queue", "company_id", "state", "project_id", "approved_at"),
        sa.Index(None, "company_id", "vendor_id", "normalised_number"),
        sa.Index(None, "company_id", "commitment_id"),
        # Why is it not in QuickBooks: asked by the number that people know.
        sa.Index("ix_invoice_number", "company_id", "number"),
        # The list as it opens, and the counts beside it, without a visit to every invoice.
        sa.Index("ix_invoice_newest", "company_id", "imported_at", "reference"),
        sa.Index(
            "ix_invoice_badges",
            "company_id",
            "state",
            "settled",
            "changed",
            "approval_withdrawn",
            "removed_in_quickbooks",
            postgresql_include=["due"],
        ),
    )

    reference: int | None = Field(
        default=None,
        sa_type=sa.BigInteger,
        nullable=False,
        sa_column_kwargs={"server_default": sa.Identity(start=70001)},
    )
    source: InvoiceSource = Field(sa_type=enum_column(InvoiceSource, "invoice_source"))
    source_id: str = Field(max_length=64)
    source_sha256: str = Field(max_length=64)
    connection_id: UUID | None = None
    project_id: str = Field(max_length=32)
    commitment_id: str = Field(max_length=32)
    sequence: int
    vendor_id: str = Field(max_length=32)
    vendor_name: str
    number: str
    normalised_number: str
    billing_date: date
    currency: str = Field(max_length=3)
    due: Decimal = Field(sa_type=Amount)
    tax: Decimal = Field(default=Decimal(0), sa_type=Amount)
    retainage_change: Decimal | None = Field(default=None, sa_type=Amount)
    state: InvoiceState = Field(sa_type=enum_column(InvoiceState, "invoice_state"))
    settled: Settled = Field(default=Settled.OPEN, sa_type=enum_column(Settled, "invoice_settled"))
    changed: bool = False
    approval_withdrawn: bool = False
    removed_in_quickbooks: bool = False
    approved_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    approved_by: UUID | None = None
    imported_at: datetime = Field(sa_type=UtcInstant)
    failure_count: int = 0
    not_before: datetime | None = Field(default=None, sa_type=UtcInstant)
    leased_until: datetime | None = Field(default=None, sa_type=UtcInstant)
    leased_by: str | None = Field(default=None, max_length=128)
    traceparent: str | None = Field(default=None, max_length=64)


class InvoiceLineRow(SQLModel, table=True):
    """One line of an invoice for this period; retainage positive both ways. Known by its place: it has no id."""

    __tablename__ = "invoice_line"
    __table_args__ = (references("invoice", "invoice_id"),)

    company_id: UUID = Field(primary_key=True)
    invoice_id: UUID = Field(primary_key=True)
    position: int = Field(primary_key=True)
    description: str
    cost_code_id: str | None = Field(default=None, max_length=32)
    budget_code: str | None = None
    gross: Decimal = Field(sa_type=Amount)
    withheld: Decimal = Field(sa_type=Amount)
    released: Decimal = Field(sa_type=Amount)
    net: Decimal = Field(sa_type=Amount)
    is_rejected: bool = False
    quantity: Decimal | None = Field(default=None, sa_type=Quantity)


class InvoiceBlocker(CompanyRow, table=True):
    """A reason that holds one invoice, open until ``cleared_at``."""

    __tablename__ = "invoice_blocker"
    __table_args__ = (
        references("invoice", "invoice_id"),
        sa.Index(
            "uq_invoice_blocker_open",
            "company_id",
            "invoice_id",
            "reason",
            "subject_key",
            unique=True,
            postgresql_where=sa.text("cleared_at IS NULL"),
        ),
        sa.Index(
            "ix_invoice_blocker_subject",
            "company_id",
            "reason",
            "subject_key",
            postgresql_where=sa.text("cleared_at IS NULL"),
        ),
    )

    invoice_id: UUID
    reason: BlockerReason = Field(sa_type=enum_column(BlockerReason, "blocker_reason"))
    subject: str
    subject_key: str = Field(max_length=128)
    since: datetime = Field(sa_type=UtcInstant)
    cleared_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    cleared_by: UUID | None = None

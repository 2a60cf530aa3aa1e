"""Reconciliation: its runs, what each accounted for, and where an invoice and its bill disagree."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from accounting.reconciliation import Part
from models.columns import Amount, UtcInstant, belongs_to_company, enum_column, references
from models.tables.base import CompanyRow


class RunState(StrEnum):
    ASKED = "asked"
    DONE = "done"
    FAILED = "failed"


class ReconciliationRun(CompanyRow, table=True):
    """One reconciliation of a company with all its books; ``asked_by`` is None where nobody signed in asked.

    ``reread``: every linked bill is read in QuickBooks once more, not only what changed. The ``approved_*`` columns
    are what Procore has approved now, counted by one query of its own beside the statement. ``trouble`` is a sentence.
    """

    __tablename__ = "reconciliation_run"
    __table_args__ = (
        belongs_to_company(),
        sa.Index(
            "uq_reconciliation_run_open",
            "company_id",
            unique=True,
            postgresql_where=sa.text("state = 'asked'"),
        ),
        sa.Index(None, "company_id", "asked_at"),
    )

    is_nightly: bool
    reread: bool = False
    asked_by: UUID | None = None
    asked_at: datetime = Field(sa_type=UtcInstant)
    state: RunState = Field(sa_type=enum_column(RunState, "reconciliation_run_state"))
    ended_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    trouble: str | None = None
    approved_count: int = 0
    approved_net: Decimal = Field(default=Decimal(0), sa_type=Amount)


class ReconciledBooks(CompanyRow, table=True):
    """One connection in a run: how far its linked pairs are compared, and how many differences stood at the end.

    ``compared_to`` is the last link compared, in the order of ids; ``copy_reaches`` how far the copy of the books was
    complete then. ``trouble`` says why it was compared with an older copy.
    """

    __tablename__ = "reconciled_books"
    __table_args__ = (
        references("reconciliation_run", "run_id"),
        references("connection", "connection_id"),
        sa.UniqueConstraint("company_id", "run_id", "connection_id"),
    )

    run_id: UUID
    connection_id: UUID
    compared_to: UUID | None = None
    compared: int = 0
    reread_to: UUID | None = None
    copy_reaches: datetime | None = Field(default=None, sa_type=UtcInstant)
    trouble: str | None = None
    ended_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    open_differences: int = 0
    explained_differences: int = 0


class ReconciliationTotal(CompanyRow, table=True):
    """One row of a run's statement, for a project's month in one set of books (None: in none)."""

    __tablename__ = "reconciliation_total"
    __table_args__ = (
        references("reconciliation_run", "run_id"),
        sa.Index(None, "company_id", "run_id", "project_id"),
    )

    run_id: UUID
    project_id: str = Field(max_length=32)
    connection_id: UUID | None = None
    month: date
    part: Part = Field(sa_type=enum_column(Part, "reconciliation_part"))
    name: str = Field(max_length=64)
    reason: str = ""
    invoices: int
    retainage: Decimal = Field(sa_type=Amount)
    net: Decimal = Field(sa_type=Amount)


class RequisitionAmount(CompanyRow, table=True):
    """What one requisition comes to, read from the text with this fingerprint: a text is read once."""

    __tablename__ = "requisition_amount"
    __table_args__ = (belongs_to_company(), sa.UniqueConstraint("company_id", "requisition_id"))

    requisition_id: str = Field(max_length=32)
    raw_sha256: str = Field(max_length=64)
    billing_date: date
    retainage: Decimal = Field(sa_type=Amount)
    net: Decimal = Field(sa_type=Amount)


class DifferenceState(StrEnum):
    """EXPLAINED by a person until its values change; CLOSED once the two sides agree again."""

    OPEN = "open"
    EXPLAINED = "explained"
    CLOSED = "closed"


class BillDifference(CompanyRow, table=True):
    """One field, or one line's field, in which an invoice and its bill disagree; each value in words.

    ``fingerprint`` is of both values: another one opens the difference again. ``opened_at`` is when these values were
    first found, ``seen_in`` the last run that found them.
    """

    __tablename__ = "bill_difference"
    __table_args__ = (
        references("connection", "connection_id"),
        references("invoice", "invoice_id"),
        references("bill_link", "link_id"),
        sa.UniqueConstraint("company_id", "link_id", "field", "line"),
        sa.Index(
            "ix_bill_difference_standing",
            "company_id",
            "connection_id",
            "state",
            postgresql_where=sa.text("state <> 'closed'"),
        ),
        sa.Index(None, "company_id", "invoice_id"),
    )

    connection_id: UUID
    invoice_id: UUID
    link_id: UUID
    field: str = Field(max_length=32)
    line: str = Field(default="", max_length=64)
    in_procore: str
    in_quickbooks: str
    posted: str = ""
    changed_in: str = Field(max_length=16)
    fingerprint: str = Field(max_length=64)
    state: DifferenceState = Field(sa_type=enum_column(DifferenceState, "bill_difference_state"))
    opened_at: datetime = Field(sa_type=UtcInstant)
    seen_in: UUID
    note: str = ""
    explained_by: UUID | None = None
    explained_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    closed_at: datetime | None = Field(default=None, sa_type=UtcInstant)

"""Mirroring: the toggle, its plans and intervals, and the fence that keeps a superseded look from writing."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from accounting.plan import PlanVerdict
from accounting.plan_statement import PlanOutcome
from models.columns import Amount, UtcInstant, belongs_to_company, enum_column, references
from models.tables.base import CompanyRow


class Mirroring(SQLModel, table=True):
    """The toggle of one company. ``version`` rises with every change; ``fence`` with every look that starts.

    ``hooks_due_at`` is when Procore's webhooks are to be looked after; None means now. ``wake_pending``: somebody has
    signalled the workflow since the last look ended.
    """

    __table_args__ = (belongs_to_company(),)

    company_id: UUID = Field(primary_key=True)
    is_on: bool = False
    version: int = 0
    start_date: date | None = None
    plan_id: UUID | None = None
    plan_imported: bool = True
    fence: int = Field(default=0, sa_type=sa.BigInteger)
    wake_pending: bool = False
    projects_read_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    hooks_due_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    # When posted invoices are next asked for again by their ids; None means now.
    ask_again_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    changed_at: datetime = Field(sa_type=UtcInstant)
    changed_by: UUID | None = None
    # Set while nothing is connected and mirroring was on when the last connection went: it comes back on as it was.
    suspended_at: datetime | None = Field(default=None, sa_type=UtcInstant)


class PlanState(StrEnum):
    REQUESTED = "requested"
    READY = "ready"
    ACCEPTED = "accepted"
    OUTDATED = "outdated"
    FAILED = "failed"


class MirroringPlan(CompanyRow, table=True):
    """What switching on from ``start_date`` would bring in, with the hash that its acceptance must name.

    Counts and sums of its piles are of amounts due. ``posts`` and ``held`` are what drafting the create pile came to.
    ``brought_in_at``: every invoice of it is imported or linked; ``closed_at``: its closing statement is written.
    """

    __tablename__ = "mirroring_plan"
    __table_args__ = (belongs_to_company(), sa.Index(None, "company_id", "state"))

    start_date: date
    state: PlanState = Field(sa_type=enum_column(PlanState, "plan_state"))
    trouble: str | None = None
    hash: str | None = Field(default=None, max_length=64)
    create_count: int = 0
    create_sum: Decimal = Field(default=Decimal(0), sa_type=Amount)
    skip_count: int = 0
    skip_sum: Decimal = Field(default=Decimal(0), sa_type=Amount)
    ask_count: int = 0
    ask_sum: Decimal = Field(default=Decimal(0), sa_type=Amount)
    link_count: int = 0
    link_sum: Decimal = Field(default=Decimal(0), sa_type=Amount)
    posts_count: int = 0
    posts_sum: Decimal = Field(default=Decimal(0), sa_type=Amount)
    held_count: int = 0
    held_sum: Decimal = Field(default=Decimal(0), sa_type=Amount)
    requested_by: UUID
    requested_at: datetime = Field(sa_type=UtcInstant)
    made_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    leased_until: datetime | None = Field(default=None, sa_type=UtcInstant)
    leased_by: str | None = Field(default=None, max_length=128)
    fills_gap: bool = False
    accepted_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    brought_in_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    closed_at: datetime | None = Field(default=None, sa_type=UtcInstant)


class MirroringPlanEntry(CompanyRow, table=True):
    """One requisition of a plan, with the verdict and why.

    ``transaction_key`` and ``transaction`` name what in the books it is linked to, or may be. ``posts`` is the total of
    the bill that drafting came to, ``held_because`` the first reason there would be none yet.
    """

    __tablename__ = "mirroring_plan_entry"
    __table_args__ = (
        references("mirroring_plan", "plan_id"),
        sa.UniqueConstraint("company_id", "plan_id", "requisition_id"),
        sa.Index("ix_plan_entry_open", "company_id", "plan_id", "imported"),
    )

    plan_id: UUID
    requisition_id: str = Field(max_length=32)
    project_id: str = Field(max_length=32)
    number: str
    vendor_name: str
    due: Decimal = Field(sa_type=Amount)
    verdict: PlanVerdict = Field(sa_type=enum_column(PlanVerdict, "plan_verdict"))
    reason: str = Field(max_length=64)
    transaction_key: str = Field(default="", max_length=128)
    transaction: str = ""
    posts: Decimal | None = Field(default=None, sa_type=Amount)
    held_because: str = ""
    imported: bool = False


class PlanStatementLine(CompanyRow, table=True):
    """One line of a plan's closing statement: how many of a pile, of how much due, ended how."""

    __tablename__ = "plan_statement_line"
    __table_args__ = (
        references("mirroring_plan", "plan_id"),
        sa.UniqueConstraint("company_id", "plan_id", "verdict", "outcome"),
    )

    plan_id: UUID
    verdict: PlanVerdict = Field(sa_type=enum_column(PlanVerdict, "plan_verdict"))
    outcome: PlanOutcome = Field(sa_type=enum_column(PlanOutcome, "plan_outcome"))
    count: int
    total: Decimal = Field(sa_type=Amount)


class MirroringInterval(CompanyRow, table=True):
    """A time during which mirroring was on. ``off_at`` is None while it still is."""

    __tablename__ = "mirroring_interval"
    __table_args__ = (
        belongs_to_company(),
        sa.Index(
            "uq_mirroring_interval_open",
            "company_id",
            unique=True,
            postgresql_where=sa.text("off_at IS NULL"),
        ),
    )

    start_date: date
    on_at: datetime = Field(sa_type=UtcInstant)
    off_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    plan_id: UUID | None = None
    version: int


class MirroringGap(CompanyRow, table=True):
    """A time during which nothing was connected although mirroring had been on.

    What was approved in it comes in only when an admin accepts the list of it.
    """

    __tablename__ = "mirroring_gap"
    __table_args__ = (belongs_to_company(), sa.Index(None, "company_id", "since"))

    since: datetime = Field(sa_type=UtcInstant)
    until: datetime = Field(sa_type=UtcInstant)

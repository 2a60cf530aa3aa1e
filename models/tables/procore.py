"""What we last saw in Procore, and how often we may look."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from models.columns import Amount, ProviderText, UtcInstant, belongs_to_company, enum_column
from models.tables.base import CompanyRow


class ProcoreProject(CompanyRow, table=True):
    """A Procore project and how far we have read it. ``watermark`` is the instant up to which changes are known."""

    __tablename__ = "procore_project"
    __table_args__ = (
        belongs_to_company(),
        sa.UniqueConstraint("company_id", "project_id"),
        sa.Index(None, "company_id", "next_look_at"),
    )

    project_id: str = Field(max_length=32)
    name: str
    time_zone: str = Field(max_length=64)
    is_active: bool = True
    is_visible: bool = True
    watermark: datetime | None = Field(default=None, sa_type=UtcInstant)
    next_look_at: datetime = Field(sa_type=UtcInstant)
    last_looked_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    trouble: str | None = None
    # Since when Procore refuses it as not ours to read; other troubles say nothing about permissions.
    refused_at: datetime | None = Field(default=None, sa_type=UtcInstant)


class ProcoreCommitment(CompanyRow, table=True):
    """A subcontract or purchase order, as far as a bill needs it."""

    __tablename__ = "procore_commitment"
    __table_args__ = (belongs_to_company(), sa.UniqueConstraint("company_id", "commitment_id"))

    project_id: str = Field(max_length=32)
    commitment_id: str = Field(max_length=32)
    number: str
    title: str
    vendor_id: str | None = Field(default=None, max_length=32)
    payment_terms: str | None = None
    read_at: datetime = Field(sa_type=UtcInstant)


class ProcoreVendorRow(CompanyRow, table=True):
    """A vendor of Procore's company directory, as far as it helps to recognise it in QuickBooks."""

    __tablename__ = "procore_vendor"
    __table_args__ = (belongs_to_company(), sa.UniqueConstraint("company_id", "vendor_id"))

    vendor_id: str = Field(max_length=32)
    name: str
    legal_name: str = ""
    number: str = ""
    email: str = ""
    phone: str = ""
    address: str = ""
    is_active: bool = True
    read_at: datetime = Field(sa_type=UtcInstant)


class RequisitionVerdict(StrEnum):
    """What became of a requisition; NONE until mirroring has judged it."""

    NONE = "none"
    IMPORTED = "imported"
    NOT_IMPORTED = "not_imported"
    NEEDS_PERSON = "needs_person"


class ProcoreRequisition(CompanyRow, table=True):
    """A requisition as Procore last told it. ``raw`` is Procore's own text, kept before anything is read from it."""

    __tablename__ = "procore_requisition"
    __table_args__ = (
        belongs_to_company(),
        sa.UniqueConstraint("company_id", "requisition_id"),
        sa.Index(None, "company_id", "project_id"),
        sa.Index(None, "company_id", "vendor_id", "normalised_number"),
        sa.Index("ix_procore_requisition_number", "company_id", "number"),
        # Pages ask for a commitment's requisitions, and for the few that stayed out, newest first or by reason.
        sa.Index("ix_procore_requisition_commitment", "company_id", "commitment_id", "project_id"),
        sa.Index(
            "ix_procore_requisition_left_out",
            "company_id",
            sa.text("updated_at DESC NULLS LAST"),
            "id",
            postgresql_where=sa.text("verdict IN ('not_imported', 'needs_person')"),
        ),
        sa.Index(
            "ix_procore_requisition_reason",
            "company_id",
            "verdict_reason",
            postgresql_where=sa.text("verdict_reason IS NOT NULL"),
        ),
    )

    requisition_id: str = Field(max_length=32)
    project_id: str = Field(max_length=32)
    commitment_id: str | None = Field(default=None, max_length=32)
    vendor_id: str | None = Field(default=None, max_length=32)
    vendor_name: str | None = None
    number: str | None = None
    normalised_number: str | None = None
    status: str | None = Field(default=None, max_length=64)
    created_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    updated_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    raw: str = Field(sa_type=ProviderText)
    raw_sha256: str = Field(max_length=64)
    unreadable: str | None = None
    first_seen_at: datetime = Field(sa_type=UtcInstant)
    seen_at: datetime = Field(sa_type=UtcInstant)
    # When it was last asked for by its id, whether or not Procore still has it.
    asked_again_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    seen_unapproved_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    verdict: RequisitionVerdict = Field(sa_type=enum_column(RequisitionVerdict, "requisition_verdict"))
    verdict_reason: str | None = Field(default=None, max_length=64)
    due: Decimal | None = Field(default=None, sa_type=Amount)


class ProcorePush(CompanyRow, table=True):
    """A requisition that inBuild itself pushed into Procore: it reaches QuickBooks as the upload it came from."""

    __tablename__ = "procore_push"
    __table_args__ = (belongs_to_company(), sa.UniqueConstraint("company_id", "requisition_id"))

    requisition_id: str = Field(max_length=32)
    project_id: str = Field(max_length=32)
    recorded_by: UUID | None = None
    recorded_at: datetime = Field(sa_type=UtcInstant)


class ProcoreAllowance(SQLModel, table=True):
    """Our calls to Procore in the running hour, and the hourly limit Procore's headers last named."""

    __tablename__ = "procore_allowance"
    __table_args__ = (belongs_to_company(),)

    company_id: UUID = Field(primary_key=True)
    hour_start: datetime = Field(sa_type=UtcInstant)
    used: int = 0
    hourly_limit: int | None = None
    blocked_until: datetime | None = Field(default=None, sa_type=UtcInstant)

"""Procore's webhooks, one hook a project, and how Procore lets us in."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from accounting.procore_access import ProcoreAccess
from models.columns import UtcInstant, belongs_to_company, enum_column
from models.tables.base import CompanyRow


class HookState(StrEnum):
    """MAKING until Procore has told the hook's id; REFUSED where Procore will not have one."""

    MAKING = "making"
    ACTIVE = "active"
    REFUSED = "refused"


class ProcoreHook(CompanyRow, table=True):
    """Our hook in one Procore project. Its row id is part of the address that Procore calls.

    Only the SHA-256 of its 32 random bytes of secret is kept: a hook whose creation was not heard of is made anew.
    """

    __tablename__ = "procore_hook"
    __table_args__ = (
        belongs_to_company(),
        sa.UniqueConstraint("company_id", "project_id"),
        sa.Index(None, "id", unique=True),
    )

    project_id: str = Field(max_length=32)
    hook_id: str | None = Field(default=None, max_length=32)
    secret_sha256: str = Field(max_length=64)
    resource_name: str | None = Field(default=None, max_length=64)
    state: HookState = Field(sa_type=enum_column(HookState, "procore_hook_state"))
    trouble: str | None = None
    created_at: datetime = Field(sa_type=UtcInstant)
    checked_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    last_delivery_at: datetime | None = Field(default=None, sa_type=UtcInstant)


class ProcoreAuthorisation(SQLModel, table=True):
    """Whether Procore lets our service account into the company, since when, and what Procore said."""

    __tablename__ = "procore_access"
    __table_args__ = (belongs_to_company(),)

    company_id: UUID = Field(primary_key=True)
    state: ProcoreAccess = Field(sa_type=enum_column(ProcoreAccess, "procore_access_state"))
    said: str | None = None
    since: datetime = Field(sa_type=UtcInstant)

"""What happened: the append-only event log, the audit log of support and settings, and the inbox of webhooks."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from models.columns import UtcInstant, belongs_to_company, enum_column
from models.tables.base import CompanyRow


class ActorKind(StrEnum):
    USER = "user"
    SUPPORT = "support"
    WORKFLOW = "workflow"
    PROVIDER = "provider"
    COMMAND = "command"


class EventLog(SQLModel, table=True):
    """One event of a company, in the order of ``seq``. A trigger refuses UPDATE and DELETE."""

    __tablename__ = "event_log"
    __table_args__ = (belongs_to_company(), sa.Index(None, "company_id", "subject_kind", "subject_id", "seq"))

    company_id: UUID = Field(primary_key=True)
    seq: int = Field(primary_key=True, sa_type=sa.BigInteger)
    subject_kind: str = Field(max_length=32)
    subject_id: str = Field(max_length=64)
    kind: str = Field(max_length=64)
    schema_version: int = 1
    occurred_at: datetime = Field(sa_type=UtcInstant)
    recorded_at: datetime = Field(sa_type=UtcInstant)
    actor_kind: ActorKind = Field(sa_type=enum_column(ActorKind, "event_actor_kind"))
    actor_id: str | None = Field(default=None, max_length=255)
    data: dict[str, Any] = Field(sa_type=JSONB)
    workflow_id: str | None = Field(default=None, max_length=255)
    run_id: str | None = Field(default=None, max_length=64)
    activity_id: str | None = Field(default=None, max_length=64)
    traceparent: str | None = Field(default=None, max_length=64)


class AuditLog(CompanyRow, table=True):
    """Who looked or changed something for a company beside its own people. A trigger refuses UPDATE and DELETE."""

    __tablename__ = "audit_log"
    __table_args__ = (belongs_to_company(),)

    at: datetime = Field(sa_type=UtcInstant)
    actor_kind: ActorKind = Field(sa_type=enum_column(ActorKind, "audit_actor_kind"))
    actor_id: str | None = Field(default=None, max_length=255)
    action: str = Field(max_length=64)
    data: dict[str, Any] = Field(sa_type=JSONB)


class InboxSource(StrEnum):
    PROCORE = "procore"
    INTUIT = "intuit"
    DESKTOP = "desktop"


class WebhookInbox(CompanyRow, table=True):
    """An outside notice, deduplicated by its provider's id; only a hint to look, never the truth itself."""

    __tablename__ = "webhook_inbox"
    __table_args__ = (
        belongs_to_company(),
        sa.UniqueConstraint("company_id", "source", "delivery_id"),
        # What nobody has handled: few rows, asked for at every look.
        sa.Index(
            "ix_webhook_inbox_open",
            "company_id",
            "source",
            "project_id",
            postgresql_where=sa.text("handled_at IS NULL"),
        ),
    )

    source: InboxSource = Field(sa_type=enum_column(InboxSource, "inbox_source"))
    delivery_id: str = Field(max_length=128)
    subject: str = Field(max_length=128)
    project_id: str | None = Field(default=None, max_length=32)
    received_at: datetime = Field(sa_type=UtcInstant)
    handled_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    traceparent: str | None = Field(default=None, max_length=64)

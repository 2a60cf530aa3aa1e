"""Alerts: what needs people, who is told how, what is on its way to them, and the webhooks a company set up."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from accounting.alert_preferences import AlertChannel, AlertTopic
from accounting.alerts import AlertKind, Audience
from models.columns import Amount, UtcInstant, belongs_to_company, enum_column, references
from models.tables.base import CompanyRow


class Alert(CompanyRow, table=True):
    """A cause that needs people, open until ``closed_at``; a cause that comes back is another row.

    ``told_at`` is when deliveries were last made for it, of ``told_count`` invoices, for the ``occasion``-th time.
    """

    __table_args__ = (
        belongs_to_company(),
        sa.Index(
            "uq_alert_open_cause", "company_id", "cause_key", unique=True, postgresql_where=sa.text("closed_at IS NULL")
        ),
        sa.Index("ix_alert_cause", "company_id", "cause_key", "told_at"),
        sa.Index("ix_alert_newest", "company_id", "raised_at"),
    )

    cause_key: str = Field(max_length=255)
    kind: AlertKind = Field(sa_type=enum_column(AlertKind, "alert_kind"))
    audience: Audience = Field(sa_type=enum_column(Audience, "alert_audience"))
    title: str
    sentence: str
    path: str
    count: int
    amount: Decimal = Field(sa_type=Amount)
    raised_at: datetime = Field(sa_type=UtcInstant)
    changed_at: datetime = Field(sa_type=UtcInstant)
    closed_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    told_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    told_count: int = 0
    occasion: int = 0


class AlertReading(SQLModel, table=True):
    """A person has read an alert, in the app."""

    __tablename__ = "alert_reading"
    __table_args__ = (references("alert", "alert_id"),)

    company_id: UUID = Field(primary_key=True)
    alert_id: UUID = Field(primary_key=True)
    user_id: UUID = Field(primary_key=True)
    read_at: datetime = Field(sa_type=UtcInstant)


class AlertPreference(SQLModel, table=True):
    """What a person chose for one topic and channel in one company; no row is what their role begins with."""

    __tablename__ = "alert_preference"
    __table_args__ = (belongs_to_company(), sa.ForeignKeyConstraint(["user_id"], ["app_user.id"]))

    company_id: UUID = Field(primary_key=True)
    user_id: UUID = Field(primary_key=True)
    topic: AlertTopic = Field(primary_key=True, sa_type=enum_column(AlertTopic, "alert_topic"))
    channel: AlertChannel = Field(primary_key=True, sa_type=enum_column(AlertChannel, "alert_channel"))
    is_on: bool
    changed_at: datetime = Field(sa_type=UtcInstant)


class DeliveryChannel(StrEnum):
    """How something leaves the house."""

    EMAIL = "email"
    WEBHOOK = "webhook"


class MessageState(StrEnum):
    PENDING = "pending"
    SENT = "sent"
    FAILED = "failed"


class AlertMessage(CompanyRow, table=True):
    """One message to one recipient, frozen before it is first sent: its id is the Message-ID and the webhook-id.

    ``recipient_id`` is a user's or an endpoint's. ``subject_key`` says what it is about, once for each recipient.
    """

    __tablename__ = "alert_message"
    __table_args__ = (
        belongs_to_company(),
        sa.UniqueConstraint("company_id", "recipient_id", "subject_key"),
        sa.Index("ix_alert_message_pending", "company_id", "not_before", postgresql_where=sa.text("state = 'pending'")),
    )

    channel: DeliveryChannel = Field(sa_type=enum_column(DeliveryChannel, "message_channel"))
    recipient_id: UUID
    subject_key: str = Field(max_length=64)
    content: dict[str, Any] = Field(sa_type=JSONB)
    state: MessageState = Field(sa_type=enum_column(MessageState, "message_state"))
    made_at: datetime = Field(sa_type=UtcInstant)
    not_before: datetime = Field(sa_type=UtcInstant)
    failures: int = 0
    said: str | None = None
    ended_at: datetime | None = Field(default=None, sa_type=UtcInstant)


class AlertDelivery(CompanyRow, table=True):
    """That an alert goes to a recipient over a channel, for the n-th time: the key that keeps it from going twice.

    ``message_id`` is None while others may still join it in one message, ``dropped_at`` set where the alert closed
    before that, or the recipient left.
    """

    __tablename__ = "alert_delivery"
    __table_args__ = (
        references("alert", "alert_id"),
        references("alert_message", "message_id"),
        sa.UniqueConstraint(
            "company_id", "alert_id", "channel", "recipient_id", "occasion", name="uq_alert_delivery_once"
        ),
        sa.Index(
            "ix_alert_delivery_collecting",
            "company_id",
            "recipient_id",
            "due_at",
            postgresql_where=sa.text("message_id IS NULL AND dropped_at IS NULL"),
        ),
    )

    alert_id: UUID
    channel: DeliveryChannel = Field(sa_type=enum_column(DeliveryChannel, "delivery_channel"))
    recipient_id: UUID
    occasion: int
    due_at: datetime = Field(sa_type=UtcInstant)
    message_id: UUID | None = None
    dropped_at: datetime | None = Field(default=None, sa_type=UtcInstant)


class EndpointState(StrEnum):
    ACTIVE = "active"
    SWITCHED_OFF = "switched_off"
    REMOVED = "removed"


class WebhookEndpoint(CompanyRow, table=True):
    """Where a company wants its alerts sent. The secret is sealed, and erased when the endpoint is removed."""

    __tablename__ = "webhook_endpoint"
    __table_args__ = (belongs_to_company(),)

    url: str = Field(max_length=500)
    secret: bytes | None = None
    state: EndpointState = Field(sa_type=enum_column(EndpointState, "webhook_endpoint_state"))
    state_reason: str | None = None
    created_at: datetime = Field(sa_type=UtcInstant)
    created_by: UUID
    delivered_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    tried_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    failing_since: datetime | None = Field(default=None, sa_type=UtcInstant)
    said: str | None = None


class AlertRound(SQLModel, table=True):
    """Where a company's alerting stands: who sends until when, and the day of its last digest."""

    __tablename__ = "alert_round"
    __table_args__ = (belongs_to_company(),)

    company_id: UUID = Field(primary_key=True)
    sending_until: datetime | None = Field(default=None, sa_type=UtcInstant)
    digest_day: date | None = None

"""alerts: what needs people, who is told how, what is on its way to them, and the webhooks they set up"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "alert",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cause_key", sa.String(length=255), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "connection",
                "invoice_held",
                "bill",
                name="alert_kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "audience",
            sa.Enum(
                "admins", "accountants", name="alert_audience", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("sentence", sa.String(), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("told_count", sa.Integer(), nullable=False),
        sa.Column("occasion", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_alert_company_id_company")),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_alert")),
    )
    op.create_index("ix_alert_cause", "alert", ["company_id", "cause_key", "told_at"], unique=False)
    op.create_index("ix_alert_newest", "alert", ["company_id", "raised_at"], unique=False)
    op.create_index(
        "uq_alert_open_cause",
        "alert",
        ["company_id", "cause_key"],
        unique=True,
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "alert_message",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "channel",
            sa.Enum("email", "webhook", name="message_channel", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("recipient_id", sa.Uuid(), nullable=False),
        sa.Column("subject_key", sa.String(length=64), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "pending", "sent", "failed", name="message_state", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("said", sa.String(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_alert_message_company_id_company")),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_alert_message")),
        sa.UniqueConstraint(
            "company_id",
            "recipient_id",
            "subject_key",
            name=op.f("uq_alert_message_company_id_recipient_id_subject_key"),
        ),
    )
    op.create_index(
        "ix_alert_message_pending",
        "alert_message",
        ["company_id", "not_before"],
        unique=False,
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_table(
        "alert_preference",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column(
            "topic",
            sa.Enum(
                "connection",
                "invoice_held",
                "bill",
                "activity",
                name="alert_topic",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "channel",
            sa.Enum(
                "in_app", "email", "digest", name="alert_channel", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_alert_preference_company_id_company")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_alert_preference_user_id_app_user")),
        sa.PrimaryKeyConstraint("company_id", "user_id", "topic", "channel", name=op.f("pk_alert_preference")),
    )
    op.create_table(
        "alert_round",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("sending_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("digest_day", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_alert_round_company_id_company")),
        sa.PrimaryKeyConstraint("company_id", name=op.f("pk_alert_round")),
    )
    op.create_table(
        "webhook_endpoint",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("url", sa.String(length=500), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "active",
                "switched_off",
                "removed",
                name="webhook_endpoint_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("state_reason", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failing_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("said", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_webhook_endpoint_company_id_company")),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_webhook_endpoint")),
    )
    op.create_table(
        "alert_delivery",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("alert_id", sa.Uuid(), nullable=False),
        sa.Column(
            "channel",
            sa.Enum("email", "webhook", name="delivery_channel", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("recipient_id", sa.Uuid(), nullable=False),
        sa.Column("occasion", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=True),
        sa.Column("dropped_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["company_id", "alert_id"],
            ["alert.company_id", "alert.id"],
            name=op.f("fk_alert_delivery_company_id_alert_id_alert"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "message_id"],
            ["alert_message.company_id", "alert_message.id"],
            name=op.f("fk_alert_delivery_company_id_message_id_alert_message"),
        ),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_alert_delivery_company_id_company")),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_alert_delivery")),
        sa.UniqueConstraint(
            "company_id", "alert_id", "channel", "recipient_id", "occasion", name="uq_alert_delivery_once"
        ),
    )
    op.create_index(
        "ix_alert_delivery_collecting",
        "alert_delivery",
        ["company_id", "recipient_id", "due_at"],
        unique=False,
        postgresql_where=sa.text("message_id IS NULL AND dropped_at IS NULL"),
    )
    op.create_table(
        "alert_reading",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("alert_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id", "alert_id"],
            ["alert.company_id", "alert.id"],
            name=op.f("fk_alert_reading_company_id_alert_id_alert"),
        ),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_alert_reading_company_id_company")),
        sa.PrimaryKeyConstraint("company_id", "alert_id", "user_id", name=op.f("pk_alert_reading")),
    )


def downgrade() -> None:
    op.drop_table("alert_reading")
    op.drop_index(
        "ix_alert_delivery_collecting",
        table_name="alert_delivery",
        postgresql_where=sa.text("message_id IS NULL AND dropped_at IS NULL"),
    )
    op.drop_table("alert_delivery")
    op.drop_table("webhook_endpoint")
    op.drop_table("alert_round")
    op.drop_table("alert_preference")
    op.drop_index("ix_alert_message_pending", table_name="alert_message", postgresql_where=sa.text("state = 'pending'"))
    op.drop_table("alert_message")
    op.drop_index("uq_alert_open_cause", table_name="alert", postgresql_where=sa.text("closed_at IS NULL"))
    op.drop_index("ix_alert_newest", table_name="alert")
    op.drop_index("ix_alert_cause", table_name="alert")
    op.drop_table("alert")

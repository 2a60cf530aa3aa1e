"""the Web Connector: its sessions and what was handed out in them, the queue of writes, what to read"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "desktop_session",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("login_id", sa.Uuid(), nullable=False),
        sa.Column("connection_id", sa.Uuid(), nullable=True),
        sa.Column("ticket_sha256", sa.String(length=64), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_call_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("company_file", sa.String(), nullable=True),
        sa.Column("closing_date", sa.Date(), nullable=True),
        sa.Column("trouble", sa.String(), nullable=True),
        sa.Column("waits", sa.Integer(), nullable=False),
        sa.Column("other_path_tried", sa.Boolean(), nullable=False),
        sa.Column("handed_out", sa.Integer(), nullable=False),
        sa.Column("answered", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id", "connection_id"],
            ["connection.company_id", "connection.id"],
            name=op.f("fk_desktop_session_company_id_connection_id_connection"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "login_id"],
            ["web_connector_login.company_id", "web_connector_login.id"],
            name=op.f("fk_desktop_session_company_id_login_id_web_connector_login"),
        ),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_desktop_session_company_id_company")),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_desktop_session")),
        sa.UniqueConstraint("ticket_sha256", name=op.f("uq_desktop_session_ticket_sha256")),
    )
    op.create_index(
        "ix_desktop_session_newest", "desktop_session", ["company_id", "login_id", "opened_at"], unique=False
    )
    op.create_index(
        "uq_desktop_session_open",
        "desktop_session",
        ["company_id", "login_id"],
        unique=True,
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "desktop_reading",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("connection_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "terms",
                "accounts",
                "classes",
                "vendors",
                "customers",
                "items",
                "bills",
                name="desktop_reading_kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("session_id", sa.Uuid(), nullable=True),
        sa.Column("iterator_id", sa.String(length=64), nullable=True),
        sa.Column("from_modified", sa.String(length=32), nullable=True),
        sa.Column("newest", sa.String(length=32), nullable=True),
        sa.Column("watermark", sa.String(length=32), nullable=True),
        sa.Column("read_whole_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("trouble", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["company_id", "connection_id"],
            ["connection.company_id", "connection.id"],
            name=op.f("fk_desktop_reading_company_id_connection_id_connection"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "session_id"],
            ["desktop_session.company_id", "desktop_session.id"],
            name=op.f("fk_desktop_reading_company_id_session_id_desktop_session"),
        ),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_desktop_reading_company_id_company")),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_desktop_reading")),
        sa.UniqueConstraint(
            "company_id", "connection_id", "kind", name=op.f("uq_desktop_reading_company_id_connection_id_kind")
        ),
    )
    op.create_table(
        "desktop_write",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("connection_id", sa.Uuid(), nullable=False),
        sa.Column("attempt_id", sa.Uuid(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "waiting",
                "sent",
                "unclear",
                "done",
                "refused",
                "postponed",
                name="desktop_write_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "step",
            sa.Enum(
                "status_check",
                "look_up",
                name="desktop_recovery_step",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("checked_session_id", sa.Uuid(), nullable=True),
        sa.Column("message_set_id", sa.String(length=20), nullable=False),
        sa.Column("text", sa.String(), nullable=True),
        sa.Column("session_id", sa.Uuid(), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("said_done", sa.Boolean(), nullable=False),
        sa.Column("rounds", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.String(length=32), nullable=True),
        sa.Column("code", sa.String(length=32), nullable=True),
        sa.Column("sentence", sa.String(), nullable=True),
        sa.Column("adopted", sa.Boolean(), nullable=False),
        sa.Column("txn_id", sa.String(length=64), nullable=True),
        sa.Column("edit_sequence", sa.String(length=32), nullable=True),
        sa.Column("number", sa.String(length=64), nullable=True),
        sa.Column("total", sa.Numeric(precision=18, scale=2), nullable=True),
        sa.Column("open_amount", sa.Numeric(precision=18, scale=2), nullable=True),
        sa.Column("memo", sa.String(), nullable=True),
        sa.Column("taken_in_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["company_id", "attempt_id"],
            ["posting_attempt.company_id", "posting_attempt.id"],
            name=op.f("fk_desktop_write_company_id_attempt_id_posting_attempt"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "connection_id"],
            ["connection.company_id", "connection.id"],
            name=op.f("fk_desktop_write_company_id_connection_id_connection"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "session_id"],
            ["desktop_session.company_id", "desktop_session.id"],
            name=op.f("fk_desktop_write_company_id_session_id_desktop_session"),
        ),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_desktop_write_company_id_company")),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_desktop_write")),
        sa.UniqueConstraint("company_id", "attempt_id", name=op.f("uq_desktop_write_company_id_attempt_id")),
        sa.UniqueConstraint(
            "company_id",
            "connection_id",
            "message_set_id",
            name=op.f("uq_desktop_write_company_id_connection_id_message_set_id"),
        ),
    )
    op.create_index(
        "ix_desktop_write_answered", "desktop_write", ["company_id", "connection_id", "answered_at"], unique=False
    )
    op.create_index(
        "ix_desktop_write_to_take_in",
        "desktop_write",
        ["company_id", "answered_at"],
        unique=False,
        postgresql_where=sa.text("taken_in_at IS NULL"),
    )
    op.create_index(
        "ix_desktop_write_waiting",
        "desktop_write",
        ["company_id", "connection_id", "queued_at", "position"],
        unique=False,
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_index(
        "uq_desktop_write_unanswered",
        "desktop_write",
        ["company_id", "connection_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('sent', 'unclear')"),
    )
    op.create_table(
        "desktop_exchange",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "opening",
                "status_check",
                "look_up",
                "check",
                "write",
                "reading",
                name="desktop_exchange_kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("write_id", sa.Uuid(), nullable=True),
        sa.Column("reading_id", sa.Uuid(), nullable=True),
        sa.Column("request_id", sa.String(length=50), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("handed_out_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.String(), nullable=True),
        sa.Column("hresult", sa.String(), nullable=False),
        sa.Column("message", sa.String(), nullable=False),
        sa.Column("reading_began_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_whole", sa.Boolean(), nullable=False),
        sa.Column("is_last_page", sa.Boolean(), nullable=False),
        sa.Column("interpreted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("taken_in_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("trouble", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["company_id", "reading_id"],
            ["desktop_reading.company_id", "desktop_reading.id"],
            name=op.f("fk_desktop_exchange_company_id_reading_id_desktop_reading"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "session_id"],
            ["desktop_session.company_id", "desktop_session.id"],
            name=op.f("fk_desktop_exchange_company_id_session_id_desktop_session"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "write_id"],
            ["desktop_write.company_id", "desktop_write.id"],
            name=op.f("fk_desktop_exchange_company_id_write_id_desktop_write"),
        ),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_desktop_exchange_company_id_company")),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_desktop_exchange")),
        sa.UniqueConstraint(
            "company_id", "session_id", "position", name=op.f("uq_desktop_exchange_company_id_session_id_position")
        ),
    )
    op.create_index(
        "ix_desktop_exchange_to_take_in",
        "desktop_exchange",
        ["company_id", "id"],
        unique=False,
        postgresql_where=sa.text("kind = 'reading' AND interpreted_at IS NOT NULL AND taken_in_at IS NULL"),
    )
    op.create_index(
        "uq_desktop_exchange_open",
        "desktop_exchange",
        ["company_id", "session_id"],
        unique=True,
        postgresql_where=sa.text("answered_at IS NULL"),
    )
    op.add_column("web_connector_login", sa.Column("file_downloaded_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("web_connector_login", sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("web_connector_login", sa.Column("bound_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("web_connector_login", sa.Column("bound_machine", sa.String(), nullable=True))
    op.add_column("web_connector_login", sa.Column("bound_company_name", sa.String(), nullable=True))
    op.add_column("web_connector_login", sa.Column("trouble", sa.String(), nullable=True))
    op.add_column("web_connector_login", sa.Column("trouble_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("web_connector_login", "trouble_at")
    op.drop_column("web_connector_login", "trouble")
    op.drop_column("web_connector_login", "bound_company_name")
    op.drop_column("web_connector_login", "bound_machine")
    op.drop_column("web_connector_login", "bound_at")
    op.drop_column("web_connector_login", "seen_at")
    op.drop_column("web_connector_login", "file_downloaded_at")
    op.drop_index(
        "uq_desktop_exchange_open", table_name="desktop_exchange", postgresql_where=sa.text("answered_at IS NULL")
    )
    op.drop_index(
        "ix_desktop_exchange_to_take_in",
        table_name="desktop_exchange",
        postgresql_where=sa.text("kind = 'reading' AND interpreted_at IS NOT NULL AND taken_in_at IS NULL"),
    )
    op.drop_table("desktop_exchange")
    op.drop_index(
        "uq_desktop_write_unanswered",
        table_name="desktop_write",
        postgresql_where=sa.text("state IN ('sent', 'unclear')"),
    )
    op.drop_index("ix_desktop_write_waiting", table_name="desktop_write", postgresql_where=sa.text("state = 'waiting'"))
    op.drop_index(
        "ix_desktop_write_to_take_in", table_name="desktop_write", postgresql_where=sa.text("taken_in_at IS NULL")
    )
    op.drop_index("ix_desktop_write_answered", table_name="desktop_write")
    op.drop_table("desktop_write")
    op.drop_table("desktop_reading")
    op.drop_index(
        "uq_desktop_session_open", table_name="desktop_session", postgresql_where=sa.text("closed_at IS NULL")
    )
    op.drop_index("ix_desktop_session_newest", table_name="desktop_session")
    op.drop_table("desktop_session")

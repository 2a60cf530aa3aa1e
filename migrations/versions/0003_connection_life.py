"""a connection's whole life: routes, gaps, logins of the Web Connector, hooks"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "mirroring_gap",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_mirroring_gap_company_id_company")),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_mirroring_gap")),
    )
    op.create_index(op.f("ix_mirroring_gap_company_id_since"), "mirroring_gap", ["company_id", "since"], unique=False)
    op.create_table(
        "procore_access",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "ok",
                "app_not_installed",
                "permission_missing",
                "client_refused",
                name="procore_access_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("said", sa.String(), nullable=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_procore_access_company_id_company")),
        sa.PrimaryKeyConstraint("company_id", name=op.f("pk_procore_access")),
    )
    op.create_table(
        "procore_hook",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.String(length=32), nullable=False),
        sa.Column("hook_id", sa.String(length=32), nullable=True),
        sa.Column("secret_sha256", sa.String(length=64), nullable=False),
        sa.Column("resource_name", sa.String(length=64), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "making",
                "active",
                "refused",
                name="procore_hook_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("trouble", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_delivery_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_procore_hook_company_id_company")),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_procore_hook")),
        sa.UniqueConstraint("company_id", "project_id", name=op.f("uq_procore_hook_company_id_project_id")),
    )
    op.create_index(op.f("ix_procore_hook_id"), "procore_hook", ["id"], unique=True)
    op.create_table(
        "project_route",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.String(length=32), nullable=False),
        sa.Column("connection_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("routed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("routed_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id", "connection_id"],
            ["connection.company_id", "connection.id"],
            name=op.f("fk_project_route_company_id_connection_id_connection"),
        ),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_project_route_company_id_company")),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_project_route")),
        sa.UniqueConstraint("company_id", "project_id", name=op.f("uq_project_route_company_id_project_id")),
    )
    op.create_table(
        "web_connector_login",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("connection_id", sa.Uuid(), nullable=True),
        sa.Column("user_name", sa.String(length=64), nullable=False),
        sa.Column("password_hash", sa.String(length=255), nullable=False),
        sa.Column("file_id", sa.String(length=64), nullable=False),
        sa.Column("company_file", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("password_set_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id", "connection_id"],
            ["connection.company_id", "connection.id"],
            name=op.f("fk_web_connector_login_company_id_connection_id_connection"),
        ),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_web_connector_login_company_id_company")),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_web_connector_login")),
        sa.UniqueConstraint("file_id", name=op.f("uq_web_connector_login_file_id")),
        sa.UniqueConstraint("user_name", name=op.f("uq_web_connector_login_user_name")),
    )
    op.add_column("connection", sa.Column("disconnect_wanted_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("connection", sa.Column("disconnect_wanted_by", sa.Uuid(), nullable=True))
    op.add_column("connection_attempt", sa.Column("login_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_connection_attempt_company_id_login_id_web_connector_login"),
        "connection_attempt",
        "web_connector_login",
        ["company_id", "login_id"],
        ["company_id", "id"],
    )
    op.add_column("credential", sa.Column("refused_reason", sa.String(length=32), nullable=True))
    op.add_column("credential", sa.Column("warned_days", sa.Integer(), nullable=True))
    op.add_column("mirroring", sa.Column("hooks_due_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("mirroring", sa.Column("suspended_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("mirroring_plan", sa.Column("fills_gap", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("procore_project", sa.Column("refused_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("procore_requisition", sa.Column("due", sa.Numeric(precision=18, scale=2), nullable=True))
    op.add_column("token_revocation", sa.Column("attempt_id", sa.Uuid(), nullable=True))
    op.create_index(
        "ix_webhook_inbox_open",
        "webhook_inbox",
        ["company_id", "source", "project_id"],
        unique=False,
        postgresql_where=sa.text("handled_at IS NULL"),
    )
    op.alter_column("mirroring_plan", "fills_gap", server_default=None)


def downgrade() -> None:
    op.drop_index("ix_webhook_inbox_open", table_name="webhook_inbox", postgresql_where=sa.text("handled_at IS NULL"))
    op.drop_column("token_revocation", "attempt_id")
    op.drop_column("procore_requisition", "due")
    op.drop_column("procore_project", "refused_at")
    op.drop_column("mirroring_plan", "fills_gap")
    op.drop_column("mirroring", "suspended_at")
    op.drop_column("mirroring", "hooks_due_at")
    op.drop_column("credential", "warned_days")
    op.drop_column("credential", "refused_reason")
    op.drop_constraint(
        op.f("fk_connection_attempt_company_id_login_id_web_connector_login"), "connection_attempt", type_="foreignkey"
    )
    op.drop_column("connection_attempt", "login_id")
    op.drop_column("connection", "disconnect_wanted_by")
    op.drop_column("connection", "disconnect_wanted_at")
    op.drop_table("web_connector_login")
    op.drop_table("project_route")
    op.drop_index(op.f("ix_procore_hook_id"), table_name="procore_hook")
    op.drop_table("procore_hook")
    op.drop_table("procore_access")
    op.drop_index(op.f("ix_mirroring_gap_company_id_since"), table_name="mirroring_gap")
    op.drop_table("mirroring_gap")

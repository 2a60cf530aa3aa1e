"""settings of connections and projects: how bills are made, what waits for a person, when Desktop is left alone"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

CHOICES = {
    "line_kind": ("account", "item"),
    "line_grouping": ("sov_line", "budget_code"),
    "bill_date_source": ("billing_date", "approval_date", "period_end"),
    "retainage_booking": ("gross", "net"),
    "missing_lien_waiver": ("mark", "wait"),
    "changed_invoice": ("ask", "update"),
}
SWITCHES = {"review_before_posting": sa.false(), "confirm_exact_matches": sa.true(), "write_back": sa.false()}


def upgrade() -> None:
    # Rows that are there get the defaults; new ones bring their own values.
    for name, values in CHOICES.items():
        kind = sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)
        op.add_column("connection_settings", sa.Column(name, kind, nullable=False, server_default=values[0]))
        op.alter_column("connection_settings", name, server_default=None)
    for name, default in SWITCHES.items():
        op.add_column("connection_settings", sa.Column(name, sa.Boolean(), nullable=False, server_default=default))
        op.alter_column("connection_settings", name, server_default=None)
    op.add_column("connection_settings", sa.Column("write_back_from", sa.Date(), nullable=True))
    op.add_column("connection_settings", sa.Column("quiet_from", sa.Time(), nullable=True))
    op.add_column("connection_settings", sa.Column("quiet_until", sa.Time(), nullable=True))
    op.add_column(
        "connection_settings",
        sa.Column("quiet_time_zone", sa.String(length=64), nullable=False, server_default="America/New_York"),
    )
    op.alter_column("connection_settings", "quiet_time_zone", server_default=None)
    op.create_table(
        "project_settings",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.String(length=32), nullable=False),
        sa.Column("pay_when_paid", sa.Boolean(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_project_settings_company_id_company")),
        sa.PrimaryKeyConstraint("company_id", "project_id", name=op.f("pk_project_settings")),
    )


def downgrade() -> None:
    op.drop_table("project_settings")
    for name in ("quiet_time_zone", "quiet_until", "quiet_from", "write_back_from", *SWITCHES, *CHOICES):
        op.drop_column("connection_settings", name)

"""changes after sync: each linked invoice compared with its bill, and when Procore was asked for it again"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

DUE = sa.text("due_at IS NOT NULL")
TO_UPDATE = sa.text("update_wanted_at IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "bill_comparison",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("invoice_id", sa.Uuid(), nullable=False),
        sa.Column("connection_id", sa.Uuid(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("compared_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sync_token", sa.String(length=32), nullable=True),
        sa.Column("baseline", sa.String(), nullable=True),
        sa.Column(
            "step",
            sa.Enum(
                "nothing",
                "update",
                "ask",
                "flag",
                name="next_step",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("because", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("differences", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("kept_fingerprint", sa.String(length=64), nullable=True),
        sa.Column("kept_by", sa.Uuid(), nullable=True),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("kept_note", sa.String(), nullable=True),
        sa.Column("update_fingerprint", sa.String(length=64), nullable=True),
        sa.Column("update_wanted_by", sa.Uuid(), nullable=True),
        sa.Column("update_wanted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("update_raw", sa.String(), nullable=True),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_bill_comparison_company_id_company")),
        sa.ForeignKeyConstraint(
            ["company_id", "connection_id"],
            ["connection.company_id", "connection.id"],
            name=op.f("fk_bill_comparison_company_id_connection_id_connection"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "invoice_id"],
            ["invoice.company_id", "invoice.id"],
            name=op.f("fk_bill_comparison_company_id_invoice_id_invoice"),
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_bill_comparison")),
        sa.UniqueConstraint("company_id", "invoice_id", name=op.f("uq_bill_comparison_company_id_invoice_id")),
    )
    op.create_index(
        "ix_bill_comparison_due", "bill_comparison", ["company_id", "due_at"], unique=False, postgresql_where=DUE
    )
    op.create_index(
        "ix_bill_comparison_to_update",
        "bill_comparison",
        ["company_id", "update_wanted_at"],
        unique=False,
        postgresql_where=TO_UPDATE,
    )
    op.add_column("procore_requisition", sa.Column("asked_again_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("mirroring", sa.Column("ask_again_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("mirroring", "ask_again_at")
    op.drop_column("procore_requisition", "asked_again_at")
    op.drop_index("ix_bill_comparison_to_update", table_name="bill_comparison", postgresql_where=TO_UPDATE)
    op.drop_index("ix_bill_comparison_due", table_name="bill_comparison", postgresql_where=DUE)
    op.drop_table("bill_comparison")

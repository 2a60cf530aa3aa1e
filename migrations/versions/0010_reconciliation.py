"""reconciliation: its runs, their statements, and where an invoice and its bill disagree"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reconciliation_run",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("is_nightly", sa.Boolean(), nullable=False),
        sa.Column("reread", sa.Boolean(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "asked",
                "done",
                "failed",
                name="reconciliation_run_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("trouble", sa.String(), nullable=True),
        sa.Column("approved_count", sa.Integer(), nullable=False),
        sa.Column("approved_net", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_reconciliation_run_company_id_company")),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_reconciliation_run")),
    )
    op.create_index(
        op.f("ix_reconciliation_run_company_id_asked_at"),
        "reconciliation_run",
        ["company_id", "asked_at"],
        unique=False,
    )
    op.create_index(
        "uq_reconciliation_run_open",
        "reconciliation_run",
        ["company_id"],
        unique=True,
        postgresql_where=sa.text("state = 'asked'"),
    )
    op.create_table(
        "requisition_amount",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("requisition_id", sa.String(length=32), nullable=False),
        sa.Column("raw_sha256", sa.String(length=64), nullable=False),
        sa.Column("billing_date", sa.Date(), nullable=False),
        sa.Column("retainage", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("net", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_requisition_amount_company_id_company")),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_requisition_amount")),
        sa.UniqueConstraint(
            "company_id", "requisition_id", name=op.f("uq_requisition_amount_company_id_requisition_id")
        ),
    )
    op.create_table(
        "reconciled_books",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("connection_id", sa.Uuid(), nullable=False),
        sa.Column("compared_to", sa.Uuid(), nullable=True),
        sa.Column("compared", sa.Integer(), nullable=False),
        sa.Column("reread_to", sa.Uuid(), nullable=True),
        sa.Column("copy_reaches", sa.DateTime(timezone=True), nullable=True),
        sa.Column("trouble", sa.String(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("open_differences", sa.Integer(), nullable=False),
        sa.Column("explained_differences", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id", "connection_id"],
            ["connection.company_id", "connection.id"],
            name=op.f("fk_reconciled_books_company_id_connection_id_connection"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "run_id"],
            ["reconciliation_run.company_id", "reconciliation_run.id"],
            name=op.f("fk_reconciled_books_company_id_run_id_reconciliation_run"),
        ),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_reconciled_books_company_id_company")),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_reconciled_books")),
        sa.UniqueConstraint(
            "company_id", "run_id", "connection_id", name=op.f("uq_reconciled_books_company_id_run_id_connection_id")
        ),
    )
    op.create_table(
        "reconciliation_total",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.String(length=32), nullable=False),
        sa.Column("connection_id", sa.Uuid(), nullable=True),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column(
            "part",
            sa.Enum(
                "approved",
                "place",
                "change",
                "books",
                name="reconciliation_part",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("invoices", sa.Integer(), nullable=False),
        sa.Column("retainage", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("net", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id", "run_id"],
            ["reconciliation_run.company_id", "reconciliation_run.id"],
            name=op.f("fk_reconciliation_total_company_id_run_id_reconciliation_run"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id"], ["company.id"], name=op.f("fk_reconciliation_total_company_id_company")
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_reconciliation_total")),
    )
    op.create_index(
        op.f("ix_reconciliation_total_company_id_run_id_project_id"),
        "reconciliation_total",
        ["company_id", "run_id", "project_id"],
        unique=False,
    )
    op.create_table(
        "bill_difference",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("connection_id", sa.Uuid(), nullable=False),
        sa.Column("invoice_id", sa.Uuid(), nullable=False),
        sa.Column("link_id", sa.Uuid(), nullable=False),
        sa.Column("field", sa.String(length=32), nullable=False),
        sa.Column("line", sa.String(length=64), nullable=False),
        sa.Column("in_procore", sa.String(), nullable=False),
        sa.Column("in_quickbooks", sa.String(), nullable=False),
        sa.Column("posted", sa.String(), nullable=False),
        sa.Column("changed_in", sa.String(length=16), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "explained",
                "closed",
                name="bill_difference_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_in", sa.Uuid(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("explained_by", sa.Uuid(), nullable=True),
        sa.Column("explained_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["company_id", "connection_id"],
            ["connection.company_id", "connection.id"],
            name=op.f("fk_bill_difference_company_id_connection_id_connection"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "invoice_id"],
            ["invoice.company_id", "invoice.id"],
            name=op.f("fk_bill_difference_company_id_invoice_id_invoice"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "link_id"],
            ["bill_link.company_id", "bill_link.id"],
            name=op.f("fk_bill_difference_company_id_link_id_bill_link"),
        ),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_bill_difference_company_id_company")),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_bill_difference")),
        sa.UniqueConstraint(
            "company_id", "link_id", "field", "line", name=op.f("uq_bill_difference_company_id_link_id_field_line")
        ),
    )
    op.create_index(
        op.f("ix_bill_difference_company_id_invoice_id"), "bill_difference", ["company_id", "invoice_id"], unique=False
    )
    op.create_index(
        "ix_bill_difference_standing",
        "bill_difference",
        ["company_id", "connection_id", "state"],
        unique=False,
        postgresql_where=sa.text("state <> 'closed'"),
    )


def downgrade() -> None:
    op.drop_index(
        "ix_bill_difference_standing", table_name="bill_difference", postgresql_where=sa.text("state <> 'closed'")
    )
    op.drop_index(op.f("ix_bill_difference_company_id_invoice_id"), table_name="bill_difference")
    op.drop_table("bill_difference")
    op.drop_index(op.f("ix_reconciliation_total_company_id_run_id_project_id"), table_name="reconciliation_total")
    op.drop_table("reconciliation_total")
    op.drop_table("reconciled_books")
    op.drop_table("requisition_amount")
    op.drop_index(
        "uq_reconciliation_run_open", table_name="reconciliation_run", postgresql_where=sa.text("state = 'asked'")
    )
    op.drop_index(op.f("ix_reconciliation_run_company_id_asked_at"), table_name="reconciliation_run")
    op.drop_table("reconciliation_run")

"""the right bill: mappings of every kind, decisions, retainage openings, settings of bills, Procore's vendors"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

OLD_REASONS = (
    "own_service_account",
    "approval_date_unknown",
    "reapproved_changed",
    "vendor_unmapped",
    "vendor_inactive",
    "project_unmapped",
    "project_unrouted",
    "cost_code_missing",
    "cost_code_unmapped",
    "retainage_account_missing",
    "retainage_opening_balance",
    "rejected_line",
    "fraction_of_cent",
    "amounts_disagree",
    "tax",
    "currency",
    "negative_total",
    "likely_duplicate",
    "period_closed",
    "lock_date",
    "project_not_visible",
    "unreadable",
    "refused_by_quickbooks",
    "our_bug",
    "no_quickbooks",
    "connection_expired",
    "desktop_silent",
    "feature_not_enabled",
    "paused",
    "provider_down",
    "quota",
)
NEW_REASONS = (
    "mapping_refused",
    "ap_account_missing",
    "small_difference",
    "posted_elsewhere",
    "lien_waiver",
    "review",
)
OLD_KINDS = (
    "vendor",
    "project",
    "cost_code",
    "cost_type",
    "budget_code",
    "terms",
    "tax_code",
)
NEW_KINDS = (
    "project_class",
    "project_location",
    "retainage_account",
    "ap_account",
)


RENAME = "ALTER TABLE connection_settings RENAME CONSTRAINT ck_connection_settings_{} TO ck_connection_settings_{}"


def _one_of(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


def _widen(table: str, constraint: str, column: str, values: tuple[str, ...]) -> None:
    op.drop_constraint(op.f(f"ck_{table}_{constraint}"), table, type_="check")
    op.create_check_constraint(op.f(f"ck_{table}_{constraint}"), table, _one_of(column, values))


def _word(name: str, values: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def upgrade() -> None:
    _widen("invoice_blocker", "blocker_reason", "reason", OLD_REASONS + NEW_REASONS)
    _widen("mapping", "mapping_kind", "kind", OLD_KINDS + NEW_KINDS)
    op.add_column("mapping", sa.Column("removed_by", sa.Uuid(), nullable=True))
    op.add_column("connection", sa.Column("transactions_read_at", sa.DateTime(timezone=True), nullable=True))
    op.alter_column("connection_settings", "line_kind", new_column_name="posting_basis")
    op.execute(RENAME.format("line_kind", "posting_basis"))
    op.add_column("connection_settings", sa.Column("books_closed_through", sa.Date(), nullable=True))
    op.add_column("connection_settings", sa.Column("default_item_id", sa.String(length=64), nullable=True))
    # Rows that are there get the default; new ones bring their own value.
    op.add_column("connection_settings", sa.Column("billable", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.alter_column("connection_settings", "billable", server_default=None)
    op.add_column(
        "quickbooks_transaction",
        sa.Column("customer_ids", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
    )
    op.add_column("quickbooks_transaction", sa.Column("gross", sa.Numeric(precision=18, scale=2), nullable=True))
    op.create_table(
        "invoice_decision",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("invoice_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            _word(
                "decision_kind",
                (
                    *("recode", "bill_date", "small_difference", "excess_to_cost", "vendor_credit"),
                    *("lien_waiver_missing", "not_duplicate", "approved_draft", "post_here"),
                ),
            ),
            nullable=False,
        ),
        sa.Column("subject_key", sa.String(length=128), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_invoice_decision_company_id_company")),
        sa.ForeignKeyConstraint(
            ["company_id", "invoice_id"],
            ["invoice.company_id", "invoice.id"],
            name=op.f("fk_invoice_decision_company_id_invoice_id_invoice"),
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_invoice_decision")),
    )
    op.create_index(
        "uq_invoice_decision_live",
        "invoice_decision",
        ["company_id", "invoice_id", "kind", "subject_key"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "retainage_opening",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("connection_id", sa.Uuid(), nullable=False),
        sa.Column("commitment_id", sa.String(length=32), nullable=False),
        sa.Column("amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("confirmed_by", sa.Uuid(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_retainage_opening_company_id_company")),
        sa.ForeignKeyConstraint(
            ["company_id", "connection_id"],
            ["connection.company_id", "connection.id"],
            name=op.f("fk_retainage_opening_company_id_connection_id_connection"),
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_retainage_opening")),
    )
    op.create_index(
        "uq_retainage_opening_live",
        "retainage_opening",
        ["company_id", "connection_id", "commitment_id"],
        unique=True,
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.create_table(
        "procore_vendor",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("vendor_id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("legal_name", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_procore_vendor_company_id_company")),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_procore_vendor")),
        sa.UniqueConstraint("company_id", "vendor_id", name=op.f("uq_procore_vendor_company_id_vendor_id")),
    )


def downgrade() -> None:
    for table in ("procore_vendor", "retainage_opening", "invoice_decision"):
        op.drop_table(table)
    for column in ("gross", "customer_ids"):
        op.drop_column("quickbooks_transaction", column)
    for column in ("billable", "default_item_id", "books_closed_through"):
        op.drop_column("connection_settings", column)
    op.execute(RENAME.format("posting_basis", "line_kind"))
    op.alter_column("connection_settings", "posting_basis", new_column_name="line_kind")
    op.drop_column("connection", "transactions_read_at")
    op.drop_column("mapping", "removed_by")
    for table, column, values in (("mapping", "kind", NEW_KINDS), ("invoice_blocker", "reason", NEW_REASONS)):
        op.execute(sa.delete(sa.table(table, sa.column(column))).where(sa.column(column).in_(values)))
    _widen("mapping", "mapping_kind", "kind", OLD_KINDS)
    _widen("invoice_blocker", "blocker_reason", "reason", OLD_REASONS)

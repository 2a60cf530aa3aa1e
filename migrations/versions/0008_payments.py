"""payments: bill payments of the books, what of each went to our invoices and to Procore, how a bill is settled"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

SETTLED = ("open", "paid", "by_credit", "no_payment_found")
MORE_SETTLED = ("part", "by_discount")
READINGS = ("terms", "accounts", "classes", "vendors", "customers", "items", "bills")
MORE_READINGS = ("credits", "check_payments", "card_payments", "deleted")
HOLDS = (
    *("switched_off", "paused", "procore_pay", "before_start", "to_print", "dated_ahead", "other_currency"),
    *("larger_than_bill", "credit_unclear", "no_commitment", "not_visible", "refused", "entered_by_hand", "locked"),
)


def _one_of(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


def _words(table: str, constraint: str, column: str, values: tuple[str, ...]) -> None:
    op.drop_constraint(op.f(f"ck_{table}_{constraint}"), table, type_="check")
    op.create_check_constraint(op.f(f"ck_{table}_{constraint}"), table, _one_of(column, values))


def upgrade() -> None:
    _words("invoice", "invoice_settled", "settled", SETTLED + MORE_SETTLED)
    _words("desktop_reading", "desktop_reading_kind", "kind", READINGS + MORE_READINGS)
    # Bills are read after what paid them.
    op.execute("UPDATE desktop_reading SET place = 10 WHERE kind = 'bills'")
    # What was copied so far tells of no payment: the books are read anew once.
    op.execute("UPDATE connection SET transactions_read_at = NULL")
    op.create_table(
        "bill_payment",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("connection_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("quickbooks_id", sa.String(length=64), nullable=False),
        sa.Column("vendor_id", sa.String(length=64), nullable=False),
        sa.Column("total", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("is_card", sa.Boolean(), nullable=False),
        sa.Column("is_to_be_printed", sa.Boolean(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("lines", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("bill_ids", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("is_gone", sa.Boolean(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_bill_payment_company_id_company")),
        sa.ForeignKeyConstraint(
            ["company_id", "connection_id"],
            ["connection.company_id", "connection.id"],
            name=op.f("fk_bill_payment_company_id_connection_id_connection"),
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_bill_payment")),
        sa.UniqueConstraint(
            "company_id",
            "connection_id",
            "kind",
            "quickbooks_id",
            name=op.f("uq_bill_payment_company_id_connection_id_kind_quickbooks_id"),
        ),
    )
    op.create_index("ix_bill_payment_bills", "bill_payment", ["bill_ids"], postgresql_using="gin")
    op.create_table(
        "payment_share",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("connection_id", sa.Uuid(), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        sa.Column("invoice_id", sa.Uuid(), nullable=False),
        sa.Column("bill_id", sa.String(length=64), nullable=False),
        sa.Column("cash", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("credit", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("discount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("other", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("is_unclear", sa.Boolean(), nullable=False),
        sa.Column("confirmed_cash", sa.Numeric(precision=18, scale=2), nullable=True),
        sa.Column("confirmed_by", sa.Uuid(), nullable=True),
        sa.Column("is_due", sa.Boolean(), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=True),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("leased_by", sa.String(length=128), nullable=True),
        sa.Column(
            "hold",
            sa.Enum(*HOLDS, name="payment_hold", native_enum=False, create_constraint=True, length=32),
            nullable=True,
        ),
        sa.Column("said", sa.String(), nullable=True),
        sa.Column("procore_payment_id", sa.String(length=32), nullable=True),
        sa.Column("procore_amount", sa.Numeric(precision=18, scale=2), nullable=True),
        sa.Column("procore_paid_on", sa.Date(), nullable=True),
        sa.Column("procore_check_number", sa.String(length=64), nullable=True),
        sa.Column("procore_is_ours", sa.Boolean(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_payment_share_company_id_company")),
        sa.ForeignKeyConstraint(
            ["company_id", "connection_id"],
            ["connection.company_id", "connection.id"],
            name=op.f("fk_payment_share_company_id_connection_id_connection"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "payment_id"],
            ["bill_payment.company_id", "bill_payment.id"],
            name=op.f("fk_payment_share_company_id_payment_id_bill_payment"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "invoice_id"],
            ["invoice.company_id", "invoice.id"],
            name=op.f("fk_payment_share_company_id_invoice_id_invoice"),
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_payment_share")),
        sa.UniqueConstraint(
            "company_id", "payment_id", "invoice_id", name=op.f("uq_payment_share_company_id_payment_id_invoice_id")
        ),
    )  # fmt: skip
    op.create_index(op.f("ix_payment_share_company_id_invoice_id"), "payment_share", ["company_id", "invoice_id"])
    op.create_index(
        "ix_payment_share_due",
        "payment_share",
        ["company_id", "connection_id"],
        postgresql_where=sa.text("is_due"),
    )


def downgrade() -> None:
    op.drop_table("payment_share")
    op.drop_table("bill_payment")
    op.execute(
        "DELETE FROM desktop_exchange WHERE reading_id IN (SELECT id FROM desktop_reading "
        "WHERE kind IN ('credits', 'check_payments', 'card_payments', 'deleted'))"
    )
    op.execute("DELETE FROM desktop_reading WHERE kind IN ('credits', 'check_payments', 'card_payments', 'deleted')")
    op.execute("UPDATE desktop_reading SET place = 7 WHERE kind = 'bills'")
    op.execute("UPDATE invoice SET settled = 'open' WHERE settled IN ('part', 'by_discount')")
    _words("desktop_reading", "desktop_reading_kind", "kind", READINGS)
    _words("invoice", "invoice_settled", "settled", SETTLED)

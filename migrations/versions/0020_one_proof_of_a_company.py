"""a row that refers to another row of its company needs no second proof that the company is there

The reference is by company and id together, and what it refers to has the proof. PostgreSQL checked both for every row:
eight of the twenty-seven checks that an invoice of four lines cost on its way into QuickBooks.
"""

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

TABLES = (
    "alert_delivery",
    "alert_reading",
    "bill_payment",
    "connection_settings",
    "credential",
    "mapping",
    "mirroring_plan_entry",
    "new_vendor",
    "plan_statement_line",
    "posting_batch",
    "provider_pace",
    "quickbooks_transaction",
    "reconciled_books",
    "reconciliation_total",
    "reference_entry",
    "retainage_opening",
    "token_lease",
    "bill_comparison",
    "bill_link",
    "desktop_session",
    "document",
    "invoice_blocker",
    "invoice_decision",
    "invoice_line",
    "payment_share",
    "posting_attempt",
    "bill_difference",
    "bill_file",
    "desktop_reading",
    "desktop_write",
    "taking_back_item",
    "desktop_exchange",
)


def upgrade() -> None:
    for table in TABLES:
        op.drop_constraint(f"fk_{table}_company_id_company", table, type_="foreignkey")


def downgrade() -> None:
    for table in TABLES:
        op.create_foreign_key(f"fk_{table}_company_id_company", table, "company", ["company_id"], ["id"])

"""pages of a company with many invoices read what they show, not everything there is"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_invoice_number", "invoice", ["company_id", "number"])
    op.create_index("ix_procore_requisition_number", "procore_requisition", ["company_id", "number"])
    op.create_index("ix_bill_link_invoice", "bill_link", ["company_id", "invoice_id"])
    op.create_index(
        "ix_bill_link_commitment",
        "bill_link",
        ["company_id", "commitment_id"],
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index("ix_quickbooks_transaction_dated", "quickbooks_transaction", ["company_id", "transaction_date"])
    op.create_index(
        "ix_quickbooks_transaction_gone",
        "quickbooks_transaction",
        ["company_id"],
        postgresql_where=sa.text("is_deleted"),
    )
    op.create_index(
        "ix_procore_requisition_commitment", "procore_requisition", ["company_id", "commitment_id", "project_id"]
    )
    op.create_index(
        "ix_procore_requisition_left_out",
        "procore_requisition",
        ["company_id", sa.text("updated_at DESC NULLS LAST"), "id"],
        postgresql_where=sa.text("verdict IN ('not_imported', 'needs_person')"),
    )
    op.create_index(
        "ix_procore_requisition_reason",
        "procore_requisition",
        ["company_id", "verdict_reason"],
        postgresql_where=sa.text("verdict_reason IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_procore_requisition_reason", table_name="procore_requisition")
    op.drop_index("ix_procore_requisition_left_out", table_name="procore_requisition")
    op.drop_index("ix_procore_requisition_commitment", table_name="procore_requisition")
    op.drop_index("ix_quickbooks_transaction_gone", table_name="quickbooks_transaction")
    op.drop_index("ix_quickbooks_transaction_dated", table_name="quickbooks_transaction")
    op.drop_index("ix_bill_link_commitment", table_name="bill_link")
    op.drop_index("ix_bill_link_invoice", table_name="bill_link")
    op.drop_index("ix_procore_requisition_number", table_name="procore_requisition")
    op.drop_index("ix_invoice_number", table_name="invoice")

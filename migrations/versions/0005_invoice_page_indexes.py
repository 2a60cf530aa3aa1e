"""indexes of the invoice list, its counts, and the dashboard's last weeks"""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

BADGE_COLUMNS = ["company_id", "state", "settled", "changed", "approval_withdrawn", "removed_in_quickbooks"]


def upgrade() -> None:
    op.create_index("ix_invoice_newest", "invoice", ["company_id", "imported_at", "reference"], unique=False)
    op.create_index("ix_invoice_badges", "invoice", BADGE_COLUMNS, unique=False, postgresql_include=["due"])
    op.create_index(op.f("ix_bill_link_company_id_linked_at"), "bill_link", ["company_id", "linked_at"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_bill_link_company_id_linked_at"), table_name="bill_link")
    op.drop_index("ix_invoice_badges", table_name="invoice", postgresql_include=["due"])
    op.drop_index("ix_invoice_newest", table_name="invoice")

"""units billed per line, and the account that each bill withholds retainage in"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

# What is booked by now lies in the account that is chosen now. Where a mapping names another for part of the books it
# stays unknown, and is released where retainage is withheld then.
BILLS = """
    UPDATE bill_link AS booked SET retainage_account_id = settings.retainage_account_id
    FROM connection_settings AS settings
    WHERE settings.company_id = booked.company_id AND settings.connection_id = booked.connection_id
        AND booked.retainage_withheld > 0 AND NOT EXISTS (
            SELECT FROM mapping WHERE mapping.company_id = booked.company_id
                AND mapping.connection_id = booked.connection_id AND mapping.kind = 'retainage_account'
        )
"""
ON_THEIR_WAY = """
    UPDATE posting_attempt AS booked SET retainage_account_id = settings.retainage_account_id
    FROM connection_settings AS settings
    WHERE settings.company_id = booked.company_id AND settings.connection_id = booked.connection_id
        AND booked.state IN ('prepared', 'sent', 'unclear') AND booked.retainage_withheld > 0 AND NOT EXISTS (
            SELECT FROM mapping WHERE mapping.company_id = booked.company_id
                AND mapping.connection_id = booked.connection_id AND mapping.kind = 'retainage_account'
        )
"""
OPENINGS = """
    UPDATE retainage_opening AS booked SET account_id = settings.retainage_account_id
    FROM connection_settings AS settings
    WHERE settings.company_id = booked.company_id AND settings.connection_id = booked.connection_id
        AND NOT EXISTS (
            SELECT FROM mapping WHERE mapping.company_id = booked.company_id
                AND mapping.connection_id = booked.connection_id AND mapping.kind = 'retainage_account'
        )
"""


def upgrade() -> None:
    op.add_column("invoice_line", sa.Column("quantity", sa.Numeric(20, 7), nullable=True))
    op.add_column("bill_link", sa.Column("retainage_account_id", sa.String(length=64), nullable=True))
    op.add_column("posting_attempt", sa.Column("retainage_account_id", sa.String(length=64), nullable=True))
    op.add_column("retainage_opening", sa.Column("account_id", sa.String(length=64), nullable=True))
    for statement in (BILLS, ON_THEIR_WAY, OPENINGS):
        op.execute(statement)


def downgrade() -> None:
    op.drop_column("retainage_opening", "account_id")
    op.drop_column("posting_attempt", "retainage_account_id")
    op.drop_column("bill_link", "retainage_account_id")
    op.drop_column("invoice_line", "quantity")

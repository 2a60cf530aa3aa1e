"""a line is known by its invoice and its place there: its own id was written, indexed and never read"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

BY_PLACE = "uq_invoice_line_company_id_invoice_id_position"


def upgrade() -> None:
    op.drop_constraint("pk_invoice_line", "invoice_line")
    op.drop_column("invoice_line", "id")
    op.drop_constraint(BY_PLACE, "invoice_line")
    op.create_primary_key("pk_invoice_line", "invoice_line", ["company_id", "invoice_id", "position"])


def downgrade() -> None:
    op.drop_constraint("pk_invoice_line", "invoice_line")
    op.create_unique_constraint(BY_PLACE, "invoice_line", ["company_id", "invoice_id", "position"])
    op.add_column("invoice_line", sa.Column("id", sa.Uuid(), nullable=False, server_default=sa.func.gen_random_uuid()))
    op.alter_column("invoice_line", "id", server_default=None)
    op.create_primary_key("pk_invoice_line", "invoice_line", ["company_id", "id"])

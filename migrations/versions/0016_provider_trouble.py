"""which provider does not answer, or limits us, while a connection's invoices wait for it"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("connection", sa.Column("trouble", sa.String(length=32), nullable=True))
    op.add_column("connection", sa.Column("trouble_with", sa.String(length=32), nullable=True))
    op.add_column("connection", sa.Column("trouble_since", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("connection", "trouble_since")
    op.drop_column("connection", "trouble_with")
    op.drop_column("connection", "trouble")

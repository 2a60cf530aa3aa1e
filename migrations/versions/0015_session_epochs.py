"""a person's sessions end together when they sign out"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("app_user", sa.Column("session_epoch", sa.Integer(), nullable=False, server_default="0"))
    op.alter_column("app_user", "session_epoch", server_default=None)


def downgrade() -> None:
    op.drop_column("app_user", "session_epoch")

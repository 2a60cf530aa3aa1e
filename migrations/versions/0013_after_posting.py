"""after posting: the files of a bill, vendors created on a click"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

OPEN = sa.text("state IN ('prepared', 'sent', 'unclear')")


def _word(name: str, values: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def upgrade() -> None:
    op.add_column("bill_link", sa.Column("files_due_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_bill_link_files_due",
        "bill_link",
        ["company_id", "files_due_at"],
        unique=False,
        postgresql_where=sa.text("files_due_at IS NOT NULL"),
    )
    op.create_table(
        "bill_file",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("link_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("origin", _word("file_origin", ("procore", "upload")), nullable=False),
        sa.Column("origin_id", sa.String(length=64), nullable=False),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("state", _word("file_state", ("waiting", "sent", "attached", "left_out")), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("quickbooks_id", sa.String(length=64), nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("failure_count", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_bill_file_company_id_company")),
        sa.ForeignKeyConstraint(
            ["company_id", "link_id"],
            ["bill_link.company_id", "bill_link.id"],
            name=op.f("fk_bill_file_company_id_link_id_bill_link"),
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_bill_file")),
        sa.UniqueConstraint(
            "company_id",
            "link_id",
            "origin",
            "origin_id",
            name=op.f("uq_bill_file_company_id_link_id_origin_origin_id"),
        ),
    )
    op.create_table(
        "new_vendor",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("connection_id", sa.Uuid(), nullable=False),
        sa.Column("procore_id", sa.String(length=64), nullable=False),
        sa.Column("procore_name", sa.String(), nullable=False),
        sa.Column("display_name", sa.String(length=500), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column(
            "state",
            _word("new_vendor_state", ("prepared", "sent", "unclear", "accepted", "rejected")),
            nullable=False,
        ),
        sa.Column("quickbooks_id", sa.String(length=64), nullable=True),
        sa.Column("answer", sa.String(), nullable=True),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_new_vendor_company_id_company")),
        sa.ForeignKeyConstraint(
            ["company_id", "connection_id"],
            ["connection.company_id", "connection.id"],
            name=op.f("fk_new_vendor_company_id_connection_id_connection"),
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_new_vendor")),
    )
    op.create_index(
        "uq_new_vendor_open",
        "new_vendor",
        ["company_id", "connection_id", "procore_id"],
        unique=True,
        postgresql_where=OPEN,
    )


def downgrade() -> None:
    op.drop_index("uq_new_vendor_open", table_name="new_vendor", postgresql_where=OPEN)
    op.drop_table("new_vendor")
    op.drop_table("bill_file")
    op.drop_index(
        "ix_bill_link_files_due", table_name="bill_link", postgresql_where=sa.text("files_due_at IS NOT NULL")
    )
    op.drop_column("bill_link", "files_due_at")

"""backfill: piles and closing statements of plans; taking bills back"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

OLD_VERDICTS = ("create", "skip", "ask")
NEW_VERDICTS = ("link", "create", "ask", "skip")
OLD_OPERATIONS = (
    *("create_bill", "create_vendor_credit", "update", "delete", "void"),
    *("create_vendor", "attach", "create_contract_payment"),
)
NEW_OPERATIONS = (*OLD_OPERATIONS, "reverse")
OUTCOMES = (
    *("on_its_way", "posted", "linked", "nothing_to_post", "needs_you"),
    *("dont_post", "taken_back", "withdrawn", "left_out"),
)
COUNTS = ("link_count", "posts_count", "held_count")
SUMS = ("link_sum", "posts_sum", "held_sum")
INSTANTS = ("accepted_at", "brought_in_at", "closed_at")


def _word(name: str, values: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def _one_of(table: str, constraint: str, column: str, values: tuple[str, ...]) -> None:
    op.drop_constraint(op.f(f"ck_{table}_{constraint}"), table, type_="check")
    listed = ", ".join(repr(value) for value in values)
    op.create_check_constraint(op.f(f"ck_{table}_{constraint}"), table, f"{column} IN ({listed})")


def _add(table: str, column: sa.Column[Any], default: str) -> None:
    """Rows that are there get the default; new ones bring their own value."""
    column.server_default = sa.DefaultClause(default)
    op.add_column(table, column)
    op.alter_column(table, column.name, server_default=None)


def upgrade() -> None:
    _one_of("mirroring_plan_entry", "plan_verdict", "verdict", NEW_VERDICTS)
    _one_of("posting_attempt", "posting_operation", "operation", NEW_OPERATIONS)
    for name in COUNTS:
        _add("mirroring_plan", sa.Column(name, sa.Integer(), nullable=False), "0")
    for name in SUMS:
        _add("mirroring_plan", sa.Column(name, sa.Numeric(precision=18, scale=2), nullable=False), "0")
    for name in INSTANTS:
        op.add_column("mirroring_plan", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    # Plans made before now were not drafted: what they would create counts as what they would post.
    op.execute("UPDATE mirroring_plan SET posts_count = create_count, posts_sum = create_sum")
    _add("mirroring_plan_entry", sa.Column("transaction_key", sa.String(length=128), nullable=False), "")
    _add("mirroring_plan_entry", sa.Column("transaction", sa.String(), nullable=False), "")
    op.add_column("mirroring_plan_entry", sa.Column("posts", sa.Numeric(precision=18, scale=2), nullable=True))
    _add("mirroring_plan_entry", sa.Column("held_because", sa.String(), nullable=False), "")
    _add("desktop_write", sa.Column("is_removal", sa.Boolean(), nullable=False), "false")
    op.create_table(
        "plan_statement_line",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("verdict", _word("plan_verdict", NEW_VERDICTS), nullable=False),
        sa.Column("outcome", _word("plan_outcome", OUTCOMES), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("total", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_plan_statement_line_company_id_company")),
        sa.ForeignKeyConstraint(
            ["company_id", "plan_id"],
            ["mirroring_plan.company_id", "mirroring_plan.id"],
            name=op.f("fk_plan_statement_line_company_id_plan_id_mirroring_plan"),
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_plan_statement_line")),
        sa.UniqueConstraint(
            "company_id",
            "plan_id",
            "verdict",
            "outcome",
            name=op.f("uq_plan_statement_line_company_id_plan_id_verdict_outcome"),
        ),
    )
    _create_taking_back()


def _create_taking_back() -> None:
    op.create_table(
        "taking_back",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("way", _word("take_back_way", ("remove", "reverse")), nullable=False),
        sa.Column("requested_by", sa.Uuid(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_taking_back_company_id_company")),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_taking_back")),
    )
    op.create_index(
        op.f("ix_taking_back_company_id_requested_at"), "taking_back", ["company_id", "requested_at"], unique=False
    )
    references = {
        "taking_back_id": "taking_back",
        "invoice_id": "invoice",
        "bill_link_id": "bill_link",
        "batch_id": "posting_batch",
    }
    op.create_table(
        "taking_back_item",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("taking_back_id", sa.Uuid(), nullable=False),
        sa.Column("invoice_id", sa.Uuid(), nullable=False),
        sa.Column("bill_link_id", sa.Uuid(), nullable=False),
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("state", _word("take_back_state", ("waiting", "done", "refused")), nullable=False),
        sa.Column("sentence", sa.String(), nullable=False),
        sa.Column("may_reverse", sa.Boolean(), nullable=False),
        sa.Column("credit_id", sa.String(length=64), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_taking_back_item_company_id_company")),
        *(
            sa.ForeignKeyConstraint(
                ["company_id", column],
                [f"{table}.company_id", f"{table}.id"],
                name=op.f(f"fk_taking_back_item_company_id_{column}_{table}"),
            )
            for column, table in references.items()
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_taking_back_item")),
        sa.UniqueConstraint(
            "company_id",
            "taking_back_id",
            "invoice_id",
            name=op.f("uq_taking_back_item_company_id_taking_back_id_invoice_id"),
        ),
    )
    op.create_index(
        "uq_taking_back_item_waiting",
        "taking_back_item",
        ["company_id", "invoice_id"],
        unique=True,
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_index(
        op.f("ix_taking_back_item_company_id_batch_id"), "taking_back_item", ["company_id", "batch_id"], unique=False
    )


def downgrade() -> None:
    for table in ("taking_back_item", "taking_back", "plan_statement_line"):
        op.drop_table(table)
    op.drop_column("desktop_write", "is_removal")
    for column in ("held_because", "posts", "transaction", "transaction_key"):
        op.drop_column("mirroring_plan_entry", column)
    for column in (*INSTANTS, *SUMS, *COUNTS):
        op.drop_column("mirroring_plan", column)
    for table, column, gone in (
        ("posting_attempt", "operation", "reverse"),
        ("mirroring_plan_entry", "verdict", "link"),
    ):
        op.execute(sa.delete(sa.table(table, sa.column(column))).where(sa.column(column) == gone))
    _one_of("posting_attempt", "posting_operation", "operation", OLD_OPERATIONS)
    _one_of("mirroring_plan_entry", "plan_verdict", "verdict", OLD_VERDICTS)

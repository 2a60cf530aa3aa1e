"""checks and credit-card charges of company files are read too: an invoice may have been paid by one already"""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

BEFORE = (
    *("terms", "accounts", "classes", "vendors", "customers", "items"),
    *("credits", "check_payments", "card_payments", "bills", "deleted"),
)
CONSTRAINT = "ck_desktop_reading_desktop_reading_kind"


def _kinds(values: tuple[str, ...]) -> None:
    op.drop_constraint(op.f(CONSTRAINT), "desktop_reading", type_="check")
    words = ", ".join(repr(value) for value in values)
    op.create_check_constraint(op.f(CONSTRAINT), "desktop_reading", f"kind IN ({words})")


def upgrade() -> None:
    _kinds((*BEFORE, "checks", "card_charges"))
    # The lists have places 1 to 6, and the two come right behind. The bills stay last of the books: with them the copy
    # that duplicates are looked for in is whole.
    op.execute("UPDATE desktop_reading SET place = place + 2 WHERE place > 6")
    # Credits were read without their lines, which tell the jobs: once more, whole.
    op.execute("UPDATE desktop_reading SET watermark = NULL WHERE kind = 'credits'")


def downgrade() -> None:
    op.execute(
        "DELETE FROM desktop_exchange WHERE reading_id IN "
        "(SELECT id FROM desktop_reading WHERE kind IN ('checks', 'card_charges'))"
    )
    op.execute("DELETE FROM desktop_reading WHERE kind IN ('checks', 'card_charges')")
    op.execute("UPDATE desktop_reading SET place = place - 2 WHERE place > 6")
    _kinds(BEFORE)

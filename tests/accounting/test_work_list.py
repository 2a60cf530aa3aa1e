from datetime import UTC, datetime
from decimal import Decimal

from accounting.blockers import BlockerReason, Owner
from accounting.work_list import Task

CODE = BlockerReason.COST_CODE_UNMAPPED
SINCE = datetime(2026, 6, 30, tzinfo=UTC)


def task(frees: int, amount: str) -> Task:
    return Task(CODE, None, "300", "03-300", SINCE, "7", "7, A1", frees, Decimal(amount), 41, Decimal("1204118.20"))


def test_a_task_says_what_to_do_and_what_that_frees() -> None:
    assert task(41, "1204118.20").sentence == "Map budget code 03-300 → frees 41 invoices, $1,204,118.20"
    assert task(1, "7").sentence == "Map budget code 03-300 → frees 1 invoice, $7.00"


def test_what_frees_nothing_alone_says_so() -> None:
    said = "Map budget code 03-300 → one of several things that 41 invoices of $1,204,118.20 need"
    assert task(0, "0").sentence == said


def test_a_task_has_an_owner_a_button_and_a_reason() -> None:
    shown = task(41, "1204118.20")
    assert (shown.owner, shown.button) == (Owner.ACCOUNTANT, "Map budget code")
    assert shown.why.startswith("Budget code 03-300 is not mapped")

from decimal import Decimal

import pytest

from accounting.blockers import EXPLANATIONS, BlockerReason, Hold
from accounting.work_list import OpenBlocker, work_list

R = BlockerReason
CODE = Hold(R.COST_CODE_UNMAPPED, "03-300", "300")
VENDOR = Hold(R.VENDOR_UNMAPPED, "Ernie's Electrical", "8881")


def blocker(invoice_id: str, due: str, hold: Hold, scope: str = "c1") -> OpenBlocker:
    return OpenBlocker(invoice_id, Decimal(due), hold, scope)


def test_what_frees_the_most_money_comes_first_and_counts_what_it_frees() -> None:
    tasks = work_list(
        [
            blocker("1", "100.00", VENDOR),
            *(blocker(f"2{number}", "29370.20", CODE) for number in range(41)),
            blocker("3", "500", Hold(R.NEGATIVE_TOTAL, "-$500.00")),
        ]
    )
    assert [task.sentence for task in tasks] == [
        "Map budget code 03-300 → frees 41 invoices, $1,204,178.20",
        "Post as vendor credit -$500.00 → frees 1 invoice, $500.00",
        "Match vendor Ernie's Electrical → frees 1 invoice, $100.00",
    ]


def test_an_invoice_held_twice_is_freed_by_neither_alone() -> None:
    both = [blocker("1", "100", CODE), blocker("1", "100", VENDOR), blocker("2", "7", VENDOR)]
    first, second = work_list(both)
    assert (first.reason, first.frees, first.touches, str(first.touches_amount)) == (R.VENDOR_UNMAPPED, 1, 2, "107.00")
    assert (second.reason, second.frees) == (R.COST_CODE_UNMAPPED, 0)
    assert second.sentence == "Map budget code 03-300 → one of several things that 1 invoice of $100.00 need"


def test_the_same_code_in_two_companies_books_is_two_tasks() -> None:
    assert len(work_list([blocker("1", "1", CODE), blocker("2", "1", CODE, scope="c2")])) == 2


def test_what_concerns_one_invoice_is_one_task_each() -> None:
    assert len(work_list([blocker(n, "1", Hold(R.AMOUNTS_DISAGREE, "x", "due")) for n in "12"])) == 2


@pytest.mark.parametrize("reason", [reason for reason in R if EXPLANATIONS[reason].clears_by_itself])
def test_what_clears_by_itself_is_nobodys_work(reason: BlockerReason) -> None:
    assert work_list([blocker("1", "1", Hold(reason))]) == ()


def test_the_order_is_the_same_however_the_blockers_come() -> None:
    some = [blocker(str(n), "5", Hold(R.VENDOR_UNMAPPED, f"V{n % 3}", str(n % 3))) for n in range(9)]
    assert work_list(some) == work_list(reversed(some))

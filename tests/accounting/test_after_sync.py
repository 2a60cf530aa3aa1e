"""What follows a change after posting: one row per rule, and no rule writes over a person's edit unasked."""

from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

import pytest

from accounting.after_sync import RULES, Case, NextStep, Surroundings, after_sync
from accounting.bill_settings import ChangedInvoice
from accounting.bill_types import TransactionKind
from accounting.bill_versions import Approval, BillAsIs, InProcore, InQuickBooks, LinkedPair
from accounting.differences import differences
from tests.accounting.test_differences import POSTED

UPDATES = Surroundings(when_changed=ChangedInvoice.UPDATE)
ZERO_LINES = tuple(replace(line, amount=Decimal("0.00")) for line in POSTED.lines)
VOIDED = replace(POSTED, total=Decimal("0.00"), lines=ZERO_LINES)
MORE = replace(POSTED.lines[0], amount=Decimal("18000.00"))
AMOUNT = replace(POSTED, total=Decimal("18550.00"), lines=(MORE, *POSTED.lines[1:]))
DATED = replace(POSTED, bill_date=date(2026, 7, 15))
RENAMED = replace(POSTED, number="INV-1042B")
FEWER = replace(POSTED, lines=POSTED.lines[1:], total=Decimal("550.00"))
OTHER_VENDOR = replace(POSTED, vendor_id="57")
CREDIT = replace(POSTED, kind=TransactionKind.VENDOR_CREDIT)


@dataclass(frozen=True)
class Row:
    """One situation and what follows; what is not said is as it was posted, unpaid, and the setting says *update*."""

    says: str
    step: NextStep
    procore: BillAsIs | None = POSTED
    quickbooks: BillAsIs | None = POSTED
    posted: BillAsIs | None = POSTED
    approval: Approval = Approval.APPROVED
    held: str = ""
    is_deleted: bool = False
    left: str = "17550.00"
    around: Surroundings = field(default=UPDATES)
    changed: bool = True
    removed: bool = False

    @property
    def pair(self) -> LinkedPair:
        return LinkedPair(
            self.posted,
            InProcore(self.procore, self.approval, held=self.held),
            InQuickBooks(self.quickbooks, self.is_deleted, Decimal(self.left)),
            {},
        )


CREDIT_RENAMED = replace(CREDIT, number="9")
DATED_LATER = replace(POSTED, bill_date=date(2026, 8, 1))
ASKING = Surroundings()
TABLE = [
    Row("nothing changed", NextStep.NOTHING, changed=False),
    Row("nothing changed and it was paid", NextStep.NOTHING, left="0.00", changed=False),
    Row("Procore: amounts", NextStep.UPDATE, procore=AMOUNT),
    Row("Procore: dates", NextStep.UPDATE, procore=DATED),
    Row("Procore: number", NextStep.UPDATE, procore=RENAMED),
    Row("Procore: lines", NextStep.UPDATE, procore=FEWER),
    Row("Procore: amounts, and we ask", NextStep.ASK, procore=AMOUNT, around=ASKING),
    Row("Procore: vendor is always asked", NextStep.ASK, procore=OTHER_VENDOR),
    Row("Procore: withdrawn", NextStep.FLAG, approval=Approval.WITHDRAWN, changed=False),
    Row("Procore: withdrawn and changed", NextStep.FLAG, procore=AMOUNT, approval=Approval.WITHDRAWN, changed=False),
    Row("Procore: deleted", NextStep.FLAG, procore=None, approval=Approval.GONE, changed=False),
    Row("Procore: no bill can be made of it", NextStep.FLAG, procore=None, held="code 27 is not mapped"),
    Row("Procore: becomes a credit", NextStep.FLAG, procore=CREDIT),
    Row("a posted credit changed", NextStep.FLAG, posted=CREDIT, quickbooks=CREDIT, procore=CREDIT_RENAMED),
    Row("QuickBooks: edited", NextStep.ASK, quickbooks=AMOUNT, left="18550.00"),
    Row("QuickBooks: moved to another vendor", NextStep.ASK, quickbooks=OTHER_VENDOR),
    Row("QuickBooks: voided", NextStep.FLAG, quickbooks=VOIDED, left="0.00", changed=False, removed=True),
    Row("QuickBooks: deleted", NextStep.FLAG, is_deleted=True, changed=False, removed=True),
    Row("deleted, and changed in Procore", NextStep.FLAG, procore=AMOUNT, is_deleted=True, changed=False, removed=True),
    Row("edited on both sides, other fields", NextStep.ASK, procore=DATED, quickbooks=RENAMED),
    Row("edited on both sides, one field", NextStep.ASK, procore=DATED, quickbooks=DATED_LATER),
    Row("edited alike on both sides", NextStep.NOTHING, procore=DATED, quickbooks=DATED, changed=False),
    Row("paid", NextStep.FLAG, procore=AMOUNT, left="0.00"),
    Row("part-paid", NextStep.FLAG, procore=AMOUNT, left="17000.00"),
    Row("edited in QuickBooks and paid", NextStep.FLAG, quickbooks=AMOUNT, left="0.00"),
    Row("scheduled", NextStep.FLAG, procore=AMOUNT, around=replace(UPDATES, is_scheduled=True)),
    Row("closed period", NextStep.FLAG, procore=AMOUNT, around=replace(UPDATES, closed_through=date(2026, 6, 30))),
    Row("locked by us", NextStep.FLAG, procore=AMOUNT, around=replace(UPDATES, lock_date=date(2026, 6, 30))),
    Row(
        "dated into a closed period",
        NextStep.FLAG,
        procore=replace(POSTED, bill_date=date(2026, 5, 31)),
        around=replace(UPDATES, closed_through=date(2026, 5, 31)),
    ),
    Row("open period", NextStep.UPDATE, procore=AMOUNT, around=replace(UPDATES, closed_through=date(2026, 6, 29))),
    Row("a later requisition", NextStep.FLAG, procore=AMOUNT, around=replace(UPDATES, later_requisition="SC-001 #4")),
    Row("vendor inactive or merged", NextStep.FLAG, procore=AMOUNT, around=replace(UPDATES, inactive_vendor="Ernie's")),
    Row("linked by a person and alike", NextStep.NOTHING, posted=None, changed=False),
    Row("linked by a person and different", NextStep.ASK, posted=None, quickbooks=DATED),
    Row("not read in QuickBooks yet", NextStep.NOTHING, quickbooks=None, changed=False),
]  # fmt: skip


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.says)
def test_what_follows(row: Row) -> None:
    told = after_sync(row.pair, row.around)
    assert (told.step, told.changed, told.removed_in_quickbooks) == (row.step, row.changed, row.removed)
    assert (told.step is NextStep.NOTHING) == (told.because == "")


def test_every_rule_decides_some_row() -> None:
    silent = [rule.__name__ for rule in RULES if all(_first_answer(row) is not rule for row in TABLE)]
    assert silent == []


def _first_answer(row: Row) -> object:
    case = Case(row.pair, row.around, differences(row.pair))
    return next(rule for rule in RULES if rule(case) is not None)


def test_only_procores_own_change_is_ever_updated_unasked() -> None:
    for row in TABLE:
        told = after_sync(row.pair, UPDATES)
        if told.step is NextStep.UPDATE:
            assert row.quickbooks == POSTED


def test_what_was_explained_is_known_again_until_a_value_changes() -> None:
    first, again = (after_sync(Row("", NextStep.ASK, quickbooks=RENAMED).pair, UPDATES) for _ in range(2))
    assert first.fingerprint == again.fingerprint != ""
    other = after_sync(Row("", NextStep.ASK, quickbooks=replace(RENAMED, number="X")).pair, UPDATES)
    assert other.fingerprint != first.fingerprint
    assert after_sync(Row("", NextStep.NOTHING).pair, UPDATES).fingerprint == ""

"""What follows when an invoice or its bill changes after posting: nothing, an update, a question, or a mere notice.

Each rule looks at what was posted, what Procore says and what QuickBooks says, and answers or passes; the first answer
counts. Nothing is ever removed here, and a person's edit in QuickBooks is never written over without asking.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from hashlib import sha256

from accounting.bill_settings import ChangedInvoice
from accounting.bill_versions import Approval, LinkedPair
from accounting.closed_periods import in_words
from accounting.differences import BillField, Difference, Side, differences
from accounting.money import ZERO, dollars


class NextStep(StrEnum):
    """ASK: a person may have the bill updated or keep it. FLAG: shown only, the bill stays as it is."""

    NOTHING = "nothing"
    UPDATE = "update"
    ASK = "ask"
    FLAG = "flag"


@dataclass(frozen=True)
class Surroundings:
    """What else decides whether a posted bill may be changed.

    ``is_scheduled``: a payment of it is marked to print or dated ahead. ``later_requisition`` names one that follows on
    the same commitment. Closed days are closed themselves.
    """

    when_changed: ChangedInvoice = ChangedInvoice.ASK
    is_scheduled: bool = False
    later_requisition: str | None = None
    inactive_vendor: str | None = None
    closed_through: date | None = None
    lock_date: date | None = None


@dataclass(frozen=True)
class AfterSync:
    """What follows, why in a sentence, and what is true of the invoice beside its state."""

    step: NextStep
    because: str = ""
    differences: tuple[Difference, ...] = ()
    changed: bool = False
    removed_in_quickbooks: bool = False

    @property
    def fingerprint(self) -> str:
        """The same exactly while the same values differ; empty while none does. What was explained stays explained."""
        if not self.differences:
            return ""
        said = (f"{one.field}|{one.line}|{one.in_procore}|{one.in_quickbooks}" for one in self.differences)
        return sha256("\n".join(said).encode()).hexdigest()


@dataclass(frozen=True)
class Case:
    """One pair under judgement."""

    pair: LinkedPair
    around: Surroundings
    found: tuple[Difference, ...]

    def has(self, *fields: BillField) -> bool:
        return any(one.field in fields for one in self.found)

    @property
    def sides(self) -> set[Side]:
        return {one.changed_in for one in self.found}


Rule = Callable[[Case], tuple[NextStep, str] | None]


def after_sync(pair: LinkedPair, around: Surroundings) -> AfterSync:
    """What follows for one linked pair. Payments alone change nothing here: they are shown as what they are."""
    found = tuple(one for one in differences(pair) if one.field is not BillField.PAID)
    case = Case(pair, around, found)
    step, because = next(answer for rule in RULES if (answer := rule(case)) is not None)
    removed = case.has(BillField.DELETED, BillField.VOIDED)
    withdrawn = case.has(BillField.APPROVAL_WITHDRAWN, BillField.REQUISITION_DELETED)
    return AfterSync(
        step=step,
        because=because,
        differences=found,
        changed=bool(found) and not removed and not withdrawn,
        removed_in_quickbooks=removed,
    )


def removed_in_quickbooks(case: Case) -> tuple[NextStep, str] | None:
    """A bill deleted or voided there is never posted again unasked."""
    if case.has(BillField.DELETED):
        return NextStep.FLAG, "The bill was deleted in QuickBooks. It is not posted again unless you say so."
    if case.has(BillField.VOIDED):
        return NextStep.FLAG, "The bill was voided in QuickBooks. It is not posted again unless you say so."
    return None


def approval_withdrawn(case: Case) -> tuple[NextStep, str] | None:
    """The bill stays: nothing is removed from the books without a person's click."""
    if case.pair.procore.approval is Approval.WITHDRAWN:
        return NextStep.FLAG, "The invoice is no longer approved in Procore. Its bill stays in QuickBooks."
    if case.pair.procore.approval is Approval.GONE:
        return NextStep.FLAG, "The invoice was deleted in Procore, or is hidden from us. Its bill stays in QuickBooks."
    return None


def unchanged(case: Case) -> tuple[NextStep, str] | None:
    """Procore and QuickBooks agree on everything that counts."""
    return None if case.found else (NextStep.NOTHING, "")


def settled(case: Case) -> tuple[NextStep, str] | None:
    """Paid or part-paid, by money or by credit: what was paid is what was owed."""
    paid = case.pair.settled_in_quickbooks
    if paid is None or paid == ZERO:
        return None
    return NextStep.FLAG, f"{dollars(paid)} of the bill is settled in QuickBooks, so the bill is not changed."


def scheduled(case: Case) -> tuple[NextStep, str] | None:
    """A check that waits to be printed, or a payment dated ahead, is money on its way."""
    if not case.around.is_scheduled:
        return None
    return NextStep.FLAG, "A payment of the bill is scheduled in QuickBooks, so the bill is not changed."


def in_a_closed_period(case: Case) -> tuple[NextStep, str] | None:
    """Neither the bill as it stands nor the bill as it would be may lie in a closed period."""
    versions = (case.pair.posted, case.pair.procore.bill, case.pair.quickbooks.bill)
    for closed in (case.around.closed_through, case.around.lock_date):
        for version in versions:
            if closed is not None and version is not None and version.bill_date <= closed:
                return NextStep.FLAG, f"The books are closed through {in_words(closed)}, so the bill is not changed."
    return None


def followed_by_a_later_requisition(case: Case) -> tuple[NextStep, str] | None:
    """What is billed to date goes on from this bill: changing it would be counted twice."""
    if case.around.later_requisition is None:
        return None
    later = case.around.later_requisition
    return NextStep.FLAG, f"{later} follows on the same commitment, so this bill is not changed."


def without_a_bill(case: Case) -> tuple[NextStep, str] | None:
    """An invoice that cannot be drafted now has nothing to update its bill to."""
    if not case.has(BillField.NO_BILL):
        return None
    return NextStep.FLAG, f"As the invoice is in Procore now, no bill can be made of it: {case.pair.procore.held}"


def of_another_kind(case: Case) -> tuple[NextStep, str] | None:
    """A bill cannot become a vendor credit, nor the other way round; credits are not updated either."""
    ours, theirs = case.pair.procore.bill, case.pair.quickbooks.bill
    if ours is None or theirs is None or (ours.kind is theirs.kind and theirs.kind.value == "bill"):
        return None
    return NextStep.FLAG, "A vendor credit is not changed after posting. Correct it in QuickBooks."


def vendor_inactive(case: Case) -> tuple[NextStep, str] | None:
    """QuickBooks takes no change of a bill whose vendor is inactive or was merged into another one."""
    name = case.around.inactive_vendor
    if name is None:
        return None
    return NextStep.FLAG, f"{name} is inactive, merged or gone in QuickBooks. Make it active there, or map another one."


def vendor_changed(case: Case) -> tuple[NextStep, str] | None:
    """What is owed moves from one company to another only on a click, whatever the setting says."""
    if not case.has(BillField.VENDOR):
        return None
    return NextStep.ASK, "Procore and QuickBooks name different vendors."


def edited_in_quickbooks(case: Case) -> tuple[NextStep, str] | None:
    """Somebody's edit is never written over without asking."""
    if Side.UNKNOWN in case.sides:
        return NextStep.ASK, "This bill was linked by a person, and differs from the invoice."
    if Side.BOTH in case.sides or case.sides == {Side.QUICKBOOKS, Side.PROCORE}:
        return NextStep.ASK, "The invoice was changed in Procore, and the bill in QuickBooks."
    if Side.QUICKBOOKS in case.sides:
        return NextStep.ASK, "Somebody changed the bill in QuickBooks."
    return None


def changed_in_procore(case: Case) -> tuple[NextStep, str] | None:
    """Unpaid, open and untouched in QuickBooks: the connection's setting decides."""
    said = "The invoice was changed in Procore after its bill was posted."
    if case.around.when_changed is ChangedInvoice.UPDATE:
        return NextStep.UPDATE, said
    return NextStep.ASK, said


RULES: tuple[Rule, ...] = (
    removed_in_quickbooks,
    approval_withdrawn,
    unchanged,
    settled,
    scheduled,
    in_a_closed_period,
    followed_by_a_later_requisition,
    without_a_bill,
    of_another_kind,
    vendor_inactive,
    vendor_changed,
    edited_in_quickbooks,
    changed_in_procore,
)

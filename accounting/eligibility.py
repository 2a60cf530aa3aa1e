"""Which requisitions come in: created and approved directly in Procore, first approved on or after the start date."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from accounting.blockers import BlockerReason, Hold
from accounting.dates import UnknownTimeZone, local_date
from accounting.invoice import Requisition, StatusChange

APPROVED = "approved"
APPROVED_AS_NOTED = "approved_as_noted"
_APPROVALS = frozenset({APPROVED, APPROVED_AS_NOTED})
# What Procore's ERP connector writes while it leaves an object alone (Procore: financial tools, erp_status values).
_NOT_IN_ERP = frozenset({"", "not_integrated", "not_in_erp"})
# Whether such a requisition comes in is a person's word; no later reading of it answers the question.
ASKS_WHETHER = frozenset(
    {BlockerReason.OWN_SERVICE_ACCOUNT, BlockerReason.APPROVAL_DATE_UNKNOWN, BlockerReason.REAPPROVED_CHANGED}
)


class NotImportedReason(StrEnum):
    """Why a requisition stays out; each is shown, never silence."""

    NOT_APPROVED = "not_approved"
    APPROVED_AS_NOTED_OFF = "approved_as_noted_off"
    PUSHED = "pushed"
    ORIGIN_ID = "origin_id"
    ERP = "erp"
    BEFORE_START = "before_start"
    WHILE_DISCONNECTED = "while_disconnected"
    NOT_IN_BOOKS = "not_in_books"

    @property
    def sentence(self) -> str:
        return _SENTENCES[self]


_SENTENCES = {
    NotImportedReason.NOT_APPROVED: "Not approved in Procore.",
    NotImportedReason.APPROVED_AS_NOTED_OFF: (
        "Approved as noted, which this company's settings leave out. Switch it on to bring these in."
    ),
    NotImportedReason.PUSHED: "inBuild sent this invoice to Procore itself; the upload it came from posts.",
    NotImportedReason.ORIGIN_ID: "Another integration owns this requisition in Procore (its origin ID is set).",
    NotImportedReason.ERP: "Procore's own ERP integration handles this requisition.",
    NotImportedReason.BEFORE_START: "First approved before the start date.",
    NotImportedReason.WHILE_DISCONNECTED: (
        "First approved while no QuickBooks was connected. An admin can bring it in from the list on this page."
    ),
    NotImportedReason.NOT_IN_BOOKS: "An admin chose Not in these books for its project.",
}


@dataclass(frozen=True)
class Gap:
    """A time in which nothing was connected although mirroring had been on: from ``since`` to just before ``until``."""

    since: datetime
    until: datetime


@dataclass(frozen=True)
class ImportRules:
    """What one requisition is judged by.

    ``start_date`` is a date in the project's ``time_zone`` (Procore's name of it). ``was_pushed``: the requisition is
    in our table of those inBuild sent to Procore. What was first approved in one of the ``gaps`` comes in by no rule.
    """

    start_date: date
    time_zone: str
    approved_as_noted: bool
    service_account_id: str | None
    was_pushed: bool
    in_books: bool = True
    gaps: tuple[Gap, ...] = ()


@dataclass(frozen=True)
class ApprovalEvidence:
    """What is known about the time of the first approval, which Procore does not keep.

    ``seen_unapproved_at`` is the last aware instant at which we saw it unapproved. ``history`` is None until asked
    for; an empty one was asked for and says nothing. ``due_at_first_approval`` is the amount due that was first
    approved, None when it cannot be told: whether another was approved since is then for a person to say.
    """

    seen_unapproved_at: datetime | None
    history: tuple[StatusChange, ...] | None
    due_at_first_approval: Decimal | None


@dataclass(frozen=True)
class Import:
    """It comes in."""


@dataclass(frozen=True)
class NotImported:
    """It stays out. ``first_approved`` is a date in the project's zone, None unless the history tells it."""

    reason: NotImportedReason
    first_approved: date | None = None


@dataclass(frozen=True)
class NeedsPerson:
    """Nobody but a person can tell."""

    hold: Hold


@dataclass(frozen=True)
class AskHistory:
    """One change-history call would decide; never the answer once a history is given."""


Verdict = Import | NotImported | NeedsPerson | AskHistory


def judge(requisition: Requisition, rules: ImportRules, evidence: ApprovalEvidence) -> Verdict:
    """Whether a requisition is imported, by its status, its origin, and the date of its first approval.

    Raises nothing for any requisition: what cannot be decided needs a person.
    """
    if stays_out := _excluded(requisition, rules):
        return NotImported(stays_out)
    if rules.service_account_id is not None and requisition.created_by_id == rules.service_account_id:
        return NeedsPerson(Hold(BlockerReason.OWN_SERVICE_ACCOUNT))
    try:
        verdict = _by_date(requisition, rules, evidence)
        return _outside_gaps(requisition, rules, evidence) if isinstance(verdict, Import) else verdict
    except UnknownTimeZone as unknown:
        return NeedsPerson(Hold(BlockerReason.APPROVAL_DATE_UNKNOWN, str(unknown)))


def _excluded(requisition: Requisition, rules: ImportRules) -> NotImportedReason | None:
    status = _word(requisition.status)
    if status not in _APPROVALS:
        return NotImportedReason.NOT_APPROVED
    if status == APPROVED_AS_NOTED and not rules.approved_as_noted:
        return NotImportedReason.APPROVED_AS_NOTED_OFF
    if rules.was_pushed:
        return NotImportedReason.PUSHED
    if (requisition.origin_id or "").strip():
        return NotImportedReason.ORIGIN_ID
    if _word(requisition.erp_status) not in _NOT_IN_ERP:
        return NotImportedReason.ERP
    if not rules.in_books:
        return NotImportedReason.NOT_IN_BOOKS
    return None


def _outside_gaps(requisition: Requisition, rules: ImportRules, evidence: ApprovalEvidence) -> Verdict:
    """Whether the first approval lies outside every gap: by its bounds, and by the history where they leave it open."""
    approvals = _approvals(evidence.history or ())
    earliest = max(requisition.created_at, _seen_unapproved(requisition, evidence) or requisition.created_at)
    latest = requisition.updated_at
    if approvals:
        earliest = latest = approvals[0].changed_at
    for gap in rules.gaps:
        # Procore keeps whole seconds: what it dates to the gap's first second may have come in it.
        since = gap.since.replace(microsecond=0)
        if latest < since or earliest >= gap.until:
            continue
        if earliest >= since and latest < gap.until:
            return NotImported(NotImportedReason.WHILE_DISCONNECTED)
        if evidence.history is None:
            return AskHistory()
        return NeedsPerson(Hold(BlockerReason.APPROVAL_DATE_UNKNOWN))
    return Import()


def _by_date(requisition: Requisition, rules: ImportRules, evidence: ApprovalEvidence) -> Verdict:
    start = rules.start_date
    approvals = _approvals(evidence.history or ())
    first_approved = local_date(approvals[0].changed_at, rules.time_zone) if approvals else None
    # Approving touches updated_at, and nothing is approved before it exists: both bound the first approval for free.
    if local_date(requisition.updated_at, rules.time_zone) < start:
        return NotImported(NotImportedReason.BEFORE_START, first_approved)
    if local_date(requisition.created_at, rules.time_zone) >= start:
        return Import()
    if evidence.history is None:
        # Having been seen unapproved since the start does not tell: it may have been approved before, and taken back.
        return AskHistory()
    if first_approved is None:
        seen = _seen_unapproved(requisition, evidence)
        if seen is not None and local_date(seen, rules.time_zone) >= start:
            return Import()
        return NeedsPerson(Hold(BlockerReason.APPROVAL_DATE_UNKNOWN))
    if first_approved >= start:
        return Import()
    approved_again = any(local_date(again.changed_at, rules.time_zone) >= start for again in approvals[1:])
    if approved_again and evidence.due_at_first_approval != requisition.due:
        return NeedsPerson(Hold(BlockerReason.REAPPROVED_CHANGED))
    return NotImported(NotImportedReason.BEFORE_START, first_approved)


def _seen_unapproved(requisition: Requisition, evidence: ApprovalEvidence) -> datetime | None:
    """When we last saw it unapproved. Approving came later and touched ``updated_at``: a clock that says otherwise is
    wrong, and what was seen by it proves nothing.
    """
    seen = evidence.seen_unapproved_at
    return seen if seen is not None and seen <= requisition.updated_at else None


def _approvals(history: tuple[StatusChange, ...]) -> list[StatusChange]:
    """Every move into an approved status, earliest first: Procore does not promise an order."""
    moves = [
        row for row in history if _word(row.new_status) in _APPROVALS and _word(row.old_status) != _word(row.new_status)
    ]
    return sorted(moves, key=lambda row: row.changed_at)


def _word(value: str | None) -> str:
    """Procore documents neither case nor spelling of history values: ``Approved as Noted`` is ``approved_as_noted``."""
    return "_".join((value or "").casefold().split())

"""What differs between an invoice and its bill, in people's words, and what this person may do about it."""

from dataclasses import dataclass
from datetime import datetime

from accounting.after_sync import NextStep
from accounting.differences import BillField, Difference
from accounting.states import HAS_BILL
from api.access import Visitor
from api.difference_words import field_words, side_words
from models.comparisons import comparison_of, differences_in
from models.database import CompanySession
from models.members import names_of
from models.tables import BillComparison, InvoiceRow


@dataclass(frozen=True)
class DifferenceShown:
    """One field: ``what`` names it with its line, ``posted`` is empty where inBuild posted nothing."""

    field: BillField
    what: str
    posted: str
    in_procore: str
    in_quickbooks: str
    who: str


@dataclass(frozen=True)
class Explained:
    """Who keeps it as it is, since when (UTC), and why."""

    by: str
    at: datetime
    note: str


@dataclass(frozen=True)
class DifferencesShown:
    """``fingerprint`` is what an answer names: it holds for exactly these differences. ``updating``: the bill is to be
    updated, and will be.
    """

    fingerprint: str
    step: NextStep
    because: str
    compared_at: datetime
    differences: tuple[DifferenceShown, ...]
    explained: Explained | None
    updating: bool
    is_removed: bool
    may_answer: bool

    @property
    def may_update(self) -> bool:
        return self.may_answer and not self.updating and self.step in (NextStep.ASK, NextStep.UPDATE)

    @property
    def may_keep(self) -> bool:
        return self.may_answer and self.explained is None and not self.is_removed

    @property
    def may_post_again(self) -> bool:
        return self.may_answer and self.is_removed


async def differences_shown(session: CompanySession, visitor: Visitor, row: InvoiceRow) -> DifferencesShown | None:
    """What the page of an invoice shows of its bill; None while nothing differs."""
    comparison = await comparison_of(session, row.id) if row.state in HAS_BILL else None
    if comparison is None or not comparison.fingerprint or comparison.compared_at is None:
        return None
    return DifferencesShown(
        fingerprint=comparison.fingerprint,
        step=comparison.step,
        because=comparison.because,
        compared_at=comparison.compared_at,
        differences=tuple(map(_shown, differences_in(comparison))),
        explained=await _explained(session, comparison),
        updating=comparison.update_wanted_at is not None,
        is_removed=row.removed_in_quickbooks,
        may_answer=visitor.may_work_on_invoices,
    )


def _shown(one: Difference) -> DifferenceShown:
    return DifferenceShown(
        field=one.field,
        what=field_words(one.field, one.line),
        posted=one.posted,
        in_procore=one.in_procore,
        in_quickbooks=one.in_quickbooks,
        who=side_words(one.changed_in),
    )


async def _explained(session: CompanySession, comparison: BillComparison) -> Explained | None:
    if comparison.kept_fingerprint is None or comparison.kept_at is None:
        return None
    names = await names_of(session, [comparison.kept_by] if comparison.kept_by else [])
    by = names.get(comparison.kept_by, "A former user") if comparison.kept_by else "inBuild"
    return Explained(by, comparison.kept_at, comparison.kept_note or "")

"""Where invoices and their bills disagree: found by a run, explained by a person, closed once they agree."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from hashlib import sha256
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from accounting.differences import BillField, Difference
from models.after_posting import keep_as_it_is
from models.comparisons import comparisons_of, differences_in, forget_explanation
from models.database import CompanySession
from models.events import audit, record_event
from models.invoices import invoices_by_id
from models.rows import OnConflict, insert_rows
from models.tables import BillComparison, BillDifference, BillLink, DifferenceState, InvoiceRow

# What stays as it is while both values stay: its state, since when, and what a person said of it here. What somebody
# said of it on the invoice's own page counts as said here.
_SAME = (
    "bill_difference.fingerprint = excluded.fingerprint AND bill_difference.state <> 'closed'"
    " AND (excluded.state = 'open' OR bill_difference.state = 'explained')"
)
FOUND_AGAIN = OnConflict(
    keys=("company_id", "link_id", "field", "line"),
    keeps=("connection_id", "invoice_id"),
    by=tuple(
        (name, f"CASE WHEN {_SAME} THEN bill_difference.{name} ELSE excluded.{name} END")
        for name in ("state", "opened_at", "note", "explained_by", "explained_at")
    ),
)


class NoSuchDifference(Exception):
    """There is no such difference, or the two sides agree by now."""


class DifferenceMoved(Exception):
    """The difference is not the one that was shown: one of its values has changed."""


@dataclass(frozen=True)
class Explanation:
    """What a person said of an invoice's differences as a whole: *Keep as it is*."""

    note: str
    by: UUID | None
    at: datetime


@dataclass(frozen=True)
class ComparedLink:
    """A link that was compared, with everything that was found; ``kept`` is what a person said of exactly that."""

    link_id: UUID
    connection_id: UUID
    invoice_id: UUID
    found: tuple[Difference, ...]
    kept: Explanation | None = None


@dataclass(frozen=True)
class ShownDifference:
    """One difference as its page shows it. ``note`` and who wrote it are empty while it is open."""

    id: UUID
    invoice_id: UUID
    number: str
    vendor_name: str
    project_id: str
    project_name: str
    due: Decimal
    bill_id: str
    field: str
    line: str
    posted: str
    in_procore: str
    in_quickbooks: str
    changed_in: str
    fingerprint: str
    state: str
    opened_at: datetime
    note: str
    explained_by: str | None
    explained_at: datetime | None


@dataclass(frozen=True)
class DifferenceCounts:
    open: int
    explained: int


def fingerprint_of(difference: Difference) -> str:
    """Of both values: equal exactly while nothing has moved on either side."""
    return sha256(f"{difference.in_procore}\x1f{difference.in_quickbooks}".encode()).hexdigest()


async def note_differences(session: CompanySession, run_id: UUID, compared: Sequence[ComparedLink]) -> None:
    """Keep what these links were found to differ in, and close what they no longer do."""
    rows = [
        {
            "company_id": session.company_id,
            "id": session.new_id(),
            "connection_id": link.connection_id,
            "invoice_id": link.invoice_id,
            "link_id": link.link_id,
            "field": one.field.value,
            "line": one.line,
            "in_procore": one.in_procore,
            "in_quickbooks": one.in_quickbooks,
            "posted": one.posted,
            "changed_in": one.changed_in.value,
            "fingerprint": fingerprint_of(one),
            "state": DifferenceState.EXPLAINED if kept else DifferenceState.OPEN,
            "opened_at": session.now,
            "seen_in": run_id,
            "note": kept.note if kept else "",
            "explained_by": kept.by if kept else None,
            "explained_at": kept.at if kept else None,
            "closed_at": None,
        }
        for link in compared
        for one in link.found
        for kept in [_said_of(link, one)]
    ]
    await insert_rows(session, BillDifference, rows, FOUND_AGAIN)
    await _close(session, col(BillDifference.link_id).in_([one.link_id for one in compared]), run_id)


def _said_of(link: ComparedLink, difference: Difference) -> Explanation | None:
    """The invoice's page keeps a bill as it is, whatever its payments: those are explained here alone."""
    return None if difference.field is BillField.PAID else link.kept


async def close_of_ended_links(session: CompanySession, connection_id: UUID, run_id: UUID) -> None:
    """A bill that no invoice is linked to any more differs from nothing."""
    ended = (
        select(BillLink.id)
        .where(BillLink.company_id == session.company_id, BillLink.connection_id == connection_id)
        .where(col(BillLink.ended_at).is_not(None))
    )
    await _close(session, col(BillDifference.link_id).in_(ended), run_id)


async def _close(session: CompanySession, of: sa.ColumnElement[bool], run_id: UUID) -> None:
    await session.execute(
        sa.update(BillDifference)
        .where(col(BillDifference.company_id) == session.company_id, of)
        .where(col(BillDifference.state) != DifferenceState.CLOSED, col(BillDifference.seen_in) != run_id)
        .values(state=DifferenceState.CLOSED, closed_at=session.now)
        .execution_options(synchronize_session=False)
    )


async def count_differences(session: CompanySession, connection_id: UUID) -> DifferenceCounts:
    found = await session.exec(
        select(BillDifference.state, sa.func.count())
        .where(BillDifference.company_id == session.company_id, BillDifference.connection_id == connection_id)
        .where(col(BillDifference.state) != DifferenceState.CLOSED)
        .group_by(col(BillDifference.state))
    )
    counts = {str(state): count for state, count in found}
    return DifferenceCounts(counts.get(DifferenceState.OPEN, 0), counts.get(DifferenceState.EXPLAINED, 0))


async def explain(session: CompanySession, difference_id: UUID, shown: str, note: str, by: UUID) -> None:
    """Note why a difference is right as it is: it stays explained until one of its values changes.

    ``shown`` is its fingerprint as the person saw it. With the last one of an invoice explained, the invoice is kept as
    it is. Raises NoSuchDifference and DifferenceMoved.
    """
    row, invoice, comparison = await _locked(session, difference_id)
    if row.fingerprint != shown:
        raise DifferenceMoved
    row.state, row.note = DifferenceState.EXPLAINED, note
    row.explained_by, row.explained_at = by, session.now
    session.add(row)
    _tell(session, row, "difference_explained", note)
    await session.flush()
    if row.field == BillField.PAID or comparison is None or invoice.removed_in_quickbooks:
        return
    if await _explains_all(session, row, comparison):
        keep_as_it_is(session, invoice, comparison, by, note)


async def open_again(session: CompanySession, difference_id: UUID) -> None:
    """Take an explanation back; the invoice is compared anew. Raises NoSuchDifference."""
    row, _, comparison = await _locked(session, difference_id)
    if row.state is DifferenceState.OPEN:
        return
    note, row.note = row.note, ""
    row.state, row.explained_by, row.explained_at = DifferenceState.OPEN, None, None
    session.add(row)
    _tell(session, row, "difference_opened_again", note)
    if row.field != BillField.PAID and comparison is not None and comparison.kept_fingerprint is not None:
        forget_explanation(comparison)
        comparison.due_at = session.now
        session.add(comparison)


async def _explains_all(session: CompanySession, row: BillDifference, comparison: BillComparison) -> bool:
    """Whether everything that the invoice differs in is explained, as it differs now."""
    found = await session.exec(
        select(BillDifference).where(
            BillDifference.company_id == session.company_id,
            BillDifference.link_id == row.link_id,
            BillDifference.state == DifferenceState.EXPLAINED,
        )
    )
    explained = {(one.field, one.line, one.fingerprint) for one in found}
    differing = {(one.field.value, one.line, fingerprint_of(one)) for one in differences_in(comparison)}
    return bool(differing) and differing <= explained


def _tell(session: CompanySession, row: BillDifference, kind: str, note: str) -> None:
    record_event(
        session,
        "invoice",
        row.invoice_id,
        kind,
        field=row.field,
        line=row.line,
        in_procore=row.in_procore,
        in_quickbooks=row.in_quickbooks,
        note=note,
    )
    audit(session, kind, invoice_id=str(row.invoice_id), field=row.field, line=row.line, note=note)


async def _locked(
    session: CompanySession, difference_id: UUID
) -> tuple[BillDifference, InvoiceRow, BillComparison | None]:
    """A standing difference with its invoice and comparison. Locked in the order in which a comparison locks them."""
    standing = (
        select(BillDifference)
        .where(BillDifference.company_id == session.company_id, BillDifference.id == difference_id)
        .where(col(BillDifference.state) != DifferenceState.CLOSED)
    )
    seen = (await session.exec(standing)).first()
    if seen is None:
        raise NoSuchDifference
    invoices = await invoices_by_id(session, [seen.invoice_id])
    comparisons = await comparisons_of(session, [seen.invoice_id])
    found = await session.exec(standing.with_for_update().execution_options(populate_existing=True))
    row = found.first()
    if row is None:
        raise NoSuchDifference
    return row, invoices[row.invoice_id], comparisons.get(row.invoice_id)


@dataclass(frozen=True)
class DifferenceFilter:
    """Which differences to show; None is all of them. ``first`` and ``last`` are days of the invoice's billing date."""

    project_id: str | None = None
    connection_id: UUID | None = None
    first: date | None = None
    last: date | None = None


STANDING = """
    SELECT difference.id, difference.invoice_id, invoice.number, invoice.vendor_name, invoice.project_id,
        coalesce(project.name, invoice.project_id) AS project_name, invoice.due, link.quickbooks_id AS bill_id,
        difference.field, difference.line, difference.posted, difference.in_procore, difference.in_quickbooks,
        difference.changed_in, difference.fingerprint, difference.state, difference.opened_at, difference.note,
        person.name AS explained_by, difference.explained_at
    FROM bill_difference AS difference
    JOIN invoice ON invoice.company_id = difference.company_id AND invoice.id = difference.invoice_id
    JOIN bill_link AS link ON link.company_id = difference.company_id AND link.id = difference.link_id
    LEFT JOIN procore_project AS project
        ON project.company_id = invoice.company_id AND project.project_id = invoice.project_id
    LEFT JOIN app_user AS person ON person.id = difference.explained_by
    WHERE difference.company_id = %(company_id)s AND difference.state <> 'closed'
        AND (%(project_id)s::text IS NULL OR invoice.project_id = %(project_id)s)
        AND (%(connection_id)s::uuid IS NULL OR difference.connection_id = %(connection_id)s)
        AND (%(first)s::date IS NULL OR invoice.billing_date >= %(first)s)
        AND (%(last)s::date IS NULL OR invoice.billing_date <= %(last)s)
    ORDER BY difference.state DESC, abs(invoice.due) DESC, invoice.id, difference.field, difference.line
    LIMIT %(limit)s OFFSET %(offset)s
"""
COUNTED = """
    SELECT count(*) FILTER (WHERE difference.state = 'open')::int AS open,
        count(*) FILTER (WHERE difference.state = 'explained')::int AS explained
    FROM bill_difference AS difference
    JOIN invoice ON invoice.company_id = difference.company_id AND invoice.id = difference.invoice_id
    WHERE difference.company_id = %(company_id)s AND difference.state <> 'closed'
        AND (%(project_id)s::text IS NULL OR invoice.project_id = %(project_id)s)
        AND (%(connection_id)s::uuid IS NULL OR difference.connection_id = %(connection_id)s)
        AND (%(first)s::date IS NULL OR invoice.billing_date >= %(first)s)
        AND (%(last)s::date IS NULL OR invoice.billing_date <= %(last)s)
"""


async def standing_differences(
    session: CompanySession, wanted: DifferenceFilter, limit: int, offset: int = 0
) -> list[ShownDifference]:
    """Open and explained differences, open ones first, the largest invoices first."""
    return await session.ask(
        STANDING,
        ShownDifference,
        project_id=wanted.project_id,
        connection_id=wanted.connection_id,
        first=wanted.first,
        last=wanted.last,
        limit=limit,
        offset=offset,
    )


async def count_standing(session: CompanySession, wanted: DifferenceFilter) -> DifferenceCounts:
    found = await session.ask(
        COUNTED,
        DifferenceCounts,
        project_id=wanted.project_id,
        connection_id=wanted.connection_id,
        first=wanted.first,
        last=wanted.last,
    )
    return found[0]

"""The list of invoices as people read it: badges, reasons, counts and sums."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import product
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from accounting.blockers import EXPLANATIONS, Hold
from accounting.invoice import InvoiceSource
from accounting.money import to_cents
from accounting.states import Badge, InvoiceFacts, InvoiceState, Settled, badge
from models.database import CompanySession
from models.standing import standings
from models.tables import (
    InvoiceBlocker,
    InvoiceRow,
    ProcoreProject,
)

FACT_COLUMNS = (
    col(InvoiceRow.state),
    col(InvoiceRow.settled),
    col(InvoiceRow.changed),
    col(InvoiceRow.approval_withdrawn),
    col(InvoiceRow.removed_in_quickbooks),
)
Facts = tuple[InvoiceState, Settled, bool, bool, bool]


@dataclass(frozen=True)
class InvoiceFilter:
    """What to list; None and empty mean all. ``search`` looks into number and vendor."""

    badge: Badge | None = None
    project_id: str | None = None
    search: str = ""
    source: InvoiceSource | None = None


@dataclass(frozen=True)
class OpenReason:
    """A reason that holds an invoice, in its sentence, and the button that clears it. ``waits``: shown as *Waiting*."""

    reason: str
    sentence: str
    button: str | None
    owner: str
    waits: bool
    since: datetime


@dataclass(frozen=True)
class ListedInvoice:
    """One line of the list. ``reason`` is the first open one."""

    invoice_id: UUID
    reference: int
    badge: Badge
    source: InvoiceSource
    number: str
    vendor_name: str
    project_id: str
    project_name: str
    billing_date: date
    currency: str
    due: Decimal
    reason: str | None


@dataclass(frozen=True)
class InvoicePage:
    rows: tuple[ListedInvoice, ...]
    total: int
    total_due: Decimal


@dataclass(frozen=True)
class BadgeCount:
    badge: Badge
    count: int
    due: Decimal


def badge_of(state: InvoiceState, settled: Settled, changed: bool, withdrawn: bool, removed: bool) -> Badge:
    return badge(state, InvoiceFacts(settled, changed, withdrawn, removed))


def facts_of_badge(wanted: Badge) -> list[Facts]:
    """Every combination of state and facts that shows this badge: the filter never says it another way."""
    booleans = (False, True)
    return [
        facts for facts in product(InvoiceState, Settled, booleans, booleans, booleans) if badge_of(*facts) is wanted
    ]


def _conditions(session: CompanySession, wanted: InvoiceFilter) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = [col(InvoiceRow.company_id) == session.company_id]
    if wanted.badge is not None:
        facts = facts_of_badge(wanted.badge)
        conditions.append(col(InvoiceRow.state).in_({state for state, *_ in facts}))
        conditions.append(sa.tuple_(*FACT_COLUMNS).in_(facts))
    if wanted.project_id:
        conditions.append(col(InvoiceRow.project_id) == wanted.project_id)
    if wanted.source is not None:
        conditions.append(col(InvoiceRow.source) == wanted.source)
    if wanted.search:
        named: list[sa.ColumnElement[bool]] = [
            col(InvoiceRow.number).icontains(wanted.search, autoescape=True),
            col(InvoiceRow.vendor_name).icontains(wanted.search, autoescape=True),
        ]
        conditions.append(sa.or_(*named))
    return conditions


async def list_invoices(
    session: CompanySession, wanted: InvoiceFilter, limit: int, offset: int = 0, *, largest_first: bool = False
) -> InvoicePage:
    """A page of invoices, the newest or the largest first, with count and sum of all that match."""
    order = col(InvoiceRow.due) if largest_first else col(InvoiceRow.imported_at)
    conditions = _conditions(session, wanted)
    counted = await session.exec(
        select(sa.func.count(), sa.func.coalesce(sa.func.sum(InvoiceRow.due), 0))
        .select_from(InvoiceRow)
        .where(InvoiceRow.company_id == session.company_id, *conditions)
    )
    total, total_due = counted.one()
    found = await session.exec(
        select(InvoiceRow, ProcoreProject.name)
        .outerjoin(ProcoreProject, project_of_invoice())
        .where(InvoiceRow.company_id == session.company_id, *conditions)
        .order_by(order.desc(), col(InvoiceRow.reference).desc())
        .limit(limit)
        .offset(offset)
    )
    rows = found.all()
    reasons = await reasons_to_wait(session, [row for row, _ in rows])
    return InvoicePage(
        rows=tuple(
            ListedInvoice(
                invoice_id=row.id,
                reference=row.reference or 0,
                badge=badge_of_row(row),
                source=row.source,
                number=row.number,
                vendor_name=row.vendor_name,
                project_id=row.project_id,
                project_name=project_name or row.project_id,
                billing_date=row.billing_date,
                currency=row.currency,
                due=row.due,
                reason=_first_sentence(row, reasons.get(row.id, [])),
            )
            for row, project_name in rows
        ),
        total=total,
        total_due=to_cents(Decimal(total_due)),
    )


UNAPPROVED = "Uploaded; waits for approval in inBuild."


def _first_sentence(row: InvoiceRow, reasons: list[OpenReason]) -> str | None:
    if reasons:
        return reasons[0].sentence
    return UNAPPROVED if row.approved_at is None and badge_of_row(row) is Badge.WAITING else None


def badge_of_row(row: InvoiceRow) -> Badge:
    return badge_of(row.state, row.settled, row.changed, row.approval_withdrawn, row.removed_in_quickbooks)


def project_of_invoice() -> sa.ColumnElement[bool]:
    return sa.and_(
        col(ProcoreProject.company_id) == col(InvoiceRow.company_id),
        col(ProcoreProject.project_id) == col(InvoiceRow.project_id),
    )


async def badge_counts(session: CompanySession) -> list[BadgeCount]:
    """How many invoices show each badge and what they come to, in the order of the badges; empty ones left out."""
    found = await session.execute(
        sa.select(*FACT_COLUMNS, sa.func.count(), sa.func.sum(col(InvoiceRow.due)))
        .where(col(InvoiceRow.company_id) == session.company_id)
        .group_by(*FACT_COLUMNS)
    )
    counts: dict[Badge, BadgeCount] = {}
    for state, settled, changed, withdrawn, removed, count, due in found.all():
        shown = badge_of(state, settled, changed, withdrawn, removed)
        before = counts.get(shown, BadgeCount(shown, 0, Decimal(0)))
        counts[shown] = BadgeCount(shown, before.count + count, before.due + due)
    return [counts[shown] for shown in Badge if shown in counts]


async def reasons_to_wait(session: CompanySession, rows: Sequence[InvoiceRow]) -> dict[UUID, list[OpenReason]]:
    """Every reason these invoices wait for: their own first, then what their connection makes them wait for."""
    reasons = await open_reasons(session, [row.id for row in rows])
    standing = await standings(session, rows)
    for row in rows:
        told = standing.get(row.id)
        if told is None or any(one.reason == told.hold.reason for one in reasons.get(row.id, [])):
            continue
        explanation = EXPLANATIONS[told.hold.reason]
        reasons.setdefault(row.id, []).append(
            OpenReason(
                reason=told.hold.reason.value,
                sentence=told.hold.sentence,
                button=explanation.button,
                owner=explanation.owner.value,
                since=told.since or row.imported_at,
                waits=True,
            )
        )
    return reasons


async def open_reasons(session: CompanySession, invoice_ids: Iterable[UUID]) -> dict[UUID, list[OpenReason]]:
    """The open reasons of these invoices, oldest first."""
    found = await session.exec(
        select(InvoiceBlocker)
        .where(InvoiceBlocker.company_id == session.company_id, col(InvoiceBlocker.cleared_at).is_(None))
        .where(col(InvoiceBlocker.invoice_id).in_(set(invoice_ids)))
        .order_by(col(InvoiceBlocker.since), col(InvoiceBlocker.id))
    )
    reasons: dict[UUID, list[OpenReason]] = {}
    for blocker in found:
        explanation, hold = EXPLANATIONS[blocker.reason], Hold(blocker.reason, blocker.subject, blocker.subject_key)
        reasons.setdefault(blocker.invoice_id, []).append(
            OpenReason(
                reason=blocker.reason.value,
                sentence=hold.sentence,
                button=explanation.button,
                owner=explanation.owner.value,
                waits=hold.shows_as_waiting,
                since=blocker.since,
            )
        )
    return reasons


async def project_names(session: CompanySession) -> list[tuple[str, str]]:
    """(project id, name) of the company's projects, for filters and the upload form, by name."""
    found = await session.exec(
        select(ProcoreProject.project_id, ProcoreProject.name)
        .where(ProcoreProject.company_id == session.company_id)
        .order_by(col(ProcoreProject.name), col(ProcoreProject.project_id))
    )
    return [(project_id, name) for project_id, name in found]

"""The list of invoices as people read it: filters, order, badges, the first reason, counts and sums.

A company may have tens of thousands. Counts and sums of everything that matches come from one pass over the filtered
rows, and a page is chosen by id before anything is joined to it.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from accounting.blockers import BlockerReason
from accounting.invoice import InvoiceSource
from accounting.money import to_cents
from accounting.states import BEFORE_SENDING, Badge
from models.database import CompanySession
from models.invoice_badges import FACT_COLUMNS, badge_of, badge_of_row, shows
from models.open_reasons import OpenReason, reasons_to_wait
from models.standing import STANDING_REASONS, held_by_standing
from models.tables import InvoiceBlocker, InvoiceRow, ProcoreProject


class Unapproved(StrEnum):
    """What an upload waits for before anything else; no blocker row says it."""

    UNAPPROVED = "unapproved"


WaitsFor = BlockerReason | Unapproved


@dataclass(frozen=True)
class InvoiceFilter:
    """What to list; None and empty mean all.

    ``search`` looks into number, vendor and inBuild's reference. ``subject_key`` narrows ``waits_for`` to one vendor,
    budget code or project that blocks.
    """

    badge: Badge | None = None
    project_id: str | None = None
    vendor_id: str | None = None
    source: InvoiceSource | None = None
    waits_for: WaitsFor | None = None
    subject_key: str | None = None
    search: str = ""


class SortColumn(StrEnum):
    IMPORTED = "imported"
    DATE = "date"
    NUMBER = "number"
    VENDOR = "vendor"
    PROJECT = "project"
    DUE = "due"


@dataclass(frozen=True)
class InvoiceOrder:
    """By what the list is sorted; equal ones by inBuild's reference, the newest first."""

    column: SortColumn = SortColumn.IMPORTED
    descending: bool = True


NEWEST_FIRST = InvoiceOrder()
LARGEST_FIRST = InvoiceOrder(SortColumn.DUE)


@dataclass(frozen=True)
class ListedInvoice:
    """One line of the list. ``reason`` is the first open one; ``may_be_approved`` marks an upload nobody approved."""

    invoice_id: UUID
    reference: int
    badge: Badge
    source: InvoiceSource
    number: str
    vendor_id: str
    vendor_name: str
    project_id: str
    project_name: str
    billing_date: date
    currency: str
    due: Decimal
    reason: str | None
    may_be_approved: bool


@dataclass(frozen=True)
class BadgeCount:
    badge: Badge
    count: int
    due: Decimal


@dataclass(frozen=True)
class InvoicePage:
    """``badges`` counts what every other filter matches, whatever the badge; ``total`` is of the badge asked for."""

    rows: tuple[ListedInvoice, ...]
    total: int
    total_due: Decimal
    badges: tuple[BadgeCount, ...]


async def list_invoices(
    session: CompanySession, wanted: InvoiceFilter, limit: int, offset: int = 0, order: InvoiceOrder = NEWEST_FIRST
) -> InvoicePage:
    """A page of invoices in this order, with count and sum of all that match."""
    conditions = await _conditions(session, wanted)
    badges = await _badge_counts(session, conditions)
    counted = [one for one in badges if wanted.badge in (None, one.badge)]
    total, total_due = sum(one.count for one in counted), sum((one.due for one in counted), Decimal(0))
    if offset >= total:
        return InvoicePage((), total, to_cents(total_due), tuple(badges))
    if wanted.badge is not None:
        conditions.append(shows(wanted.badge))
    found = await session.exec(
        select(InvoiceRow, ProcoreProject.name)
        .outerjoin(ProcoreProject, project_of_invoice())
        .where(InvoiceRow.company_id == session.company_id)
        .where(col(InvoiceRow.id).in_(_chosen(session, conditions, order).limit(limit).offset(offset)))
        .order_by(*_sorting(order))
    )
    rows = found.all()
    reasons = await reasons_to_wait(session, [row for row, _ in rows])
    return InvoicePage(
        rows=tuple(_listed(row, project_name, reasons.get(row.id, [])) for row, project_name in rows),
        total=total,
        total_due=to_cents(total_due),
        badges=tuple(badges),
    )


async def badge_counts(session: CompanySession) -> list[BadgeCount]:
    """How many invoices show each badge and what they come to, in the order of the badges; empty ones left out."""
    return await _badge_counts(session, [])


async def _badge_counts(session: CompanySession, conditions: list[sa.ColumnElement[bool]]) -> list[BadgeCount]:
    found = await session.execute(
        sa.select(*FACT_COLUMNS, sa.func.count(), sa.func.sum(col(InvoiceRow.due)))
        .where(col(InvoiceRow.company_id) == session.company_id, *conditions)
        .group_by(*FACT_COLUMNS)
    )
    counts: dict[Badge, BadgeCount] = {}
    for state, settled, changed, withdrawn, removed, count, due in found.all():
        shown = badge_of(state, settled, changed, withdrawn, removed)
        before = counts.get(shown, BadgeCount(shown, 0, Decimal(0)))
        counts[shown] = BadgeCount(shown, before.count + count, before.due + due)
    return [counts[shown] for shown in Badge if shown in counts]


async def _conditions(session: CompanySession, wanted: InvoiceFilter) -> list[sa.ColumnElement[bool]]:
    """All of the filter but its badge."""
    conditions: list[sa.ColumnElement[bool]] = []
    if wanted.project_id:
        conditions.append(col(InvoiceRow.project_id) == wanted.project_id)
    if wanted.vendor_id:
        conditions.append(col(InvoiceRow.vendor_id) == wanted.vendor_id)
    if wanted.source is not None:
        conditions.append(col(InvoiceRow.source) == wanted.source)
    if wanted.waits_for is not None:
        conditions.append(await _waits_for(session, wanted.waits_for, wanted.subject_key))
    if wanted.search:
        conditions.append(_found_by(wanted.search))
    return conditions


def _found_by(search: str) -> sa.ColumnElement[bool]:
    named = [_holds(column, search) for column in (col(InvoiceRow.number), col(InvoiceRow.vendor_name))]
    # Longer than this is no reference: it would not fit the column either.
    if search.isascii() and search.isdigit() and len(search) < 19:
        named.append(col(InvoiceRow.reference) == int(search))
    return sa.or_(*named)


def _holds(column: sa.SQLColumnExpression[str], search: str) -> sa.ColumnElement[bool]:
    """Whether the text is in the column, whatever the case."""
    if not search.isascii():
        return column.icontains(search, autoescape=True)
    # The language's rules of case say nothing about these letters, and asking them takes half the time of a search.
    return sa.func.lower(sa.collate(column, "C")).contains(search.lower(), autoescape=True)


async def _waits_for(session: CompanySession, reason: WaitsFor, subject_key: str | None) -> sa.ColumnElement[bool]:
    if isinstance(reason, Unapproved):
        return unapproved_upload()
    blocked = (
        select(InvoiceBlocker.invoice_id)
        .where(InvoiceBlocker.company_id == session.company_id, InvoiceBlocker.reason == reason)
        .where(col(InvoiceBlocker.cleared_at).is_(None))
    )
    if subject_key is not None:
        blocked = blocked.where(InvoiceBlocker.subject_key == subject_key)
    stored: sa.ColumnElement[bool] = col(InvoiceRow.id).in_(blocked)
    if reason in STANDING_REASONS and subject_key is None:
        return sa.or_(stored, await held_by_standing(session, reason))
    return stored


def unapproved_upload() -> sa.ColumnElement[bool]:
    return sa.and_(
        col(InvoiceRow.source) == InvoiceSource.UPLOAD,
        col(InvoiceRow.approved_at).is_(None),
        col(InvoiceRow.state).in_(BEFORE_SENDING),
    )


def _chosen(session: CompanySession, conditions: list[sa.ColumnElement[bool]], order: InvoiceOrder) -> sa.Select[UUID]:
    chosen = sa.select(col(InvoiceRow.id)).where(col(InvoiceRow.company_id) == session.company_id, *conditions)
    if order.column is SortColumn.PROJECT:
        chosen = chosen.outerjoin(ProcoreProject, project_of_invoice())
    return chosen.order_by(*_sorting(order))


_SORTED_BY: dict[SortColumn, sa.SQLColumnExpression[Any]] = {
    SortColumn.IMPORTED: col(InvoiceRow.imported_at),
    SortColumn.DATE: col(InvoiceRow.billing_date),
    SortColumn.NUMBER: col(InvoiceRow.number),
    SortColumn.VENDOR: col(InvoiceRow.vendor_name),
    SortColumn.PROJECT: sa.func.coalesce(col(ProcoreProject.name), col(InvoiceRow.project_id)),
    SortColumn.DUE: col(InvoiceRow.due),
}


def _sorting(order: InvoiceOrder) -> tuple[sa.ColumnElement[Any], ...]:
    by = _SORTED_BY[order.column]
    return (by.desc() if order.descending else by.asc(), col(InvoiceRow.reference).desc())


UNAPPROVED = "Uploaded; waits for approval in inBuild."


def _listed(row: InvoiceRow, project_name: str | None, reasons: list[OpenReason]) -> ListedInvoice:
    shown = badge_of_row(row)
    may_be_approved = row.source is InvoiceSource.UPLOAD and row.approved_at is None and row.state in BEFORE_SENDING
    reason = reasons[0].sentence if reasons else None
    return ListedInvoice(
        invoice_id=row.id,
        reference=row.reference or 0,
        badge=shown,
        source=row.source,
        number=row.number,
        vendor_id=row.vendor_id,
        vendor_name=row.vendor_name,
        project_id=row.project_id,
        project_name=project_name or row.project_id,
        billing_date=row.billing_date,
        currency=row.currency,
        due=row.due,
        reason=UNAPPROVED if reason is None and may_be_approved else reason,
        may_be_approved=may_be_approved,
    )


def project_of_invoice() -> sa.ColumnElement[bool]:
    return sa.and_(
        col(ProcoreProject.company_id) == col(InvoiceRow.company_id),
        col(ProcoreProject.project_id) == col(InvoiceRow.project_id),
    )

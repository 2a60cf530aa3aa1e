"""What needs a person and what waits, as groups with count and sum: what one click can free, the most money first."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from accounting.blockers import EXPLANATIONS, WAITS, BlockerReason, Hold
from accounting.money import to_cents
from accounting.states import Badge, InvoiceState
from models.database import CompanySession
from models.invoice_badges import shows
from models.invoice_pages import Unapproved, WaitsFor, unapproved_upload
from models.standing import may_wait_for_connection, standing_of_connections
from models.tables import InvoiceBlocker, InvoiceRow

SEVERAL = "Each for a reason of its own; the list says which."


@dataclass(frozen=True)
class WorkGroup:
    """Invoices that one decision frees; ``title`` in few words. ``invoice_id`` is set where there is a single one."""

    reason: BlockerReason
    subject_key: str
    title: str
    sentence: str
    button: str | None
    owner: str
    count: int
    due: Decimal
    since: datetime
    invoice_id: UUID | None


@dataclass(frozen=True)
class WaitingGroup:
    """Invoices shown as *Waiting* for one reason; None where nothing holds them: they are on their way."""

    reason: WaitsFor | None
    count: int
    due: Decimal


async def work_list(session: CompanySession, limit: int) -> list[WorkGroup]:
    """What needs somebody, by reason and by what the reason is about, the largest sum first."""
    total = sa.func.sum(col(InvoiceRow.due))
    found = await session.execute(
        sa.select(
            col(InvoiceBlocker.reason),
            col(InvoiceBlocker.subject_key),
            sa.func.min(col(InvoiceBlocker.subject)),
            sa.func.min(col(InvoiceBlocker.since)),
            sa.func.array_agg(col(InvoiceRow.id))[1],
            sa.func.count(),
            total,
        )
        .join(InvoiceRow, _blocked_invoice())
        .where(col(InvoiceBlocker.company_id) == session.company_id, col(InvoiceBlocker.cleared_at).is_(None))
        .where(col(InvoiceRow.state) == InvoiceState.NEEDS_YOU, col(InvoiceRow.approval_withdrawn).is_(False))
        .where(col(InvoiceBlocker.reason).not_in(WAITS))
        .group_by(col(InvoiceBlocker.reason), col(InvoiceBlocker.subject_key))
        .order_by(total.desc(), col(InvoiceBlocker.reason), col(InvoiceBlocker.subject_key))
        .limit(limit)
    )
    return [
        WorkGroup(
            reason=reason,
            subject_key=subject_key,
            title=reason_words(reason),
            # Without a key each invoice has a subject of its own: the sentence of one would be wrong for the others.
            sentence=Hold(reason, subject).sentence if count == 1 or subject_key else SEVERAL,
            button=EXPLANATIONS[reason].button,
            owner=EXPLANATIONS[reason].owner.value,
            count=count,
            due=to_cents(due),
            since=since,
            invoice_id=invoice_id if count == 1 else None,
        )
        for reason, subject_key, subject, since, invoice_id, count, due in found
    ]


def reason_words(reason: WaitsFor) -> str:
    """A reason in two or three words, for lists and filters."""
    if isinstance(reason, Unapproved):
        return "Not approved in inBuild"
    return reason.replace("_", " ").capitalize().replace("quickbooks", "QuickBooks")


async def waiting_groups(session: CompanySession) -> list[WaitingGroup]:
    """Why invoices show *Waiting*: each under its first reason, the largest sum first."""
    groups = [*await _stored_waits(session), *await _unblocked(session)]
    return sorted(groups, key=lambda group: (-group.due, str(group.reason)))


async def _stored_waits(session: CompanySession) -> list[WaitingGroup]:
    first = (
        sa.select(col(InvoiceBlocker.reason))
        .where(col(InvoiceBlocker.company_id) == session.company_id, col(InvoiceBlocker.cleared_at).is_(None))
        .where(col(InvoiceBlocker.invoice_id) == col(InvoiceRow.id))
        .order_by(col(InvoiceBlocker.since), col(InvoiceBlocker.id))
        .limit(1)
        .lateral("first")
    )
    found = await session.execute(
        sa.select(first.c.reason, sa.func.count(), sa.func.sum(col(InvoiceRow.due)))
        .join(first, sa.true())
        .where(col(InvoiceRow.company_id) == session.company_id, shows(Badge.WAITING))
        .group_by(first.c.reason)
    )
    return [WaitingGroup(reason, count, to_cents(due)) for reason, count, due in found]


async def _unblocked(session: CompanySession) -> list[WaitingGroup]:
    """What nothing of its own holds: uploads nobody approved, what waits for its connection, and what is on its way."""
    blocked = (
        sa.exists()
        .where(col(InvoiceBlocker.company_id) == session.company_id, col(InvoiceBlocker.cleared_at).is_(None))
        .where(col(InvoiceBlocker.invoice_id) == col(InvoiceRow.id))
    )
    found = await session.execute(
        sa.select(
            col(InvoiceRow.connection_id),
            unapproved_upload().label("unapproved"),
            may_wait_for_connection().label("may_wait"),
            sa.func.count(),
            sa.func.sum(col(InvoiceRow.due)),
        )
        .where(col(InvoiceRow.company_id) == session.company_id, shows(Badge.WAITING), ~blocked)
        .group_by(col(InvoiceRow.connection_id), sa.text("unapproved"), sa.text("may_wait"))
    )
    standing = await standing_of_connections(session)
    groups: dict[WaitsFor | None, WaitingGroup] = {}
    for connection_id, unapproved, may_wait, count, due in found.all():
        reason: WaitsFor | None = standing.get(connection_id) if may_wait else None
        if unapproved:
            reason = Unapproved.UNAPPROVED
        before = groups.get(reason, WaitingGroup(reason, 0, Decimal(0)))
        groups[reason] = WaitingGroup(reason, before.count + count, before.due + to_cents(due))
    return list(groups.values())


def _blocked_invoice() -> sa.ColumnElement[bool]:
    return sa.and_(
        col(InvoiceRow.company_id) == col(InvoiceBlocker.company_id),
        col(InvoiceRow.id) == col(InvoiceBlocker.invoice_id),
    )

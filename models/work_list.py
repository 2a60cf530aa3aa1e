"""What needs a person, ranked by the money that each thing frees, and what waits and why."""

from dataclasses import dataclass, replace
from decimal import Decimal
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from accounting.blockers import WAITS, BlockerReason
from accounting.money import to_cents
from accounting.states import BEFORE_SENDING, Badge
from accounting.work_list import SHARED, Task
from models.database import CompanySession
from models.invoice_badges import shows
from models.invoice_pages import Unapproved, WaitsFor, unapproved_upload
from models.standing import may_wait_for_connection, standing_of_connections
from models.tables import InvoiceBlocker, InvoiceRow


@dataclass(frozen=True)
class WaitingGroup:
    """Invoices shown as *Waiting* for one reason; None where nothing holds them: they are on their way."""

    reason: WaitsFor | None
    count: int
    due: Decimal


TASKS = """
    WITH open AS (
        SELECT blocker.reason, blocker.subject_key, blocker.subject, blocker.since,
            invoice.id, invoice.connection_id, invoice.due,
            concat_ws(', ', invoice.number, invoice.vendor_name) AS name,
            CASE WHEN blocker.reason = ANY(%(shared)s) THEN '' ELSE invoice.id::text END AS apart,
            count(*) OVER (PARTITION BY invoice.id) AS reasons
        FROM invoice_blocker AS blocker
        JOIN invoice ON invoice.company_id = blocker.company_id AND invoice.id = blocker.invoice_id
        WHERE blocker.company_id = %(company_id)s AND blocker.cleared_at IS NULL
            AND blocker.reason <> ALL(%(by_themselves)s)
            AND invoice.state = ANY(%(before_sending)s) AND NOT invoice.approval_withdrawn
            AND (%(connection_id)s::uuid IS NULL OR invoice.connection_id = %(connection_id)s)
    )
    SELECT reason, connection_id::text AS connection_id, subject_key, min(subject) AS subject, min(since) AS since,
        (array_agg(id::text ORDER BY reasons = 1 DESC, due DESC, id))[1] AS invoice_id,
        (array_agg(name ORDER BY reasons = 1 DESC, due DESC, id))[1] AS invoice_name,
        count(*) FILTER (WHERE reasons = 1) AS frees,
        coalesce(sum(due) FILTER (WHERE reasons = 1), 0) AS frees_amount,
        count(*) AS touches, sum(due) AS touches_amount
    FROM open
    GROUP BY reason, connection_id, subject_key, apart
    ORDER BY frees_amount DESC, touches_amount DESC, reason, subject, connection_id, subject_key, apart
    LIMIT %(limit)s
"""


async def work_list(session: CompanySession, limit: int, connection_id: UUID | None = None) -> list[Task]:
    """What people have to do, the most money first: money it frees alone, then money it touches.

    Of one connection's invoices where it is named. What clears by itself is nobody's work.
    """
    found = await session.ask(
        TASKS,
        Task,
        shared=[reason.value for reason in SHARED],
        by_themselves=[reason.value for reason in WAITS],
        before_sending=[state.value for state in BEFORE_SENDING],
        connection_id=connection_id,
        limit=limit,
    )
    return [replace(task, reason=BlockerReason(task.reason)) for task in found]


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

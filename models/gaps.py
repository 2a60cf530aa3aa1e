"""Mirroring while nothing is connected: it stops with the last connection and comes back with the same company.

What was approved in between comes in only from a list with count and total that an admin accepts by its hash.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from accounting.eligibility import NotImportedReason
from accounting.invoice import InvoiceSource
from accounting.money import ZERO
from accounting.plan import PlanEntry, PlanTotals, PlanVerdict, plan_hash
from models.database import CompanySession
from models.events import record_event
from models.intervals import close_interval, open_interval
from models.mirroring import mirroring_row
from models.plans import write_entries
from models.tables import (
    InvoiceRow,
    Mirroring,
    MirroringGap,
    MirroringPlan,
    PlanState,
    ProcoreProject,
    ProcoreRequisition,
)

# A project's mark is Procore's time when its answer began, and its look is noted when it ended: no look takes as long.
CLOCKS_APART = timedelta(minutes=10)


class GapListOutdated(Exception):
    """The list is not the one that was shown."""


@dataclass(frozen=True)
class GapList:
    """What was approved while nothing was connected and nobody has brought in yet.

    ``complete`` tells that every project has been read since the connection came back.
    """

    since: datetime
    until: datetime
    start_date: date
    totals: PlanTotals
    hash: str
    complete: bool
    entries: tuple[PlanEntry, ...]


async def suspend_mirroring(session: CompanySession) -> bool:
    """The last connection is gone: imports stop here; whether mirroring was on."""
    toggle = await mirroring_row(session)
    if not toggle.is_on:
        return False
    toggle.is_on, toggle.suspended_at = False, await _procore_now(session)
    toggle.version += 1
    session.add(toggle)
    await close_interval(session)
    record_event(session, "mirroring", session.company_id, "mirroring_suspended", version=toggle.version)
    return True


async def resume_mirroring(session: CompanySession, resumed_by: UUID) -> Mirroring | None:
    """The same QuickBooks company is back: mirroring is as it was. The time in between is kept as a gap."""
    toggle = await mirroring_row(session)
    if toggle.suspended_at is None:
        return None
    since, toggle.suspended_at = toggle.suspended_at, None
    if toggle.start_date is None or toggle.is_on:
        session.add(toggle)
        return None
    toggle.is_on = True
    toggle.version += 1
    toggle.changed_at, toggle.changed_by = session.now, resumed_by
    session.add(toggle)
    until = await _procore_now(session)
    session.add(MirroringGap(company_id=session.company_id, id=session.new_id(), since=since, until=until))
    open_interval(session, toggle, toggle.start_date)
    record_event(
        session, "mirroring", session.company_id, "mirroring_resumed", version=toggle.version, since=since.isoformat()
    )
    return toggle


async def _procore_now(session: CompanySession) -> datetime:
    """The present by the clock that stamps approvals. Ours, unless the newest look found the two far apart."""
    found = await session.exec(
        select(ProcoreProject.last_looked_at, ProcoreProject.watermark)
        .where(ProcoreProject.company_id == session.company_id)
        .where(col(ProcoreProject.last_looked_at).is_not(None), col(ProcoreProject.watermark).is_not(None))
        .order_by(col(ProcoreProject.last_looked_at).desc())
        .limit(1)
    )
    looked_at, read_until = found.first() or (None, None)
    if looked_at is None or read_until is None:
        return session.now
    apart = looked_at - read_until
    return session.now - apart if abs(apart) > CLOCKS_APART else session.now


async def forget_suspension(session: CompanySession) -> None:
    """Another QuickBooks company is connected now: mirroring starts off, and only an admin turns it on."""
    toggle = await mirroring_row(session)
    if toggle.suspended_at is not None:
        toggle.suspended_at = None
        session.add(toggle)


async def gap_list(session: CompanySession) -> GapList | None:
    """The list as it stands; None when nothing is left out for this reason."""
    imported = (
        sa.exists()
        .where(col(InvoiceRow.company_id) == session.company_id)
        .where(col(InvoiceRow.source) == InvoiceSource.PROCORE_REQUISITION)
        .where(col(InvoiceRow.source_id) == col(ProcoreRequisition.requisition_id))
    )
    # Not the rows themselves: each holds all that Procore said.
    found = await session.execute(
        sa.select(
            col(ProcoreRequisition.requisition_id),
            col(ProcoreRequisition.number),
            col(ProcoreRequisition.vendor_name),
            col(ProcoreRequisition.project_id),
            col(ProcoreRequisition.due),
        )
        .where(col(ProcoreRequisition.company_id) == session.company_id)
        .where(col(ProcoreRequisition.verdict_reason) == NotImportedReason.WHILE_DISCONNECTED.value, ~imported)
        .order_by(col(ProcoreRequisition.requisition_id))
    )
    entries = tuple(
        PlanEntry(
            requisition_id=row.requisition_id,
            verdict=PlanVerdict.CREATE,
            reason="",
            number=row.number or "",
            vendor_name=row.vendor_name or "",
            project_id=row.project_id,
            due=row.due if row.due is not None else ZERO,
        )
        for row in found
    )
    gaps = await session.exec(
        select(sa.func.min(MirroringGap.since), sa.func.max(MirroringGap.until)).where(
            MirroringGap.company_id == session.company_id
        )
    )
    since, until = gaps.one()
    if not entries or since is None:
        return None
    unread = await session.exec(
        select(ProcoreProject.id)
        .where(ProcoreProject.company_id == session.company_id, col(ProcoreProject.is_visible).is_(True))
        .where(sa.or_(col(ProcoreProject.watermark).is_(None), col(ProcoreProject.watermark) < until))
        .limit(1)
    )
    start_date = since.date()
    return GapList(
        since=since,
        until=until,
        start_date=start_date,
        totals=PlanTotals.of(entries),
        hash=plan_hash(start_date, entries),
        complete=unread.first() is None,
        entries=entries,
    )


async def accept_gap_list(session: CompanySession, shown_hash: str, accepted_by: UUID) -> UUID:
    """Have the list brought in. Raises GapListOutdated unless it is the one that was shown."""
    await mirroring_row(session)
    now = await gap_list(session)
    if now is None or now.hash != shown_hash:
        raise GapListOutdated
    plan = MirroringPlan(
        company_id=session.company_id,
        id=session.new_id(),
        start_date=now.start_date,
        state=PlanState.ACCEPTED,
        hash=now.hash,
        create_count=now.totals.create,
        create_sum=now.totals.create_sum,
        posts_count=now.totals.create,
        posts_sum=now.totals.create_sum,
        requested_by=accepted_by,
        requested_at=session.now,
        made_at=session.now,
        accepted_at=session.now,
        fills_gap=True,
    )
    session.add(plan)
    await session.flush()
    await write_entries(session, plan.id, now.entries)
    record_event(
        session,
        "mirroring",
        session.company_id,
        "gap_brought_in",
        create_count=now.totals.create,
        create_sum=str(now.totals.create_sum),
    )
    return plan.id

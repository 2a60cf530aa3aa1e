"""The mirroring toggle as the page changes it: plans, their acceptance, and switching off."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from accounting.invoice import InvoiceSource
from accounting.money import to_cents
from accounting.states import BEFORE_SENDING, InvoiceState
from models.connections import connected
from models.database import CompanySession
from models.events import record_event
from models.intervals import close_interval, open_interval
from models.mirroring import mirroring_row
from models.procore_access import AccessView, procore_access
from models.tables import (
    InvoiceRow,
    Mirroring,
    MirroringPlan,
    MirroringPlanEntry,
    PlanState,
    PlanVerdict,
    ProcoreProject,
)

STILL_GOING = (*BEFORE_SENDING, InvoiceState.SENDING)


class NothingConnected(Exception):
    """No QuickBooks is connected: there is nowhere to bring anything."""


class PlanOutdated(Exception):
    """The plan is not the company's current one, or its hash is not the one that was shown."""


class PlanNotReady(Exception):
    """The plan is still being made, or making it failed."""


class AlreadyOn(Exception):
    """Mirroring is on with another plan; a new start date needs switching off first."""


@dataclass(frozen=True)
class Switched:
    """How the toggle stands after a change. ``changed`` is False where it stood so before."""

    on: bool
    version: int
    plan_id: UUID | None
    changed: bool


@dataclass(frozen=True)
class StillGoing:
    """Invoices already imported that go to QuickBooks even when mirroring is switched off."""

    count: int
    total: Decimal


@dataclass(frozen=True)
class LastLook:
    """When a project was last read in Procore (UTC), and what was wrong with it then."""

    project_id: str
    name: str
    last_looked_at: datetime | None
    trouble: str | None


@dataclass(frozen=True)
class ToggleView:
    """All the Procore settings page says about mirroring. ``since`` is None while it is off."""

    has_connection: bool
    on: bool
    version: int
    since: datetime | None
    start_date: date | None
    still_going: StillGoing
    projects: tuple[LastLook, ...]
    procore: AccessView


async def request_plan(session: CompanySession, start_date: date, requested_by: UUID) -> UUID:
    """Ask for a plan; earlier ones that nobody accepted are outdated from now on. Raises NothingConnected."""
    if not await connected(session):
        raise NothingConnected
    await session.execute(
        sa.update(MirroringPlan)
        .where(col(MirroringPlan.company_id) == session.company_id)
        .where(col(MirroringPlan.state).in_([PlanState.REQUESTED, PlanState.READY]))
        .values(state=PlanState.OUTDATED)
        .execution_options(synchronize_session=False)
    )
    plan = MirroringPlan(
        company_id=session.company_id,
        id=session.new_id(),
        start_date=start_date,
        state=PlanState.REQUESTED,
        requested_by=requested_by,
        requested_at=session.now,
    )
    session.add(plan)
    record_event(session, "mirroring", session.company_id, "plan_requested", start_date=start_date.isoformat())
    return plan.id


async def plan_by_id(session: CompanySession, plan_id: UUID) -> MirroringPlan | None:
    found = await session.exec(
        select(MirroringPlan).where(MirroringPlan.company_id == session.company_id, MirroringPlan.id == plan_id)
    )
    return found.first()


async def accepted_plan(session: CompanySession) -> MirroringPlan | None:
    """The plan that mirroring was turned on by last."""
    found = await session.exec(
        select(MirroringPlan)
        .join(Mirroring, col(Mirroring.company_id) == col(MirroringPlan.company_id))
        .where(MirroringPlan.company_id == session.company_id, col(MirroringPlan.id) == col(Mirroring.plan_id))
    )
    return found.first()


async def plan_entries(
    session: CompanySession, plan_id: UUID, limit: int, offset: int = 0, pile: PlanVerdict | None = None
) -> list[MirroringPlanEntry]:
    """Entries of a plan, of one pile where it is named: what would be created first, then by amount."""
    of_pile = sa.true() if pile is None else col(MirroringPlanEntry.verdict) == pile
    found = await session.exec(
        select(MirroringPlanEntry)
        .where(MirroringPlanEntry.company_id == session.company_id, MirroringPlanEntry.plan_id == plan_id, of_pile)
        .order_by(
            sa.case({"create": 0, "ask": 1, "link": 2}, value=col(MirroringPlanEntry.verdict), else_=3),
            col(MirroringPlanEntry.due).desc(),
            col(MirroringPlanEntry.id),
        )
        .limit(limit)
        .offset(offset)
    )
    return list(found)


async def switch_on(session: CompanySession, plan_id: UUID, plan_hash: str, actor_id: UUID) -> Switched:
    """Accept a plan by its hash. Raises NothingConnected, AlreadyOn, PlanNotReady and PlanOutdated."""
    toggle = await mirroring_row(session)
    if toggle.is_on and toggle.plan_id == plan_id:
        return Switched(True, toggle.version, plan_id, changed=False)
    if toggle.is_on:
        raise AlreadyOn
    if not await connected(session):
        raise NothingConnected
    plan = await _locked_plan(session, plan_id)
    if plan.state in (PlanState.REQUESTED, PlanState.FAILED):
        raise PlanNotReady
    if plan.state is not PlanState.READY or plan.hash != plan_hash:
        raise PlanOutdated
    plan.state, plan.accepted_at = PlanState.ACCEPTED, session.now
    session.add(plan)
    _change(session, toggle, on=True, actor_id=actor_id)
    toggle.start_date, toggle.plan_id, toggle.plan_imported = plan.start_date, plan.id, False
    open_interval(session, toggle, plan.start_date)
    record_event(
        session,
        "mirroring",
        session.company_id,
        "mirroring_on",
        version=toggle.version,
        start_date=plan.start_date.isoformat(),
        create_count=plan.create_count,
        create_sum=str(plan.create_sum),
        link_count=plan.link_count,
        link_sum=str(plan.link_sum),
        ask_count=plan.ask_count,
    )
    return Switched(True, toggle.version, plan.id, changed=True)


async def switch_off(session: CompanySession, actor_id: UUID) -> Switched:
    """Stop new imports; what is already imported goes on."""
    toggle = await mirroring_row(session)
    if not toggle.is_on and toggle.suspended_at is None:
        return Switched(False, toggle.version, toggle.plan_id, changed=False)
    # While nothing is connected it is off for that reason only, and would come back on with the same company.
    toggle.suspended_at = None
    _change(session, toggle, on=False, actor_id=actor_id)
    await close_interval(session)
    record_event(session, "mirroring", session.company_id, "mirroring_off", version=toggle.version)
    return Switched(False, toggle.version, toggle.plan_id, changed=True)


def _change(session: CompanySession, toggle: Mirroring, *, on: bool, actor_id: UUID) -> None:
    toggle.is_on = on
    toggle.version += 1
    toggle.changed_at, toggle.changed_by = session.now, actor_id
    session.add(toggle)


async def _locked_plan(session: CompanySession, plan_id: UUID) -> MirroringPlan:
    found = await session.exec(
        select(MirroringPlan)
        .where(MirroringPlan.company_id == session.company_id, MirroringPlan.id == plan_id)
        .with_for_update()
    )
    plan = found.first()
    if plan is None:
        raise PlanOutdated
    return plan


async def toggle_view(session: CompanySession) -> ToggleView:
    found = await session.exec(select(Mirroring).where(Mirroring.company_id == session.company_id))
    toggle = found.first()
    on = toggle is not None and toggle.is_on
    return ToggleView(
        has_connection=bool(await connected(session)),
        on=on,
        version=toggle.version if toggle else 0,
        since=toggle.changed_at if toggle and on else None,
        start_date=toggle.start_date if toggle else None,
        still_going=await _still_going(session),
        projects=await last_looks(session),
        procore=await procore_access(session),
    )


async def _still_going(session: CompanySession) -> StillGoing:
    found = await session.exec(
        select(sa.func.count(), sa.func.coalesce(sa.func.sum(InvoiceRow.due), 0))
        .select_from(InvoiceRow)
        .where(InvoiceRow.company_id == session.company_id)
        .where(InvoiceRow.source == InvoiceSource.PROCORE_REQUISITION)
        .where(col(InvoiceRow.state).in_(STILL_GOING), col(InvoiceRow.approval_withdrawn).is_(False))
    )
    count, total = found.one()
    return StillGoing(count, to_cents(Decimal(total)))


async def last_looks(session: CompanySession) -> tuple[LastLook, ...]:
    """Every project by name; one that Procore hid is among them, with that as its trouble."""
    found = await session.exec(
        select(ProcoreProject)
        .where(ProcoreProject.company_id == session.company_id)
        .order_by(col(ProcoreProject.name), col(ProcoreProject.project_id))
    )
    return tuple(LastLook(row.project_id, row.name, row.last_looked_at, row.trouble) for row in found)

"""The mirroring toggle as the worker sees it: the fence of a look, the plans to make and to bring in."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select

from accounting.eligibility import Gap
from models.database import CompanySession
from models.tables import (
    Company,
    CompanySettings,
    Mirroring,
    MirroringGap,
    MirroringPlan,
    PlanState,
)

# Longer than one attempt at a plan may take; each attempt takes it anew.
PLAN_LEASE = timedelta(minutes=20)


class Superseded(Exception):
    """Another look has started, or the toggle changed, since this one began: its rows must not be committed."""


@dataclass(frozen=True)
class Fence:
    """What a look is allowed to write under: only while both numbers still stand in the row."""

    fence: int
    version: int
    is_on: bool
    start_date: date | None


@dataclass(frozen=True)
class CompanyRules:
    """What the company has set about imports, and who its own service account in Procore is."""

    name: str
    procore_company_id: str
    feature_enabled: bool
    approved_as_noted: bool
    service_account_id: str | None
    gaps: tuple[Gap, ...] = ()


async def company_rules(session: CompanySession) -> CompanyRules:
    found = await session.exec(
        select(Company, CompanySettings, MirroringGap)
        .outerjoin(CompanySettings, col(CompanySettings.company_id) == col(Company.id))
        .outerjoin(MirroringGap, col(MirroringGap.company_id) == col(Company.id))
        .where(Company.id == session.company_id)
        .order_by(col(MirroringGap.since))
    )
    rows = found.all()
    company, settings, _ = rows[0]
    return CompanyRules(
        name=company.name,
        procore_company_id=company.procore_company_id,
        feature_enabled=company.feature_enabled,
        approved_as_noted=settings.approved_as_noted if settings else True,
        service_account_id=company.service_account_id,
        gaps=tuple(Gap(gap.since, gap.until) for *_, gap in rows if gap is not None),
    )


async def remember_service_account(session: CompanySession, service_account_id: str) -> None:
    await session.execute(
        sa.update(Company)
        .where(col(Company.id) == session.company_id)
        .values(service_account_id=service_account_id)
        .execution_options(synchronize_session=False)
    )


async def ensure_row(session: CompanySession) -> None:
    """Every company has one row, made when it is first needed."""
    await session.execute(
        insert(Mirroring)
        .values(
            company_id=session.company_id,
            is_on=False,
            version=0,
            plan_imported=True,
            fence=0,
            wake_pending=False,
            changed_at=session.now,
        )
        .on_conflict_do_nothing()
    )


async def raise_fence(session: CompanySession) -> Fence:
    """Begin a look: every look that began earlier can commit no more."""
    await ensure_row(session)
    taken = await session.execute(
        sa.update(Mirroring)
        .where(col(Mirroring.company_id) == session.company_id)
        .values(fence=col(Mirroring.fence) + 1)
        .returning(col(Mirroring.fence), col(Mirroring.version), col(Mirroring.is_on), col(Mirroring.start_date))
        .execution_options(synchronize_session=False)
    )
    fence, version, is_on, start_date = taken.one()
    return Fence(fence=fence, version=version, is_on=is_on, start_date=start_date)


async def hold_fence(session: CompanySession, fence: Fence) -> None:
    """Raises Superseded unless the fence still stands; holds it until the unit of work commits."""
    found = await session.exec(
        select(Mirroring.fence, Mirroring.version)
        .where(Mirroring.company_id == session.company_id)
        .with_for_update(read=True)
    )
    if found.one() != (fence.fence, fence.version):
        raise Superseded


async def mirroring_row(session: CompanySession) -> Mirroring:
    """The toggle's row, locked for a change."""
    await ensure_row(session)
    found = await session.exec(select(Mirroring).where(Mirroring.company_id == session.company_id).with_for_update())
    return found.one()


async def lease_plans_to_make(session: CompanySession) -> list[UUID]:
    """Plans that were asked for and that nobody is making; they are leased to whoever asked."""
    leased = await session.execute(
        sa.update(MirroringPlan)
        .where(col(MirroringPlan.company_id) == session.company_id)
        .where(col(MirroringPlan.state) == PlanState.REQUESTED)
        .where(
            sa.or_(
                col(MirroringPlan.leased_until).is_(None),
                col(MirroringPlan.leased_until) <= session.now,
                col(MirroringPlan.leased_by) == session.actor.lease_name,
            )
        )
        .values(leased_until=session.now + PLAN_LEASE, leased_by=session.actor.lease_name)
        .returning(col(MirroringPlan.id))
        .execution_options(synchronize_session=False)
    )
    return [plan_id for (plan_id,) in leased.all()]


async def plan_to_bring_in(session: CompanySession) -> UUID | None:
    """The accepted plan whose invoices are not all imported yet: the one mirroring was turned on by, then gaps'."""
    found = await session.exec(
        select(Mirroring.plan_id).where(
            Mirroring.company_id == session.company_id,
            col(Mirroring.is_on).is_(True),
            col(Mirroring.plan_imported).is_(False),
        )
    )
    if (plan_id := found.first()) is not None:
        return plan_id
    waiting = await session.exec(
        select(MirroringPlan.id)
        .where(MirroringPlan.company_id == session.company_id, col(MirroringPlan.fills_gap).is_(True))
        .where(MirroringPlan.state == PlanState.ACCEPTED, col(MirroringPlan.brought_in_at).is_(None))
        .limit(1)
    )
    return waiting.first()


async def projects_read_at(session: CompanySession) -> datetime | None:
    found = await session.exec(select(Mirroring.projects_read_at).where(Mirroring.company_id == session.company_id))
    return found.first()


async def projects_read(session: CompanySession) -> None:
    """Note that Procore's list of projects was read just now."""
    await ensure_row(session)
    await session.execute(
        sa.update(Mirroring)
        .where(col(Mirroring.company_id) == session.company_id)
        .values(projects_read_at=session.now)
        .execution_options(synchronize_session=False)
    )

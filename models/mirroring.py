"""The mirroring toggle as the worker sees it: the fence of a look, the plans to make and to bring in."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from accounting.eligibility import Gap
from models.database import CompanySession
from models.tables import (
    Company,
    Mirroring,
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


# One row for each gap, and one where there is none.
COMPANY_RULES = """
    SELECT company.name, company.procore_company_id, company.feature_enabled, company.service_account_id,
        coalesce(settings.approved_as_noted, true) AS approved_as_noted, gap.since, gap.until
    FROM company
    LEFT JOIN company_settings AS settings ON settings.company_id = company.id
    LEFT JOIN mirroring_gap AS gap ON gap.company_id = company.id
    WHERE company.id = %(company_id)s
    ORDER BY gap.since
"""


@dataclass(frozen=True)
class _Rules:
    name: str
    procore_company_id: str
    feature_enabled: bool
    service_account_id: str | None
    approved_as_noted: bool
    since: datetime | None
    until: datetime | None


async def company_rules(session: CompanySession) -> CompanyRules:
    rows = await session.ask(COMPANY_RULES, _Rules)
    company = rows[0]
    return CompanyRules(
        name=company.name,
        procore_company_id=company.procore_company_id,
        feature_enabled=company.feature_enabled,
        approved_as_noted=company.approved_as_noted,
        service_account_id=company.service_account_id,
        gaps=tuple(Gap(row.since, row.until) for row in rows if row.since is not None and row.until is not None),
    )


async def remember_service_account(session: CompanySession, service_account_id: str) -> None:
    await session.execute(
        sa.update(Company)
        .where(col(Company.id) == session.company_id)
        .values(service_account_id=service_account_id)
        .execution_options(synchronize_session=False)
    )


ENSURE_ROW = """
    INSERT INTO mirroring (company_id, is_on, version, plan_imported, fence, wake_pending, changed_at)
    VALUES (%(company_id)s, false, 0, true, 0, false, %(now)s)
    ON CONFLICT DO NOTHING
"""


async def ensure_row(session: CompanySession) -> None:
    """Every company has one row, made when it is first needed."""
    await session.do(ENSURE_ROW, now=session.now)


RAISE_FENCE = """
    UPDATE mirroring SET fence = fence + 1 WHERE company_id = %(company_id)s
    RETURNING fence, version, is_on, start_date
"""


async def raise_fence(session: CompanySession) -> Fence:
    """Begin a look: every look that began earlier can commit no more."""
    await ensure_row(session)
    (fence,) = await session.ask(RAISE_FENCE, Fence)
    return fence


HOLD_FENCE = "SELECT fence, version FROM mirroring WHERE company_id = %(company_id)s FOR SHARE"


@dataclass(frozen=True)
class _Standing:
    fence: int
    version: int


async def hold_fence(session: CompanySession, fence: Fence) -> None:
    """Raises Superseded unless the fence still stands; holds it until the unit of work commits."""
    (standing,) = await session.ask(HOLD_FENCE, _Standing)
    if standing != _Standing(fence.fence, fence.version):
        raise Superseded


async def mirroring_row(session: CompanySession) -> Mirroring:
    """The toggle's row, locked for a change."""
    await ensure_row(session)
    found = await session.exec(select(Mirroring).where(Mirroring.company_id == session.company_id).with_for_update())
    return found.one()


@dataclass(frozen=True)
class _Plan:
    id: UUID


LEASE_PLANS = """
    UPDATE mirroring_plan SET leased_until = %(leased_until)s, leased_by = %(leased_by)s
    WHERE company_id = %(company_id)s AND state = 'requested'
        AND (leased_until IS NULL OR leased_until <= %(now)s OR leased_by IS NOT DISTINCT FROM %(leased_by)s)
    RETURNING id
"""


async def lease_plans_to_make(session: CompanySession) -> list[UUID]:
    """Plans that were asked for and that nobody is making; they are leased to whoever asked."""
    leased = await session.ask(
        LEASE_PLANS,
        _Plan,
        now=session.now,
        leased_by=session.actor.lease_name,
        leased_until=session.now + PLAN_LEASE,
    )
    return [plan.id for plan in leased]


TO_BRING_IN = """
    SELECT id FROM (
        SELECT plan_id AS id, 0 AS place FROM mirroring
        WHERE company_id = %(company_id)s AND is_on AND NOT plan_imported AND plan_id IS NOT NULL
        UNION ALL
        SELECT id, 1 FROM mirroring_plan
        WHERE company_id = %(company_id)s AND fills_gap AND state = 'accepted' AND brought_in_at IS NULL
    ) AS plan
    ORDER BY place LIMIT 1
"""


async def plan_to_bring_in(session: CompanySession) -> UUID | None:
    """The accepted plan whose invoices are not all imported yet: the one mirroring was turned on by, then gaps'."""
    return next((plan.id for plan in await session.ask(TO_BRING_IN, _Plan)), None)


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

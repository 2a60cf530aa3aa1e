"""What inBuild support sees of one company, once the look-up has led there. Everything here only reads."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from accounting.states import Badge
from models.database import CompanySession
from models.directory import FoundIds
from models.invoice_badges import badge_of_row
from models.tables import ActorKind, AppUser, AuditLog, Company, Connection, InvoiceRow, Membership


@dataclass(frozen=True)
class Hit:
    """A thing the look-up found, with enough of it to know it again."""

    company_id: UUID
    company_name: str
    kind: str
    subject_id: UUID
    name: str
    details: str
    badge: Badge | None = None


@dataclass(frozen=True)
class Audited:
    """One line of a company's audit log; ``who`` is a person's name, or what stands for one."""

    at: datetime
    who: str
    action: str
    data: dict[str, Any]


@dataclass(frozen=True)
class CompanyFacts:
    company_id: UUID
    name: str
    procore_company_id: str
    procore_environment: str
    feature_enabled: bool
    people: int
    created_at: datetime


async def company_facts(session: CompanySession) -> CompanyFacts | None:
    found = await session.exec(select(Company).where(Company.id == session.company_id))
    company = found.first()
    if company is None:
        return None
    people = await session.exec(
        select(sa.func.count()).select_from(Membership).where(Membership.company_id == session.company_id)
    )
    return CompanyFacts(
        company_id=company.id,
        name=company.name,
        procore_company_id=company.procore_company_id,
        procore_environment=company.procore_environment,
        feature_enabled=company.feature_enabled,
        people=people.one(),
        created_at=company.created_at,
    )


async def named_hits(session: CompanySession, hits: Sequence[FoundIds]) -> list[Hit]:
    """The session's company's hits, with names."""
    company = (await session.exec(select(Company).where(Company.id == session.company_id))).one()
    connections = await session.exec(
        select(Connection)
        .where(Connection.company_id == session.company_id)
        .where(col(Connection.id).in_([hit.subject_id for hit in hits if hit.subject_kind == "connection"]))
    )
    invoices = await session.exec(
        select(InvoiceRow)
        .where(InvoiceRow.company_id == session.company_id)
        .where(col(InvoiceRow.id).in_([hit.subject_id for hit in hits if hit.subject_kind == "invoice"]))
    )
    named = [
        Hit(
            company.id,
            company.name,
            "company",
            company.id,
            company.name,
            f"Procore company {company.procore_company_id}",
        )
        for hit in hits
        if hit.subject_kind == "company"
    ]
    named += [
        Hit(
            company.id,
            company.name,
            "connection",
            row.id,
            row.quickbooks_company_name,
            f"QuickBooks company ID {row.quickbooks_company_id} · {row.state.value}",
        )
        for row in connections
    ]
    named += [
        Hit(
            company.id,
            company.name,
            "invoice",
            row.id,
            row.number or "(no number)",
            f"{row.vendor_name} · {row.due:,.2f} {row.currency}",
            badge_of_row(row),
        )
        for row in invoices
    ]
    return named


async def newest_audits(session: CompanySession, limit: int) -> list[Audited]:
    """The company's audit log, newest first: its ids rise with time. Names are anybody's, support being no member."""
    found = await session.exec(
        select(AuditLog).where(AuditLog.company_id == session.company_id).order_by(col(AuditLog.id).desc()).limit(limit)
    )
    rows = list(found)
    names = await session.exec(
        select(AppUser.id, AppUser.name)
        .join(AuditLog, col(AuditLog.actor_id) == sa.cast(col(AppUser.id), sa.String))
        .where(AuditLog.company_id == session.company_id, col(AuditLog.id).in_([row.id for row in rows]))
        .distinct()
    )
    by_id = {str(user_id): name for user_id, name in names}
    return [
        Audited(
            at=row.at,
            who=f"{by_id.get(row.actor_id or '', row.actor_id or row.actor_kind.value)}"
            + (" (support)" if row.actor_kind is ActorKind.SUPPORT else ""),
            action=row.action.replace("_", " ").capitalize(),
            data=row.data,
        )
        for row in rows
    ]

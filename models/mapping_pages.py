"""Data mapping as its pages show it: Procore's names, what each is in QuickBooks, and what waits for it."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from models.database import CompanySession
from models.mapping_subjects import waiting_for
from models.tables import (
    InvoiceLineRow,
    InvoiceRow,
    MappingAuthor,
    MappingKind,
    ProcoreProject,
    ProcoreRequisition,
    ReferenceEntry,
)
from models.tables import Mapping as MappingRow
from models.vendor_walk import vendors_of


class Shown(StrEnum):
    """Which rows of a mapping page: all, those without a target, those with one, those whose target is inactive."""

    ALL = ""
    MISSING = "missing"
    MAPPED = "mapped"
    INACTIVE = "inactive"


@dataclass(frozen=True)
class MappedName:
    """A name of Procore's; ``version`` is 0 without a mapping, ``waiting`` counts the invoices held for want of it."""

    procore_id: str
    procore_name: str
    version: int
    target_id: str | None
    target_name: str | None
    target_active: bool
    author: MappingAuthor | None
    waiting: int


@dataclass(frozen=True)
class MappingPage:
    """``missing`` counts the names without a mapping, whatever the filter."""

    rows: tuple[MappedName, ...]
    total: int
    missing: int


def _names(session: CompanySession, kind: MappingKind) -> sa.Subquery:
    """Every name of Procore's of that kind that inBuild has seen, once."""
    match kind:
        case MappingKind.PROJECT:
            seen = (
                select(
                    col(ProcoreProject.company_id),
                    col(ProcoreProject.project_id).label("id"),
                    col(ProcoreProject.name).label("name"),
                )
                .where(ProcoreProject.company_id == session.company_id, col(ProcoreProject.is_visible).is_(True))
                .subquery()
            )
        case MappingKind.COST_CODE:
            seen = (
                select(
                    col(InvoiceLineRow.company_id),
                    col(InvoiceLineRow.cost_code_id).label("id"),
                    sa.func.coalesce(InvoiceLineRow.budget_code, InvoiceLineRow.cost_code_id).label("name"),
                )
                .where(InvoiceLineRow.company_id == session.company_id, col(InvoiceLineRow.cost_code_id).is_not(None))
                .subquery()
            )
        case _:
            seen = sa.union_all(
                *(
                    sa.select(
                        sa.literal(session.company_id).label("company_id"),
                        vendors.c.vendor_id.label("id"),
                        vendors.c.vendor_name.label("name"),
                    )
                    for vendors in (
                        vendors_of(session, ProcoreRequisition).subquery(),
                        vendors_of(session, InvoiceRow).subquery(),
                    )
                )
            ).subquery("seen")
    return (
        sa.select(
            seen.c.company_id,
            seen.c.id.label("procore_id"),
            sa.func.max(seen.c.name).label("procore_name"),
        )
        .group_by(seen.c.company_id, seen.c.id)
        .subquery()
    )


async def mapping_page(
    session: CompanySession,
    connection_id: UUID,
    kind: MappingKind,
    shown: Shown,
    search: str,
    limit: int,
    offset: int = 0,
) -> MappingPage:
    """Names of one kind with their targets, in Procore's alphabetical order; ``search`` looks into both sides."""
    names = _names(session, kind)
    listed = (
        sa.select(
            names.c.company_id,
            names.c.procore_id,
            names.c.procore_name,
            col(MappingRow.version).label("version"),
            col(MappingRow.target_id).label("target_id"),
            col(ReferenceEntry.full_name).label("target_name"),
            col(ReferenceEntry.active).label("target_active"),
            col(MappingRow.author_kind).label("author"),
        )
        .select_from(names)
        .outerjoin(
            MappingRow,
            (col(MappingRow.company_id) == names.c.company_id)
            & (col(MappingRow.connection_id) == connection_id)
            & (col(MappingRow.kind) == kind)
            & (col(MappingRow.scope) == "")
            & col(MappingRow.superseded_at).is_(None)
            & (col(MappingRow.procore_id) == names.c.procore_id),
        )
        .outerjoin(
            ReferenceEntry,
            (col(ReferenceEntry.company_id) == names.c.company_id)
            & (col(ReferenceEntry.connection_id) == connection_id)
            & (col(ReferenceEntry.entity) == col(MappingRow.target_entity))
            & (col(ReferenceEntry.quickbooks_id) == col(MappingRow.target_id)),
        )
        .subquery()
    )
    wanted: list[sa.ColumnElement[bool]] = []
    match shown:
        case Shown.MISSING:
            wanted.append(listed.c.version.is_(None))
        case Shown.MAPPED:
            wanted.append(listed.c.version.is_not(None))
        case Shown.INACTIVE:
            wanted.append(listed.c.version.is_not(None) & listed.c.target_active.is_not(True))
    if search:
        wanted.append(
            listed.c.procore_name.icontains(search, autoescape=True)
            | listed.c.target_name.icontains(search, autoescape=True)
        )
    matching = sa.func.count().filter(*wanted) if wanted else sa.func.count()
    counted = await session.execute(
        sa.select(matching, sa.func.count().filter(listed.c.version.is_(None)))
        .select_from(listed)
        .where(listed.c.company_id == session.company_id)
    )
    total, missing = counted.one()
    found = await session.execute(
        sa.select(listed)
        .where(listed.c.company_id == session.company_id, *wanted)
        .order_by(sa.func.lower(listed.c.procore_name), listed.c.procore_id)
        .limit(limit)
        .offset(offset)
    )
    rows = found.all()
    waiting = await waiting_for(session, connection_id, kind)
    return MappingPage(
        tuple(
            MappedName(
                procore_id=procore_id,
                procore_name=name,
                version=version or 0,
                target_id=target_id,
                target_name=target_name,
                target_active=bool(active),
                author=author,
                waiting=waiting.get(procore_id, 0),
            )
            for _, procore_id, name, version, target_id, target_name, active, author in rows
        ),
        total,
        missing,
    )


async def targets_like(
    session: CompanySession, connection_id: UUID, entity: str, text: str, limit: int
) -> list[ReferenceEntry]:
    """Active entries of a QuickBooks list whose full name has ``text`` in it, by name."""
    statement = (
        select(ReferenceEntry)
        .where(ReferenceEntry.company_id == session.company_id, ReferenceEntry.connection_id == connection_id)
        .where(ReferenceEntry.entity == entity, col(ReferenceEntry.active).is_(True))
    )
    if text:
        statement = statement.where(col(ReferenceEntry.full_name).icontains(text, autoescape=True))
    found = await session.exec(statement.order_by(sa.func.lower(ReferenceEntry.full_name)).limit(limit))
    return list(found)

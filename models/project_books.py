"""A company's projects as an admin sets them up: which books each posts to, and whether it pays when it is paid."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select

from accounting.money import to_cents
from accounting.states import BEFORE_SENDING
from models.database import CompanySession
from models.events import audit, record_event
from models.routes import routes_now
from models.tables import InvoiceRow, ProcoreProject, ProjectSettings


@dataclass(frozen=True)
class ProjectBooks:
    """``chosen`` tells an admin's word from the default; without books, ``in_books`` is False or nobody chose yet.

    ``waiting_count`` and ``waiting_total`` are invoices held until somebody chooses.
    """

    project_id: str
    name: str
    connection_id: UUID | None
    chosen: bool
    in_books: bool
    pay_when_paid: bool
    waiting_count: int
    waiting_total: Decimal


@dataclass(frozen=True)
class ProjectPage:
    rows: tuple[ProjectBooks, ...]
    total: int


async def project_page(session: CompanySession, search: str, limit: int, offset: int = 0) -> ProjectPage:
    """Visible projects by name, those whose name or Procore id has ``search`` in it."""
    matching = [col(ProcoreProject.company_id) == session.company_id, col(ProcoreProject.is_visible).is_(True)]
    if search:
        matching.append(
            sa.or_(
                col(ProcoreProject.name).icontains(search, autoescape=True),
                col(ProcoreProject.project_id) == search,
            )
        )
    total = await session.exec(
        select(sa.func.count())
        .select_from(ProcoreProject)
        .where(col(ProcoreProject.company_id) == session.company_id, *matching)
    )
    return ProjectPage(tuple(await _projects(session, matching, limit, offset)), total.one())


async def projects_by_id(session: CompanySession, project_ids: Sequence[str]) -> dict[str, ProjectBooks]:
    """These projects as they stand now; unknown and hidden ones are left out."""
    matching = [col(ProcoreProject.is_visible).is_(True), col(ProcoreProject.project_id).in_(project_ids)]
    return {one.project_id: one for one in await _projects(session, matching, len(project_ids), 0)}


async def _projects(
    session: CompanySession, matching: Sequence[sa.ColumnElement[bool]], limit: int, offset: int
) -> list[ProjectBooks]:
    found = await session.exec(
        select(ProcoreProject.project_id, ProcoreProject.name, ProjectSettings.pay_when_paid)
        .outerjoin(
            ProjectSettings,
            (col(ProjectSettings.company_id) == col(ProcoreProject.company_id))
            & (col(ProjectSettings.project_id) == col(ProcoreProject.project_id)),
        )
        .where(col(ProcoreProject.company_id) == session.company_id, *matching)
        .order_by(sa.func.lower(ProcoreProject.name), col(ProcoreProject.project_id))
        .limit(limit)
        .offset(offset)
    )
    rows = found.all()
    waiting = await _waiting(session, [project_id for project_id, _, _ in rows])
    routes = await routes_now(session)
    shown = []
    for project_id, name, pay_when_paid in rows:
        route = routes.of(project_id, name)
        count, amount = waiting.get(project_id, (0, Decimal(0)))
        shown.append(
            ProjectBooks(
                project_id=project_id,
                name=name,
                connection_id=route.connection_id,
                chosen=project_id in routes.chosen,
                in_books=route.in_books,
                pay_when_paid=bool(pay_when_paid),
                waiting_count=count,
                waiting_total=to_cents(amount),
            )
        )
    return shown


async def _waiting(session: CompanySession, project_ids: Sequence[str]) -> dict[str, tuple[int, Decimal]]:
    found = await session.exec(
        select(InvoiceRow.project_id, sa.func.count(), sa.func.sum(InvoiceRow.due))
        .where(InvoiceRow.company_id == session.company_id, col(InvoiceRow.connection_id).is_(None))
        .where(col(InvoiceRow.state).in_(BEFORE_SENDING), col(InvoiceRow.project_id).in_(project_ids))
        .group_by(col(InvoiceRow.project_id))
    )
    return {project_id: (count, Decimal(total)) for project_id, count, total in found}


async def set_pay_when_paid(session: CompanySession, project_id: str, on: bool, by: UUID) -> bool:
    """Whether a project's bills carry ``PAY WHEN PAID``, audited; whether that changed anything."""
    statement = insert(ProjectSettings).values(
        company_id=session.company_id, project_id=project_id, pay_when_paid=on, updated_at=session.now, updated_by=by
    )
    changed = await session.execute(
        statement.on_conflict_do_update(
            index_elements=["company_id", "project_id"],
            set_={"pay_when_paid": on, "updated_at": session.now, "updated_by": by},
            where=col(ProjectSettings.pay_when_paid) != on,
        ).returning(col(ProjectSettings.project_id))
    )
    if changed.first() is None:
        return False
    record_event(session, "project", project_id, "pay_when_paid_changed", on=on)
    audit(session, "pay_when_paid_changed", project_id=project_id, on=on)
    return True


PAY_WHEN_PAID = """
    SELECT project_id FROM project_settings
    WHERE company_id = %(company_id)s AND pay_when_paid AND project_id = ANY(%(project_ids)s)
"""


@dataclass(frozen=True)
class _Project:
    project_id: str


async def paid_when_paid(session: CompanySession, project_ids: Iterable[str]) -> frozenset[str]:
    """Which of these projects' bills carry ``PAY WHEN PAID``."""
    found = await session.ask(PAY_WHEN_PAID, _Project, project_ids=sorted(set(project_ids)))
    return frozenset(one.project_id for one in found)

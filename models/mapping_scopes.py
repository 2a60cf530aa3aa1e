"""Where a mapping may hold more narrowly than in the whole connection: one project, or one commitment of it."""

from dataclasses import dataclass
from uuid import UUID

from sqlmodel import col, select

from models.database import CompanySession
from models.mappings import WHOLE_CONNECTION, commitment_scope, project_scope
from models.routes import routes_now
from models.tables import ProcoreCommitment, ProcoreProject


@dataclass(frozen=True)
class ScopeChoice:
    """A scope as a mapping stores it, and what a person calls it."""

    scope: str
    name: str


async def scope_choices(session: CompanySession, connection_id: UUID, chosen: str) -> list[ScopeChoice]:
    """Everywhere, each project that posts here, and the commitments of the project that ``chosen`` is, or is in."""
    routes = await routes_now(session)
    found = await session.exec(
        select(ProcoreProject.project_id, ProcoreProject.name)
        .where(ProcoreProject.company_id == session.company_id, col(ProcoreProject.is_visible).is_(True))
        .order_by(col(ProcoreProject.name), col(ProcoreProject.project_id))
    )
    projects = [(one, name) for one, name in found if routes.of(one).connection_id == connection_id]
    inside = await _project_of(session, chosen)
    choices = [ScopeChoice(WHOLE_CONNECTION, "Everywhere")]
    for project_id, name in projects:
        choices.append(ScopeChoice(project_scope(project_id), name))
        if project_id == inside:
            choices += [
                ScopeChoice(commitment_scope(one.commitment_id), f"{name} · {one.number} {one.title}".strip())
                for one in await _commitments(session, project_id)
            ]
    return choices


async def _project_of(session: CompanySession, scope: str) -> str | None:
    kind, _, procore_id = scope.partition(":")
    if kind != "commitment":
        return procore_id or None
    found = await session.exec(
        select(ProcoreCommitment.project_id).where(
            ProcoreCommitment.company_id == session.company_id, ProcoreCommitment.commitment_id == procore_id
        )
    )
    return found.first()


async def _commitments(session: CompanySession, project_id: str) -> list[ProcoreCommitment]:
    found = await session.exec(
        select(ProcoreCommitment)
        .where(ProcoreCommitment.company_id == session.company_id, ProcoreCommitment.project_id == project_id)
        .order_by(col(ProcoreCommitment.number), col(ProcoreCommitment.commitment_id))
    )
    return list(found)

"""Procore's projects and commitments, and how far each project has been read."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select

from accounting.procore_access import PROJECT_GONE
from accounting.states import BEFORE_SENDING
from models.database import CompanySession
from models.rows import OnConflict, insert_rows
from models.tables import ProcoreCommitment, ProcoreProject


@dataclass(frozen=True)
class SeenProject:
    project_id: str
    name: str
    time_zone: str
    is_active: bool


@dataclass(frozen=True)
class SeenCommitment:
    project_id: str
    commitment_id: str
    number: str
    title: str
    vendor_id: str | None
    payment_terms: str | None


async def store_projects(session: CompanySession, seen: Sequence[SeenProject]) -> list[str]:
    """Insert or refresh projects; the ids of those that Procore had hidden and shows again.

    One Procore does not list any more is kept, marked as not visible, and says so: it may be deleted or hidden. One
    that is shown again is due at once, from where it was read last.
    """
    ids = [one.project_id for one in seen]
    hidden = await session.exec(
        select(ProcoreProject.project_id)
        .where(ProcoreProject.company_id == session.company_id, col(ProcoreProject.is_visible).is_(False))
        .where(col(ProcoreProject.project_id).in_(ids))
    )
    returned = list(hidden)
    if returned:
        await session.execute(
            sa.update(ProcoreProject)
            .where(col(ProcoreProject.company_id) == session.company_id)
            .where(col(ProcoreProject.project_id).in_(returned))
            .values(trouble=None, refused_at=None, next_look_at=session.now)
            .execution_options(synchronize_session=False)
        )
    if seen:
        statement = insert(ProcoreProject)
        await session.execute(
            statement.on_conflict_do_update(
                index_elements=["company_id", "project_id"],
                set_={
                    "name": statement.excluded.name,
                    "time_zone": statement.excluded.time_zone,
                    "is_active": statement.excluded.is_active,
                    "is_visible": True,
                },
            ),
            [
                {
                    "company_id": session.company_id,
                    "id": session.new_id(),
                    "project_id": one.project_id,
                    "name": one.name,
                    "time_zone": one.time_zone,
                    "is_active": one.is_active,
                    "is_visible": True,
                    "next_look_at": session.now,
                }
                for one in seen
            ],
        )
    await session.execute(
        sa.update(ProcoreProject)
        .where(col(ProcoreProject.company_id) == session.company_id)
        .where(col(ProcoreProject.project_id).not_in(ids), col(ProcoreProject.is_visible).is_(True))
        .values(is_visible=False, trouble=PROJECT_GONE)
        .execution_options(synchronize_session=False)
    )
    return returned


async def visible_projects(session: CompanySession) -> list[ProcoreProject]:
    """Every project the service account may see, longest due first."""
    found = await session.exec(
        select(ProcoreProject)
        .where(ProcoreProject.company_id == session.company_id, col(ProcoreProject.is_visible).is_(True))
        .order_by(col(ProcoreProject.next_look_at), col(ProcoreProject.project_id))
    )
    return list(found)


async def projects_by_id(session: CompanySession, project_ids: Iterable[str]) -> dict[str, ProcoreProject]:
    found = await session.exec(
        select(ProcoreProject)
        .where(ProcoreProject.company_id == session.company_id)
        .where(col(ProcoreProject.project_id).in_(set(project_ids)))
    )
    return {row.project_id: row for row in found}


# A look that read nothing says nothing of how far the project is known.
LOOKED_AT = """
    UPDATE procore_project
    SET next_look_at = CASE WHEN next_look_at = %(was_due_at)s THEN %(next_look_at)s ELSE next_look_at END,
        trouble = %(trouble)s,
        refused_at = CASE WHEN %(refused)s THEN coalesce(refused_at, %(now)s) END,
        watermark = coalesce(%(watermark)s, watermark),
        last_looked_at = CASE WHEN %(watermark)s::timestamptz IS NULL THEN last_looked_at ELSE %(now)s END
    WHERE company_id = %(company_id)s AND project_id = %(project_id)s
"""


async def project_looked_at(
    session: CompanySession,
    project_id: str,
    *,
    watermark: datetime | None,
    was_due_at: datetime,
    next_look_at: datetime,
    trouble: str | None,
    refused: bool = False,
) -> None:
    """Note a finished look. ``watermark`` None leaves it where it was: nothing was read. ``refused``: Procore says
    that the project is not ours to read. Whoever made it due again since the look began (``was_due_at``) is heard.
    """
    await session.do(
        LOOKED_AT,
        project_id=project_id,
        watermark=watermark,
        was_due_at=was_due_at,
        next_look_at=next_look_at,
        trouble=trouble,
        refused=refused,
        now=session.now,
    )


async def project_refused(session: CompanySession, project_id: str, trouble: str) -> None:
    """Note that Procore refused a project between two looks; the next look that reads it takes this back."""
    await session.execute(
        sa.update(ProcoreProject)
        .where(col(ProcoreProject.company_id) == session.company_id, col(ProcoreProject.project_id) == project_id)
        .values(trouble=trouble, refused_at=sa.func.coalesce(col(ProcoreProject.refused_at), session.now))
        .execution_options(synchronize_session=False)
    )


async def look_at_refused_now(session: CompanySession) -> None:
    """Procore lets us in again: what it refused before is due at once."""
    await session.execute(
        sa.update(ProcoreProject)
        .where(col(ProcoreProject.company_id) == session.company_id)
        .where(col(ProcoreProject.is_visible).is_(True), col(ProcoreProject.refused_at).is_not(None))
        .values(next_look_at=session.now)
        .execution_options(synchronize_session=False)
    )


async def look_now(session: CompanySession) -> None:
    """Make every project due. A look under way leaves it so: what it read may be older than this."""
    await session.execute(
        sa.update(ProcoreProject)
        .where(col(ProcoreProject.company_id) == session.company_id)
        .values(next_look_at=session.now)
        .execution_options(synchronize_session=False)
    )


async def store_commitments(session: CompanySession, seen: Sequence[SeenCommitment]) -> None:
    rows = [
        {
            "company_id": session.company_id,
            "id": session.new_id(),
            "project_id": one.project_id,
            "commitment_id": one.commitment_id,
            "number": one.number,
            "title": one.title,
            "vendor_id": one.vendor_id,
            "payment_terms": one.payment_terms,
            "read_at": session.now,
        }
        for one in {one.commitment_id: one for one in seen}.values()
    ]
    taken_over = OnConflict(("company_id", "commitment_id"), keeps=("project_id",))
    await insert_rows(session, ProcoreCommitment, rows, taken_over)


UNKNOWN_COMMITMENTS = """
    SELECT asked.id FROM unnest(%(ids)s::text[]) AS asked(id)
    WHERE NOT EXISTS (
        SELECT FROM procore_commitment WHERE company_id = %(company_id)s AND commitment_id = asked.id
    )
"""


@dataclass(frozen=True)
class _Id:
    id: str


async def unknown_commitments(session: CompanySession, commitment_ids: set[str]) -> set[str]:
    """Which of these commitments were never read."""
    return {one.id for one in await session.ask(UNKNOWN_COMMITMENTS, _Id, ids=sorted(commitment_ids))}


# Where posting is paused nothing is prepared, so that nobody reads the contracts of what came in meanwhile. One that
# Procore does not list is asked for again after an hour.
UNREAD_CONTRACTS = """
    SELECT DISTINCT invoice.project_id AS id
    FROM invoice
    JOIN connection_settings AS settings
        ON settings.company_id = %(company_id)s AND settings.connection_id = invoice.connection_id
        AND settings.posting_paused
    WHERE invoice.company_id = %(company_id)s AND invoice.source = 'procore_requisition'
        AND invoice.state = ANY(%(states)s) AND invoice.commitment_id <> ''
        AND NOT EXISTS (
            SELECT FROM procore_commitment AS known
            WHERE known.company_id = %(company_id)s AND known.commitment_id = invoice.commitment_id
        )
        AND NOT EXISTS (
            SELECT FROM procore_commitment AS read
            WHERE read.company_id = %(company_id)s AND read.project_id = invoice.project_id AND read.read_at > %(since)s
        )
    ORDER BY id LIMIT %(limit)s
"""


async def projects_with_unread_contracts(session: CompanySession, limit: int) -> list[str]:
    """Projects with invoices that wait for posting to be resumed, and whose contracts are not known yet."""
    since = session.now - timedelta(hours=1)
    found = await session.ask(UNREAD_CONTRACTS, _Id, states=sorted(BEFORE_SENDING), since=since, limit=limit)
    return [one.id for one in found]

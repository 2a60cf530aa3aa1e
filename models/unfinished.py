"""Batches whose outcome is open: who takes them up again, and when."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from models.database import CompanySession
from models.posting import BATCH_LEASE

LEASE_UNFINISHED = """
    WITH unfinished AS (
        SELECT batch.id, batch.connection_id, batch.project_id, batch.created_at
        FROM posting_batch AS batch
        JOIN connection
            ON connection.company_id = batch.company_id AND connection.id = batch.connection_id
            AND connection.state = 'active'
        JOIN connection_settings AS settings
            ON settings.company_id = batch.company_id AND settings.connection_id = batch.connection_id
            AND NOT settings.posting_paused
        WHERE batch.company_id = %(company_id)s AND batch.ended_at IS NULL
            AND (batch.leased_until IS NULL OR batch.leased_until <= %(now)s)
        ORDER BY batch.created_at LIMIT %(limit)s
        FOR UPDATE OF batch
    ), leased AS (
        UPDATE posting_batch SET leased_until = %(leased_until)s
        FROM unfinished WHERE posting_batch.company_id = %(company_id)s AND posting_batch.id = unfinished.id
    )
    SELECT unfinished.id AS batch_id, unfinished.connection_id, unfinished.project_id,
        coalesce(nullif(project.name, ''), unfinished.project_id) AS project_name
    FROM unfinished
    LEFT JOIN procore_project AS project
        ON project.company_id = %(company_id)s AND project.project_id = unfinished.project_id
    ORDER BY unfinished.created_at
"""
NEXT_UNFINISHED = """
    SELECT min(batch.leased_until) AS at
    FROM posting_batch AS batch
    JOIN connection
        ON connection.company_id = batch.company_id AND connection.id = batch.connection_id
        AND connection.state = 'active'
    WHERE batch.company_id = %(company_id)s AND batch.ended_at IS NULL AND batch.leased_until > %(now)s
"""


@dataclass(frozen=True)
class UnfinishedBatch:
    batch_id: UUID
    connection_id: UUID
    project_id: str
    project_name: str


@dataclass(frozen=True)
class _At:
    at: datetime | None


async def unfinished_batches(session: CompanySession, limit: int) -> list[UnfinishedBatch]:
    """Lease batches whose outcome is open and that nobody works on, where the connection may post."""
    until = session.now + BATCH_LEASE
    return await session.ask(LEASE_UNFINISHED, UnfinishedBatch, now=session.now, leased_until=until, limit=limit)


async def next_unfinished(session: CompanySession) -> datetime | None:
    """When the earliest batch of unknown outcome may be taken up again; None when nobody's lease has to run out."""
    (found,) = await session.ask(NEXT_UNFINISHED, _At, now=session.now)
    return found.at

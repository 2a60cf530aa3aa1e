"""Batches whose outcome is open: who takes them up again, and when."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from models.database import CompanySession
from models.posting import BATCH_LEASE
from models.tables import Connection, ConnectionSettings, ConnectionState, PostingBatch, ProcoreProject


@dataclass(frozen=True)
class UnfinishedBatch:
    batch_id: UUID
    connection_id: UUID
    project_id: str
    project_name: str


async def unfinished_batches(session: CompanySession, limit: int) -> list[UnfinishedBatch]:
    """Lease batches whose outcome is open and that nobody works on, where the connection may post."""
    found = await session.execute(
        select(PostingBatch, ProcoreProject.name)
        .join(
            Connection,
            sa.and_(
                col(Connection.company_id) == col(PostingBatch.company_id),
                col(Connection.id) == col(PostingBatch.connection_id),
                col(Connection.state) == ConnectionState.ACTIVE,
            ),
        )
        .join(
            ConnectionSettings,
            sa.and_(
                col(ConnectionSettings.company_id) == col(PostingBatch.company_id),
                col(ConnectionSettings.connection_id) == col(PostingBatch.connection_id),
                col(ConnectionSettings.posting_paused).is_(False),
            ),
        )
        .outerjoin(
            ProcoreProject,
            sa.and_(
                col(ProcoreProject.company_id) == col(PostingBatch.company_id),
                col(ProcoreProject.project_id) == col(PostingBatch.project_id),
            ),
        )
        .where(PostingBatch.company_id == session.company_id, col(PostingBatch.ended_at).is_(None))
        .where(sa.or_(col(PostingBatch.leased_until).is_(None), col(PostingBatch.leased_until) <= session.now))
        .order_by(col(PostingBatch.created_at))
        .limit(limit)
        .with_for_update(of=PostingBatch)
    )
    unfinished = []
    for batch, name in found.all():
        batch.leased_until = session.now + BATCH_LEASE
        unfinished.append(UnfinishedBatch(batch.id, batch.connection_id, batch.project_id, name or batch.project_id))
    return unfinished


async def next_unfinished(session: CompanySession) -> datetime | None:
    """When the earliest batch of unknown outcome may be taken up again; None when nobody's lease has to run out."""
    found = await session.exec(
        select(sa.func.min(PostingBatch.leased_until))
        .join(
            Connection,
            sa.and_(
                col(Connection.company_id) == col(PostingBatch.company_id),
                col(Connection.id) == col(PostingBatch.connection_id),
                col(Connection.state) == ConnectionState.ACTIVE,
            ),
        )
        .where(PostingBatch.company_id == session.company_id, col(PostingBatch.ended_at).is_(None))
        .where(col(PostingBatch.leased_until) > session.now)
    )
    return found.one_or_none()

"""The one writer of the event log. Events are gathered in a unit of work and written just before it commits."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from models.database import CompanySession
from models.rows import insert_rows
from models.tables import AuditLog, Company, EventLog

SCHEMA_VERSION = 1


def record_event(
    session: CompanySession,
    subject_kind: str,
    subject_id: UUID | str,
    kind: str,
    *,
    occurred_at: datetime | None = None,
    **data: Any,
) -> None:
    """Tell what happened to a subject. ``data`` holds JSON values, never a secret, a token or a document."""
    session.events.append(
        {
            "subject_kind": subject_kind,
            "subject_id": str(subject_id),
            "kind": kind,
            "occurred_at": occurred_at or session.now,
            "data": data,
        }
    )


async def write_events(session: CompanySession) -> None:
    """Number and write the gathered events. Called once, last: the counter's row stays locked until the commit."""
    if not session.events:
        return
    events, session.events = session.events, []
    taken = await session.execute(
        sa.update(Company)
        .where(col(Company.id) == session.company_id)
        .values(event_seq=Company.event_seq + len(events))
        .returning(col(Company.event_seq))
        .execution_options(synchronize_session=False)
    )
    first = taken.scalar_one() - len(events) + 1
    actor = session.actor
    common = {
        "company_id": session.company_id,
        "schema_version": SCHEMA_VERSION,
        "recorded_at": session.now,
        "actor_kind": actor.kind,
        "actor_id": actor.id,
        "workflow_id": actor.workflow_id,
        "run_id": actor.run_id,
        "activity_id": actor.activity_id,
        "traceparent": actor.traceparent,
    }
    numbered = [{**common, **told, "seq": first + offset} for offset, told in enumerate(events)]
    await session.execute(insert_rows(session, EventLog, numbered))


async def timeline(session: CompanySession, subject_kind: str, subject_id: UUID | str) -> list[EventLog]:
    """Every event of one subject, oldest first."""
    found = await session.exec(
        select(EventLog)
        .where(EventLog.company_id == session.company_id)
        .where(EventLog.subject_kind == subject_kind, EventLog.subject_id == str(subject_id))
        .order_by(col(EventLog.seq))
    )
    return list(found)


async def event_of(session: CompanySession, subject_kind: str, subject_id: UUID | str, seq: int) -> EventLog | None:
    """One event of a subject by its number; None where the subject has no such event."""
    found = await session.exec(
        select(EventLog)
        .where(EventLog.company_id == session.company_id, EventLog.seq == seq)
        .where(EventLog.subject_kind == subject_kind, EventLog.subject_id == str(subject_id))
    )
    return found.first()


def audit(session: CompanySession, action: str, **data: Any) -> None:
    """Write down a support look-up or a change of settings."""
    session.add(
        AuditLog(
            company_id=session.company_id,
            id=session.new_id(),
            at=session.now,
            actor_kind=session.actor.kind,
            actor_id=session.actor.id,
            action=action,
            data=data,
        )
    )

"""The one writer of the event log. Events are gathered in a unit of work and written just before it commits."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import col, select

from models.database import CompanySession
from models.rows import as_json
from models.tables import AuditLog, EventLog

SCHEMA_VERSION = 1
# The company's counter numbers them without a gap; its row stays locked until the commit.
WRITE_EVENTS = """
    WITH counted AS (
        UPDATE company SET event_seq = event_seq + %(count)s WHERE id = %(company_id)s
        RETURNING event_seq - %(count)s AS before
    )
    INSERT INTO event_log (
        company_id, seq, subject_kind, subject_id, kind, schema_version, occurred_at, recorded_at, data,
        actor_kind, actor_id, workflow_id, run_id, activity_id, traceparent
    )
    SELECT
        %(company_id)s, counted.before + told.place, told.subject_kind, told.subject_id, told.kind,
        %(schema_version)s, told.occurred_at, %(recorded_at)s, told.data,
        %(actor_kind)s, %(actor_id)s, %(workflow_id)s, %(run_id)s, %(activity_id)s, %(traceparent)s
    FROM counted, json_to_recordset(%(events)s::json) AS told(
        place integer, subject_kind text, subject_id text, kind text, occurred_at timestamptz, data json
    )
"""


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
    actor = session.actor
    await session.do(
        WRITE_EVENTS,
        events=as_json([{**told, "place": place} for place, told in enumerate(events, start=1)]),
        count=len(events),
        schema_version=SCHEMA_VERSION,
        recorded_at=session.now,
        actor_kind=actor.kind.value,
        actor_id=actor.id,
        workflow_id=actor.workflow_id,
        run_id=actor.run_id,
        activity_id=actor.activity_id,
        traceparent=actor.traceparent,
    )


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

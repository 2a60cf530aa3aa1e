"""Which invoices may go to QuickBooks now: chosen in approval order per project, and leased to whoever asked."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from accounting.states import BEFORE_SENDING
from models.database import CompanySession
from models.desktop_queue import LIVE_FOR, MOST_AT_ONCE, MOST_WAITING
from models.desktop_readings import COPY_SERVES_FOR

# How long a batch may hold its invoices before another look may take them: longer than a fresh look can take.
LEASE = timedelta(minutes=10)


@dataclass(frozen=True)
class Runnable:
    """Invoices of one project that may go to one connection now, in approval order, and what is due on them."""

    connection_id: UUID
    project_id: str
    project_name: str
    invoice_ids: list[UUID] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)
    due: list[Decimal] = field(default_factory=list)


# Whole batches of few projects rather than a bit of each; the project that has waited longest first. Nobody can call a
# PC: for a company file something is runnable while its Web Connector is there and has read the bills lately, and only
# as much as it soon takes, for a look at Procore that grows old was in vain.
LEASE_RUNNABLE = """
    WITH busy AS (
        SELECT connection_id, project_id FROM invoice
        WHERE company_id = %(company_id)s AND connection_id IS NOT NULL AND leased_until > %(now)s
            AND leased_by IS DISTINCT FROM %(leased_by)s
    ), company_file AS (
        SELECT asking.connection_id FROM desktop_session AS asking
        WHERE asking.company_id = %(company_id)s AND asking.connection_id IS NOT NULL AND asking.closed_at IS NULL
            AND asking.verified_at IS NOT NULL AND asking.trouble IS NULL AND asking.last_call_at > %(heard_after)s
            AND (
                SELECT count(*) FROM desktop_write AS waiting
                WHERE waiting.company_id = %(company_id)s AND waiting.connection_id = asking.connection_id
                    AND waiting.state = 'waiting'
            ) < %(most_waiting)s
    ), queue AS (
        SELECT invoice.id, invoice.connection_id, invoice.project_id, invoice.number, invoice.due,
            CASE WHEN connection.kind = 'desktop' THEN least(%(per_project)s, %(per_file)s) ELSE %(per_project)s END
                AS most,
            min(invoice.approved_at) OVER lane AS waiting_since,
            row_number() OVER (lane ORDER BY invoice.approved_at, invoice.sequence, invoice.id) AS place
        FROM invoice
        JOIN connection
            ON connection.company_id = %(company_id)s AND connection.id = invoice.connection_id
            AND connection.state = 'active'
            AND (
                connection.kind <> 'desktop' OR connection.transactions_read_at > %(read_after)s
                AND connection.id IN (SELECT connection_id FROM company_file)
            )
        JOIN connection_settings AS settings
            ON settings.company_id = %(company_id)s AND settings.connection_id = invoice.connection_id
            AND NOT settings.posting_paused
        WHERE invoice.company_id = %(company_id)s AND invoice.state = ANY(%(states)s)
            AND NOT invoice.approval_withdrawn AND invoice.approved_at IS NOT NULL
            AND (invoice.not_before IS NULL OR invoice.not_before <= %(now)s)
            AND NOT EXISTS (
                SELECT FROM invoice_blocker AS blocker
                WHERE blocker.company_id = %(company_id)s AND blocker.invoice_id = invoice.id
                    AND blocker.cleared_at IS NULL
            )
            AND CASE WHEN %(project_id)s::text IS NULL
                THEN (invoice.connection_id, invoice.project_id) NOT IN (SELECT connection_id, project_id FROM busy)
                ELSE invoice.project_id = %(project_id)s AND (
                    invoice.leased_until IS NULL OR invoice.leased_until <= %(now)s
                    OR invoice.leased_by = %(leased_by)s
                )
            END
        WINDOW lane AS (PARTITION BY invoice.connection_id, invoice.project_id)
    ), chosen AS (
        SELECT * FROM queue WHERE place <= most
        ORDER BY waiting_since, connection_id, project_id, place LIMIT %(limit)s
    ), leased AS (
        UPDATE invoice SET leased_until = %(leased_until)s, leased_by = %(leased_by)s
        FROM chosen WHERE invoice.company_id = %(company_id)s AND invoice.id = chosen.id
    )
    SELECT chosen.id, chosen.number, chosen.due, chosen.connection_id, chosen.project_id,
        coalesce(project.name, chosen.project_id) AS project_name
    FROM chosen
    LEFT JOIN procore_project AS project
        ON project.company_id = %(company_id)s AND project.project_id = chosen.project_id
    ORDER BY waiting_since, connection_id, project_id, place
"""


@dataclass(frozen=True)
class _Chosen:
    id: UUID
    number: str
    due: Decimal
    connection_id: UUID
    project_id: str
    project_name: str


async def lease_runnable(
    session: CompanySession, *, per_project: int, limit: int, project_id: str | None = None
) -> list[Runnable]:
    """Lease what may go: approved, unblocked, routed to an active connection whose posting is not paused.

    At most ``per_project`` of a project, and for a company file no more than its PC soon takes. A project some of whose
    invoices are leased already waits, unless it is asked for by name: then whoever asks has just finished with it. What
    an earlier attempt of the same activity leased before it died is free for the next one.
    """
    chosen = await session.ask(
        LEASE_RUNNABLE,
        _Chosen,
        states=sorted(BEFORE_SENDING),
        project_id=project_id,
        per_project=per_project,
        per_file=MOST_AT_ONCE,
        limit=limit,
        now=session.now,
        heard_after=session.now - LIVE_FOR,
        read_after=session.now - COPY_SERVES_FOR,
        most_waiting=MOST_WAITING,
        leased_by=session.actor.lease_name,
        leased_until=session.now + LEASE,
    )
    groups: dict[tuple[UUID, str], Runnable] = {}
    for found in chosen:
        key = (found.connection_id, found.project_id)
        group = groups.setdefault(key, Runnable(*key, project_name=found.project_name))
        group.invoice_ids.append(found.id)
        group.numbers.append(found.number)
        group.due.append(found.due)
    return list(groups.values())


IS_POSTING = """
    SELECT EXISTS (
        SELECT FROM invoice WHERE company_id = %(company_id)s AND state = ANY(%(states)s) AND leased_until > %(now)s
    ) OR EXISTS (
        SELECT FROM posting_batch WHERE company_id = %(company_id)s AND ended_at IS NULL AND leased_until > %(now)s
    ) AS answer
"""


PROJECTS_POSTING = """
    SELECT count(*) AS projects FROM (
        SELECT connection_id, project_id FROM invoice
        WHERE company_id = %(company_id)s AND state = ANY(%(states)s) AND leased_until > %(now)s
        UNION
        SELECT connection_id, project_id FROM posting_batch
        WHERE company_id = %(company_id)s AND ended_at IS NULL AND leased_until > %(now)s
    ) AS posting
"""


@dataclass(frozen=True)
class _Posting:
    answer: bool


@dataclass(frozen=True)
class _Projects:
    projects: int


async def is_posting(session: CompanySession) -> bool:
    """Whether a batch is being prepared or sent right now."""
    (posting,) = await session.ask(IS_POSTING, _Posting, states=sorted(BEFORE_SENDING), now=session.now)
    return posting.answer


async def projects_posting(session: CompanySession) -> int:
    """How many projects have a batch that is being prepared or sent, or will be next."""
    (posting,) = await session.ask(PROJECTS_POSTING, _Projects, states=sorted(BEFORE_SENDING), now=session.now)
    return posting.projects


NEXT_DUE = """
    SELECT min(greatest(not_before, leased_until)) AS at FROM invoice
    WHERE company_id = %(company_id)s AND state = ANY(%(states)s) AND approved_at IS NOT NULL
        AND (not_before > %(now)s OR leased_until > %(now)s)
"""


@dataclass(frozen=True)
class _At:
    at: datetime | None


async def next_due(session: CompanySession) -> datetime | None:
    """When the earliest delayed or leased invoice may be looked at again; None when there is none."""
    (found,) = await session.ask(NEXT_DUE, _At, states=sorted(BEFORE_SENDING), now=session.now)
    return found.at

"""When the books of QuickBooks Online are to be asked what changed: metered reads, so as few as do."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from models.database import CompanySession
from models.list_changes import MENDED_BY_LISTS

# Intuit's news come in bursts; a person who pays bills saves several within seconds.
BURST = timedelta(seconds=5)
# As long as one pull may take; what comes after a crash, or after books that could not be read, waits as long.
LEASE = timedelta(minutes=5)


@dataclass(frozen=True)
class PullPace:
    """At most one pull every ``shortest``; one every ``longest`` although nobody told of anything."""

    shortest: timedelta
    longest: timedelta


# Books without a bill of ours, or an invoice that waits for an entry of their lists, are nobody's business here, and
# neither is a company whose feature is off.
CANDIDATES = """
    SELECT connection.id, connection.transactions_read_at AS read_at, pace.reserved_until AS leased_until, (
            SELECT min(notice.received_at) FROM webhook_inbox AS notice
            WHERE notice.company_id = %(company_id)s AND notice.source = 'intuit' AND notice.handled_at IS NULL
        ) AS told_at
    FROM connection
    JOIN company ON company.id = connection.company_id AND company.feature_enabled
    LEFT JOIN provider_pace AS pace
        ON pace.company_id = connection.company_id AND pace.connection_id = connection.id AND pace.kind = 'pull'
    WHERE connection.company_id = %(company_id)s AND connection.kind = 'online' AND connection.state = 'active'
        AND (
            EXISTS (
                SELECT FROM bill_link AS link
                WHERE link.company_id = connection.company_id AND link.connection_id = connection.id
                    AND link.ended_at IS NULL
            )
            OR EXISTS (
                SELECT FROM invoice_blocker AS blocker
                JOIN invoice ON invoice.company_id = blocker.company_id AND invoice.id = blocker.invoice_id
                WHERE blocker.company_id = connection.company_id AND blocker.cleared_at IS NULL
                    AND blocker.reason = ANY(%(mended_by_lists)s) AND invoice.connection_id = connection.id
            )
        )
"""
TAKE = """
    INSERT INTO provider_pace (company_id, connection_id, kind, reserved_until)
    VALUES (%(company_id)s, %(connection_id)s, 'pull', %(until)s)
    ON CONFLICT (company_id, connection_id, kind) DO UPDATE SET reserved_until = excluded.reserved_until
    WHERE provider_pace.reserved_until <= %(now)s
"""
END = """
    UPDATE provider_pace SET reserved_until = %(until)s
    WHERE company_id = %(company_id)s AND connection_id = %(connection_id)s AND kind = 'pull'
"""


@dataclass(frozen=True)
class _Candidate:
    id: UUID
    read_at: datetime | None
    leased_until: datetime | None
    told_at: datetime | None

    def due_at(self, pace: PullPace, now: datetime) -> datetime:
        if self.read_at is None:
            at = now
        elif self.told_at is not None:
            at = max(self.told_at + min(BURST, pace.shortest), self.read_at + pace.shortest)
        else:
            at = self.read_at + pace.longest
        return max(at, self.leased_until) if self.leased_until is not None else at


@dataclass(frozen=True)
class Pulls:
    """Connections whose books are to be asked now, leased; and when the next one may be."""

    connection_ids: list[UUID]
    next_at: datetime | None


async def lease_pulls(session: CompanySession, pace: PullPace) -> Pulls:
    """Take what is due. Whatever else has read the books meanwhile counts: there is nothing new to ask then."""
    found = await session.ask(CANDIDATES, _Candidate, mended_by_lists=[reason.value for reason in MENDED_BY_LISTS])
    due = {one.id: one.due_at(pace, session.now) for one in found}
    taken = [one for one, at in due.items() if at <= session.now and await _take(session, one)]
    return Pulls(taken, min((at for at in due.values() if at > session.now), default=None))


async def _take(session: CompanySession, connection_id: UUID) -> bool:
    until = session.now + LEASE
    return await session.do(TAKE, connection_id=connection_id, now=session.now, until=until) == 1


async def end_pull(session: CompanySession, connection_id: UUID, until: datetime) -> None:
    """The pull is over; the next one comes no sooner than ``until``, whatever is told."""
    await session.do(END, connection_id=connection_id, until=until)

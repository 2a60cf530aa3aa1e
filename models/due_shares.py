"""Shares of bill payments that somebody has to look at for Procore: leased by project, and when the next one is due."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from models.database import CompanySession

# Longer than the payments of one project may take: a list call and at most three writes for each share.
LEASE = timedelta(minutes=10)
AT_ONCE = 100

# Only what may be written at all: the switch is on, nothing is paused, the connection works, the feature is enabled.
LEASE_DUE = """
    WITH chosen AS (
        SELECT share.id, share.connection_id, invoice.project_id
        FROM payment_share AS share
        JOIN connection
            ON connection.company_id = share.company_id AND connection.id = share.connection_id
            AND connection.state = 'active'
        JOIN connection_settings AS settings
            ON settings.company_id = share.company_id AND settings.connection_id = share.connection_id
            AND settings.write_back AND settings.write_back_from IS NOT NULL AND NOT settings.posting_paused
        JOIN company ON company.id = share.company_id AND company.feature_enabled
        JOIN invoice ON invoice.company_id = share.company_id AND invoice.id = share.invoice_id
        WHERE share.company_id = %(company_id)s AND share.is_due
            AND (share.not_before IS NULL OR share.not_before <= %(now)s)
            AND (share.leased_until IS NULL OR share.leased_until <= %(now)s OR share.leased_by = %(leased_by)s)
            AND NOT EXISTS (
                SELECT FROM payment_share AS busy
                JOIN invoice AS other ON other.company_id = busy.company_id AND other.id = busy.invoice_id
                WHERE busy.company_id = %(company_id)s AND busy.is_due AND busy.connection_id = share.connection_id
                    AND busy.leased_until > %(now)s AND busy.leased_by IS DISTINCT FROM %(leased_by)s
                    AND other.project_id = invoice.project_id
            )
        ORDER BY share.changed_at, share.id LIMIT %(limit)s
        FOR UPDATE OF share SKIP LOCKED
    ), leased AS (
        UPDATE payment_share AS share SET leased_until = %(leased_until)s, leased_by = %(leased_by)s
        FROM chosen WHERE share.company_id = %(company_id)s AND share.id = chosen.id
    )
    SELECT chosen.id, chosen.connection_id, chosen.project_id, coalesce(project.name, chosen.project_id) AS project_name
    FROM chosen
    LEFT JOIN procore_project AS project
        ON project.company_id = %(company_id)s AND project.project_id = chosen.project_id
"""
NEXT_DUE = """
    SELECT min(greatest(share.not_before, share.leased_until)) AS at
    FROM payment_share AS share
    JOIN connection
        ON connection.company_id = share.company_id AND connection.id = share.connection_id
        AND connection.state = 'active'
    JOIN connection_settings AS settings
        ON settings.company_id = share.company_id AND settings.connection_id = share.connection_id
        AND settings.write_back AND settings.write_back_from IS NOT NULL AND NOT settings.posting_paused
    JOIN company ON company.id = share.company_id AND company.feature_enabled
    JOIN invoice ON invoice.company_id = share.company_id AND invoice.id = share.invoice_id
    WHERE share.company_id = %(company_id)s AND share.is_due
"""


@dataclass(frozen=True)
class DueShares:
    """Shares of one project that somebody has to look at for Procore."""

    connection_id: UUID
    project_id: str
    project_name: str
    share_ids: list[UUID] = field(default_factory=list)


@dataclass(frozen=True)
class _Chosen:
    id: UUID
    connection_id: UUID
    project_id: str
    project_name: str


async def lease_due_shares(session: CompanySession) -> list[DueShares]:
    """Lease what is due, by project; a project of which some is leased already waits."""
    chosen = await session.ask(
        LEASE_DUE,
        _Chosen,
        now=session.now,
        leased_by=session.actor.lease_name,
        leased_until=session.now + LEASE,
        limit=AT_ONCE,
    )
    groups: dict[tuple[UUID, str], DueShares] = {}
    for one in chosen:
        key = (one.connection_id, one.project_id)
        groups.setdefault(key, DueShares(*key, project_name=one.project_name)).share_ids.append(one.id)
    return list(groups.values())


@dataclass(frozen=True)
class _Moment:
    at: datetime | None


async def next_due_share(session: CompanySession) -> datetime | None:
    """When the earliest share that waits, or that somebody holds, may be looked at; None when there is none."""
    (moment,) = await session.ask(NEXT_DUE, _Moment)
    return moment.at


ARE_DUE = """
    UPDATE payment_share AS share SET is_due = true, not_before = NULL
    FROM bill_payment AS payment
    WHERE share.company_id = %(company_id)s AND share.connection_id = %(connection_id)s
        AND payment.company_id = share.company_id AND payment.id = share.payment_id
        AND (share.procore_payment_id IS NOT NULL OR (share.cash > 0 AND payment.paid_on >= %(since)s))
"""


async def shares_are_due(session: CompanySession, connection_id: UUID, since: date) -> None:
    """Write-back was switched on, or its start moved: everything made since then is looked at, and what was written."""
    await session.do(ARE_DUE, connection_id=connection_id, since=since)

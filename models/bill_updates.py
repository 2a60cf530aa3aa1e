"""Bills that are to be updated: which may go now, and what is known of each once QuickBooks has answered."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from models.database import CompanySession
from models.desktop_queue import LIVE_FOR
from models.tables import BillComparison

# Longer than preparing an update can take: nobody else prepares it meanwhile.
LEASE = timedelta(minutes=10)


@dataclass(frozen=True)
class UpdateToMake:
    """One invoice whose bill is to be updated now."""

    invoice_id: UUID
    connection_id: UUID
    project_id: str
    project_name: str


# Nobody can call a PC: a company file's bills are prepared while its Web Connector is there, or has just been.
LEASE_UPDATES = """
    WITH chosen AS (
        SELECT comparison.id, comparison.invoice_id, comparison.connection_id, invoice.project_id
        FROM bill_comparison AS comparison
        JOIN invoice ON invoice.company_id = comparison.company_id AND invoice.id = comparison.invoice_id
        JOIN connection
            ON connection.company_id = comparison.company_id AND connection.id = comparison.connection_id
            AND connection.state = 'active'
        JOIN connection_settings AS settings
            ON settings.company_id = comparison.company_id AND settings.connection_id = comparison.connection_id
            AND NOT settings.posting_paused
        WHERE comparison.company_id = %(company_id)s AND comparison.update_wanted_at IS NOT NULL
            AND (comparison.not_before IS NULL OR comparison.not_before <= %(now)s)
            AND NOT EXISTS (
                SELECT FROM posting_attempt AS attempt
                WHERE attempt.company_id = comparison.company_id AND attempt.subject_kind = 'invoice'
                    AND attempt.subject_id = comparison.invoice_id AND attempt.state IN ('prepared', 'sent', 'unclear')
            )
            AND (connection.kind <> 'desktop' OR EXISTS (
                SELECT FROM desktop_session AS asking
                WHERE asking.company_id = comparison.company_id AND asking.connection_id = comparison.connection_id
                    AND asking.verified_at IS NOT NULL AND asking.trouble IS NULL
                    AND asking.last_call_at > %(heard_after)s
            ))
        ORDER BY comparison.update_wanted_at, comparison.id
        LIMIT %(limit)s
        FOR UPDATE OF comparison SKIP LOCKED
    ), leased AS (
        UPDATE bill_comparison SET not_before = %(leased_until)s
        FROM chosen WHERE bill_comparison.company_id = %(company_id)s AND bill_comparison.id = chosen.id
    )
    SELECT chosen.invoice_id, chosen.connection_id, chosen.project_id,
        coalesce(project.name, chosen.project_id) AS project_name
    FROM chosen
    LEFT JOIN procore_project AS project
        ON project.company_id = %(company_id)s AND project.project_id = chosen.project_id
"""


async def lease_updates(session: CompanySession, limit: int) -> list[UpdateToMake]:
    """Lease bills to be updated through connections that may post, the oldest wish first."""
    return await session.ask(
        LEASE_UPDATES,
        UpdateToMake,
        limit=limit,
        now=session.now,
        leased_until=session.now + LEASE,
        heard_after=session.now - LIVE_FOR,
    )


async def next_update(session: CompanySession) -> datetime | None:
    """When the earliest update that was put off may be tried; None when none was."""
    found = await session.exec(
        select(sa.func.min(BillComparison.not_before))
        .where(BillComparison.company_id == session.company_id)
        .where(col(BillComparison.update_wanted_at).is_not(None), col(BillComparison.not_before) > session.now)
    )
    return found.one_or_none()


async def updates_are_wanted(session: CompanySession, connection_id: UUID) -> bool:
    """Whether a bill of this company file is to be changed now, or is just being prepared for it."""
    found = await session.exec(
        select(BillComparison.id)
        .where(BillComparison.company_id == session.company_id, BillComparison.connection_id == connection_id)
        .where(col(BillComparison.update_wanted_at).is_not(None))
        .where(sa.or_(col(BillComparison.not_before).is_(None), col(BillComparison.not_before) <= session.now + LEASE))
        .limit(1)
    )
    return found.first() is not None

"""Sessions of the Web Connector: one open at a time for a login, the newest wins."""

from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from models.database import CompanySession
from models.tables import DesktopSession

SUPERSEDED = "A newer session of this company file has taken over. Nothing is lost; it goes on there."


async def open_session(
    session: CompanySession, login_id: UUID, connection_id: UUID | None, ticket_sha256: str
) -> DesktopSession:
    """Begin a session; an earlier one of the same login that nobody closed is over."""
    await session.execute(
        sa.update(DesktopSession)
        .where(col(DesktopSession.company_id) == session.company_id, col(DesktopSession.login_id) == login_id)
        .where(col(DesktopSession.closed_at).is_(None))
        .values(closed_at=session.now, trouble=SUPERSEDED)
        .execution_options(synchronize_session=False)
    )
    opened = DesktopSession(
        company_id=session.company_id,
        id=session.new_id(),
        login_id=login_id,
        connection_id=connection_id,
        ticket_sha256=ticket_sha256,
        opened_at=session.now,
        last_call_at=session.now,
    )
    session.add(opened)
    await session.flush()
    return opened


async def locked_session(session: CompanySession, session_id: UUID) -> DesktopSession:
    """The session, for this unit of work alone: calls of one ticket come one after another."""
    found = await session.exec(
        select(DesktopSession)
        .where(DesktopSession.company_id == session.company_id, DesktopSession.id == session_id)
        .with_for_update()
    )
    return found.one()


async def session_by_id(session: CompanySession, session_id: UUID) -> DesktopSession:
    found = await session.exec(
        select(DesktopSession).where(DesktopSession.company_id == session.company_id, DesktopSession.id == session_id)
    )
    return found.one()


async def newest_session(session: CompanySession, login_id: UUID) -> DesktopSession | None:
    """The last session of a login, for the page that says how it went."""
    found = await session.exec(
        select(DesktopSession)
        .where(DesktopSession.company_id == session.company_id, DesktopSession.login_id == login_id)
        .order_by(col(DesktopSession.opened_at).desc(), col(DesktopSession.id).desc())
        .limit(1)
    )
    return found.first()


def close_session(session: CompanySession, row: DesktopSession, trouble: str | None = None) -> None:
    """End a session; ending it twice changes nothing but an empty trouble."""
    row.closed_at = row.closed_at or session.now
    row.trouble = row.trouble or trouble
    session.add(row)

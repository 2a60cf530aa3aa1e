"""Whether anything happened in a company: its newest event, which every change writes in its own transaction."""

from sqlmodel import select

from models.database import CompanySession
from models.tables import Company


async def newest_event(session: CompanySession) -> int:
    """The number of the company's newest event; it only rises."""
    found = await session.exec(select(Company.event_seq).where(Company.id == session.company_id))
    return found.one()

"""What keeps a connection's invoices waiting although it may post: a provider that is away, or that limits us."""

from uuid import UUID

from accounting.blockers import BlockerReason
from models.database import CompanySession

NOTE = """
    UPDATE connection SET trouble = %(reason)s::text, trouble_with = %(provider)s::text,
        trouble_since = CASE
            WHEN trouble = %(reason)s::text AND trouble_with = %(provider)s::text THEN trouble_since ELSE %(now)s
        END
    WHERE company_id = %(company_id)s AND id = %(connection_id)s
"""
OVER = """
    UPDATE connection SET trouble = NULL, trouble_with = NULL, trouble_since = NULL
    WHERE company_id = %(company_id)s AND id = %(connection_id)s AND trouble IS NOT NULL
"""


async def note_trouble(session: CompanySession, connection_id: UUID, reason: BlockerReason, provider: str) -> None:
    """PROVIDER_DOWN or QUOTA: the same trouble again keeps its age."""
    await session.do(NOTE, connection_id=connection_id, reason=reason.value, provider=provider, now=session.now)


async def trouble_is_over(session: CompanySession, connection_id: UUID) -> None:
    """Work went through."""
    await session.do(OVER, connection_id=connection_id)

"""A connection's tokens as stored, for whoever calls QuickBooks: read for every batch, changed by statements alone."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from models.database import CompanySession

STORED_TOKENS = """
    SELECT id, access_token, refresh_token, previous_refresh_token, access_expires_at, hard_expires_at, generation,
        refused_reason
    FROM credential WHERE company_id = %(company_id)s AND connection_id = %(connection_id)s
"""


@dataclass(frozen=True)
class StoredTokens:
    """A pair of tokens, encrypted for the credential's row ``id``, as far as calling with it and renewing it go.

    ``generation`` rises with every stored pair; ``refused_reason`` says why Intuit renews this one never again.
    """

    id: UUID
    access_token: bytes
    refresh_token: bytes
    previous_refresh_token: bytes | None
    access_expires_at: datetime
    hard_expires_at: datetime | None
    generation: int
    refused_reason: str | None


async def stored_tokens(session: CompanySession, connection_id: UUID) -> StoredTokens | None:
    """None where the connection was disconnected."""
    return next(iter(await session.ask(STORED_TOKENS, StoredTokens, connection_id=connection_id)), None)

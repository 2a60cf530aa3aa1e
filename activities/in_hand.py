"""What somebody has in hand to send to QuickBooks Online: written down, marked as sent, each with its place in line."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from activities.pacing import RequestPacing
from foundation.settings import Settings
from models.database import CompanySession
from models.posting import Attempt, Batch
from models.standing import OpenConnection
from models.stored_tokens import StoredTokens


@dataclass(frozen=True)
class OpenRequest:
    """A batch in hand, which is one request. ``is_first``: it was never sent. ``wait`` is its place in line."""

    batch: Batch
    attempts: Sequence[Attempt]
    is_first: bool
    wait: timedelta


@dataclass(frozen=True)
class Opened:
    """Requests to one company's books, in hand."""

    connection: OpenConnection
    tokens: StoredTokens | None
    requests: Sequence[OpenRequest]


async def in_line(
    session: CompanySession, settings: Settings, batch: Batch, attempts: Sequence[Attempt], *, is_first: bool
) -> OpenRequest:
    """Take a request's place in line. Raises to be tried again where the wait is too long for an activity."""
    pacing = RequestPacing(settings, batch.connection_id)
    wait = await pacing.reserve(session, is_batch=len(attempts) > 1 or not is_first)
    return OpenRequest(batch, attempts, is_first, wait)

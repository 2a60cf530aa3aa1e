"""Telling the invoices that wait which provider is away or limits us."""

from uuid import UUID

from accounting.blockers import BlockerReason
from models import provider_trouble
from models.database import Actor, Database
from providers.procore.errors import ProcoreError, ProcoreRateLimited, ProcoreUnavailable
from providers.quickbooks_online.errors import (
    OutcomeUnclear,
    Postponed,
    QuickBooksOnlineError,
    ReadFailed,
    RequestNotSent,
    Throttled,
)

PROCORE, QUICKBOOKS = "Procore", "QuickBooks Online"


async def note_trouble(
    database: Database, company_id: UUID, actor: Actor, connection_id: UUID, error: ProcoreError | QuickBooksOnlineError
) -> None:
    """Keep it at the connection until work goes through again; an answer, also a refusal, is no such trouble."""
    match error:
        case ProcoreRateLimited():
            reason, provider = BlockerReason.QUOTA, PROCORE
        case Throttled():
            reason, provider = BlockerReason.QUOTA, QUICKBOOKS
        case ProcoreUnavailable():
            reason, provider = BlockerReason.PROVIDER_DOWN, PROCORE
        case Postponed() | RequestNotSent() | ReadFailed() | OutcomeUnclear():
            reason, provider = BlockerReason.PROVIDER_DOWN, QUICKBOOKS
        case _:
            return
    async with database.company(company_id, actor) as session:
        await provider_trouble.note_trouble(session, connection_id, reason, provider)

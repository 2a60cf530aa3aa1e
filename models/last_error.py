"""The newest thing that went wrong for a company and is not settled yet."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import col, select

from accounting.blockers import BlockerReason, Hold
from models.database import CompanySession
from models.tables import AttemptOutcome, ConnectionAttempt, InvoiceBlocker, InvoiceRow

# Somebody said no or something broke; the other reasons are decisions that are still open.
ERRORS = (
    BlockerReason.REFUSED_BY_QUICKBOOKS,
    BlockerReason.OUR_BUG,
    BlockerReason.UNREADABLE,
    BlockerReason.PROJECT_NOT_VISIBLE,
    BlockerReason.VENDOR_INACTIVE,
    BlockerReason.PERIOD_CLOSED,
)


@dataclass(frozen=True)
class LastError:
    """What happened, when (UTC), and the invoice it happened to; None where it was connecting."""

    sentence: str
    at: datetime
    invoice_id: UUID | None
    invoice_number: str | None


async def last_error(session: CompanySession) -> LastError | None:
    """The newest of: an invoice refused or broken, and the latest attempt to connect if it failed."""
    newest = await session.exec(
        select(InvoiceBlocker)
        .where(InvoiceBlocker.company_id == session.company_id, col(InvoiceBlocker.cleared_at).is_(None))
        .where(col(InvoiceBlocker.reason).in_(ERRORS))
        .order_by(col(InvoiceBlocker.since).desc(), col(InvoiceBlocker.id).desc())
        .limit(1)
    )
    errors: list[LastError] = []
    if (blocker := newest.first()) is not None:
        numbers = await session.exec(
            select(InvoiceRow.number).where(
                InvoiceRow.company_id == session.company_id, InvoiceRow.id == blocker.invoice_id
            )
        )
        sentence = Hold(blocker.reason, blocker.subject, blocker.subject_key).sentence
        errors.append(LastError(sentence, blocker.since, blocker.invoice_id, numbers.first()))
    attempts = await session.exec(
        select(ConnectionAttempt)
        .where(ConnectionAttempt.company_id == session.company_id)
        .order_by(col(ConnectionAttempt.started_at).desc())
        .limit(1)
    )
    attempt = attempts.first()
    if attempt is not None and attempt.outcome is AttemptOutcome.FAILED and attempt.ended_at is not None:
        said = attempt.reason or "QuickBooks did not say why."
        errors.append(LastError(f"Connection Failed: {said}", attempt.ended_at, None, None))
    return max(errors, key=lambda error: error.at, default=None)

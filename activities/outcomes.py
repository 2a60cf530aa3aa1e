"""What came of an attempt, written down: a bill linked, or a refusal turned into a reason somebody can act on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from accounting.blockers import BlockerReason, Hold
from accounting.states import InvoiceState
from models.connections import posted_through
from models.database import CompanySession
from models.events import record_event
from models.invoices import free_blocked, hold_invoice, invoices_by_id, move, move_all
from models.posting import AcceptedBill, end_accepted, link_bills
from models.tables import AttemptState, Connection, InvoiceRow, PostingAttempt
from providers.quickbooks_online.errors import (
    DuplicateDocumentNumber,
    InvalidReference,
    MissingOrInactive,
    PeriodClosed,
    Postponed,
    QuickBooksOnlineError,
    RequestDefect,
)


@dataclass(frozen=True)
class Rejection:
    """Why QuickBooks has no bill of an attempt. Without a hold the invoice simply goes again after ``pause``."""

    code: str
    sentence: str
    hold: Hold | None = None
    pause: timedelta = timedelta(0)

    @classmethod
    def unheard(cls) -> "Rejection":
        return cls("unheard", "QuickBooks did this request in part and never said why it left this bill out")

    @classmethod
    def not_sent(cls) -> "Rejection":
        return cls("not_sent", "the connection ended before it was sent")


def rejection_of(error: QuickBooksOnlineError) -> Rejection:
    """The reason a customer reads for QuickBooks' answer."""
    if isinstance(error, Postponed):
        return Rejection(error.code, error.sentence, pause=timedelta(seconds=error.retry_after))
    if isinstance(error, PeriodClosed):
        hold = Hold(BlockerReason.PERIOD_CLOSED, "the date set in QuickBooks")
    elif isinstance(error, DuplicateDocumentNumber):
        hold = Hold(BlockerReason.LIKELY_DUPLICATE, error.sentence)
    elif isinstance(error, MissingOrInactive) or (
        isinstance(error, InvalidReference) and error.reference_kind == "Names"
    ):
        hold = Hold(BlockerReason.VENDOR_INACTIVE, error.sentence)
    elif isinstance(error, RequestDefect):
        hold = Hold(BlockerReason.OUR_BUG, f"QuickBooks code {error.code}")
    else:
        hold = Hold(BlockerReason.REFUSED_BY_QUICKBOOKS, f"{error.sentence} (code {error.code})", error.code)
    return Rejection(error.code, error.sentence, hold)


async def record_accepted(session: CompanySession, connection: Connection, bills: Sequence[AcceptedBill]) -> None:
    """Link the bills. Retainage that waited for them to be booked may go on."""
    if not bills:
        return
    await link_bills(session, bills)
    await end_accepted(session, bills)
    rows = await invoices_by_id(session, [bill.attempt.subject_id for bill in bills])
    # What QuickBooks made of it must be what was meant; a difference is shown, never ignored.
    for as_meant in (True, False):
        posted = [rows[bill.attempt.subject_id] for bill in bills if is_as_meant(bill) is as_meant]
        await move_all(session, posted, InvoiceState.POSTED, changed=not as_meant, failure_count=0)
    for bill in bills:
        record_event(
            session,
            "invoice",
            bill.attempt.subject_id,
            "found_in_quickbooks" if bill.adopted else "posted",
            bill_id=bill.quickbooks_id,
            number=bill.number,
            total=str(bill.total),
            as_meant=is_as_meant(bill),
        )
    await posted_through(session, connection.id)
    await free_blocked(
        session, [BlockerReason.RETAINAGE_OPENING_BALANCE], sorted({bill.commitment_id for bill in bills})
    )


def is_as_meant(bill: AcceptedBill) -> bool:
    return bill.total == bill.attempt.lookup_total


async def record_rejected(
    session: CompanySession, rejections: Mapping[UUID, Rejection], attempts: Sequence[PostingAttempt]
) -> None:
    """End refused attempts; their invoices wait for somebody, or go again by themselves."""
    refused = [attempt for attempt in attempts if attempt.id in rejections]
    rows = await invoices_by_id(session, [attempt.subject_id for attempt in refused])
    for attempt in refused:
        rejection, row = rejections[attempt.id], rows[attempt.subject_id]
        if attempt.state is not AttemptState.PREPARED:
            attempt.state, attempt.ended_at = AttemptState.REJECTED, session.now
            attempt.answer_code, attempt.answer = rejection.code[:32], rejection.sentence
            session.add(attempt)
        await _set_back(session, row, rejection)


async def _set_back(session: CompanySession, row: InvoiceRow, rejection: Rejection) -> None:
    record_event(session, "invoice", row.id, "not_posted", code=rejection.code, reason=rejection.sentence)
    if rejection.hold is not None:
        await hold_invoice(session, row, [rejection.hold])
        return
    move(row, InvoiceState.IMPORTED)
    row.not_before = session.now + rejection.pause
    session.add(row)

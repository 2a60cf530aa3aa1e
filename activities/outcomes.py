"""What came of an attempt, written down: a bill linked, or a refusal turned into a reason somebody can act on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from uuid import UUID

from accounting.blockers import BlockerReason, Hold
from accounting.states import InvoiceState
from accounting.text import one_line
from models.bill_links import AcceptedBill, end_accepted, link_bills
from models.comparisons import compare_again
from models.connections import posted_through
from models.database import CompanySession
from models.events import record_event
from models.freeing import Resolved, free
from models.invoice_states import are_posted, hold_invoice, move
from models.invoices import invoices_by_id
from models.posting import Attempt, end_rejected
from models.tables import AttemptState, InvoiceRow
from providers.quickbooks_online.errors import (
    DuplicateDocumentNumber,
    InvalidReference,
    MissingOrInactive,
    PeriodClosed,
    Postponed,
    QuickBooksOnlineError,
    RequestDefect,
)
from providers.quickbooks_online.types import Bill, VendorCredit


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


@dataclass(frozen=True)
class FoundBill:
    """QuickBooks' bill or vendor credit of an attempt; ``adopted`` when it was found there, not answered."""

    bill: Bill | VendorCredit
    adopted: bool


@dataclass
class Found:
    """What became of a batch's attempts, by attempt id; those in neither are still unclear."""

    accepted: dict[UUID, FoundBill] = field(default_factory=dict)
    rejected: dict[UUID, Rejection] = field(default_factory=dict)

    def add(self, other: "Found") -> None:
        self.accepted |= other.accepted
        self.rejected |= other.rejected


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


async def record_accepted(
    session: CompanySession, connection_id: UUID, bills: Mapping[UUID, FoundBill], attempts: Sequence[Attempt]
) -> None:
    """Link the bills of these attempts, by attempt id. Retainage that waited for them to be booked may go on."""
    await record_bills(session, connection_id, [accepted_bill(attempt, bills[attempt.id]) for attempt in attempts])


async def record_bills(session: CompanySession, connection_id: UUID, accepted: Sequence[AcceptedBill]) -> None:
    """As ``record_accepted``, for bills of either QuickBooks."""
    if not accepted:
        return
    await link_bills(session, accepted)
    await end_accepted(session, accepted)
    # What QuickBooks made of it must be what was meant; a difference is shown, never ignored.
    changed = [bill.attempt.subject_id for bill in accepted if not is_as_meant(bill)]
    await are_posted(session, [bill.attempt.subject_id for bill in accepted], changed)
    await compare_again(session, changed)
    for bill in accepted:
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
    booked_on = tuple(sorted({bill.attempt.commitment_id for bill in accepted}))
    await free(session, Resolved((BlockerReason.RETAINAGE_OPENING_BALANCE,), booked_on, connection_id))
    # Last: the connection's row stays locked until the unit of work ends, and other batches want it too.
    await posted_through(session, connection_id)


def accepted_bill(attempt: Attempt, found: FoundBill) -> AcceptedBill:
    """What QuickBooks Online has of an attempt."""
    bill = found.bill
    return AcceptedBill(
        attempt=attempt,
        transaction_type=bill.entity_name,
        quickbooks_id=bill.id,
        sync_token=bill.sync_token,
        number=bill.doc_number,
        total=bill.total_amt,
        balance=bill.balance,
        bill_date=bill.txn_date,
        memo=bill.private_note,
        raw=bill.model_dump_json(),
        adopted=found.adopted,
        takes_files=True,
    )


def is_as_meant(bill: AcceptedBill) -> bool:
    return bill.total == bill.attempt.lookup_total


async def record_rejected(
    session: CompanySession, rejections: Mapping[UUID, Rejection], attempts: Sequence[Attempt]
) -> None:
    """End these refused attempts; their invoices wait for somebody, or go again by themselves."""
    if not attempts:
        return
    rows = await invoices_by_id(session, [attempt.subject_id for attempt in attempts])
    for attempt in attempts:
        rejection = rejections[attempt.id]
        if attempt.state is not AttemptState.PREPARED:
            await end_rejected(session, attempt, rejection.code, rejection.sentence)
        await _set_back(session, rows[attempt.subject_id], rejection)


async def _set_back(session: CompanySession, row: InvoiceRow, rejection: Rejection) -> None:
    record_event(session, "invoice", row.id, "not_posted", code=rejection.code, reason=rejection.sentence)
    if (hold := rejection.hold) is not None:
        if hold.reason is BlockerReason.VENDOR_INACTIVE:
            # By the vendor itself, so that matching another one clears it.
            hold = replace(hold, subject=one_line(row.vendor_name), subject_key=row.vendor_id)
        await hold_invoice(session, row, [hold])
        return
    move(row, InvoiceState.IMPORTED)
    row.not_before = session.now + rejection.pause
    session.add(row)

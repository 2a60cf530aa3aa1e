"""What came of a batch, whether it made bills or changed one: links and invoices follow, or it is said why not."""

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from uuid import UUID

from accounting.after_sync import NextStep
from accounting.differences import same_bill
from activities.bill_versions import booked_version, posted_version
from activities.outcomes import (
    Found,
    FoundBill,
    Rejection,
    accepted_bill,
    record_accepted,
    record_rejected,
    rejection_of,
)
from activities.requisition_reading import read
from models.bill_links import AcceptedBill, end_accepted, link_follows
from models.comparisons import compare_again, comparisons_of, end_update
from models.connections import posted_through
from models.database import CompanySession
from models.desktop_readings import read_bills_now
from models.events import record_event
from models.invoices import invoices_by_id, replace_version
from models.posting import Attempt, end_rejected
from models.tables import AttemptState, BillComparison, InvoiceRow, PostingOperation
from providers.procore.requisitions import Requisition, read_requisition
from providers.quickbooks_online.client import QuickBooksOnlineClient
from providers.quickbooks_online.errors import MissingOrInactive
from providers.quickbooks_online.types import Bill

# Somebody changed the bill between our reading and our write: it is read again, and compared, before anything follows.
# Intuit: error 5010; QuickBooks Desktop SDK, status code 3200.
UNTIL_READ = timedelta(hours=1)
STALE = frozenset({"5010", "3200"})
CHANGED_MEANWHILE = Rejection("5010", "somebody changed the bill in QuickBooks while the update was on its way")


async def end_done(
    session: CompanySession, connection_id: UUID, bills: Mapping[UUID, FoundBill], attempts: Sequence[Attempt]
) -> None:
    """QuickBooks Online did what these attempts asked for; the bills by attempt id."""
    updates, creates = _apart(attempts)
    await record_accepted(session, connection_id, bills, creates)
    for attempt in updates:
        await record_updated(session, accepted_bill(attempt, bills[attempt.id]))


async def end_refused(
    session: CompanySession, rejections: Mapping[UUID, Rejection], attempts: Sequence[Attempt]
) -> None:
    """QuickBooks did not do what these attempts asked for; why, by attempt id."""
    updates, creates = _apart(attempts)
    await record_rejected(session, rejections, creates)
    for attempt in updates:
        await record_not_updated(session, attempt, rejections[attempt.id])


async def look_up_update(client: QuickBooksOnlineClient, attempt: Attempt) -> Found:
    """What became of an update whose answer was lost: made, or impossible because somebody was quicker. In neither
    case nothing has happened yet, and the same bytes may go again. Raises the client's errors.
    """
    found = Found()
    sent = json.loads(attempt.body)
    try:
        bill = (await client.read_bill(str(sent["Id"]))).value
    except MissingOrInactive as gone:
        found.rejected[attempt.id] = rejection_of(gone)
        return found
    if _is_made(attempt, bill):
        found.accepted[attempt.id] = FoundBill(bill, adopted=True)
    elif bill.sync_token != str(sent["SyncToken"]):
        found.rejected[attempt.id] = CHANGED_MEANWHILE
    return found


async def record_updated(session: CompanySession, bill: AcceptedBill) -> None:
    """The bill is as it was to be: the link follows it, and the invoice is the version it was made from."""
    invoice_id = bill.attempt.subject_id
    row = (await invoices_by_id(session, [invoice_id]))[invoice_id]
    comparison = (await comparisons_of(session, [invoice_id])).get(invoice_id)
    await link_follows(session, bill)
    await end_accepted(session, [bill])
    if comparison is not None:
        await _take_over(session, row, comparison)
        end_update(comparison)
        session.add(comparison)
    record_event(
        session,
        "invoice",
        invoice_id,
        "updated",
        bill_id=bill.quickbooks_id,
        number=bill.number,
        total=str(bill.total),
    )
    await compare_again(session, [invoice_id])
    await posted_through(session, bill.attempt.connection_id)


async def record_not_updated(session: CompanySession, attempt: Attempt, rejection: Rejection) -> None:
    """The bill is as it was. What only needs a moment, or another look, is tried again; the rest is for a person."""
    if attempt.state is not AttemptState.PREPARED:
        await end_rejected(session, attempt, rejection.code, rejection.sentence)
    invoice_id = attempt.subject_id
    record_event(session, "invoice", invoice_id, "not_updated", code=rejection.code, reason=rejection.sentence)
    comparison = (await comparisons_of(session, [invoice_id])).get(invoice_id)
    if comparison is None:
        return
    if rejection.code in STALE:
        # Online the bill is read again before the next try; of a company file only its next reading can tell.
        await read_bills_now(session, attempt.connection_id)
        is_desktop = attempt.body.startswith(b"<")
        comparison.not_before = session.now + (UNTIL_READ if is_desktop else timedelta(0))
    elif rejection.hold is None:
        comparison.not_before = session.now + rejection.pause
    else:
        end_update(comparison)
        comparison.step = NextStep.FLAG
        comparison.because = f"QuickBooks did not take the update: {rejection.sentence}"
    session.add(comparison)


async def _take_over(session: CompanySession, row: InvoiceRow, comparison: BillComparison) -> None:
    """The invoice is what Procore said when the update was made; what it says since is compared with that."""
    requisition = read_requisition(comparison.update_raw) if comparison.update_raw else None
    if isinstance(requisition, Requisition):
        approved_at, withdrawn = row.approved_at, row.approval_withdrawn
        await replace_version(session, row, read(requisition).invoice)
        row.approved_at, row.approval_withdrawn = approved_at, withdrawn
        session.add(row)


def _is_made(attempt: Attempt, bill: Bill) -> bool:
    sent = posted_version(attempt.body, "Bill", frozenset())
    now = booked_version(bill.model_dump_json(), "Bill", frozenset(), is_desktop=False)
    return sent is not None and now is not None and same_bill(sent, now)


def _apart(attempts: Sequence[Attempt]) -> tuple[list[Attempt], list[Attempt]]:
    """Updates of bills, and what makes new ones."""
    updates = [attempt for attempt in attempts if attempt.operation is PostingOperation.UPDATE]
    return updates, [attempt for attempt in attempts if attempt.operation is not PostingOperation.UPDATE]

"""Taking bills back from a company file: nobody can call a PC, so each void or reversing credit waits in its queue.

A bill whose retainage later ones release waits until those ahead of it are out; what came of each is taken in one by
one, and brings the rest of its batch up again.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from accounting.bill import marker
from accounting.taking_back import (
    CREDIT_STAYS,
    Booked,
    BookedBill,
    ClosedDays,
    StaysThere,
    reversal_note,
    reversed_by,
    why_not_removed,
    why_not_reversed,
)
from activities.desktop_reversal import reversal, whole_bill
from models.database import CompanySession
from models.desktop_queue import queue_writes
from models.look_alikes import transaction_by_key
from models.posting import Attempt, end_batches
from models.removals import (
    NewRemoval,
    booked_with,
    closed_days,
    come_back_to,
    end_removal,
    open_removal,
    removal_by_id,
    write_removal,
)
from models.tables import AttemptState, DesktopWrite, PostingOperation, QuickBooksTransaction, TakeBackWay, WriteState
from models.taking_back import ItemToTake, is_taken_back, stays_there, waiting_item, waiting_items
from providers.quickbooks_desktop.message_set import request_text
from providers.quickbooks_desktop.messages.payments import TxnVoidRq

# Somebody works on the bill in QuickBooks: they need a moment.
AFTER_A_LOCK = timedelta(minutes=10)
# 3120: what was to be voided is not there any more.
GONE = "3120"
NOT_READ = StaysThere(
    "inBuild has not read this bill back from QuickBooks as a whole. Try again after the PC's next session, or enter "
    "the vendor credit there by hand.",
    may_reverse=True,
)
# What the connection's next session would say again.
CLOSED, OUR_BUG = "closed", "our_bug"


async def hand_over_removals(session: CompanySession, connection_id: UUID, batch_id: UUID) -> None:
    """Put what may go now into the company file's queue, newest first. Done twice it changes nothing."""
    queued: list[UUID] = []
    is_waiting_for = False
    for item in await waiting_items(session, batch_id):
        if await open_removal(session, item.invoice_id) is not None:
            is_waiting_for = True
            continue
        retainage = await booked_with(session, item)
        if is_waiting_for and retainage.released_by_later > 0:
            continue
        copy = await transaction_by_key(session, item.connection_id, f"{item.transaction_type}:{item.quickbooks_id}")
        closed = await closed_days(session, item.connection_id)
        judged = _Judged(item, copy, _as_booked(item, copy, session), closed, retainage, item.today(session.now))
        new = _reversal(judged) if item.way is TakeBackWay.REVERSE else _void(judged)
        if isinstance(new, StaysThere):
            await stays_there(session, item, new.sentence, may_reverse=new.may_reverse)
            continue
        attempt = await write_removal(session, item, batch_id, new, AttemptState.PREPARED)
        queued.append(attempt.id)
        is_waiting_for = True
    if queued:
        await queue_writes(session, connection_id, queued, session.now, are_removals=True)
    await end_batches(session, [batch_id])


def _as_booked(item: ItemToTake, copy: QuickBooksTransaction | None, session: CompanySession) -> BookedBill:
    """The bill as the last session read it; one that none has read yet is as it was made."""
    if copy is None:
        return BookedBill(session.now.date(), item.total, item.total)
    total = copy.total if copy.total is not None else item.total
    balance = copy.balance if copy.balance is not None else total
    return BookedBill(copy.transaction_date or session.now.date(), total, balance)


@dataclass(frozen=True)
class _Judged:
    """A bill whose turn it is, and everything that decides whether it may be taken back ``today``."""

    item: ItemToTake
    copy: QuickBooksTransaction | None
    bill: BookedBill
    closed: ClosedDays
    retainage: Booked
    today: date


def _void(judged: _Judged) -> NewRemoval | StaysThere:
    item, copy, bill = judged.item, judged.copy, judged.bill
    stays = why_not_removed(bill, judged.closed, judged.retainage)
    if stays is not None:
        return stays
    mark = marker(item.reference)
    request = TxnVoidRq(request_id=mark.replace(" ", "-"), txn_type=item.transaction_type, txn_id=item.quickbooks_id)
    return NewRemoval(
        operation=PostingOperation.VOID,
        body=request_text(request).encode("ascii"),
        marker=mark,
        vendor_id=(copy.vendor_id if copy else None) or "",
        number=item.number,
        total=Decimal(bill.total),
        day=bill.bill_date,
        document_id=item.quickbooks_id,
    )


def _reversal(judged: _Judged) -> NewRemoval | StaysThere:
    item, today = judged.item, judged.today
    if item.transaction_type != "Bill":
        return CREDIT_STAYS
    stays = why_not_reversed(judged.bill, today, judged.closed, judged.retainage)
    bill = whole_bill(judged.copy)
    if stays is not None or bill is None:
        return stays or NOT_READ
    mark = marker(item.reference)
    note = reversal_note(bill.number, judged.bill.bill_date, mark)
    made = reversal(bill, today, note, item.connection_id, item.bill_link_id, mark.replace(" ", "-"))
    return NewRemoval(
        operation=PostingOperation.REVERSE,
        body=made.body,
        marker=mark,
        vendor_id=(bill.vendor.list_id if bill.vendor else None) or "",
        number=made.number,
        total=judged.bill.total,
        day=today,
        document_id=item.quickbooks_id,
    )


async def take_in_removal(session: CompanySession, write: DesktopWrite, attempt: Attempt) -> None:
    """Take in what came of a void or a reversing credit. One that QuickBooks never heard of, or put off, goes again by
    itself.
    """
    row = await removal_by_id(session, attempt.id)
    item = await waiting_item(session, attempt.subject_id)
    code, sentence = write.code or "", write.sentence or ""
    is_void = attempt.operation is PostingOperation.VOID
    if write.state is WriteState.DONE or (is_void and code == GONE):
        end_removal(session, row, AttemptState.ACCEPTED, answer="" if is_void else write.txn_id or "")
        if item is not None and is_void:
            await is_taken_back(session, item, sentence if write.state is WriteState.DONE else "It was gone already.")
        elif item is not None:
            said = reversed_by(write.number or attempt.lookup_number, attempt.bill_date)
            await is_taken_back(session, item, said, write.txn_id)
    else:
        end_removal(session, row, AttemptState.REJECTED, code, sentence)
        if item is not None and write.state is not WriteState.POSTPONED:
            if write.verdict == CLOSED:
                sentence = f"The books are closed through {sentence}. Open the period, then try again."
            # A void that QuickBooks refuses leaves the credit; a credit that it refuses is tried again by a person.
            may_reverse = write.verdict != OUR_BUG and item.transaction_type == "Bill"
            await stays_there(session, item, sentence or "QuickBooks refused it.", may_reverse=may_reverse)
    await session.flush()
    if await waiting_items(session, row.batch_id):
        pause = AFTER_A_LOCK if write.verdict == "again" else timedelta(0)
        await come_back_to(session, row.batch_id, pause)

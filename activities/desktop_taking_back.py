"""Taking bills back from a company file: nobody can call a PC, so each void waits in its queue.

A bill whose retainage later ones release waits until those ahead of it are out; what came of each is taken in one by
one, and brings the rest of its batch up again.
"""

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from accounting.bill import marker
from accounting.taking_back import BookedBill, StaysThere, why_not_removed
from models.database import CompanySession
from models.desktop_queue import queue_writes
from models.look_alikes import transaction_by_key
from models.posting import Attempt, end_batch
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
NO_CREDIT = "inBuild makes no vendor credits in QuickBooks Desktop. Enter one there by hand, or void the bill."


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
        bill = _as_booked(item, copy, session)
        stays = (
            StaysThere(NO_CREDIT)
            if item.way is TakeBackWay.REVERSE
            else why_not_removed(bill, await closed_days(session, item.connection_id), retainage)
        )
        if stays is not None:
            await stays_there(session, item, stays.sentence, may_reverse=False)
            continue
        attempt = await write_removal(session, item, batch_id, _void(item, copy, bill), AttemptState.PREPARED)
        queued.append(attempt.id)
        is_waiting_for = True
    if queued:
        await queue_writes(session, connection_id, queued, session.now, are_removals=True)
    await end_batch(session, batch_id)


def _as_booked(item: ItemToTake, copy: QuickBooksTransaction | None, session: CompanySession) -> BookedBill:
    """The bill as the last session read it; one that none has read yet is as it was made."""
    if copy is None:
        return BookedBill(session.now.date(), item.total, item.total)
    total = copy.total if copy.total is not None else item.total
    balance = copy.balance if copy.balance is not None else total
    return BookedBill(copy.transaction_date or session.now.date(), total, balance)


def _void(item: ItemToTake, copy: QuickBooksTransaction | None, bill: BookedBill) -> NewRemoval:
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


async def take_in_removal(session: CompanySession, write: DesktopWrite, attempt: Attempt) -> None:
    """Take in what came of a void. One that QuickBooks never heard of, or put off, goes again by itself."""
    row = await removal_by_id(session, attempt.id)
    item = await waiting_item(session, attempt.subject_id)
    code, sentence = write.code or "", write.sentence or ""
    if write.state is WriteState.DONE or code == GONE:
        end_removal(session, row, AttemptState.ACCEPTED)
        if item is not None:
            await is_taken_back(session, item, sentence if write.state is WriteState.DONE else "It was gone already.")
    else:
        end_removal(session, row, AttemptState.REJECTED, code, sentence)
        if item is not None and write.state is not WriteState.POSTPONED:
            await stays_there(session, item, sentence or "QuickBooks refused it.", may_reverse=False)
    await session.flush()
    if await waiting_items(session, row.batch_id):
        pause = AFTER_A_LOCK if write.verdict == "again" else timedelta(0)
        await come_back_to(session, row.batch_id, pause)

"""Taking bills back, newest first, exactly once: read as it is now, judged, and only then removed or reversed.

Whoever finds an attempt ``sent`` does not know whether QuickBooks did it. A bill that is gone was removed; one that is
there unchanged is removed with the same bytes under the same key; one that somebody changed is read and judged anew.
"""

import asyncio
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from accounting.bill import carries_marker, marker
from accounting.money import ZERO
from accounting.numbers import QBO_DOC_NUMBER_LIMIT
from accounting.taking_back import (
    CREDIT_STAYS,
    Booked,
    BookedBill,
    ClosedDays,
    StaysThere,
    reversal_note,
    reversed_by,
    reversing_number,
    why_not_removed,
    why_not_reversed,
)
from activities.failures import quickbooks_failure
from activities.outside import Outside
from activities.pacing import RequestPacing
from activities.refreshing_books import booked
from activities.sessions_ended import session_ended
from contracts.mirroring import BatchOutcome
from models.bill_links import store_transactions
from models.copy_of_books import mark_deleted
from models.database import Actor, CompanySession
from models.posting import end_batches, lease_batch
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
from models.standing import OpenConnection
from models.tables import AttemptState, PostingAttempt, PostingOperation, TakeBackWay
from models.taking_back import ItemToTake, is_taken_back, stays_there, waiting_items
from providers.quickbooks_online.client import QuickBooksOnlineClient
from providers.quickbooks_online.errors import (
    AnswerUnreadable,
    MissingOrInactive,
    OutcomeUnclear,
    PersonNeeded,
    Postponed,
    QuickBooksOnlineError,
    ReconnectNeeded,
    Refused,
    RequestNotSent,
    StaleObject,
)
from providers.quickbooks_online.query import Condition, Select
from providers.quickbooks_online.taking_back import removal, reversing_credit
from providers.quickbooks_online.types import Bill, VendorCredit

Document = Bill | VendorCredit
KINDS: dict[str, type[Document]] = {kind.entity_name: kind for kind in (Bill, VendorCredit)}
# Two calls a bill, and the worker's slot is somebody else's after this long; the next look goes on.
LONGEST_RUN = timedelta(seconds=90)
# Somebody who works on the very bill changes it between our reading and our write: more than this is no coincidence.
MOST_TRIES = 3
PURCHASE_ORDER = "PurchaseOrder"
DELETED = "Deleted in QuickBooks."
GONE = "It was gone from QuickBooks already."
BUSY = "Somebody keeps changing this bill in QuickBooks. Try again later."


@dataclass(frozen=True)
class _Judged:
    """What the books say for one bill."""

    document: Document
    closed: ClosedDays
    retainage: Booked


class OnlineTakingBack:
    """One attempt at a batch of bills of one connection, one bill after the other."""

    def __init__(
        self, outside: Outside, company_id: UUID, actor: Actor, connection: OpenConnection, batch_id: UUID
    ) -> None:
        self._outside = outside
        self._database = outside.database
        self._company_id = company_id
        self._actor = actor
        self._connection = connection
        self._batch_id = batch_id
        self._client: QuickBooksOnlineClient = outside.quickbooks(company_id, connection, actor)

    async def run(self) -> BatchOutcome:
        """Raises a retryable failure while QuickBooks does not answer, or where nobody knows what came of a write."""
        over_at = self._outside.clock.now() + LONGEST_RUN
        done = 0
        try:
            while item := await self._next():
                if self._outside.clock.now() >= over_at:
                    async with self._database.company(self._company_id, self._actor) as session:
                        await come_back_to(session, self._batch_id)
                    return BatchOutcome(posted=done, rejected=0)
                await self._take_back(item)
                done += 1
        except ReconnectNeeded as ended:
            await session_ended(self._outside, self._company_id, self._connection, ended, self._actor)
            return BatchOutcome(posted=done, rejected=0)
        except QuickBooksOnlineError as trouble:
            raise quickbooks_failure(trouble) from None
        return BatchOutcome(posted=done, rejected=0)

    async def _next(self) -> ItemToTake | None:
        async with self._database.company(self._company_id, self._actor) as session:
            waiting = await waiting_items(session, self._batch_id)
            if not waiting:
                await end_batches(session, [self._batch_id])
                return None
            await lease_batch(session, self._batch_id)
            return waiting[0]

    async def _take_back(self, item: ItemToTake) -> None:
        for _ in range(MOST_TRIES):
            document = await self._read(item)
            async with self._database.company(self._company_id, self._actor) as session:
                attempt = await open_removal(session, item.invoice_id)
                if document is None:
                    await self._is_gone(session, item, attempt)
                    return
                judged = _Judged(
                    document, await closed_days(session, item.connection_id), await booked_with(session, item)
                )
            if (
                attempt is not None
                and attempt.operation is PostingOperation.DELETE
                and attempt.body != removal(document)
            ):
                # It was changed since: the attempt was surely not done, and never will be.
                await self._end(attempt, AttemptState.REJECTED, "5010", "the bill was changed meanwhile")
                attempt = None
            is_first = attempt is None
            if attempt is None:
                attempt = await self._prepared(item, judged)
            elif item.way is TakeBackWay.REVERSE and await self._adopted(item, attempt):
                return
            if attempt is None or await self._send(item, attempt, is_first=is_first):
                return
        async with self._database.company(self._company_id, self._actor) as session:
            await stays_there(session, item, BUSY, may_reverse=False)

    async def _read(self, item: ItemToTake) -> Document | None:
        """The bill as it is now, with the SyncToken that its removal needs; None where it is not there any more."""
        kind = KINDS[item.transaction_type]
        await self._turn()
        select = Select(kind.entity_name, (Condition("Id", "=", item.quickbooks_id),))
        page = (await self._client.query(kind, select)).value
        if page.unreadable:
            raise AnswerUnreadable(f"bill {item.quickbooks_id} is unreadable: {page.unreadable[0].problem}")
        return page.entities[0] if page.entities else None

    async def _prepared(self, item: ItemToTake, judged: _Judged) -> PostingAttempt | None:
        """Judge the bill, and commit the attempt before its first byte leaves; None where the bill stays."""
        async with self._database.company(self._company_id, self._actor) as session:
            today = item.today(session.now)
            stays = _why_not(item, judged, today)
            if stays is not None:
                await stays_there(session, item, stays.sentence, may_reverse=stays.may_reverse)
                return None
            document, mark = judged.document, marker(item.reference)
            if item.way is TakeBackWay.REVERSE and isinstance(document, Bill):
                note = reversal_note(document.doc_number, document.txn_date, mark)
                number = reversing_number(document.doc_number, QBO_DOC_NUMBER_LIMIT)
                body, day = reversing_credit(document, today, number, note), today
                operation = PostingOperation.REVERSE
            else:
                body, day = removal(document), document.txn_date
                operation, number = PostingOperation.DELETE, document.doc_number
            new = NewRemoval(
                operation=operation,
                body=body,
                marker=mark,
                vendor_id=document.vendor_ref.value,
                number=number,
                total=document.total_amt,
                day=day,
                document_id=document.id,
            )
            return await write_removal(session, item, self._batch_id, new, AttemptState.SENT)

    async def _send(self, item: ItemToTake, attempt: PostingAttempt, *, is_first: bool) -> bool:
        """Send it; whether that settled the item. False: somebody was quicker, read again.

        ``is_first``: no request of this attempt was sent before.
        """
        kind = KINDS[item.transaction_type]
        await self._turn()
        try:
            if attempt.operation is PostingOperation.REVERSE:
                credit = (await self._client.create(VendorCredit, attempt.body, str(attempt.id))).value
                await self._is_reversed(item, attempt, credit)
            else:
                await self._client.delete(kind, attempt.body, str(attempt.id))
                await self._is_deleted(item, attempt, DELETED)
        except StaleObject as stale:
            await self._end(attempt, AttemptState.REJECTED, stale.code, stale.sentence)
            return False
        except MissingOrInactive as missing:
            if attempt.operation is not PostingOperation.REVERSE:
                await self._is_deleted(item, attempt, GONE)
                return True
            await self._refused(item, attempt, missing)
        except Refused as refused:
            await self._refused(item, attempt, refused)
        except (RequestNotSent, Postponed, ReconnectNeeded) as not_done:
            # Where no earlier request may have been done, this one was not: the bill is read and judged anew.
            if is_first:
                await self._end(attempt, AttemptState.REJECTED, "not_sent", str(not_done))
            raise
        except OutcomeUnclear:
            await self._end(attempt, AttemptState.UNCLEAR)
            raise
        return True

    async def _adopted(self, item: ItemToTake, attempt: PostingAttempt) -> bool:
        """Whether the credit of an attempt whose answer was lost is there."""
        where = (
            Condition("VendorRef", "=", attempt.lookup_vendor_id),
            Condition("DocNumber", "=", attempt.lookup_number),
        )
        await self._turn()
        page = (await self._client.query(VendorCredit, Select(VendorCredit.entity_name, where))).value
        if page.unreadable:
            raise AnswerUnreadable(f"a vendor credit is unreadable: {page.unreadable[0].problem}")
        ours = [credit for credit in page.entities if carries_marker(credit.private_note, item.reference)]
        if ours:
            await self._is_reversed(item, attempt, ours[0])
        return bool(ours)

    async def _is_gone(self, session: CompanySession, item: ItemToTake, attempt: PostingAttempt | None) -> None:
        sentence = GONE
        if attempt is not None:
            end_removal(session, attempt, AttemptState.ACCEPTED)
            sentence = DELETED if attempt.operation is PostingOperation.DELETE else GONE
        await mark_deleted(session, item.connection_id, [(item.transaction_type, item.quickbooks_id)])
        await is_taken_back(session, item, sentence)

    async def _is_deleted(self, item: ItemToTake, attempt: PostingAttempt, sentence: str) -> None:
        async with self._database.company(self._company_id, self._actor) as session:
            end_removal(session, await removal_by_id(session, attempt.id), AttemptState.ACCEPTED)
            await mark_deleted(session, item.connection_id, [(item.transaction_type, item.quickbooks_id)])
            await is_taken_back(session, item, sentence)

    async def _is_reversed(self, item: ItemToTake, attempt: PostingAttempt, credit: VendorCredit) -> None:
        async with self._database.company(self._company_id, self._actor) as session:
            end_removal(session, await removal_by_id(session, attempt.id), AttemptState.ACCEPTED, answer=credit.id)
            await store_transactions(session, [booked(item.connection_id, credit, session.now)])
            await is_taken_back(session, item, reversed_by(credit.doc_number, credit.txn_date), credit.id)

    async def _refused(self, item: ItemToTake, attempt: PostingAttempt, refused: Refused) -> None:
        async with self._database.company(self._company_id, self._actor) as session:
            end_removal(
                session, await removal_by_id(session, attempt.id), AttemptState.REJECTED, refused.code, refused.sentence
            )
            may_reverse = isinstance(refused, PersonNeeded) and attempt.operation is PostingOperation.DELETE
            await stays_there(session, item, f"QuickBooks refused: {refused.sentence}", may_reverse=may_reverse)

    async def _end(self, attempt: PostingAttempt, state: AttemptState, code: str = "", answer: str = "") -> None:
        async with self._database.company(self._company_id, self._actor) as session:
            end_removal(session, await removal_by_id(session, attempt.id), state, code, answer)

    async def _turn(self) -> None:
        async with self._database.company(self._company_id, self._actor) as session:
            wait = await RequestPacing(self._outside.settings, self._connection.id).reserve(session, is_batch=False)
        await asyncio.sleep(wait.total_seconds())


def _why_not(item: ItemToTake, judged: _Judged, today: date) -> StaysThere | None:
    document = judged.document
    paid_by = document.linked_transactions if isinstance(document, Bill) else ()
    bill = BookedBill(
        bill_date=document.txn_date,
        total=document.total_amt,
        balance=document.balance if document.balance is not None else ZERO,
        applied=sum(1 for one in paid_by if one.txn_type != PURCHASE_ORDER),
    )
    if item.way is TakeBackWay.REMOVE:
        return why_not_removed(bill, judged.closed, judged.retainage)
    if not isinstance(document, Bill):
        return CREDIT_STAYS
    return why_not_reversed(bill, today, judged.closed, judged.retainage)

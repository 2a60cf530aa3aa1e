"""Reading a company file's lists, bills and payments: which request comes next, and when a reading is over.

What the pages say is taken into our copy of the books by the worker; here only their order counts.
"""

from datetime import timedelta

from models.database import CompanySession
from models.desktop_readings import (
    AFTER_TROUBLE,
    finish_reading,
    first_day,
    give_up_reading,
    page_came,
    without_offset,
)
from models.tables import DesktopExchange, DesktopReading, ReadingKind
from providers.quickbooks_desktop.answers import AnswerUnreadable, Response, read_answer
from providers.quickbooks_desktop.message_set import MessageSet
from providers.quickbooks_desktop.messages import lists, payments, spending
from providers.quickbooks_desktop.messages.bills import BillQueryRq, ModifiedDateRange, TxnDateRange
from providers.quickbooks_desktop.messages.element import Request
from providers.quickbooks_desktop.verdicts import Verdict, judge_status

# Two vendors of connectors advise pages of at most 150: the next one must be asked for within about ten seconds.
PAGE = 100
SOON = timedelta(minutes=15)
WHOLE = {
    ReadingKind.TERMS: lists.TermsQueryRq,
    ReadingKind.ACCOUNTS: lists.AccountQueryRq,
    ReadingKind.CLASSES: lists.ClassQueryRq,
}
PAGED = {
    ReadingKind.VENDORS: lists.VendorQueryRq,
    ReadingKind.CUSTOMERS: lists.CustomerQueryRq,
    ReadingKind.ITEMS: lists.ItemQueryRq,
}
Page = payments.PaymentQuery | payments.VendorCreditQueryRq | spending.SpendingQuery
OF_BOOKS: dict[ReadingKind, type[Page]] = {
    ReadingKind.CREDITS: payments.VendorCreditQueryRq,
    ReadingKind.CHECK_PAYMENTS: payments.BillPaymentCheckQueryRq,
    ReadingKind.CARD_PAYMENTS: payments.BillPaymentCreditCardQueryRq,
    ReadingKind.CHECKS: spending.CheckQueryRq,
    ReadingKind.CARD_CHARGES: spending.CreditCardChargeQueryRq,
}
# A file may hold twenty years of payments: those of the last one can matter to a bill that was approved lately.
PAYMENTS_REACH = timedelta(days=365)
# What QuickBooks remembers of deletions (about 90 days), and what it calls everything of the books that we copy.
DELETED_REACH = timedelta(days=89)
DELETED_TYPES = ("Bill", "BillPaymentCheck", "BillPaymentCreditCard", "Check", "CreditCardCharge", "VendorCredit")
# The feature is off in this company file, so the list is empty.
FEATURE_OFF = 3250


def page_request(reading: DesktopReading, request_id: str) -> str:
    """The message set for a reading's next page; everything but the iterator is the same for every page."""
    return MessageSet((_request(reading, request_id),)).text()


def _request(reading: DesktopReading, request_id: str) -> Request:
    since, iterator_id = reading.from_modified, reading.iterator_id
    iterator = "Continue" if iterator_id else "Start"
    if reading.kind in WHOLE:
        return WHOLE[reading.kind](request_id=request_id, from_modified=since)
    if reading.kind in PAGED:
        return PAGED[reading.kind](
            request_id=request_id, iterator=iterator, iterator_id=iterator_id, max_returned=PAGE, from_modified=since
        )
    if reading.kind in OF_BOOKS:
        return OF_BOOKS[reading.kind](
            request_id=request_id,
            iterator=iterator,
            iterator_id=iterator_id,
            max_returned=PAGE,
            modified=ModifiedDateRange(from_modified=since or _back(reading, PAYMENTS_REACH)),
        )
    if reading.kind is ReadingKind.DELETED:
        return payments.TxnDeletedQueryRq(
            request_id=request_id,
            types=DELETED_TYPES,
            deleted=payments.DeletedDateRange(from_deleted=since or _back(reading, DELETED_REACH)),
        )
    return BillQueryRq(
        request_id=request_id,
        iterator=iterator,
        iterator_id=iterator_id,
        max_returned=PAGE,
        modified=ModifiedDateRange(from_modified=since) if since else None,
        dated=None if since else TxnDateRange(from_date=first_day(reading.started_at or reading.due_at)),
        # Which jobs a bill is coded to tells whether it looks like another one.
        include_lines=True,
    )


def _back(reading: DesktopReading, reach: timedelta) -> str:
    """A day that far before the reading began; which zone the PC is in makes no difference to so long a time."""
    return f"{(reading.started_at or reading.due_at) - reach:%Y-%m-%d}"


def page_answered(session: CompanySession, reading: DesktopReading, exchange: DesktopExchange) -> None:
    """Go on with a reading after one answer. A page that cannot be read ends it for now; nothing else waits for it."""
    if exchange.hresult:
        give_up_reading(session, reading, exchange.message or exchange.hresult, SOON)
        return
    try:
        response = read_answer(exchange.answer or "").to(exchange.request_id)
    except AnswerUnreadable as unreadable:
        exchange.trouble = str(unreadable)
        give_up_reading(session, reading, str(unreadable), AFTER_TROUBLE)
        return
    judged = judge_status(response.status, response.message)
    if judged.verdict in {Verdict.DONE, Verdict.EMPTY} or response.status == FEATURE_OFF:
        _page_read(session, reading, exchange, response)
        return
    exchange.trouble = judged.sentence
    is_passing = judged.verdict in {Verdict.AGAIN, Verdict.UNCLEAR}
    give_up_reading(session, reading, judged.sentence, SOON if is_passing else AFTER_TROUBLE)


def _page_read(session: CompanySession, reading: DesktopReading, exchange: DesktopExchange, response: Response) -> None:
    is_of_deleted = reading.kind is ReadingKind.DELETED
    times = response.times_deleted() if is_of_deleted else response.times_modified()
    newest = max(filter(None, map(without_offset, times)), default=None)
    is_last = not (response.remaining and response.iterator_id)
    page_came(session, reading, None if is_last else response.iterator_id, newest)
    exchange.is_last_page = is_last
    if is_last:
        finish_reading(session, reading)

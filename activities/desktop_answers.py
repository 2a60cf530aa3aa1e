"""Taking in what company files answered: bills become links, refusals become reasons, pages become our copy.

The Web Connector's session only stores answers and decides what it asks next. Each answer is a unit of work of its
own here, so that one that trips us holds up no other.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from temporalio import activity

from accounting.account_choice import takes_cost
from activities.bill_payments import take_in_deleted, take_in_desktop
from activities.desktop_lists import ENTITY, ReadBefore, bill_row, credit_row, list_entries, spending_row
from activities.desktop_posting import rejection_of_write, withdraw_stale
from activities.desktop_taking_back import take_in_removal
from activities.desktop_vendors import take_in_vendor
from activities.outcomes import record_bills
from activities.update_outcomes import end_refused, record_updated
from models.bill_links import AcceptedBill, store_transactions
from models.coding import as_account
from models.comparisons import compare_again
from models.connections import lists_were_read
from models.copy_of_books import mark_deleted, note_copy, note_open_amount
from models.database import Actor, CompanySession, Database
from models.desktop_exchanges import (
    every_page_came,
    exchange_by_id,
    forget_page,
    page_is_lost,
    pages_to_take_in,
)
from models.desktop_queue import attempts_of_writes, write_by_id, writes_to_take_in
from models.desktop_readings import first_day, reading_by_id
from models.freeing import Resolved, free
from models.list_changes import MENDED_BY_LISTS
from models.live_links import linked_bills_unread
from models.payment_shares import settle_bills
from models.posting import Attempt, attempts_by_id, end_rejected
from models.reference_lists import entries_by_key, store_list
from models.removals import REMOVALS
from models.tables import AttemptState, DesktopExchange, DesktopWrite, PostingOperation, ReadingKind, WriteState
from providers.quickbooks_desktop.answers import Response, read_answer
from providers.quickbooks_desktop.messages.bills import BillRet
from providers.quickbooks_desktop.messages.lists import VendorRet
from providers.quickbooks_desktop.messages.payments import (
    BillPaymentCheckRet,
    BillPaymentCreditCardRet,
    TxnDeletedRet,
    VendorCreditRet,
)
from providers.quickbooks_desktop.messages.spending import CheckRet, CreditCardChargeRet, Spending

# Lists come in order: with this one there is everything a bill needs.
LAST_NEEDED = ReadingKind.CUSTOMERS
OF_BOOKS = frozenset(
    {
        ReadingKind.CREDITS,
        ReadingKind.CHECK_PAYMENTS,
        ReadingKind.CARD_PAYMENTS,
        ReadingKind.CHECKS,
        ReadingKind.CARD_CHARGES,
        ReadingKind.BILLS,
        ReadingKind.DELETED,
    }
)
# Found, or nothing of the kind there. With the feature off (3250) the list is empty, and says nothing of bills.
TELLS_ALL = frozenset({0, 1})
# A session hands out a few bills a second at most; what is left is taken in with the next look.
AT_ONCE = 200


async def take_in_answers(database: Database, company_id: UUID, actor: Actor) -> int:
    """Take in every answer of the company's files that nobody has; how many there were."""
    async with database.company(company_id, actor) as session:
        await withdraw_stale(session)
        write_ids = await writes_to_take_in(session, AT_ONCE)
        page_ids = await pages_to_take_in(session, AT_ONCE)
    for page_id in page_ids:
        try:
            async with database.company(company_id, actor) as session:
                await _take_in_page(session, await exchange_by_id(session, page_id))
        except Exception:
            activity.logger.exception("a page of a company file could not be taken in")
            async with database.company(company_id, actor) as session:
                await page_is_lost(session, await exchange_by_id(session, page_id))
    for write_id in write_ids:
        try:
            async with database.company(company_id, actor) as session:
                await _take_in_write(session, await write_by_id(session, write_id))
        except Exception:
            # It stays as it is, answer and all, and is tried again with every look until it is mended.
            activity.logger.exception("the outcome of write %s could not be taken in", write_id)
    return len(write_ids) + len(page_ids)


async def _take_in_write(session: CompanySession, write: DesktopWrite) -> None:
    if write.taken_in_at is not None:
        return
    row = (await attempts_of_writes(session, [write]))[write.attempt_id]
    if row.operation is PostingOperation.CREATE_VENDOR:
        await take_in_vendor(session, write, row)
    else:
        await _take_in_bill(session, write)
    write.taken_in_at = session.now
    session.add(write)


async def _take_in_bill(session: CompanySession, write: DesktopWrite) -> None:
    attempt = (await attempts_by_id(session, [write.attempt_id]))[write.attempt_id]
    if attempt.operation in REMOVALS:
        await take_in_removal(session, write, attempt)
    elif write.state is WriteState.DONE:
        await _accept(session, write, attempt)
    else:
        rejection = rejection_of_write(write)
        await end_refused(session, {attempt.id: rejection}, [attempt])
        if write.txn_id is not None and write.open_amount is not None:
            # Its payment may leave the bill itself unchanged: no reading of changes would bring it.
            await note_open_amount(session, write.connection_id, write.txn_id, write.open_amount)
            await compare_again(session, [attempt.subject_id])
        if attempt.state is AttemptState.PREPARED:
            # Held back before it was sent: it is over all the same, and a later one is another generation.
            await end_rejected(session, attempt, rejection.code, rejection.sentence)


async def _accept(session: CompanySession, write: DesktopWrite, attempt: Attempt) -> None:
    total = write.total if write.total is not None else attempt.lookup_total
    is_credit = attempt.operation is PostingOperation.CREATE_VENDOR_CREDIT
    bill = AcceptedBill(
        attempt=attempt,
        transaction_type="VendorCredit" if is_credit else "Bill",
        quickbooks_id=write.txn_id or "",
        sync_token=write.edit_sequence or "",
        number=write.number or attempt.lookup_number,
        total=total,
        balance=write.open_amount,
        bill_date=attempt.bill_date,
        memo=write.memo or "",
        raw=json.dumps(
            {
                "TxnID": write.txn_id,
                "EditSequence": write.edit_sequence,
                "CreditAmount" if is_credit else "AmountDue": f"{total:.2f}",
            }
        ),
        adopted=write.adopted,
    )
    if attempt.operation is PostingOperation.UPDATE:
        await record_updated(session, bill)
    else:
        await record_bills(session, write.connection_id, [bill])


async def _take_in_page(session: CompanySession, exchange: DesktopExchange) -> None:
    if exchange.taken_in_at is not None or exchange.reading_id is None or exchange.trouble is not None:
        await forget_page(session, exchange)
        return
    reading = await reading_by_id(session, exchange.reading_id)
    connection_id, read_at = reading.connection_id, exchange.reading_began_at or session.now
    response = read_answer(exchange.answer or "").to(exchange.request_id)
    if reading.kind in OF_BOOKS:
        await _take_in_books(session, reading.kind, connection_id, response, read_at)
        if reading.kind is ReadingKind.BILLS and exchange.is_last_page:
            await note_copy(session, connection_id, read_at)
            if exchange.is_whole and response.status in TELLS_ALL and await every_page_came(session, exchange):
                await _without(session, connection_id, read_at)
    else:
        known = await _read_before(session, connection_id, reading.kind, response)
        await store_list(
            session,
            connection_id,
            ENTITY[reading.kind],
            list_entries(reading.kind, response, known),
            read_at,
            whole=exchange.is_whole and exchange.is_last_page,
        )
        if exchange.is_last_page:
            await free(session, Resolved(MENDED_BY_LISTS, connection_id=connection_id))
            if reading.kind is LAST_NEEDED:
                await lists_were_read(session, connection_id)
    await forget_page(session, exchange)


async def _without(session: CompanySession, connection_id: UUID, began_at: datetime) -> None:
    """Linked bills that a whole reading did not bring are gone: a backup that is restored says nothing of deletions."""
    gone = await linked_bills_unread(session, connection_id, began_at, first_day(began_at))
    await mark_deleted(session, connection_id, [("Bill", quickbooks_id) for quickbooks_id in gone])


async def _read_before(
    session: CompanySession, connection_id: UUID, kind: ReadingKind, response: Response
) -> ReadBefore:
    """What a page needs to know of others: terms come before the vendors that have them, accounts before items."""
    terms_ids: set[str] = set()
    account_ids: set[str] = set()
    if kind is ReadingKind.VENDORS:
        terms_ids = {one.terms.list_id for one in response.returned(VendorRet) if one.terms and one.terms.list_id}
    elif kind is ReadingKind.ITEMS:
        account_ids = {one.only_account.list_id or "" for _, one in response.items() if one.only_account}
    found = await entries_by_key(session, connection_id, {"Term": terms_ids, "Account": account_ids})
    days = {key[1]: entry.terms_days for key, entry in found.items() if entry.terms_days is not None}
    return ReadBefore(days, {key[1] for key, entry in found.items() if takes_cost(as_account(entry))})


async def _take_in_books(
    session: CompanySession, kind: ReadingKind, connection_id: UUID, response: Response, read_at: datetime
) -> None:
    match kind:
        case ReadingKind.BILLS:
            bills = response.returned(BillRet)
            await store_transactions(session, [bill_row(connection_id, bill, read_at) for bill in bills])
            await settle_bills(session, connection_id, [bill.txn_id for bill in bills])
        case ReadingKind.CREDITS:
            credits = response.returned(VendorCreditRet)
            await store_transactions(session, [credit_row(connection_id, credit, read_at) for credit in credits])
        case ReadingKind.CHECK_PAYMENTS:
            await take_in_desktop(session, connection_id, response.returned(BillPaymentCheckRet))
        case ReadingKind.CARD_PAYMENTS:
            await take_in_desktop(session, connection_id, response.returned(BillPaymentCreditCardRet))
        case ReadingKind.CHECKS:
            await _take_in_spending(session, connection_id, "Check", response.returned(CheckRet), read_at)
        case ReadingKind.CARD_CHARGES:
            charges = response.returned(CreditCardChargeRet)
            await _take_in_spending(session, connection_id, "CreditCardCharge", charges, read_at)
        case _:
            gone = [(one.txn_type, one.txn_id) for one in response.returned(TxnDeletedRet)]
            await mark_deleted(session, connection_id, gone)
            await settle_bills(session, connection_id, await take_in_deleted(session, connection_id, gone))


async def _take_in_spending(
    session: CompanySession, connection_id: UUID, kind: str, spent: Sequence[Spending], read_at: datetime
) -> None:
    """What was paid straight to a vendor may be what an invoice asks for; to anybody else it is none of ours."""
    await store_transactions(session, [spending_row(connection_id, kind, one, read_at) for one in spent])

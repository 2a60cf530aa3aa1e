"""What an answer means for the one write it is about. Nothing here asks anybody: the next step follows from the row.

A write is over when QuickBooks said so, or when its bill was found by our mark. It was surely not done when QuickBooks
knows neither its message set nor a bill of its number. Everything else asks again, or asks a person.
"""

from collections.abc import Mapping, Sequence
from uuid import UUID

from accounting.memo import carries_marker
from accounting.money import to_cents
from accounting.vendor_names import DESKTOP_NAME_LIMIT, proposed_name
from api.web_connector import sentences
from api.web_connector.booked import Booked, booked_in, query_id
from models.database import CompanySession
from models.desktop_queue import OVER, external_guid
from models.tables import (
    AttemptState,
    DesktopExchange,
    DesktopWrite,
    PostingAttempt,
    PostingOperation,
    RecoveryStep,
    WriteState,
)
from providers.quickbooks_desktop.answers import Answer, AnswerUnreadable, ErrorRecovery, Response, read_answer
from providers.quickbooks_desktop.messages.bills import BillModRq, BillRet
from providers.quickbooks_desktop.messages.credits import VendorCreditAddRq
from providers.quickbooks_desktop.messages.lists import VendorAddRq, VendorRet
from providers.quickbooks_desktop.values import guid, same_guid
from providers.quickbooks_desktop.verdicts import Verdict, judge_hresult, judge_status, write_outcome_is_known

# Message-set status codes. Intuit: QuickBooks Desktop SDK, error recovery.
NOTHING_STORED = frozenset({600, 9002})
OTHER_CONTENTS = 9001
# Verdicts of our own, beside QuickBooks'.
DUPLICATE, CLOSED, UNSURE, UNHEARD = "duplicate", "closed", "unsure", "unheard"
STALE, TAKEN = "3200", "3100"
VOID_MARK = "VOID:"
VOIDED, VOID_GONE = "Voided in QuickBooks.", "It was gone from QuickBooks already."


def write_answered(
    session: CompanySession, write: DesktopWrite, attempt: PostingAttempt, exchange: DesktopExchange
) -> None:
    """The answer to the write itself, or to the question what came of it."""
    if write.state in OVER:
        return
    if exchange.hresult:
        judged = judge_hresult(exchange.hresult, exchange.message)
        if write_outcome_is_known(judged) and exchange.text == write.text:
            refuse(session, write, judged.verdict, judged.code, judged.sentence)
        else:
            _unclear(session, write, attempt, write.step or RecoveryStep.STATUS_CHECK)
        return
    try:
        answer = read_answer(exchange.answer or "")
        response = _response(answer, exchange)
    except AnswerUnreadable as unreadable:
        exchange.trouble = str(unreadable)
        _unclear(session, write, attempt, write.step or RecoveryStep.STATUS_CHECK)
        return
    if answer.set_status not in {None, 0} or response is None:
        write.code = write.code if answer.set_status in {None, 0} else str(answer.set_status)
        _unclear(session, write, attempt, RecoveryStep.LOOK_UP)
        return
    _settle(session, write, attempt, response)


def _response(answer: Answer, exchange: DesktopExchange) -> Response | None:
    """The response about the write. A stored outcome may come without any, which says nothing."""
    if not answer.responses and answer.set_status is not None:
        return None
    return answer.to(exchange.request_id)


def _settle(session: CompanySession, write: DesktopWrite, attempt: PostingAttempt, response: Response) -> None:
    judged = judge_status(response.status, response.message)
    if judged.verdict is Verdict.DONE and attempt.operation is PostingOperation.VOID:
        # The status alone says it: a stored outcome comes without the rest.
        _over(session, write, WriteState.DONE, judged.verdict, judged.code, VOIDED)
    elif judged.verdict is Verdict.DONE and (vendors := response.returned(VendorRet)):
        _vendor_done(session, write, vendors[0], adopted=False)
    elif judged.verdict is Verdict.NAME_TAKEN:
        # By whom: a customer is never adopted, and the vendor may be ours from a try whose answer was lost.
        write.code = judged.code
        _unclear(session, write, attempt, RecoveryStep.LOOK_UP)
    elif judged.verdict is Verdict.DONE:
        made, recovered = booked_in(response, attempt.operation), response.returned(ErrorRecovery)
        if made:
            _done(session, write, made[0], adopted=False)
            return
        write.said_done = True
        if recovered:
            write.txn_id, write.edit_sequence = recovered[0].txn_id, recovered[0].edit_sequence
        # Without the bill nobody knows its total: ask what is stored, then look at the bill itself.
        is_asked = write.step is not None or bool(recovered)
        _unclear(session, write, attempt, RecoveryStep.LOOK_UP if is_asked else RecoveryStep.STATUS_CHECK)
    elif judged.verdict is Verdict.AGAIN:
        _over(session, write, WriteState.POSTPONED, judged.verdict, judged.code, judged.sentence)
    elif judged.verdict in {Verdict.UNCLEAR, Verdict.EMPTY}:
        _unclear(session, write, attempt, RecoveryStep.STATUS_CHECK if write.step is None else RecoveryStep.LOOK_UP)
    else:
        refuse(session, write, judged.verdict, judged.code, judged.sentence)


def looked_up(session: CompanySession, write: DesktopWrite, attempt: PostingAttempt, exchange: DesktopExchange) -> None:
    """The bills of the write's number: ours is adopted, somebody else's is shown to a person, none settles it."""
    if write.state in OVER:
        return
    response = _found(exchange, attempt.operation)
    if response is None:
        _unclear(session, write, attempt, RecoveryStep.LOOK_UP)
        return
    if attempt.operation is PostingOperation.CREATE_VENDOR:
        _vendor_looked_up(session, write, attempt, response)
        return
    bills = booked_in(response, attempt.operation)
    if attempt.operation is PostingOperation.UPDATE:
        _change_looked_up(session, write, attempt, bills)
        return
    if attempt.operation is PostingOperation.VOID:
        _void_looked_up(session, write, attempt, bills)
        return
    ours = [bill for bill in bills if is_ours(attempt, bill) or bill.txn_id == write.txn_id]
    twins = [bill for bill in bills if is_twin(attempt, bill)]
    if ours:
        _done(session, write, ours[0], adopted=True)
    elif write.txn_id is not None:
        # QuickBooks named the bill it made; whoever removed it since did so knowingly.
        _over(session, write, WriteState.DONE, Verdict.DONE, "0", "")
    elif write.said_done:
        refuse(session, write, UNSURE, "0", sentences.SAID_DONE)
    elif write.code == str(OTHER_CONTENTS):
        refuse(session, write, Verdict.OUR_BUG, str(OTHER_CONTENTS), sentences.FOREIGN_CONTENT)
    elif twins:
        refuse(session, write, DUPLICATE, DUPLICATE, possible_twin(twins[0]))
    else:
        _over(session, write, WriteState.POSTPONED, UNHEARD, UNHEARD, "QuickBooks never received this bill")


def _vendor_looked_up(
    session: CompanySession, write: DesktopWrite, attempt: PostingAttempt, response: Response
) -> None:
    """The vendor of the name: made by us, somebody else's, or none; then whoever has the name is no vendor."""
    sent, name = VendorAddRq.from_xml(attempt.body).vendor, attempt.lookup_number
    vendors = response.returned(VendorRet)
    ours = [one for one in vendors if same_guid(one.external_guid, sent.external_guid or "")]
    if ours:
        _vendor_done(session, write, ours[0], adopted=True)
    elif vendors:
        refuse(session, write, DUPLICATE, DUPLICATE, sentences.VENDOR_THERE.format(name=name))
    elif write.code == TAKEN:
        free = proposed_name(name, [name], DESKTOP_NAME_LIMIT).display_name
        refuse(session, write, Verdict.NAME_TAKEN, TAKEN, sentences.NAME_TAKEN.format(name=name, free=free))
    else:
        _over(session, write, WriteState.POSTPONED, UNHEARD, UNHEARD, "QuickBooks never received this vendor")


def _change_looked_up(
    session: CompanySession, write: DesktopWrite, attempt: PostingAttempt, bills: Sequence[Booked]
) -> None:
    """The bill that was to be changed, by its TxnID: as it was to be, as it was, changed by somebody else, or gone."""
    sent = BillModRq.from_xml(attempt.body).bill
    bill = next((one for one in bills if one.txn_id == sent.txn_id), None)
    if bill is None:
        refuse(session, write, UNSURE, "500", sentences.GONE)
    elif bill.edit_sequence == sent.edit_sequence:
        _over(session, write, WriteState.POSTPONED, UNHEARD, UNHEARD, "QuickBooks never received this change")
    elif (bill.total, bill.number, bill.dated) == (attempt.lookup_total, sent.number, sent.bill_date):
        _done(session, write, bill, adopted=True)
    else:
        refuse(session, write, Verdict.STALE, STALE, sentences.CHANGED_MEANWHILE)


def _void_looked_up(
    session: CompanySession, write: DesktopWrite, attempt: PostingAttempt, bills: Sequence[Booked]
) -> None:
    """Whether the bill that was to be voided still stands: gone or worth nothing, it was done."""
    there = next((bill for bill in bills if bill.txn_id == attempt.quickbooks_id), None)
    if there is None or is_voided(there):
        _over(session, write, WriteState.DONE, Verdict.DONE, "0", VOIDED if there else VOID_GONE)
    else:
        _over(session, write, WriteState.POSTPONED, UNHEARD, UNHEARD, "QuickBooks never received it")


def checked(
    session: CompanySession,
    writes: Sequence[DesktopWrite],
    attempts: Mapping[UUID, PostingAttempt],
    exchange: DesktopExchange,
) -> None:
    """The bills of the numbers about to be sent: what is there already is not sent. Unread, nothing is sent."""
    found = {of: booked(exchange, of) for of in {one.operation for one in attempts.values()}}
    for write in writes:
        attempt = attempts[write.attempt_id]
        bills = found[attempt.operation]
        if bills is None:
            write.checked_session_id = None
            session.add(write)
            continue
        if attempt.operation is PostingOperation.UPDATE:
            _change_checked(session, write, attempt, bills)
            continue
        ours = [bill for bill in bills if is_ours(attempt, bill)]
        twins = [bill for bill in bills if is_twin(attempt, bill)]
        if ours:
            _done(session, write, ours[0], adopted=True)
        elif twins:
            refuse(session, write, DUPLICATE, DUPLICATE, possible_twin(twins[0]))


def _change_checked(
    session: CompanySession, write: DesktopWrite, attempt: PostingAttempt, bills: Sequence[Booked]
) -> None:
    """The bill that is to be changed, as it is now: one that moved on, or that somebody began to pay, stays as it is.

    QuickBooks may take a payment without changing the bill's EditSequence.
    """
    sent = BillModRq.from_xml(attempt.body).bill
    bill = next((one for one in bills if one.txn_id == sent.txn_id), None)
    if bill is None:
        refuse(session, write, UNSURE, "500", sentences.GONE)
    elif bill.open_amount is not None and bill.open_amount != bill.total:
        write.txn_id, write.open_amount = bill.txn_id, to_cents(bill.open_amount)
        refuse(session, write, Verdict.STALE, STALE, sentences.PAID_MEANWHILE)
    elif bill.edit_sequence != sent.edit_sequence:
        refuse(session, write, Verdict.STALE, STALE, sentences.CHANGED_MEANWHILE)


def booked(exchange: DesktopExchange, operation: PostingOperation) -> list[Booked] | None:
    """The transactions of an operation's kind that a query found; None where its answer does not say."""
    response = _found(exchange, operation)
    return None if response is None else booked_in(response, operation)


def _found(exchange: DesktopExchange, operation: PostingOperation) -> Response | None:
    """What a query found; None where its answer does not say."""
    if exchange.hresult:
        return None
    try:
        response = read_answer(exchange.answer or "").to(query_id(exchange.request_id, operation))
    except AnswerUnreadable as unreadable:
        exchange.trouble = str(unreadable)
        return None
    judged = judge_status(response.status, response.message)
    if judged.verdict in {Verdict.DONE, Verdict.EMPTY}:
        return response
    exchange.trouble = judged.sentence
    return None


def is_ours(attempt: PostingAttempt, bill: Booked) -> bool:
    """Whether a bill carries our mark for exactly this invoice: its stamp, or the marker in its memo.

    An earlier one that was voided keeps both; after a person asked for a new bill it is nobody's any more.
    """
    if attempt.operation is PostingOperation.REVERSE:
        return _is_that_reversal(attempt, bill)
    if attempt.generation > 1 and is_voided(bill):
        return False
    stamp = guid(external_guid(attempt.connection_id, attempt.subject_id))
    reference = int(attempt.memo_marker.rsplit(" ", 1)[1])
    return same_guid(bill.external_guid, stamp) or carries_marker(bill.memo, reference)


def _is_that_reversal(attempt: PostingAttempt, credit: Booked) -> bool:
    """The invoice's marker alone says too little: an earlier bill of it may have been reversed as well."""
    sent = VendorCreditAddRq.from_xml(attempt.body).credit
    return same_guid(credit.external_guid, sent.external_guid) or credit.memo == sent.memo


def is_twin(attempt: PostingAttempt, bill: Booked) -> bool:
    """Whether a bill without our mark has the same vendor and number: entered by hand, or by somebody before us."""
    vendor_id = bill.vendor.list_id if bill.vendor else None
    return not is_voided(bill) and vendor_id == attempt.lookup_vendor_id and bill.number == attempt.lookup_number


def is_voided(bill: Booked) -> bool:
    """QuickBooks sets every amount of a voided bill to zero and says so at the head of its memo."""
    return bill.total == 0 and bill.memo.startswith(VOID_MARK)


def possible_twin(bill: Booked) -> str:
    kind = "bill" if isinstance(bill, BillRet) else "vendor credit"
    return sentences.POSSIBLE_TWIN.format(kind=kind, number=bill.number, date=bill.dated, total=f"{bill.total:,.2f}")


def refuse(session: CompanySession, write: DesktopWrite, verdict: str, code: str, sentence: str) -> None:
    """The write is over and there is no bill of it; the invoice waits for whoever the verdict names."""
    _over(session, write, WriteState.REFUSED, verdict, code, sentence)


def _done(session: CompanySession, write: DesktopWrite, bill: Booked, *, adopted: bool) -> None:
    write.txn_id, write.edit_sequence, write.number = bill.txn_id, bill.edit_sequence, bill.number
    write.total, write.memo, write.adopted = to_cents(bill.total), bill.memo, adopted
    write.open_amount = to_cents(bill.open_amount) if bill.open_amount is not None else None
    _over(session, write, WriteState.DONE, Verdict.DONE, "0", "")


def _vendor_done(session: CompanySession, write: DesktopWrite, vendor: VendorRet, *, adopted: bool) -> None:
    write.txn_id, write.edit_sequence, write.number = vendor.list_id, vendor.edit_sequence, vendor.name
    write.adopted = adopted
    _over(session, write, WriteState.DONE, Verdict.DONE, "0", "")


def _over(
    session: CompanySession, write: DesktopWrite, state: WriteState, verdict: str, code: str, sentence: str
) -> None:
    write.state, write.step = state, None
    write.verdict, write.code, write.sentence = verdict, code[:32], sentence
    write.answered_at = session.now
    session.add(write)


def _unclear(session: CompanySession, write: DesktopWrite, attempt: PostingAttempt, step: RecoveryStep) -> None:
    write.state, write.step = WriteState.UNCLEAR, step
    attempt.state = AttemptState.UNCLEAR
    session.add(write)
    session.add(attempt)

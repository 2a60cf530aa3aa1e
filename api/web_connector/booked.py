"""What a company file has of a write's kind: bills, or vendor credits where one is what we make."""

from collections.abc import Sequence

from models.tables import PostingAttempt, PostingOperation
from providers.quickbooks_desktop.answers import Response
from providers.quickbooks_desktop.messages.bills import BillByIdRq, BillByNumberRq, BillModRq, BillRet
from providers.quickbooks_desktop.messages.credits import VendorCreditByNumberRq
from providers.quickbooks_desktop.messages.element import Request
from providers.quickbooks_desktop.messages.payments import VendorCreditRet

Booked = BillRet | VendorCreditRet
CREDITS = frozenset({PostingOperation.CREATE_VENDOR_CREDIT, PostingOperation.REVERSE})


def queries(attempts: Sequence[PostingAttempt], request_id: str) -> tuple[Request, ...]:
    """Ask for everything of these numbers. QuickBooks takes no vendor beside a number: that is compared here."""
    asked: list[Request] = []
    bills = tuple(dict.fromkeys(one.lookup_number for one in attempts if one.operation not in CREDITS))
    credits = tuple(dict.fromkeys(one.lookup_number for one in attempts if one.operation in CREDITS))
    if bills:
        asked.append(BillByNumberRq(request_id=request_id, numbers=bills))
    if credits:
        asked.append(VendorCreditByNumberRq(request_id=_of_credits(request_id), numbers=credits))
    return tuple(asked)


def look_up(attempt: PostingAttempt, request_id: str) -> tuple[Request, ...]:
    """Ask what came of a write whose answer was lost: by its number, or by TxnID where something was to be changed."""
    if attempt.operation is not PostingOperation.UPDATE:
        return queries((attempt,), request_id)
    changed = BillModRq.from_xml(attempt.body).bill
    return (BillByIdRq(request_id=request_id, txn_ids=(changed.txn_id,)),)


def query_id(request_id: str, operation: PostingOperation) -> str:
    """The requestID of the query for what an operation makes: one message set may ask for both kinds."""
    return _of_credits(request_id) if operation in CREDITS else request_id


def _of_credits(request_id: str) -> str:
    return f"{request_id}-credits"


def booked_in(response: Response, operation: PostingOperation) -> list[Booked]:
    """What came of an operation's kind. Raises AnswerUnreadable."""
    if operation in CREDITS:
        return list(response.returned(VendorCreditRet))
    return list(response.returned(BillRet))

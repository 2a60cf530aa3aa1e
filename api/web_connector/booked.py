"""What a company file has of a write's kind: bills, or vendor credits where one is what we make."""

from collections.abc import Sequence

from models.tables import PostingAttempt, PostingOperation
from providers.quickbooks_desktop.answers import Response
from providers.quickbooks_desktop.messages.bills import BillByIdRq, BillByNumberRq, BillModRq, BillRet
from providers.quickbooks_desktop.messages.credits import VendorCreditByNumberRq
from providers.quickbooks_desktop.messages.element import Request
from providers.quickbooks_desktop.messages.lists import VendorByNameRq
from providers.quickbooks_desktop.messages.payments import VendorCreditRet

Booked = BillRet | VendorCreditRet
CREDITS = frozenset({PostingOperation.CREATE_VENDOR_CREDIT, PostingOperation.REVERSE})
CHANGE = PostingOperation.UPDATE


def queries(attempts: Sequence[PostingAttempt], request_id: str) -> tuple[Request, ...]:
    """Ask for everything of these numbers, and by TxnID for what is to be changed.

    QuickBooks takes no vendor beside a number: that is compared here. Ids come last: one that is gone may stop the set.
    A vendor that is to be created is asked for by its name, and alone.
    """
    vendors = [one.lookup_number for one in attempts if one.operation is PostingOperation.CREATE_VENDOR]
    if vendors:
        return (VendorByNameRq(request_id=request_id, full_name=vendors[0]),)
    asked: list[Request] = []
    changes = [one for one in attempts if one.operation is CHANGE]
    made = [one for one in attempts if one.operation is not CHANGE]
    bills = tuple(dict.fromkeys(one.lookup_number for one in made if one.operation not in CREDITS))
    credits = tuple(dict.fromkeys(one.lookup_number for one in made if one.operation in CREDITS))
    if bills:
        asked.append(BillByNumberRq(request_id=request_id, numbers=bills))
    if credits:
        asked.append(
            VendorCreditByNumberRq(
                request_id=query_id(request_id, PostingOperation.CREATE_VENDOR_CREDIT), numbers=credits
            )
        )
    if changes:
        ids = tuple(dict.fromkeys(BillModRq.from_xml(one.body).bill.txn_id for one in changes))
        asked.append(BillByIdRq(request_id=query_id(request_id, CHANGE), txn_ids=ids))
    return tuple(asked)


def query_id(request_id: str, operation: PostingOperation) -> str:
    """The requestID of the query for what an operation is about: one message set may ask for several kinds."""
    if operation in CREDITS:
        return f"{request_id}-credits"
    return f"{request_id}-changes" if operation is CHANGE else request_id


def booked_in(response: Response, operation: PostingOperation) -> list[Booked]:
    """What came of an operation's kind. Raises AnswerUnreadable."""
    if operation in CREDITS:
        return list(response.returned(VendorCreditRet))
    return list(response.returned(BillRet))

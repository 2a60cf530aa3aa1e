"""A vendor credit that undoes a bill of a company file line by line, made from our copy of the bill."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from pydantic import ValidationError

from accounting.desktop_draft import desktop_number
from accounting.desktop_text import known_to_quickbooks
from accounting.money import ZERO, to_cents
from accounting.numbers import QBD_REF_NUMBER_LIMIT
from accounting.taking_back import reversing_number
from models.desktop_queue import external_guid
from models.tables import QuickBooksTransaction
from providers.quickbooks_desktop.message_set import request_text
from providers.quickbooks_desktop.messages.bills import (
    BILLABLE,
    NOT_BILLABLE,
    BillRet,
    ExpenseLineAdd,
    ExpenseLineRet,
    ItemLineAdd,
    ItemLineRet,
)
from providers.quickbooks_desktop.messages.credits import VendorCreditAdd, VendorCreditAddRq
from providers.quickbooks_desktop.messages.element import Ref, to
from providers.quickbooks_desktop.values import guid


@dataclass(frozen=True)
class Reversal:
    """The request as it will be handed out, plain ASCII, and the credit's number."""

    body: bytes
    number: str


def whole_bill(copy: QuickBooksTransaction | None) -> BillRet | None:
    """The bill with its lines; None until a session has read all of it, or where its lines are not what it comes to."""
    try:
        bill = BillRet.model_validate_json(copy.raw) if copy is not None else None
    except ValidationError:
        return None
    if bill is None or bill.vendor is None or not bill.vendor.list_id:
        return None
    lines: list[ExpenseLineAdd | ItemLineAdd] = [*_expenses(bill), *_items(bill)]
    comes_to = sum((to_cents(line.amount or ZERO) for line in lines), ZERO)
    return bill if comes_to == to_cents(bill.total) else None


def reversal(bill: BillRet, on: date, note: str, connection_id: UUID, link_id: UUID, request_id: str) -> Reversal:
    """A credit of that day: same accounts, items, jobs, classes and signs.

    Its stamp is made of the link, and its memo names the bill's TxnID: it is known from the invoice's bill, and from
    the credit against an earlier one.
    """
    number = desktop_number(reversing_number(bill.number, QBD_REF_NUMBER_LIMIT))
    credit = VendorCreditAdd(
        vendor=_ref(bill.vendor) or to(""),
        ap_account=_ref(bill.ap_account),
        credit_date=on,
        number=number,
        memo=known_to_quickbooks(f"{bill.txn_id}: {note}"),
        external_guid=guid(external_guid(connection_id, link_id)),
        expenses=tuple(_expenses(bill)),
        items=tuple(_items(bill)),
    )
    return Reversal(request_text(VendorCreditAddRq(request_id=request_id, credit=credit)).encode("ascii"), number)


def _expenses(bill: BillRet) -> Iterator[ExpenseLineAdd]:
    for line in bill.expenses:
        if (account := _ref(line.account)) is not None and line.amount:
            yield ExpenseLineAdd(
                account=account,
                amount=line.amount,
                memo=line.memo or None,
                customer=_ref(line.customer),
                tracking_class=_ref(line.tracking_class),
                billable_status=_billable_status(line),
            )


def _items(bill: BillRet) -> Iterator[ItemLineAdd]:
    for line in bill.items:
        if (item := _ref(line.item)) is not None and line.amount:
            yield ItemLineAdd(
                item=item,
                description=line.description or None,
                quantity=Decimal(1),
                cost=line.amount,
                amount=line.amount,
                customer=_ref(line.customer),
                tracking_class=_ref(line.tracking_class),
                billable_status=_billable_status(line),
            )


def _ref(ref: Ref | None) -> Ref | None:
    return to(ref.list_id) if ref is not None and ref.list_id else None


def _billable_status(line: ExpenseLineRet | ItemLineRet) -> str | None:
    if _ref(line.customer) is None:
        return None
    return BILLABLE if line.billable_status == BILLABLE else NOT_BILLABLE

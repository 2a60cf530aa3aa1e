"""A draft as the bill, or the vendor credit, of a company file: what is handed to QuickBooks Desktop as qbXML."""

from uuid import UUID

from accounting.bill_types import BillDraft, BillLine, TransactionKind
from models.desktop_queue import external_guid
from providers.quickbooks_desktop.message_set import request_text
from providers.quickbooks_desktop.messages.bills import (
    BILLABLE,
    NOT_BILLABLE,
    BillAdd,
    BillAddRq,
    ExpenseLineAdd,
    ItemLineAdd,
)
from providers.quickbooks_desktop.messages.credits import VendorCreditAdd, VendorCreditAddRq
from providers.quickbooks_desktop.messages.element import to
from providers.quickbooks_desktop.values import guid


def bill_request(draft: BillDraft, connection_id: UUID, invoice_id: UUID, marker: str) -> bytes:
    """The request as it will be handed out, for a draft in words of a company file. Plain ASCII.

    Accounts go to the Expenses tab, items to the Items tab. Every line has its job and a billable status; due date and
    A/P account are always sent.
    """
    request_id, stamp = marker.replace(" ", "-"), guid(external_guid(connection_id, invoice_id))
    expenses = tuple(_expense(line) for line in draft.lines if not line.item_id)
    items = tuple(_item(line) for line in draft.lines if line.item_id)
    ap_account = to(draft.ap_account_id) if draft.ap_account_id else None
    if draft.kind is TransactionKind.VENDOR_CREDIT:
        credit = VendorCreditAdd(
            vendor=to(draft.vendor_id),
            ap_account=ap_account,
            credit_date=draft.bill_date,
            number=draft.number,
            memo=draft.memo,
            external_guid=stamp,
            expenses=expenses,
            items=items,
        )
        return request_text(VendorCreditAddRq(request_id=request_id, credit=credit)).encode("ascii")
    bill = BillAdd(
        vendor=to(draft.vendor_id),
        ap_account=ap_account,
        bill_date=draft.bill_date,
        due_date=draft.due_date,
        number=draft.number,
        terms=to(draft.terms_id) if draft.terms_id else None,
        memo=draft.memo,
        external_guid=stamp,
        expenses=expenses,
        items=items,
    )
    return request_text(BillAddRq(request_id=request_id, bill=bill)).encode("ascii")


def _expense(line: BillLine) -> ExpenseLineAdd:
    return ExpenseLineAdd(
        account=to(line.account_id),
        amount=line.amount,
        memo=line.description or None,
        customer=to(line.customer_id),
        tracking_class=to(line.class_id) if line.class_id else None,
        billable_status=_billable_status(line),
    )


def _item(line: BillLine) -> ItemLineAdd:
    return ItemLineAdd(
        item=to(line.item_id),
        description=line.description or None,
        quantity=line.quantity,
        cost=line.unit_price,
        amount=line.amount,
        customer=to(line.customer_id),
        tracking_class=to(line.class_id) if line.class_id else None,
        billable_status=_billable_status(line),
    )


def _billable_status(line: BillLine) -> str:
    return BILLABLE if line.billable else NOT_BILLABLE

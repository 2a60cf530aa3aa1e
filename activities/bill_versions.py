"""The versions of a bill as they are kept: the bytes we sent, and our copy of what QuickBooks has."""

import json
from collections.abc import Set
from decimal import Decimal

from pydantic import ValidationError

from accounting.bill_types import TransactionKind
from accounting.bill_versions import BillAsIs, BillLineAsIs
from accounting.money import ZERO, to_cents
from providers.quickbooks_desktop.messages.bills import (
    BillAddRq,
    BillModRq,
    BillRet,
    ExpenseLineAdd,
    ExpenseLineMod,
    ExpenseLineRet,
    ItemLineAdd,
    ItemLineMod,
    ItemLineRet,
)
from providers.quickbooks_desktop.messages.element import Ref
from providers.quickbooks_online.types import Bill, BillLine, VendorCredit

ONLINE: dict[str, type[Bill | VendorCredit]] = {"Bill": Bill, "VendorCredit": VendorCredit}
_ExpenseLine = ExpenseLineAdd | ExpenseLineMod | ExpenseLineRet
_ItemLine = ItemLineAdd | ItemLineMod | ItemLineRet


def posted_version(body: bytes, transaction_type: str, retainage: Set[str]) -> BillAsIs | None:
    """The bill as it was sent, to either QuickBooks; None where the bytes are of another kind.

    ``retainage`` are the accounts that withheld retainage is booked to.
    """
    if body.startswith(b"<"):
        return _sent_to_desktop(body, retainage)
    kind = ONLINE.get(transaction_type)
    if kind is None:
        return None
    members = json.loads(body, parse_float=Decimal)
    total = sum((Decimal(line["Amount"]) for line in members["Line"] if "Amount" in line), ZERO)
    # A bill that is made has none of the three yet; one that is updated has.
    return _online(kind.model_validate({"Id": "new", "SyncToken": "0", **members, "TotalAmt": total}), retainage)


def booked_version(raw: str, transaction_type: str, retainage: Set[str], *, is_desktop: bool) -> BillAsIs | None:
    """The bill as our copy of the books has it; None where the copy does not hold all of it yet."""
    try:
        if is_desktop:
            return _desktop(BillRet.model_validate_json(raw), retainage)
        kind = ONLINE.get(transaction_type)
        return _online(kind.model_validate_json(raw, by_alias=False, by_name=True), retainage) if kind else None
    except ValidationError:
        # What was known right after posting to a company file is not the bill itself: a reading brings that.
        return None


def payments_linked(raw: str, *, is_desktop: bool) -> bool:
    """Whether our copy of a bill names a payment of it, whatever it has paid so far."""
    try:
        if is_desktop:
            return any(one.txn_type.startswith("BillPayment") for one in BillRet.model_validate_json(raw).linked)
        bill = Bill.model_validate_json(raw, by_alias=False, by_name=True)
        return any(one.txn_type.startswith("BillPayment") for one in bill.linked_transactions)
    except ValidationError:
        return False


def _online(bill: Bill | VendorCredit, retainage: Set[str]) -> BillAsIs:
    ap_account = bill.ap_account_ref if isinstance(bill, Bill) else None
    return BillAsIs(
        vendor_id=bill.vendor_ref.value,
        number=bill.doc_number,
        bill_date=bill.txn_date,
        ap_account_id=ap_account.value if ap_account else "",
        total=to_cents(bill.total_amt),
        lines=tuple(found for line in bill.lines if (found := online_line(line, retainage)) is not None),
        kind=TransactionKind.BILL if isinstance(bill, Bill) else TransactionKind.VENDOR_CREDIT,
    )


def online_line(line: BillLine, retainage: Set[str] = frozenset()) -> BillLineAsIs | None:
    """A line of QuickBooks Online; None for a mere description or a subtotal of its own, which post nothing."""
    detail = line.detail
    if detail.account_ref is None and detail.item_ref is None:
        return None
    account_id = detail.account_ref.value if detail.account_ref else ""
    return BillLineAsIs(
        amount=to_cents(line.amount),
        account_id=account_id,
        item_id=detail.item_ref.value if detail.item_ref else "",
        customer_id=detail.customer_ref.value if detail.customer_ref else "",
        class_id=detail.class_ref.value if detail.class_ref else "",
        is_retainage=account_id in retainage,
    )


def _sent_to_desktop(body: bytes, retainage: Set[str]) -> BillAsIs | None:
    """A changed bill is always sent whole, so it reads as one that was made."""
    bill = BillModRq.from_xml(body).bill if body.startswith(b"<BillMod") else BillAddRq.from_xml(body).bill
    if bill.vendor is None or bill.bill_date is None:
        return None
    expenses = tuple(desktop_line(line, retainage) for line in bill.expenses)
    lines = expenses + tuple(desktop_line(line, retainage) for line in bill.items)
    return BillAsIs(
        vendor_id=_id(bill.vendor),
        number=bill.number or "",
        bill_date=bill.bill_date,
        ap_account_id=_id(bill.ap_account),
        total=sum((line.amount for line in lines), ZERO),
        lines=lines,
    )


def _desktop(bill: BillRet, retainage: Set[str]) -> BillAsIs | None:
    expenses = tuple(desktop_line(line, retainage) for line in bill.expenses)
    lines = expenses + tuple(desktop_line(line, retainage) for line in bill.items)
    if bill.bill_date is None or (not lines and bill.amount_due != ZERO):
        return None
    return BillAsIs(
        vendor_id=_id(bill.vendor),
        number=bill.number,
        bill_date=bill.bill_date,
        ap_account_id=_id(bill.ap_account),
        total=to_cents(bill.amount_due),
        lines=lines,
    )


def desktop_line(line: _ExpenseLine | _ItemLine, retainage: Set[str] = frozenset()) -> BillLineAsIs:
    """A line of either tab of a company file's bill."""
    target = ("", line.item) if isinstance(line, ItemLineAdd | ItemLineMod | ItemLineRet) else (_id(line.account), None)
    account_id, item = target
    return BillLineAsIs(
        amount=to_cents(line.amount or ZERO),
        account_id=account_id,
        item_id=_id(item),
        customer_id=_id(line.customer),
        class_id=_id(line.tracking_class),
        is_retainage=account_id in retainage,
    )


def _id(ref: Ref | None) -> str:
    return (ref.list_id or "") if ref else ""

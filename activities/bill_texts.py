"""Bills as they stand in stored texts: what was posted, byte for byte, and our copy of what QuickBooks has. No I/O."""

import json
from collections.abc import Iterable
from decimal import Decimal

from pydantic import ValidationError

from accounting.bill_types import TransactionKind
from accounting.bill_versions import BillAsIs, BillLineAsIs
from accounting.money import ZERO
from providers.quickbooks_desktop.answers import AnswerUnreadable
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
from providers.quickbooks_desktop.reading_xml import UnsafeOrBroken, read_xml
from providers.quickbooks_online.types import Bill, BillLine, Reference, VendorCredit

# A bill has at most some hundred lines; a posted body is far smaller.
LARGEST_BODY = 4 * 1024 * 1024
KINDS = {"Bill": TransactionKind.BILL, "VendorCredit": TransactionKind.VENDOR_CREDIT}
_DesktopLine = ExpenseLineAdd | ItemLineAdd | ExpenseLineMod | ItemLineMod | ExpenseLineRet | ItemLineRet


class UnreadableBill(ValueError):
    """A stored text that is no bill: another version of ours wrote it, or it was cut."""


def posted_bill(body: bytes, transaction_type: str, retainage: frozenset[str]) -> BillAsIs:
    """What was sent to either QuickBooks; ``retainage`` are the books' accounts of retainage.

    Raises UnreadableBill.
    """
    try:
        if body.lstrip()[:1] == b"<":
            return _sent_to_desktop(body, retainage)
        return _sent_online(body, KINDS[transaction_type], retainage)
    except (ValidationError, AnswerUnreadable, UnsafeOrBroken, KeyError, TypeError, ValueError) as wrong:
        raise UnreadableBill(type(wrong).__name__) from None


def booked_bill(raw: str, transaction_type: str, retainage: frozenset[str]) -> BillAsIs | None:
    """Our copy of a bill or vendor credit; None where it was never read with its lines."""
    try:
        if transaction_type == "VendorCredit":
            credit = VendorCredit.model_validate_json(raw, by_alias=True, by_name=True)
            return _online(credit, TransactionKind.VENDOR_CREDIT, retainage)
        if '"txn_id"' in raw:
            return _in_company_file(BillRet.model_validate_json(raw), retainage)
        return _online(Bill.model_validate_json(raw, by_alias=True, by_name=True), TransactionKind.BILL, retainage)
    except ValidationError:
        return None


def _sent_online(body: bytes, kind: TransactionKind, retainage: frozenset[str]) -> BillAsIs:
    members = json.loads(body, parse_float=Decimal)
    lines = _online_lines((BillLine.model_validate(line) for line in members["Line"]), retainage)
    account = members.get("APAccountRef") or {}
    return BillAsIs(
        vendor_id=str(members["VendorRef"]["value"]),
        number=str(members.get("DocNumber") or ""),
        bill_date=_Dated.model_validate(members).txn_date,
        ap_account_id=str(account.get("value") or ""),
        total=sum((line.amount for line in lines), ZERO),
        lines=lines,
        kind=kind,
    )


class _Dated(Bill):
    """Only the date is read: a bill that was sent has no id yet."""

    id: str = ""
    sync_token: str = ""
    total_amt: Decimal = ZERO


def _online(entity: Bill | VendorCredit, kind: TransactionKind, retainage: frozenset[str]) -> BillAsIs | None:
    lines = _online_lines(entity.lines, retainage)
    if not lines and entity.total_amt:
        return None
    account = entity.ap_account_ref if isinstance(entity, Bill) else None
    return BillAsIs(
        vendor_id=entity.vendor_ref.value,
        number=entity.doc_number,
        bill_date=entity.txn_date,
        ap_account_id=account.value if account else "",
        total=entity.total_amt,
        lines=lines,
        kind=kind,
    )


def _online_lines(lines: Iterable[BillLine], retainage: frozenset[str]) -> tuple[BillLineAsIs, ...]:
    """Lines that post; a mere description has neither an account nor an item."""
    told = []
    for line in lines:
        detail = line.detail
        if detail.account_ref is None and detail.item_ref is None and not line.amount:
            continue
        account_id = _value(detail.account_ref)
        told.append(
            BillLineAsIs(
                amount=line.amount,
                account_id=account_id,
                item_id=_value(detail.item_ref),
                customer_id=_value(detail.customer_ref),
                class_id=_value(detail.class_ref),
                is_retainage=account_id in retainage,
            )
        )
    return tuple(told)


def _value(reference: Reference | None) -> str:
    return reference.value if reference is not None else ""


def _sent_to_desktop(body: bytes, retainage: frozenset[str]) -> BillAsIs:
    root = read_xml(body, LARGEST_BODY)
    bill = (BillModRq if root.tag == "BillModRq" else BillAddRq).from_xml_tree(root).bill  # type: ignore[arg-type]
    lines = _desktop_lines((*bill.expenses, *bill.items), retainage)
    if bill.bill_date is None:
        raise UnreadableBill("no date")
    return BillAsIs(
        vendor_id=_list_id(bill.vendor),
        number=bill.number or "",
        bill_date=bill.bill_date,
        ap_account_id=_list_id(bill.ap_account),
        total=sum((line.amount for line in lines), ZERO),
        lines=lines,
    )


def _in_company_file(bill: BillRet, retainage: frozenset[str]) -> BillAsIs | None:
    lines = _desktop_lines((*bill.expenses, *bill.items), retainage)
    if bill.bill_date is None or (not lines and bill.amount_due):
        return None
    return BillAsIs(
        vendor_id=_list_id(bill.vendor),
        number=bill.number,
        bill_date=bill.bill_date,
        ap_account_id=_list_id(bill.ap_account),
        total=bill.amount_due,
        lines=lines,
    )


def _desktop_lines(lines: Iterable[_DesktopLine], retainage: frozenset[str]) -> tuple[BillLineAsIs, ...]:
    told = []
    for line in lines:
        target = line.item if isinstance(line, ItemLineAdd | ItemLineMod | ItemLineRet) else line.account
        is_item = isinstance(line, ItemLineAdd | ItemLineMod | ItemLineRet)
        if target is None:
            continue
        target_id = _list_id(target)
        told.append(
            BillLineAsIs(
                amount=line.amount if line.amount is not None else ZERO,
                account_id="" if is_item else target_id,
                item_id=target_id if is_item else "",
                customer_id=_list_id(line.customer),
                class_id=_list_id(line.tracking_class),
                is_retainage=not is_item and target_id in retainage,
            )
        )
    return tuple(told)


def _list_id(reference: Ref | None) -> str:
    return (reference.list_id if reference is not None else None) or ""

"""A changed bill as it goes to either QuickBooks: it starts from the bill as read, and only what is ours is changed."""

from collections.abc import Sequence

from accounting.bill_types import BillDraft
from accounting.bill_versions import BillAsIs, BillLineAsIs, as_it_would_be_posted
from accounting.line_pairs import places
from accounting.quantities import unit_price
from activities.bill_versions import desktop_line, online_line
from providers.quickbooks_desktop.message_set import request_text
from providers.quickbooks_desktop.messages.bills import (
    NOT_BILLABLE,
    BillMod,
    BillModRq,
    BillRet,
    ExpenseLineMod,
    ExpenseLineRet,
    ItemLineMod,
    ItemLineRet,
)
from providers.quickbooks_desktop.messages.element import Ref, to
from providers.quickbooks_online.bill_update import BillAsRead, LineToBe, serialize_bill_update

# Intuit: qbXML 13.0, BillMod, TxnLineID: a line that is not there yet.
NEW_LINE = "-1"
_Line = ExpenseLineRet | ItemLineRet


def online_update(read: BillAsRead, wanted: BillAsIs, draft: BillDraft | None) -> bytes:
    """The full update that makes the bill ``wanted``. New lines are described as ``draft`` has them."""
    # Mere descriptions are lines too: a place counts among all of them.
    posting = [place for place, line in enumerate(read.bill.lines) if online_line(line) is not None]
    there = [found for line in read.bill.lines if (found := online_line(line)) is not None]
    lines = [
        LineToBe(
            amount=line.amount,
            was=None if was is None else posting[was],
            account_id=line.account_id,
            item_id=line.item_id,
            customer_id=line.customer_id,
            class_id=line.class_id,
            description=_description(line, draft),
            quantity=line.quantity,
        )
        for line, was in zip(wanted.lines, places(wanted.lines, there), strict=True)
    ]
    return serialize_bill_update(
        read,
        vendor_id=wanted.vendor_id,
        ap_account_id=wanted.ap_account_id,
        doc_number=wanted.number,
        txn_date=wanted.bill_date,
        lines=lines,
    )


def desktop_update(bill: BillRet, wanted: BillAsIs, draft: BillDraft | None, marker: str) -> bytes:
    """The BillMod that makes the bill ``wanted``, as it will be handed out. All its lines are named: one that is not
    would be removed.
    """
    lines: list[_Line] = [*bill.expenses, *bill.items]
    there = [*map(desktop_line, bill.expenses), *map(desktop_line, bill.items)]
    became = [None if was is None else lines[was] for was in places(wanted.lines, there)]
    given = list(zip(wanted.lines, became, strict=True))
    change = BillMod(
        txn_id=bill.txn_id,
        edit_sequence=bill.edit_sequence,
        vendor=to(wanted.vendor_id),
        ap_account=_to(wanted.ap_account_id),
        bill_date=wanted.bill_date,
        number=wanted.number,
        expenses=tuple(_expense(line, was, draft) for line, was in given if not line.item_id),
        items=tuple(_item(line, was, draft) for line, was in given if line.item_id),
    )
    return request_text(BillModRq(request_id=marker.replace(" ", "-"), bill=change)).encode("ascii")


def _expense(line: BillLineAsIs, was: _Line | None, draft: BillDraft | None) -> ExpenseLineMod:
    is_kept = isinstance(was, ExpenseLineRet)
    return ExpenseLineMod(
        line_id=was.line_id if is_kept and was else NEW_LINE,
        account=to(line.account_id),
        amount=line.amount,
        memo=None if is_kept else (_description(line, draft) or None),
        customer=_to(line.customer_id),
        tracking_class=_to(line.class_id),
        billable_status=_billable(line, was),
    )


def _item(line: BillLineAsIs, was: _Line | None, draft: BillDraft | None) -> ItemLineMod:
    is_kept = isinstance(was, ItemLineRet)
    # QuickBooks keeps a quantity that is not named, and works the cost out again: right while the amount stays.
    is_new_amount = was is None or not is_kept or was.amount != line.amount
    return ItemLineMod(
        line_id=was.line_id if is_kept and was else NEW_LINE,
        item=to(line.item_id),
        description=None if is_kept else (_description(line, draft) or None),
        quantity=line.quantity if is_new_amount else None,
        cost=unit_price(line.amount, line.quantity) if is_new_amount else None,
        amount=line.amount,
        customer=_to(line.customer_id),
        tracking_class=_to(line.class_id),
        billable_status=_billable(line, was),
    )


def _billable(line: BillLineAsIs, was: _Line | None) -> str | None:
    """The status goes with a customer, and only then; what a person set stays."""
    if not line.customer_id:
        return None
    return (was.billable_status if was else None) or NOT_BILLABLE


def _to(list_id: str) -> Ref | None:
    return to(list_id) if list_id else None


def _description(line: BillLineAsIs, draft: BillDraft | None) -> str:
    """What the draft calls this line, or the one most like it."""
    if draft is None:
        return ""
    drafted: Sequence[BillLineAsIs] = as_it_would_be_posted(draft).lines
    (place,) = places([line], drafted)
    return "" if place is None else draft.lines[place].description

"""The bill a changed invoice would be: what was posted, with only what the invoice itself changed.

An admin who maps a cost code elsewhere, or a setting that groups lines another way, changes bills to come and none that
is posted. So the invoice as it was and the invoice as it is are drafted by the same rules, and what differs between the
two drafts is what is carried over to the posted bill.
"""

from dataclasses import replace

from accounting.bill_versions import BillAsIs, BillLineAsIs
from accounting.line_pairs import paired
from accounting.money import ZERO
from accounting.quantities import ONE


def carried_over(posted: BillAsIs, then: BillAsIs | None, now: BillAsIs) -> BillAsIs:
    """``posted`` changed as ``then`` was changed into ``now``.

    Where the lines of ``then`` are not those posted any more, because the rules group them otherwise now, or where
    ``then`` cannot be drafted, the lines are those of ``now``.
    """
    if then is None:
        return now
    if len(then.lines) != len(posted.lines):
        lines = posted.lines if _same_lines(then, now) else now.lines
    else:
        lines = _lines(posted, then, now)
    return replace(
        posted,
        vendor_id=posted.vendor_id if then.vendor_id == now.vendor_id else now.vendor_id,
        number=posted.number if then.number == now.number else now.number,
        bill_date=posted.bill_date if then.bill_date == now.bill_date else now.bill_date,
        ap_account_id=posted.ap_account_id if then.ap_account_id == now.ap_account_id else now.ap_account_id,
        total=sum((line.amount for line in lines), ZERO),
        lines=lines,
        kind=now.kind,
    )


def _lines(posted: BillAsIs, then: BillAsIs, now: BillAsIs) -> tuple[BillLineAsIs, ...]:
    became, added = paired(then.lines, now.lines)
    kept = [
        _line(was, before, after)
        for was, before, after in zip(posted.lines, then.lines, became, strict=True)
        if after is not None
    ]
    return (*kept, *added)


def _line(posted: BillLineAsIs, then: BillLineAsIs, now: BillLineAsIs) -> BillLineAsIs:
    amount = posted.amount + now.amount - then.amount
    same_target = (then.account_id, then.item_id) == (now.account_id, now.item_id)
    return BillLineAsIs(
        amount=amount,
        account_id=posted.account_id if same_target else now.account_id,
        item_id=posted.item_id if same_target else now.item_id,
        customer_id=posted.customer_id if then.customer_id == now.customer_id else now.customer_id,
        class_id=posted.class_id if then.class_id == now.class_id else now.class_id,
        is_retainage=posted.is_retainage,
        quantity=now.quantity if amount == now.amount else ONE,
    )


def _same_lines(one: BillAsIs, other: BillAsIs) -> bool:
    became, added = paired(one.lines, other.lines)
    return not added and all(line == after for line, after in zip(one.lines, became, strict=True))

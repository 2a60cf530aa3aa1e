"""What differs between an invoice in Procore and its bill in QuickBooks, field by field, and on which side it changed.

Three versions are laid side by side: what was posted, what Procore's invoice would be posted as now, and what
QuickBooks has now. Where Procore and QuickBooks say the same there is no difference, whatever was posted. Memo, terms,
due date and attachments may differ and are never compared.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from accounting.bill_types import TransactionKind
from accounting.bill_versions import Approval, BillAsIs, BillLineAsIs, InProcore, InQuickBooks, LinkedPair, Names
from accounting.closed_periods import in_words
from accounting.line_pairs import paired
from accounting.money import dollars


class BillField(StrEnum):
    """Everything two versions of one bill may differ in. The last five stand for the whole: nothing else is said."""

    VENDOR = "vendor"
    NUMBER = "number"
    DATE = "date"
    AP_ACCOUNT = "ap_account"
    TOTAL = "total"
    LINE = "line"
    LINE_AMOUNT = "line_amount"
    LINE_TARGET = "line_target"
    LINE_PROJECT = "line_project"
    LINE_CLASS = "line_class"
    RETAINAGE = "retainage"
    PAID = "paid"
    NO_BILL = "no_bill"
    APPROVAL_WITHDRAWN = "approval_withdrawn"
    REQUISITION_DELETED = "requisition_deleted"
    VOIDED = "voided"
    DELETED = "deleted"


class Side(StrEnum):
    """Who moved away from what was posted; UNKNOWN for a bill that a person linked, which nobody posted."""

    PROCORE = "procore"
    QUICKBOOKS = "quickbooks"
    BOTH = "both"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Difference:
    """One field on which Procore and QuickBooks disagree, each value in words.

    ``line`` names the line, ``line 2`` of what was posted, empty for the header: with the field it is the same from
    one comparison to the next while the bill is. ``posted`` is empty where nothing was posted by us.
    """

    field: BillField
    in_procore: str
    in_quickbooks: str
    posted: str
    changed_in: Side
    line: str = ""


def differences(pair: LinkedPair) -> tuple[Difference, ...]:
    """Every difference of a linked pair, each once, header first, then the lines in their order.

    A bill that is gone or voided, a requisition that is no longer approved, and an invoice that would make no bill now
    differ as a whole: nothing else is said of them. A bill not yet read in QuickBooks differs in nothing else.
    """
    whole = tuple(_as_a_whole(pair))
    if whole:
        return whole
    ours, theirs = pair.procore.bill, pair.quickbooks.bill
    if ours is None or theirs is None:
        return tuple(_payments(pair))
    return (*_header(pair, ours, theirs), *_lines(pair, ours, theirs), *_payments(pair))


def same_bill(one: BillAsIs, other: BillAsIs) -> bool:
    """Whether two versions are the same bill in everything that counts."""
    pair = LinkedPair(None, InProcore(one), InQuickBooks(other), {})
    return not (tuple(_header(pair, one, other)) or tuple(_lines(pair, one, other)))


def _as_a_whole(pair: LinkedPair) -> Iterator[Difference]:
    was = pair.posted or pair.procore.bill
    bill = f"{_kind(was)} {was.number}, {dollars(was.total)}" if was else "its bill"
    posted = bill if pair.posted else ""
    if pair.procore.approval is not Approval.APPROVED:
        gone = pair.procore.approval is Approval.GONE
        field = BillField.REQUISITION_DELETED if gone else BillField.APPROVAL_WITHDRAWN
        status = pair.procore.status.replace("_", " ")
        said = "deleted, or not visible to us" if gone else f"not approved any more: {status}"
        yield Difference(field, said, bill, posted, Side.PROCORE)
    elif pair.procore.held and not pair.quickbooks.is_deleted:
        yield Difference(BillField.NO_BILL, pair.procore.held, bill, posted, Side.PROCORE)
    if pair.quickbooks.is_deleted:
        yield Difference(BillField.DELETED, bill, "deleted", posted, Side.QUICKBOOKS)
    elif pair.is_voided:
        yield Difference(BillField.VOIDED, bill, "voided: every amount is $0.00", posted, Side.QUICKBOOKS)


def _header(pair: LinkedPair, ours: BillAsIs, theirs: BillAsIs) -> Iterator[Difference]:
    fields: tuple[tuple[BillField, Callable[[BillAsIs], object], Callable[[BillAsIs], str]], ...] = (
        (BillField.VENDOR, lambda bill: bill.vendor_id, lambda bill: _name(pair.names, "Vendor", bill.vendor_id)),
        (BillField.NUMBER, lambda bill: bill.number, lambda bill: bill.number or "no number"),
        (BillField.DATE, lambda bill: bill.bill_date, lambda bill: in_words(bill.bill_date)),
        (
            BillField.AP_ACCOUNT,
            lambda bill: bill.ap_account_id,
            lambda bill: _name(pair.names, "Account", bill.ap_account_id),
        ),
        (
            BillField.TOTAL,
            lambda bill: (bill.kind, bill.total),
            lambda bill: dollars(bill.total) if bill.kind is ours.kind else f"{_kind(bill)} of {dollars(bill.total)}",
        ),
    )
    for field, value, words in fields:
        if field is BillField.AP_ACCOUNT and not (ours.ap_account_id and theirs.ap_account_id):
            continue
        if value(ours) != value(theirs):
            posted = pair.posted
            yield Difference(
                field,
                words(ours),
                words(theirs),
                words(posted) if posted else "",
                _side(posted and value(posted), value(ours), value(theirs)),
            )


def _lines(pair: LinkedPair, ours: BillAsIs, theirs: BillAsIs) -> Iterator[Difference]:
    base = pair.posted or ours
    in_procore, added_here = paired(base.lines, ours.lines)
    in_quickbooks, added_there = paired(base.lines, theirs.lines)
    for place, was in enumerate(base.lines):
        posted = was if pair.posted else None
        yield from _line(pair, f"line {place + 1}", posted, in_procore[place], in_quickbooks[place])
    # What both sides added alike is agreed on.
    met, only_there = paired(added_here, added_there)
    for place, (here, there) in enumerate(zip(added_here, met, strict=True)):
        yield from _line(pair, f"added line {place + 1}", None, here, there, added=True)
    for place, there in enumerate(only_there, start=len(added_here)):
        yield from _line(pair, f"added line {place + 1}", None, None, there, added=True)


def _line(
    pair: LinkedPair,
    label: str,
    posted: BillLineAsIs | None,
    here: BillLineAsIs | None,
    there: BillLineAsIs | None,
    *,
    added: bool = False,
) -> Iterator[Difference]:
    if here == there:
        return
    names = pair.names
    if here is None or there is None:
        existing = here or there
        is_retainage = existing is not None and existing.is_retainage
        field = BillField.RETAINAGE if is_retainage else BillField.LINE
        known = posted if posted is not None else ("nothing" if added and pair.posted else None)
        yield Difference(
            field,
            _line_words(names, here),
            _line_words(names, there),
            _line_words(names, posted) if pair.posted else "",
            _side(known, here or "nothing", there or "nothing"),
            label,
        )
        return
    amount = BillField.RETAINAGE if here.is_retainage or there.is_retainage else BillField.LINE_AMOUNT
    fields: tuple[tuple[BillField, Callable[[BillLineAsIs], object], Callable[[BillLineAsIs], str]], ...] = (
        (amount, lambda line: line.amount, lambda line: dollars(line.amount)),
        (BillField.LINE_TARGET, lambda line: (line.account_id, line.item_id), lambda line: _target(names, line)),
        (
            BillField.LINE_PROJECT,
            lambda line: line.customer_id,
            lambda line: _name(names, "Customer", line.customer_id),
        ),
        (BillField.LINE_CLASS, lambda line: line.class_id, lambda line: _name(names, "Class", line.class_id)),
    )
    for field, value, words in fields:
        if value(here) != value(there):
            side = _side(posted and value(posted), value(here), value(there))
            yield Difference(field, words(here), words(there), words(posted) if posted else "", side, label)


def _payments(pair: LinkedPair) -> Iterator[Difference]:
    here, there = pair.procore.paid, pair.quickbooks.paid
    if here is not None and there is not None and here != there:
        # Bills are paid in QuickBooks and Procore follows: where they differ it has not, or not yet again.
        yield Difference(BillField.PAID, dollars(here), dollars(there), "", Side.QUICKBOOKS)


def _side(posted: object, ours: object, theirs: object) -> Side:
    if posted is None:
        return Side.UNKNOWN
    if posted == ours:
        return Side.QUICKBOOKS
    return Side.PROCORE if posted == theirs else Side.BOTH


def _kind(bill: BillAsIs) -> str:
    return "bill" if bill.kind is TransactionKind.BILL else "vendor credit"


def _name(names: Names, entity: str, quickbooks_id: str) -> str:
    return names.get((entity, quickbooks_id), quickbooks_id) or "none"


def _target(names: Names, line: BillLineAsIs) -> str:
    return _name(names, "Item", line.item_id) if line.item_id else _name(names, "Account", line.account_id)


def _line_words(names: Names, line: BillLineAsIs | None) -> str:
    return "no such line" if line is None else f"{dollars(line.amount)} to {_target(names, line)}"

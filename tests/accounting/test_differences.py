"""Three versions of one bill side by side: every difference is named once, with its side, and nothing else is."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from accounting.bill import draft_bill
from accounting.bill_types import BillDraft, TransactionKind
from accounting.bill_versions import (
    Approval,
    BillAsIs,
    BillLineAsIs,
    InProcore,
    InQuickBooks,
    LinkedPair,
    as_it_would_be_posted,
)
from accounting.differences import BillField, Side, differences, same_bill
from tests.accounting.samples import NO_RETAINAGE, books, invoice, line

NAMES = {("Vendor", "56"): "Ernie's Electrical", ("Vendor", "57"): "Ernie & Sons", ("Account", "80"): "Subcontractors"}


def posted_bill() -> BillAsIs:
    """Two cost lines and their retainage."""
    of = invoice(line("17000.00", "1700.00"), line("2500.00", "250.00", position=2))
    draft = draft_bill(of, books(class_id="7"), NO_RETAINAGE, number_used_on_other_commitment=False)
    assert isinstance(draft, BillDraft)
    return as_it_would_be_posted(draft)


POSTED = posted_bill()


def pair(
    *,
    posted: BillAsIs | None = POSTED,
    procore: BillAsIs | None = POSTED,
    quickbooks: BillAsIs | None = POSTED,
    approval: Approval = Approval.APPROVED,
    is_deleted: bool = False,
    left: str | None = None,
    paid: tuple[str, str] | None = None,
) -> LinkedPair:
    return LinkedPair(
        posted,
        InProcore(procore, approval, "draft", None if paid is None else Decimal(paid[0])),
        InQuickBooks(
            quickbooks, is_deleted, None if left is None else Decimal(left), None if paid is None else Decimal(paid[1])
        ),
        NAMES,
    )


def line_changed(place: int, **changes: object) -> "Edit":
    def change(bill: BillAsIs) -> BillAsIs:
        lines = [
            replace(one, **changes) if at == place else one  # type: ignore[arg-type]
            for at, one in enumerate(bill.lines)
        ]
        return replace(bill, lines=tuple(lines))

    return change


Edit = Callable[[BillAsIs], BillAsIs]
EDITS: list[tuple[BillField, str, Edit]] = [
    (BillField.VENDOR, "", lambda bill: replace(bill, vendor_id="57")),
    (BillField.NUMBER, "", lambda bill: replace(bill, number="INV-1042B")),
    (BillField.DATE, "", lambda bill: replace(bill, bill_date=date(2026, 7, 1))),
    (BillField.AP_ACCOUNT, "", lambda bill: replace(bill, ap_account_id="34")),
    (BillField.TOTAL, "", lambda bill: replace(bill, total=Decimal("17000.00"))),
    (BillField.TOTAL, "", lambda bill: replace(bill, kind=TransactionKind.VENDOR_CREDIT)),
    (BillField.LINE_AMOUNT, "line 1", line_changed(0, amount=Decimal("17001.00"))),
    (BillField.LINE_TARGET, "line 2", line_changed(1, account_id="81")),
    (BillField.LINE_TARGET, "line 2", line_changed(1, account_id="", item_id="501")),
    (BillField.LINE_PROJECT, "line 1", line_changed(0, customer_id="13")),
    (BillField.LINE_CLASS, "line 1", line_changed(0, class_id="8")),
    (BillField.RETAINAGE, "line 3", line_changed(2, amount=Decimal("-1900.00"))),
    (BillField.RETAINAGE, "line 3", lambda bill: replace(bill, lines=bill.lines[:2])),
    (BillField.LINE, "line 2", lambda bill: replace(bill, lines=(bill.lines[0], bill.lines[2]))),
    (
        BillField.LINE,
        "added line 1",
        lambda bill: replace(bill, lines=(*bill.lines, BillLineAsIs(Decimal("9.00"), "99"))),
    ),
]


@pytest.mark.parametrize(("field", "label", "edit"), EDITS)
@pytest.mark.parametrize("side", [Side.PROCORE, Side.QUICKBOOKS])
def test_an_edit_on_either_side_is_one_difference_with_its_side(
    field: BillField, label: str, edit: Edit, side: Side
) -> None:
    changed = edit(POSTED)
    edited = pair(procore=changed) if side is Side.PROCORE else pair(quickbooks=changed)
    [found] = differences(edited)
    assert (found.field, found.line, found.changed_in) == (field, label, side)
    assert found.in_procore != found.in_quickbooks
    assert found.posted == (found.in_quickbooks if side is Side.PROCORE else found.in_procore) or "added" in label


def test_the_same_edit_on_both_sides_is_no_difference() -> None:
    for _, _, edit in EDITS:
        assert differences(pair(procore=edit(POSTED), quickbooks=edit(POSTED))) == ()


def test_different_edits_of_one_field_are_both_sides_doing() -> None:
    [found] = differences(pair(procore=replace(POSTED, number="A"), quickbooks=replace(POSTED, number="B")))
    assert (found.in_procore, found.in_quickbooks, found.posted) == ("A", "B", "INV-1042")
    assert found.changed_in is Side.BOTH


def test_a_bill_linked_by_a_person_is_compared_without_a_posted_version() -> None:
    assert differences(pair(posted=None)) == ()
    [found] = differences(pair(posted=None, quickbooks=replace(POSTED, vendor_id="57")))
    assert (found.in_procore, found.in_quickbooks) == ("Ernie's Electrical", "Ernie & Sons")
    assert (found.posted, found.changed_in) == ("", Side.UNKNOWN)


def test_the_order_of_lines_is_no_difference() -> None:
    assert differences(pair(quickbooks=replace(POSTED, lines=POSTED.lines[::-1]))) == ()


def test_equal_lines_are_told_apart_by_how_many_there_are() -> None:
    twice = replace(POSTED, lines=(*POSTED.lines, POSTED.lines[0]))
    [found] = differences(pair(quickbooks=twice))
    assert (found.field, found.in_procore) == (BillField.LINE, "no such line")


def test_a_line_split_in_two_is_a_smaller_amount_and_a_new_line() -> None:
    first = POSTED.lines[0]
    halves = (replace(first, amount=Decimal("10000.00")), replace(first, amount=Decimal("7000.00")))
    found = differences(pair(quickbooks=replace(POSTED, lines=(*halves, *POSTED.lines[1:]))))
    assert [(one.field, one.line) for one in found] == [
        (BillField.LINE_AMOUNT, "line 1"),
        (BillField.LINE, "added line 1"),
    ]


@pytest.mark.parametrize(
    ("approval", "field"),
    [
        (Approval.WITHDRAWN, BillField.APPROVAL_WITHDRAWN),
        (Approval.GONE, BillField.REQUISITION_DELETED),
    ],
)
def test_a_withdrawn_or_deleted_requisition_differs_as_a_whole(approval: Approval, field: BillField) -> None:
    [found] = differences(pair(approval=approval, procore=None))
    assert (found.field, found.changed_in) == (field, Side.PROCORE)
    assert found.in_quickbooks == "bill INV-1042, $17,550.00"


def test_procores_status_is_said_in_words() -> None:
    [found] = differences(
        LinkedPair(
            POSTED,
            InProcore(None, approval=Approval.WITHDRAWN, status="revise_and_resubmit"),
            InQuickBooks(POSTED),
            NAMES,
        )
    )
    assert found.in_procore == "not approved any more: revise and resubmit"


def test_an_invoice_that_would_make_no_bill_now_says_why() -> None:
    held = LinkedPair(POSTED, InProcore(None, held="cost code 27 is not mapped"), InQuickBooks(POSTED), NAMES)
    [found] = differences(held)
    assert (found.field, found.in_procore, found.changed_in) == (
        BillField.NO_BILL,
        "cost code 27 is not mapped",
        Side.PROCORE,
    )


def test_a_deleted_bill_differs_as_a_whole() -> None:
    [found] = differences(pair(is_deleted=True, quickbooks=replace(POSTED, number="other")))
    assert (found.field, found.in_quickbooks, found.changed_in) == (BillField.DELETED, "deleted", Side.QUICKBOOKS)


def test_a_bill_of_zeros_was_voided() -> None:
    zeros = tuple(replace(one, amount=Decimal("0.00")) for one in POSTED.lines)
    [found] = differences(pair(quickbooks=replace(POSTED, total=Decimal(0), lines=zeros)))
    assert found.field is BillField.VOIDED
    never_had_any = replace(POSTED, total=Decimal(0), lines=zeros)
    assert differences(pair(posted=never_had_any, procore=never_had_any, quickbooks=never_had_any)) == ()


def test_cash_is_compared_only_where_both_are_to_show_it() -> None:
    # What a credit settled, or a payment that Procore is not to show, left less open and is no difference.
    assert differences(pair(left="0.00")) == ()
    assert differences(pair(left="7550.00", paid=("10000.00", "10000.00"))) == ()
    [found] = differences(pair(left="7550.00", paid=("0.00", "10000.00")))
    assert (found.field, found.in_procore, found.in_quickbooks) == (BillField.PAID, "$0.00", "$10,000.00")
    assert found.changed_in is Side.QUICKBOOKS


def test_what_is_not_known_differs_in_nothing() -> None:
    assert differences(pair(quickbooks=None)) == ()
    assert differences(pair(procore=None)) == ()
    assert differences(pair(quickbooks=replace(POSTED, ap_account_id=""))) == ()


def test_two_versions_are_the_same_bill_whatever_the_order_of_lines() -> None:
    assert same_bill(POSTED, replace(POSTED, lines=POSTED.lines[::-1]))
    assert not same_bill(POSTED, replace(POSTED, total=Decimal(1)))

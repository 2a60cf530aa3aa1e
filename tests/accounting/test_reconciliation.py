"""What Procore has approved is accounted for: the statement ties whatever there is, and every change has a name."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounting.reconciliation import (
    NOTHING,
    Amounts,
    Approved,
    Change,
    Group,
    Imported,
    InBooks,
    Origin,
    Part,
    Place,
    Row,
    Statement,
    rows_of,
    since_posted,
    totals,
)
from accounting.states import InvoiceFacts, InvoiceState

S = InvoiceState
cents = st.integers(-(10**9), 10**9).map(lambda amount: Decimal(amount) / 100)
amounts = st.builds(Amounts, cents, cents)
facts = st.builds(
    InvoiceFacts, changed=st.booleans(), approval_withdrawn=st.booleans(), removed_in_quickbooks=st.booleans()
)
imported = st.builds(Imported, amounts, st.sampled_from(S), facts, st.none() | amounts, linked_by_person=st.booleans())
approvals = st.builds(Approved, st.none() | amounts, imported, st.booleans()) | st.builds(
    Approved, amounts, st.none(), st.just(False), st.sampled_from(["Before the start date.", "Another integration's."])
)
groups = st.builds(
    Group,
    st.sampled_from(["9001", "9002"]),
    st.sampled_from(["", "qbo"]),
    st.sampled_from([date(2026, 6, 1), date(2026, 7, 1)]),
)


@given(st.lists(st.tuples(groups, approvals), max_size=30))
def test_whatever_was_approved_is_accounted_for_in_every_selection(told: list[tuple[Group, Approved]]) -> None:
    statement = Statement()
    for group, approval in told:
        statement.add(group, approval)
    rows = list(statement.rows())
    for chosen in (None, *{group for group, _ in told}):
        of = totals(row for group, row in rows if chosen in (None, group))
        assert of.ties
        assert of.approved_to_date.gross == of.accounted_for.gross
        members = [approval for group, approval in told if chosen in (None, group)]
        assert of.invoices == len(members) == sum(row.invoices for row in of.places)


@given(amounts, st.none() | amounts)
def test_the_books_come_to_what_was_posted_and_what_happened_since(bill: Amounts, now: Amounts | None) -> None:
    place = Row(Part.PLACE, Place.BILLED, "", 1, bill)
    moved = since_posted(bill, now)
    assert totals([place, *([moved] if moved else [])]).in_books == (now if now is not None else NOTHING)


def money(net: str, retainage: str = "0") -> Amounts:
    return Amounts(Decimal(retainage), Decimal(net))


PLACES = [
    (S.IMPORTED, InvoiceFacts(), Place.WAITING),
    (S.WAITING, InvoiceFacts(), Place.WAITING),
    (S.READY, InvoiceFacts(), Place.WAITING),
    (S.SENDING, InvoiceFacts(), Place.WAITING),
    (S.NEEDS_YOU, InvoiceFacts(), Place.NEEDS_YOU),
    (S.DONT_POST, InvoiceFacts(), Place.DONT_POST),
    (S.NOTHING_TO_POST, InvoiceFacts(), Place.NOTHING_TO_POST),
    (S.TAKEN_BACK, InvoiceFacts(), Place.TAKEN_BACK),
    (S.NEEDS_YOU, InvoiceFacts(approval_withdrawn=True), Place.WITHDRAWN),
    (S.POSTED, InvoiceFacts(), Place.BILLED),
    (S.LINKED, InvoiceFacts(), Place.BILLED),
    (S.POSTED, InvoiceFacts(approval_withdrawn=True), Place.BILLED),
    (S.POSTED, InvoiceFacts(changed=True), Place.BILLED),
    (S.POSTED, InvoiceFacts(removed_in_quickbooks=True), Place.REMOVED),
]


@pytest.mark.parametrize(("state", "known", "place"), PLACES)
def test_each_invoice_is_in_one_place(state: InvoiceState, known: InvoiceFacts, place: Place) -> None:
    approval = Approved(money("90"), Imported(money("90"), state, known, money("90")))
    assert [row.name for row in rows_of(approval) if row.part is Part.PLACE] == [place]


def test_what_was_withdrawn_counts_as_it_was_approved() -> None:
    withdrawn = Imported(money("90"), S.NEEDS_YOU, InvoiceFacts(approval_withdrawn=True))
    for now in (None, money("120")):
        assert list(rows_of(Approved(now, withdrawn))) == [
            Row(Part.APPROVED, Origin.WITHDRAWN, "", 1, money("90")),
            Row(Part.PLACE, Place.WITHDRAWN, "", 1, money("90")),
        ]


CHANGES = [
    # (approved now, as imported, as posted, linked by a person) -> the change and what it comes to
    (money("120", "10"), money("90", "10"), money("90", "10"), False, Change.AFTER_POSTING, money("30")),
    (money("90", "10"), money("90", "10"), money("88", "12"), False, Change.POSTED, money("2", "-2")),
    (money("90", "10"), money("90", "10"), money("90", "0"), False, Change.BOOKED_NET, money("0", "10")),
    (money("90", "10"), money("90", "10"), money("100", "0"), True, Change.LINKED, money("-10", "10")),
]


@pytest.mark.parametrize(("now", "was", "bill", "by_person", "change", "moved"), CHANGES)
def test_what_a_bill_does_not_account_for_has_a_name(
    now: Amounts, was: Amounts, bill: Amounts, by_person: bool, change: Change, moved: Amounts
) -> None:
    approval = Approved(now, Imported(was, S.POSTED, InvoiceFacts(), bill, by_person))
    assert list(rows_of(approval))[2:] == [Row(Part.CHANGE, change, "", 1, moved)]


def test_an_amount_not_taken_over_yet_is_named_too() -> None:
    approval = Approved(money("120"), Imported(money("90"), S.IMPORTED, InvoiceFacts()))
    assert list(rows_of(approval))[2:] == [Row(Part.CHANGE, Change.BEFORE_POSTING, "", 1, money("30"))]


def test_what_was_not_imported_keeps_its_reason() -> None:
    rows = list(rows_of(Approved(money("90"), None, reason="First approved before the start date.")))
    assert (rows[1].name, rows[1].reason) == (Place.NOT_IMPORTED, "First approved before the start date.")


def test_many_left_out_for_one_reason_are_added_at_once() -> None:
    statement = Statement()
    statement.add_left_out(Group("9001", "", date(2026, 6, 1)), 3, money("300", "30"), "Before.")
    of = totals(row for _, row in statement.rows())
    assert (of.invoices, of.places[0].invoices, of.ties) == (3, 3, True)
    assert of.places[0].amounts.gross == Decimal(330)


def test_a_bill_that_is_gone_or_edited_is_told_apart() -> None:
    bill = money("90", "10")
    gone = Row(Part.BOOKS, InBooks.GONE, "", 1, money("-90", "-10"))
    assert (since_posted(bill, None), since_posted(bill, NOTHING)) == (gone, gone)
    assert since_posted(bill, money("95", "5")) == Row(Part.BOOKS, InBooks.EDITED, "", 1, money("5", "-5"))
    assert since_posted(bill, bill) is None


def test_the_statement_reads_in_one_order_and_a_gap_is_never_hidden() -> None:
    rows = [
        Row(Part.PLACE, Place.NOT_IMPORTED, "B.", 1, money("5")),
        Row(Part.PLACE, Place.NOT_IMPORTED, "A.", 1, money("5")),
        Row(Part.PLACE, Place.BILLED, "", 1, money("80")),
        Row(Part.APPROVED, Origin.PROCORE, "", 3, money("100")),
    ]
    of = totals(rows)
    assert [(row.name, row.reason) for row in of.places] == [
        (Place.BILLED, ""),
        (Place.NOT_IMPORTED, "A."),
        (Place.NOT_IMPORTED, "B."),
    ]
    assert not of.ties
    assert (of.unexplained, of.of(Place.NOT_IMPORTED)) == (money("10"), money("10"))

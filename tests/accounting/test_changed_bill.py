"""Only what the invoice itself changed is carried over to its bill."""

from dataclasses import replace
from decimal import Decimal

from accounting.bill import draft_bill
from accounting.bill_types import BillDraft, Books
from accounting.bill_versions import BillAsIs, BillLineAsIs, as_it_would_be_posted
from accounting.changed_bill import carried_over
from accounting.differences import same_bill
from accounting.invoice import Invoice
from tests.accounting.samples import NO_RETAINAGE, books, invoice, line

FIRST, SECOND = line("1000.00", "100.00"), line("500.00", position=2)
WAS = invoice(FIRST, SECOND)


def bill(of: Invoice, where: Books) -> BillAsIs:
    draft = draft_bill(of, where, NO_RETAINAGE, number_used_on_other_commitment=False)
    assert isinstance(draft, BillDraft)
    return as_it_would_be_posted(draft)


POSTED = bill(WAS, books())
REMAPPED = books({"26": "81"}, class_id="7")


def test_mappings_and_settings_that_moved_change_no_posted_bill() -> None:
    assert carried_over(POSTED, bill(WAS, REMAPPED), bill(WAS, REMAPPED)) == POSTED


def test_an_amount_changed_in_procore_keeps_the_account_it_was_posted_to() -> None:
    now = invoice(replace(FIRST, gross=Decimal("1200.00"), net=Decimal("1100.00")), SECOND)
    told = carried_over(POSTED, bill(WAS, REMAPPED), bill(now, REMAPPED))
    assert [(one.amount, one.account_id) for one in told.lines] == [
        (Decimal("1200.00"), "80"),
        (Decimal("500.00"), "80"),
        (Decimal("-100.00"), "95"),
    ]
    assert told.total == Decimal("1600.00")


def test_a_line_that_is_gone_and_one_that_is_new() -> None:
    gone = carried_over(POSTED, bill(WAS, books()), bill(invoice(SECOND), books()))
    assert [one.amount for one in gone.lines] == [Decimal("500.00")]
    new = line("70.00", position=3, cost_code_id="27")
    coded = books({"26": "80", "27": "82"})
    more = carried_over(POSTED, bill(WAS, coded), bill(invoice(FIRST, SECOND, new), coded))
    assert BillLineAsIs(Decimal("70.00"), "82", "", "12") in more.lines
    assert more.total == POSTED.total + Decimal("70.00")


def test_header_fields_follow_only_the_invoice() -> None:
    moved = books(vendor_id="99", ap_account_id="34")
    assert carried_over(POSTED, bill(WAS, moved), bill(WAS, moved)) == POSTED
    renamed = carried_over(POSTED, bill(WAS, moved), bill(replace(WAS, number="X-9"), moved))
    assert (renamed.number, renamed.vendor_id, renamed.ap_account_id) == ("X-9", "56", "33")


def test_a_line_corrected_by_a_person_before_posting_stays_corrected() -> None:
    recoded = replace(POSTED, lines=(replace(POSTED.lines[0], account_id="88"), *POSTED.lines[1:]))
    assert carried_over(recoded, bill(WAS, books()), bill(WAS, books())) == recoded


def test_lines_grouped_otherwise_since_are_replaced_only_when_the_invoice_changed() -> None:
    merged = replace(POSTED, lines=(replace(POSTED.lines[0], amount=Decimal("1500.00")), POSTED.lines[2]))
    assert carried_over(merged, bill(WAS, books()), bill(WAS, books())) == merged
    now = bill(invoice(FIRST), books())
    assert same_bill(carried_over(merged, bill(WAS, books()), now), now)


def test_an_invoice_that_could_not_be_drafted_as_it_was_is_taken_as_it_is() -> None:
    now = bill(invoice(FIRST), REMAPPED)
    assert carried_over(POSTED, None, now) == now

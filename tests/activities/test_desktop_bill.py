"""A draft as the bill of a company file."""

from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest

from accounting.bill import carries_marker
from accounting.bill_types import BillDraft, BillLine, LineRole
from activities.desktop_bill import as_desktop_bill, bill_number, bill_request
from providers.quickbooks_desktop.message_set import write_text
from providers.quickbooks_desktop.validator import check_message_set

CONNECTION, INVOICE = UUID(int=1), UUID(int=2)


def draft(
    number: str = "INV-1", full_number: str = "INV-1", memo: str = "Procore SC-001 #3 · inBuild 70123"
) -> BillDraft:
    lines = (
        BillLine(
            LineRole.COST, "80000020-1", "26-100 “Rough-in” – Süd 東京", Decimal("1250.00"), "80000040-1", "80000001-2"
        ),
        BillLine(LineRole.RETAINAGE_WITHHELD, "80000031-1", "x" * 5000, Decimal("-125.00"), "80000040-1"),
    )
    return BillDraft(
        vendor_id="80000001-1",
        number=number,
        full_number=full_number,
        bill_date=date(2026, 6, 30),
        due_date=date(2026, 7, 30),
        terms_id="80000002-1",
        ap_account_id="80000030-1",
        memo=memo,
        currency="USD",
        lines=lines,
        total=Decimal("1125.00"),
    )


def test_the_request_passes_our_last_check_whatever_customers_typed() -> None:
    fitted = as_desktop_bill(draft("№ 東-17", "№ 東-17", "Procore 東京 & <Tower> · inBuild 70123"))
    body = bill_request(fitted, CONNECTION, INVOICE, "inBuild 70123").decode("ascii")
    check_message_set(write_text(body, "A" * 20, "B" * 20))
    assert 'requestID="inBuild-70123"' in body and "<Amount>-125.00</Amount>" in body
    assert "“Rough-in” – Süd ??" in fitted.lines[0].description
    assert len(fitted.lines[1].description) == 4095
    assert carries_marker(fitted.memo, 70123)


def test_the_stamp_follows_from_connection_and_invoice_alone() -> None:
    one = bill_request(as_desktop_bill(draft()), CONNECTION, INVOICE, "inBuild 1")
    other = bill_request(as_desktop_bill(draft("INV-2")), CONNECTION, INVOICE, "inBuild 1")
    stamp = one.split(b"<ExternalGUID>")[1].split(b"<")[0]
    assert stamp in other and stamp.startswith(b"{") and stamp.endswith(b"}")


@pytest.mark.parametrize(
    ("number", "sent"),
    [
        ("INV-1042", "INV-1042"),
        ("Ñ-7", "Ñ-7"),
        ("12345678901234567890", "12345678901234567890"),
    ],
)
def test_a_number_that_fits_stays_as_it_is(number: str, sent: str) -> None:
    assert bill_number(number) == sent


def test_numbers_that_differ_only_in_what_desktop_lacks_stay_apart() -> None:
    one, other = bill_number("東-17"), bill_number("京-17")
    assert one != other and one.startswith("-17-") is other.startswith("-17-")
    assert max(len(one), len(other)) <= 20 and one.isascii()


def test_a_number_that_was_altered_stands_in_the_memo_and_can_fake_no_marker() -> None:
    fitted = as_desktop_bill(draft("inBuild 999 東", "inBuild 999 東"))
    assert fitted.memo.startswith("Invoice inBuild-999 ?, ")
    assert carries_marker(fitted.memo, 70123) and not carries_marker(fitted.memo, 999)


def test_a_long_memo_loses_its_head_and_keeps_the_marker() -> None:
    fitted = as_desktop_bill(draft(memo=f"{'ﬁ' * 4000} · inBuild 70123"))
    assert len(fitted.memo) == 4095 and carries_marker(fitted.memo, 70123)

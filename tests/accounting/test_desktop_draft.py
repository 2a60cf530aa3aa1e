"""A draft as a company file can hold it."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from accounting.bill import carries_marker
from accounting.bill_types import BillDraft, BillLine, LineRole
from accounting.desktop_draft import desktop_number, in_words_of_a_company_file


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


@pytest.mark.parametrize(
    ("number", "sent"),
    [
        ("INV-1042", "INV-1042"),
        ("Ñ-7", "Ñ-7"),
        ("12345678901234567890", "12345678901234567890"),
    ],
)
def test_a_number_that_fits_stays_as_it_is(number: str, sent: str) -> None:
    assert desktop_number(number) == sent


def test_numbers_that_differ_only_in_what_desktop_lacks_stay_apart() -> None:
    one, other = desktop_number("東-17"), desktop_number("京-17")
    assert one != other and one.startswith("-17-") is other.startswith("-17-")
    assert max(len(one), len(other)) <= 20 and one.isascii()


def test_a_number_that_was_altered_stands_in_the_memo_and_can_fake_no_marker() -> None:
    fitted = in_words_of_a_company_file(draft("inBuild 999 東", "inBuild 999 東"))
    assert fitted.memo.startswith("Invoice inBuild-999 ?, ")
    assert carries_marker(fitted.memo, 70123) and not carries_marker(fitted.memo, 999)


def test_a_long_memo_loses_its_head_and_keeps_the_marker() -> None:
    fitted = in_words_of_a_company_file(draft(memo=f"{'ﬁ' * 4000} · inBuild 70123"))
    assert len(fitted.memo) == 4095 and carries_marker(fitted.memo, 70123)


def test_what_goes_to_the_items_tab_comes_after_the_expenses() -> None:
    cost, withheld = draft().lines
    item = replace(cost, account_id="", item_id="80000050-1")
    assert in_words_of_a_company_file(replace(draft(), lines=(item, withheld))).lines[0].account_id == "80000031-1"

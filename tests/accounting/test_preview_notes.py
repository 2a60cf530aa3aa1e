"""What a person is told beside a bill: every alteration of number and terms, and how the tax is taken."""

from decimal import Decimal
from typing import Any

import pytest

from accounting.bill import draft_bill
from accounting.bill_types import BillDraft, Terms
from accounting.preview_notes import tax_sentence, warnings
from tests.accounting.samples import NO_RETAINAGE, books, invoice, line

NO_TERMS = "QuickBooks has no payment terms of 45 days: the due date is sent without terms."


@pytest.mark.parametrize(
    ("of_invoice", "of_books", "told"),
    [
        ({}, {}, ()),
        ({}, {"default_terms": Terms(45)}, (NO_TERMS,)),
        ({"number": " - "}, {}, ("The invoice has no number of its own: the bill gets SC-001-3.",)),
        (
            {"number": "2026-TOWER-ELECTRICAL-0042"},
            {"default_terms": Terms(45)},
            (
                "The number is sent as -ELECTRICAL-0042-50FE; the vendor's own, 2026-TOWER-ELECTRICAL-0042, stands in "
                "the memo.",
                NO_TERMS,
            ),
        ),
    ],
)
def test_a_warning_tells_what_the_bill_says_otherwise(
    of_invoice: dict[str, Any], of_books: dict[str, Any], told: tuple[str, ...]
) -> None:
    one = invoice(**of_invoice)
    draft = draft_bill(one, books(**of_books), NO_RETAINAGE, False)
    assert isinstance(draft, BillDraft)
    assert warnings(draft, one) == told


@pytest.mark.parametrize(
    ("due", "tax", "told"),
    [
        ("1000", "0", None),
        ("1000", "82.50", "$82.50, on top of the amount due"),
        ("1082.50", "82.50", "$82.50, part of the amount due"),
    ],
)
def test_the_tax_is_told_as_the_bill_takes_it(due: str, tax: str, told: str | None) -> None:
    one = invoice(line("1000.00"), due=due, tax=Decimal(tax))
    draft = draft_bill(one, books(), NO_RETAINAGE, False)
    assert isinstance(draft, BillDraft) and tax_sentence(draft, one) == told

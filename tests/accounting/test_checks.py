from decimal import Decimal
from typing import Any

import pytest

from accounting.bill import draft_bill
from accounting.bill_settings import Decisions
from accounting.bill_types import BillDraft, RetainageBalance
from accounting.blockers import BlockerReason, Hold
from accounting.checks import missing_in_books, wrong_amounts
from accounting.coding import Coding, Target
from accounting.invoice import Invoice, InvoiceLine
from tests.accounting.samples import NO_RETAINAGE, books, invoice, line

R = BlockerReason


def test_an_ordinary_invoice_is_right_and_the_books_lack_nothing() -> None:
    assert list(wrong_amounts(invoice())) == []
    assert list(missing_in_books(invoice(), books(), NO_RETAINAGE)) == []


@pytest.mark.parametrize(
    ("one", "hold"),
    [
        (
            invoice(line("10.005"), line("9.995", position=2)),
            Hold(R.FRACTION_OF_CENT, "Line 1 Rough-in (10.005)", "line-1"),
        ),
        (invoice(line("10", "0.3333")), Hold(R.FRACTION_OF_CENT, "Line 1 Rough-in (0.3333)", "line-1")),
        (invoice(line("0", "0", "0.125")), Hold(R.FRACTION_OF_CENT, "Line 1 Rough-in (0.125)", "line-1")),
        (invoice(line("10", net="10.001")), Hold(R.FRACTION_OF_CENT, "Line 1 Rough-in (10.001)", "line-1")),
        (invoice(due="15300.001"), Hold(R.FRACTION_OF_CENT, "The amount due (15300.001)", "due")),
        (invoice(tax=Decimal("0.001")), Hold(R.FRACTION_OF_CENT, "The tax (0.001)", "tax")),
        (
            invoice(retainage_change=Decimal("1700.001")),
            Hold(R.FRACTION_OF_CENT, "The change of retainage (1700.001)", "retainage"),
        ),
    ],
)
def test_a_fraction_of_a_cent_anywhere_holds(one: Invoice, hold: Hold) -> None:
    assert hold in list(wrong_amounts(one))


def test_trailing_zeros_are_no_fraction() -> None:
    assert list(wrong_amounts(invoice(line("17000.000000", "1700.0000")))) == []


@pytest.mark.parametrize(
    "one_line",
    [
        line("100", is_rejected=True),
        line("0", "5", is_rejected=True),
        line("0", "0", "5", is_rejected=True),
        line("0", net="5", is_rejected=True),
        line("-220.10", is_rejected=True),
    ],
)
def test_a_rejected_line_with_money_holds(one_line: InvoiceLine) -> None:
    assert Hold(R.REJECTED_LINE, "1 Rough-in", "line-1") in list(wrong_amounts(invoice(one_line)))


def test_a_rejected_line_without_money_does_not() -> None:
    one = invoice(line("100"), line("0", position=2, is_rejected=True, cost_code_id=None))
    assert list(wrong_amounts(one)) == []
    assert list(missing_in_books(one, books(), NO_RETAINAGE)) == []


@pytest.mark.parametrize("cost_code_id", [None, "99"])
def test_a_rejected_line_is_not_asked_for_an_account(cost_code_id: str | None) -> None:
    one = invoice(line("100", is_rejected=True, cost_code_id=cost_code_id))
    assert list(missing_in_books(one, books(), NO_RETAINAGE)) == []


@pytest.mark.parametrize("due", ["15300", "16101"])
def test_tax_fits_whether_it_is_in_the_amount_due_or_on_top_of_it(due: str) -> None:
    assert list(wrong_amounts(invoice(due=due, tax=Decimal("801")))) == []


@pytest.mark.parametrize("due", ["15300.06", "16100.94", "0", "14499"])
def test_tax_that_fits_neither_way_holds(due: str) -> None:
    said = f"lines $15,300.00, tax $801.00, amount due ${Decimal(due):,.2f}"
    assert list(wrong_amounts(invoice(due=due, tax=Decimal(801)))) == [Hold(R.TAX, said, "tax")]


def test_tax_on_no_cost_at_all_holds() -> None:
    of = invoice(line("0", "0", "40"), tax=Decimal(8), due="48")
    assert [hold.reason for hold in wrong_amounts(of)] == [R.TAX]


@pytest.mark.parametrize(("due", "allowed"), [("15300.05", True), ("15299.95", True), ("15300.06", False)])
def test_a_difference_of_up_to_five_cents_may_be_put_on_the_retainage_line(due: str, allowed: bool) -> None:
    one = invoice(due=due)
    reason = R.SMALL_DIFFERENCE if allowed else R.AMOUNTS_DISAGREE
    assert list(wrong_amounts(one)) == [Hold(reason, f"lines $15,300.00, amount due ${Decimal(due):,.2f}", "due")]
    seen = Decisions(small_difference=Decimal(due) - Decimal(15300))
    assert (list(wrong_amounts(one, seen)) == []) is allowed


@pytest.mark.parametrize(
    ("due", "difference", "total"),
    [
        ("16101.05", "0.05", "16101.05"),
        ("16100.99", "-0.01", "16100.99"),
        # The tax comes on top: lines alone are a cent off.
        ("15300.01", "0.01", "16101.01"),
        ("16101.06", None, None),
    ],
)
def test_the_same_few_cents_are_settled_beside_tax(due: str, difference: str | None, total: str | None) -> None:
    one = invoice(due=due, tax=Decimal(801))
    said = f"lines $15,300.00, tax $801.00, amount due ${Decimal(due):,.2f}"
    if difference is None or total is None:
        assert list(wrong_amounts(one)) == [Hold(R.TAX, said, "tax")]
        return
    assert list(wrong_amounts(one)) == [Hold(R.SMALL_DIFFERENCE, said, "due")]
    seen = Decisions(small_difference=Decimal(difference))
    assert list(wrong_amounts(one, seen)) == []
    draft = draft_bill(one, books(decisions=seen), NO_RETAINAGE, False)
    assert isinstance(draft, BillDraft)
    assert draft.total == sum(each.amount for each in draft.lines) == Decimal(total)


def test_a_difference_that_changed_since_somebody_saw_it_holds_again() -> None:
    seen = Decisions(small_difference=Decimal("0.01"))
    assert [hold.reason for hold in wrong_amounts(invoice(due="15300.02"), seen)] == [R.SMALL_DIFFERENCE]


@pytest.mark.parametrize(
    ("one", "hold"),
    [
        (invoice(due="15301"), Hold(R.AMOUNTS_DISAGREE, "lines $15,300.00, amount due $15,301.00", "due")),
        # Where no line stands, none can take the difference.
        (invoice(line("0"), due="0.01"), Hold(R.AMOUNTS_DISAGREE, "lines $0.00, amount due $0.01", "due")),
        (invoice(line("0"), due="5"), Hold(R.AMOUNTS_DISAGREE, "lines $0.00, amount due $5.00", "due")),
        (
            invoice(line("17000", "1700", net="15299"), due="15300"),
            Hold(
                R.AMOUNTS_DISAGREE,
                "line 1 Rough-in, $17,000.00 less $1,700.00 plus $0.00, net $15,299.00",
                "line-1",
            ),
        ),
        (
            invoice(retainage_change=Decimal(1600)),
            Hold(R.AMOUNTS_DISAGREE, "retainage of the lines $1,700.00, of the summary $1,600.00", "retainage"),
        ),
    ],
)
def test_amounts_that_disagree_hold_and_say_which(one: Invoice, hold: Hold) -> None:
    assert list(wrong_amounts(one)) == [hold]


@pytest.mark.parametrize(
    ("one_line", "change"),
    [(line("100", "10"), "10"), (line("0", "0", "40"), "-40"), (line("100", "10", "40"), "-30"), (line("1"), "0.00")],
)
def test_the_summary_agrees_with_the_lines_retainage(one_line: InvoiceLine, change: str) -> None:
    assert list(wrong_amounts(invoice(one_line, retainage_change=Decimal(change)))) == []


def test_a_negative_total_holds() -> None:
    assert list(wrong_amounts(invoice(line("-100", "-10")))) == [Hold(R.NEGATIVE_TOTAL, "-$90.00")]


def test_a_negative_total_that_becomes_a_vendor_credit_does_not() -> None:
    assert list(wrong_amounts(invoice(line("-100", "-10")), Decisions(vendor_credit=True))) == []


def test_a_negative_line_in_a_positive_invoice_does_not() -> None:
    assert list(wrong_amounts(invoice(line("-100"), line("101", position=2)))) == []


@pytest.mark.parametrize(
    ("changes", "hold"),
    [
        ({"vendor_id": None}, Hold(R.VENDOR_UNMAPPED, "Ernie's Electrical", "8881212")),
        ({"customer_id": None}, Hold(R.PROJECT_UNMAPPED, "Tower", "789")),
        ({"cost_accounts": {}}, Hold(R.COST_CODE_UNMAPPED, "26-050.S", "26")),
        ({"retainage_account_id": None}, Hold(R.RETAINAGE_ACCOUNT_MISSING)),
        ({"home_currency": "CAD"}, Hold(R.CURRENCY, "USD")),
        ({"ap_account_id": ""}, Hold(R.AP_ACCOUNT_MISSING)),
        ({"refused": (Hold(R.VENDOR_INACTIVE, "Ernie's", "8881212"),)}, Hold(R.VENDOR_INACTIVE, "Ernie's", "8881212")),
        (
            {"coding": Coding(default=Target.account("38", "Old costs is inactive in QuickBooks."))},
            Hold(R.MAPPING_REFUSED, "26-050.S: Old costs is inactive in QuickBooks.", "26"),
        ),
    ],
)
def test_each_thing_the_books_lack_is_named(changes: dict[str, Any], hold: Hold) -> None:
    assert list(missing_in_books(invoice(), books(**changes), NO_RETAINAGE)) == [hold]


def test_a_default_account_that_an_admin_set_answers_for_unmapped_codes() -> None:
    assert list(missing_in_books(invoice(), books(cost_accounts={}, default_account_id="81"), NO_RETAINAGE)) == []


def test_a_code_without_cost_this_period_needs_no_account() -> None:
    release = invoice(line("0", "0", "100", cost_code_id="99"))
    balance = RetainageBalance(withheld=Decimal(100), released=Decimal(0))
    assert list(missing_in_books(release, books(), balance)) == []


@pytest.mark.parametrize("one_line", [line("100", cost_code_id=None), line("0", "0", "5", cost_code_id=None)])
def test_money_without_a_cost_code_holds_even_with_a_default_account(one_line: InvoiceLine) -> None:
    balance = RetainageBalance(withheld=Decimal(100), released=Decimal(0))
    holds = list(missing_in_books(invoice(one_line), books(default_account_id="81"), balance))
    assert holds == [Hold(R.COST_CODE_MISSING, "1 Rough-in", "line-1")]


def test_an_unused_line_without_a_cost_code_does_not() -> None:
    one = invoice(line("100"), line("0", position=2, cost_code_id=None))
    assert list(missing_in_books(one, books(), NO_RETAINAGE)) == []


@pytest.mark.parametrize(("currency", "subject"), [("CAD", "CAD"), (" eur", "eur"), ("", "an unknown currency")])
def test_another_currency_than_the_books_holds(currency: str, subject: str) -> None:
    assert list(missing_in_books(invoice(currency=currency), books(), NO_RETAINAGE)) == [Hold(R.CURRENCY, subject)]


def test_a_currency_is_the_same_in_small_letters() -> None:
    assert list(missing_in_books(invoice(currency="usd "), books(), NO_RETAINAGE)) == []


@pytest.mark.parametrize(
    ("withheld_before", "released_before", "one_line", "holds"),
    [
        ("1000", "0", line("0", "0", "1000"), False),
        ("1000", "0", line("0", "0", "1000.01"), True),
        ("1000", "400", line("0", "0", "600"), False),
        ("1000", "400", line("0", "0", "600.01"), True),
        # What this invoice withholds is there to be released.
        ("0", "0", line("5000", "500", "500"), False),
        ("0", "0", line("5000", "500", "500.01"), True),
        # Negative withholding gives money back just as a release does.
        ("100", "0", line("-1000", "-100", net="-900"), False),
        ("99.99", "0", line("-1000", "-100", net="-900"), True),
        # Withholding alone asks for no balance, whatever it is.
        ("0", "50", line("100", "10"), False),
    ],
)
def test_no_more_retainage_is_released_than_is_booked(
    withheld_before: str, released_before: str, one_line: InvoiceLine, holds: bool
) -> None:
    balance = RetainageBalance(Decimal(withheld_before), Decimal(released_before))
    expected = [Hold(R.RETAINAGE_OPENING_BALANCE, "SC-001", "701973")] if holds else []
    assert list(missing_in_books(invoice(one_line), books(), balance)) == expected

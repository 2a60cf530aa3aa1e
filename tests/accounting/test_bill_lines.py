"""Lines as an admin's settings and a person's decisions make them."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from accounting.bill import draft_bill, draft_hash
from accounting.bill_settings import NOTHING_DECIDED, BillSettings, Decisions, LineGrouping, MissingLienWaiver
from accounting.bill_types import BillDraft, BillLine, Books, Held, LineRole, TransactionKind
from accounting.blockers import BlockerReason, Hold
from accounting.coding import CodeMap, Coding, Target
from accounting.invoice import Invoice
from tests.accounting.samples import NO_RETAINAGE, books, coding, invoice, line


def drafted(one: Invoice, of: Books) -> BillDraft:
    draft = draft_bill(one, of, NO_RETAINAGE, False)
    assert isinstance(draft, BillDraft), draft
    return draft


def held(one: Invoice, of: Books) -> list[BlockerReason]:
    outcome = draft_bill(one, of, NO_RETAINAGE, False)
    assert isinstance(outcome, Held), outcome
    return [hold.reason for hold in outcome.holds]


BY_CODE = BillSettings(line_grouping=LineGrouping.BUDGET_CODE)


def test_an_item_stands_where_an_account_would() -> None:
    of = books(coding=Coding((CodeMap(cost_codes={"26": Target.item("501")}),)), class_id="7")
    assert drafted(invoice(line("100.00")), of).lines == (
        BillLine(LineRole.COST, "", "26-050.S Rough-in", Decimal("100.00"), "12", "7", item_id="501"),
    )


def test_one_line_per_budget_code_where_an_admin_wants_so() -> None:
    sent = invoice(
        line("100"),
        line("50.50", position=2, budget_code="26-050.L"),
        line("25", position=3, description="Trim"),
        line("-10", position=4),
    )
    assert [(one.description, str(one.amount)) for one in drafted(sent, books(settings=BY_CODE)).lines] == [
        ("26-050.S, 3 lines", "115.00"),
        ("26-050.L Rough-in", "50.50"),
    ]


def test_a_budget_code_that_nets_to_nothing_makes_no_line_unless_all_do() -> None:
    pair = (line("100"), line("-100", position=2))
    also = line("5", position=3, budget_code="26-050.L")
    assert len(drafted(invoice(*pair, also), books(settings=BY_CODE)).lines) == 1
    nothing_left = drafted(invoice(*pair), books(settings=BY_CODE))
    assert [str(one.amount) for one in nothing_left.lines] == ["100.00", "-100.00"]
    assert str(nothing_left.total) == "0.00"


def test_one_code_in_two_accounts_stays_two_lines() -> None:
    of = books(coding=replace(coding({"26": "80"}), recoded={2: Target.account("82")}), settings=BY_CODE)
    lines = drafted(invoice(line("100"), line("50", position=2)), of).lines
    assert [(one.account_id, str(one.amount)) for one in lines] == [("80", "100.00"), ("82", "50.00")]


def test_a_line_recoded_on_one_invoice_needs_no_cost_code() -> None:
    without = invoice(line("100", cost_code_id=None, budget_code=None))
    assert held(without, books()) == [BlockerReason.COST_CODE_MISSING]
    recode = {1: Target.account("82")}
    of = books(coding=replace(coding({}), recoded=recode), decisions=Decisions(recoded=recode))
    assert drafted(without, of).lines[0].account_id == "82"


@pytest.mark.parametrize(
    ("sent", "lines"),
    [
        (invoice(due="15300.01"), ["17000.00", "-1699.99"]),
        (invoice(due="15299.96"), ["17000.00", "-1700.04"]),
        # Without retainage the largest line takes it.
        (invoice(line("10"), line("20", position=2), due="30.05"), ["10.00", "20.05"]),
        # A line that the difference makes nothing of is left out.
        (invoice(line("10", "0.02"), due="10"), ["10.00"]),
    ],
)
def test_a_small_difference_goes_on_the_retainage_line(sent: Invoice, lines: list[str]) -> None:
    seen = Decisions(small_difference=sent.due - sum(one.net for one in sent.lines))
    draft = drafted(sent, books(decisions=seen))
    assert [str(one.amount) for one in draft.lines] == lines
    assert draft.total == sent.due


def test_books_that_take_no_vendor_credits_leave_a_negative_invoice_to_a_person() -> None:
    sent = invoice(line("-100"))
    for decisions in (NOTHING_DECIDED, Decisions(vendor_credit=True)):
        of = books(takes_vendor_credits=False, decisions=decisions)
        assert draft_bill(sent, of, NO_RETAINAGE, False) == Held(
            (Hold(BlockerReason.VENDOR_CREDIT_BY_HAND, "-$100.00"),)
        )


def test_a_negative_total_becomes_a_vendor_credit_with_every_sign_changed() -> None:
    sent = invoice(line("-1000", "-100"), line("200", "20", position=2))
    assert held(sent, books(retainage_opening=Decimal(500))) == [BlockerReason.NEGATIVE_TOTAL]
    credit = drafted(sent, books(retainage_opening=Decimal(500), decisions=Decisions(vendor_credit=True)))
    assert credit.kind is TransactionKind.VENDOR_CREDIT
    assert [(one.role, str(one.amount)) for one in credit.lines] == [
        (LineRole.COST, "1000.00"),
        (LineRole.COST, "-200.00"),
        (LineRole.RETAINAGE_WITHHELD, "-80.00"),
    ]
    assert str(credit.total) == "720.00"


def test_a_positive_invoice_stays_a_bill_whatever_somebody_once_decided() -> None:
    assert drafted(invoice(), books(decisions=Decisions(vendor_credit=True))).kind is TransactionKind.BILL


@pytest.mark.parametrize(
    ("settings", "decisions", "memo"),
    [
        ({"pay_when_paid": True}, {}, "PAY WHEN PAID · Procore SC-001 #3, Tower · inBuild 77123"),
        ({}, {"lien_waiver_missing": True}, "HOLD – LIEN WAIVER · Procore SC-001 #3, Tower · inBuild 77123"),
        (
            {"pay_when_paid": True},
            {"lien_waiver_missing": True},
            "HOLD – LIEN WAIVER · PAY WHEN PAID · Procore SC-001 #3, Tower · inBuild 77123",
        ),
    ],
)
def test_whoever_pays_reads_the_hold_first(settings: dict[str, Any], decisions: dict[str, Any], memo: str) -> None:
    of = books(settings=BillSettings(**settings), decisions=Decisions(**decisions))
    assert drafted(invoice(), of).memo == memo


def test_a_missing_lien_waiver_waits_where_an_admin_wants_so() -> None:
    waits = BillSettings(missing_lien_waiver=MissingLienWaiver.WAIT)
    of = books(settings=waits, decisions=Decisions(lien_waiver_missing=True))
    assert held(invoice(), of) == [BlockerReason.LIEN_WAIVER]


def test_cost_is_billable_only_where_an_admin_wants_so_and_retainage_never() -> None:
    assert [one.billable for one in drafted(invoice(), books()).lines] == [False, False]
    of = books(settings=BillSettings(billable=True))
    assert [one.billable for one in drafted(invoice(), of).lines] == [True, False]


def test_a_reviewed_draft_goes_and_a_changed_one_does_not() -> None:
    wants_review = books(settings=BillSettings(review_before_posting=True))
    assert held(invoice(), wants_review) == [BlockerReason.REVIEW]
    shown = drafted(invoice(), books())
    approved = replace(wants_review, decisions=Decisions(approved_hash=draft_hash(shown)))
    assert drafted(invoice(), approved) == shown
    assert held(invoice(line("17000.01", "1700")), approved) == [BlockerReason.REVIEW]
    changed = draft_bill(invoice(number="INV-1043"), approved, NO_RETAINAGE, False)
    assert isinstance(changed, Held)
    assert "changed since it was approved, $15,300.00, INV-1043" in changed.holds[0].sentence


def test_a_location_stands_on_the_header() -> None:
    assert drafted(invoice(), books(location_id="4")).location_id == "4"

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounting.bill import carries_marker, draft_bill, draft_hash
from accounting.bill_settings import BillSettings, Decisions, LineGrouping, MissingLienWaiver, RetainageBooking
from accounting.bill_types import (
    BillDraft,
    BillLine,
    Books,
    Held,
    LineRole,
    NothingToPost,
    RetainageBalance,
    Terms,
    TransactionKind,
)
from accounting.blockers import BlockerReason, Hold
from accounting.invoice import Invoice, InvoiceLine, InvoiceSource
from accounting.tax import TaxTreatment
from tests.accounting.samples import NO_RETAINAGE, books, invoice, line

R = BlockerReason


def drafted(
    one: Invoice,
    of: Books | None = None,
    retainage: RetainageBalance = NO_RETAINAGE,
    number_used_on_other_commitment: bool = False,
) -> BillDraft:
    draft = draft_bill(one, of or books(), retainage, number_used_on_other_commitment)
    assert isinstance(draft, BillDraft), draft
    return draft


def amounts(draft: BillDraft) -> list[tuple[LineRole, str, str]]:
    return [(line.role, line.account_id, str(line.amount)) for line in draft.lines]


def test_an_ordinary_invoice_word_for_word() -> None:
    sent = invoice(line("17000.0000", "1700"), line("10000", "1000", position=2, description="Trim"))
    assert draft_bill(sent, books(class_id="7"), NO_RETAINAGE, False) == BillDraft(
        vendor_id="56",
        number="INV-1042",
        full_number="INV-1042",
        bill_date=date(2026, 6, 30),
        due_date=date(2026, 7, 30),
        terms_id="3",
        ap_account_id="33",
        memo="Procore SC-001 #3, Tower · inBuild 77123",
        currency="USD",
        lines=(
            BillLine(LineRole.COST, "80", "26-050.S Rough-in", Decimal("17000.00"), "12", "7"),
            BillLine(LineRole.COST, "80", "26-050.S Trim", Decimal("10000.00"), "12", "7"),
            BillLine(
                LineRole.RETAINAGE_WITHHELD, "95", "Retainage withheld, SC-001 #3", Decimal("-2700.00"), "12", "7"
            ),
        ),
        total=Decimal("24300.00"),
    )


def test_retainage_withheld_and_released_are_never_netted() -> None:
    draft = drafted(invoice(line("5000", "500", "200")))
    assert amounts(draft) == [
        (LineRole.COST, "80", "5000.00"),
        (LineRole.RETAINAGE_WITHHELD, "95", "-500.00"),
        (LineRole.RETAINAGE_RELEASED, "95", "200.00"),
    ]
    assert [line.description for line in draft.lines[1:]] == [
        "Retainage withheld, SC-001 #3",
        "Retainage released, SC-001 #3",
    ]


def test_a_release_alone_has_no_cost_line() -> None:
    balance = RetainageBalance(withheld=Decimal(900), released=Decimal(0))
    draft = drafted(invoice(line("0", "0", "400"), line("0", "0", "500", position=2)), retainage=balance)
    assert amounts(draft) == [(LineRole.RETAINAGE_RELEASED, "95", "900.00")]


def test_a_line_without_cost_makes_no_line_and_a_negative_one_does() -> None:
    draft = drafted(invoice(line("100"), line("0", position=2), line("-40", position=3)))
    assert amounts(draft) == [(LineRole.COST, "80", "100.00"), (LineRole.COST, "80", "-40.00")]
    assert draft.total == Decimal("60.00")


def test_retainage_that_cancels_out_makes_no_line_and_needs_no_account() -> None:
    draft = drafted(invoice(line("100", "10"), line("100", "-10", position=2)), books(retainage_account_id=None))
    assert amounts(draft) == [(LineRole.COST, "80", "100.00"), (LineRole.COST, "80", "100.00")]


def test_each_line_goes_to_the_account_of_its_own_code() -> None:
    of = books(cost_accounts={"26": "80", "03": "82"}, default_account_id="81")
    sent = invoice(
        line("1"), line("2", position=2, cost_code_id="03"), line("3", position=3, cost_code_id="99", budget_code="9")
    )
    assert [line.account_id for line in drafted(sent, of).lines] == ["80", "82", "81"]


def test_lines_that_net_to_zero_are_a_bill_of_nothing() -> None:
    draft = drafted(invoice(line("100"), line("-100", position=2)))
    assert (len(draft.lines), str(draft.total)) == (2, "0.00")


@pytest.mark.parametrize(
    "nothing",
    [
        invoice(line("0"), line("0.000", position=2)),
        replace(invoice(), lines=(), due=Decimal(0)),
        # Nothing is posted, so nothing has to be mapped.
        invoice(line("0", cost_code_id=None), currency="CAD"),
        invoice(line("0", "10"), line("0", "-10", position=2)),
        invoice(line("0"), retainage_change=Decimal(0)),
    ],
)
def test_all_lines_zero_is_nothing_to_post(nothing: Invoice) -> None:
    unmapped = books(vendor_id=None, customer_id=None, cost_accounts={}, retainage_account_id=None)
    assert draft_bill(nothing, unmapped, NO_RETAINAGE, False) == NothingToPost()


@pytest.mark.parametrize(
    ("one", "reason"),
    [
        (invoice(line("0"), due="0.01"), R.AMOUNTS_DISAGREE),
        (invoice(line("0"), tax=Decimal(5), due="5"), R.TAX),
        (invoice(line("0"), retainage_change=Decimal(10)), R.AMOUNTS_DISAGREE),
        (invoice(line("0", net="7"), due="0"), R.AMOUNTS_DISAGREE),
    ],
)
def test_zero_lines_with_money_elsewhere_are_held(one: Invoice, reason: BlockerReason) -> None:
    held = draft_bill(one, books(), NO_RETAINAGE, False)
    assert isinstance(held, Held)
    assert [hold.reason for hold in held.holds] == [reason]


def test_every_reason_is_collected_once_and_in_order() -> None:
    everything = invoice(
        line("10.005", is_rejected=True),
        line("100", position=2, cost_code_id=None),
        line("100", position=3, cost_code_id="99", budget_code="99-1.L"),
        line("100", position=4, cost_code_id="99", budget_code="99-1.M"),
        line("-1000", "0", "50", position=5),
        tax=Decimal(7),
        currency="CAD",
        due="-1.00",
    )
    bare = books(vendor_id=None, customer_id=None, cost_accounts={"26": "80"}, retainage_account_id=None)
    held = draft_bill(everything, bare, NO_RETAINAGE, False)
    assert isinstance(held, Held)
    assert [(hold.reason, hold.subject_key) for hold in held.holds] == [
        (R.FRACTION_OF_CENT, "line-1"),
        (R.REJECTED_LINE, "line-1"),
        (R.TAX, "tax"),
        (R.NEGATIVE_TOTAL, ""),
        (R.CURRENCY, ""),
        (R.VENDOR_UNMAPPED, "8881212"),
        (R.PROJECT_UNMAPPED, "789"),
        (R.COST_CODE_MISSING, "line-2"),
        (R.COST_CODE_UNMAPPED, "99"),
        (R.RETAINAGE_ACCOUNT_MISSING, ""),
        (R.RETAINAGE_OPENING_BALANCE, "701973"),
    ]
    assert held.holds[8] == Hold(R.COST_CODE_UNMAPPED, "99-1.L", "99")
    assert all("{subject}" not in hold.sentence for hold in held.holds)


@pytest.mark.parametrize(
    ("text", "mapped", "vendor", "days", "terms_id"),
    [
        (None, None, None, 30, "3"),
        (None, None, Terms(15, "2"), 15, "2"),
        ("Net 45", None, Terms(15, "2"), 45, None),
        # Terms known to QuickBooks by their days are sent by their id.
        ("Net 15", None, Terms(15, "2"), 15, "2"),
        ("30 days", None, Terms(15, "2"), 30, "3"),
        ("Pay when paid", None, Terms(15, "2"), 15, "2"),
        ("Net 45", Terms(10, "9"), Terms(15, "2"), 10, "9"),
        ("Due on receipt", None, None, 0, None),
    ],
)
def test_the_due_date_follows_the_nearest_terms(
    text: str | None, mapped: Terms | None, vendor: Terms | None, days: int, terms_id: str | None
) -> None:
    draft = drafted(invoice(payment_terms=text), books(commitment_terms=mapped, vendor_terms=vendor))
    assert (draft.due_date - draft.bill_date, draft.terms_id) == (timedelta(days=days), terms_id)


@pytest.mark.parametrize(
    ("number", "used_elsewhere", "sent", "memo"),
    [
        ("", False, "SC-001-3", "Procore SC-001 #3, Tower · inBuild 77123"),
        ("7", True, "SC-001 7", "Procore SC-001 #3, Tower, Invoice 7 · inBuild 77123"),
        (
            "1234567890123456789012",
            False,
            "7890123456789012-6A51",
            "Procore SC-001 #3, Tower, Invoice 1234567890123456789012 · inBuild 77123",
        ),
    ],
)
def test_number_and_memo_tell_the_vendors_own_number(number: str, used_elsewhere: bool, sent: str, memo: str) -> None:
    draft = drafted(invoice(number=number), number_used_on_other_commitment=used_elsewhere)
    assert (draft.number, draft.memo) == (sent, memo)


def test_an_upload_becomes_a_bill_the_same_way() -> None:
    upload = invoice(line("250.10"), source=InvoiceSource.UPLOAD, commitment_number="", commitment_id="", sequence=0)
    draft = drafted(upload)
    assert (draft.memo, str(draft.total)) == ("inBuild upload, Tower · inBuild 77123", "250.10")


def test_a_draft_hash_is_64_hexadecimal_digits_and_the_same_for_the_same_draft() -> None:
    assert draft_hash(drafted(invoice())) == draft_hash(drafted(invoice()))
    assert len(bytes.fromhex(draft_hash(drafted(invoice())))) == 32


def test_a_draft_hash_survives_how_amounts_were_written() -> None:
    assert draft_hash(drafted(invoice(line("17000")))) == draft_hash(drafted(invoice(line("17000.0000"))))


@pytest.mark.parametrize(
    "change",
    [
        {"vendor_id": "57"},
        {"number": "INV-1043"},
        {"full_number": "INV-1043"},
        {"bill_date": date(2026, 7, 1)},
        {"due_date": date(2026, 7, 31)},
        {"terms_id": None},
        {"ap_account_id": "34"},
        {"memo": ""},
        {"currency": "CAD"},
        {"total": Decimal("15300.01")},
        {"lines": ()},
    ],
)
def test_any_change_makes_another_draft(change: dict[str, Any]) -> None:
    draft = drafted(invoice())
    assert draft_hash(replace(draft, **change)) != draft_hash(draft)


@pytest.mark.parametrize(
    "change",
    [
        {"role": LineRole.RETAINAGE_RELEASED},
        {"account_id": "81"},
        {"description": "x"},
        {"amount": Decimal("1.00")},
        {"customer_id": "13"},
        {"class_id": "7"},
    ],
)
def test_any_change_of_a_line_makes_another_draft(change: dict[str, Any]) -> None:
    draft = drafted(invoice())
    changed = replace(draft, lines=(replace(draft.lines[0], **change), *draft.lines[1:]))
    assert draft_hash(changed) != draft_hash(draft)


TEXT = st.text(alphabet=st.characters(), max_size=60)
CENTS = st.decimals(min_value=-(10**9), max_value=10**9, places=2) | st.just(Decimal(0))
ANY_MONEY = CENTS | st.decimals(min_value=-1000, max_value=1000, places=4)
MOSTLY_TRUE = st.integers(0, 9).map(bool)


@st.composite
def sov_lines(draw: st.DrawFn) -> InvoiceLine:
    gross, withheld, released = draw(ANY_MONEY), draw(ANY_MONEY), draw(ANY_MONEY)
    return InvoiceLine(
        position=draw(st.integers(min_value=0, max_value=300)),
        description=draw(TEXT),
        cost_code_id=draw(st.sampled_from(["26", "03", "99", None])),
        budget_code=draw(st.none() | TEXT),
        gross=gross,
        withheld=withheld,
        released=released,
        net=gross - withheld + released if draw(MOSTLY_TRUE) else draw(ANY_MONEY),
        is_rejected=not draw(MOSTLY_TRUE),
    )


@st.composite
def any_invoices(draw: st.DrawFn) -> Invoice:
    """Anything a source may send, most of it wrong in some way."""
    lines = tuple(draw(st.lists(sov_lines(), max_size=8)))
    net = sum((line.gross - line.withheld + line.released for line in lines), Decimal(0))
    ordinary = invoice(
        source=draw(st.sampled_from(InvoiceSource)),
        project_name=draw(TEXT),
        commitment_number=draw(TEXT),
        vendor_name=draw(TEXT),
        number=draw(TEXT),
        billing_date=draw(st.dates(date(2000, 1, 1), date(2100, 1, 1))),
        currency=draw(st.sampled_from(["USD", "USD", "USD", "CAD", ""])),
        tax=Decimal(0) if draw(MOSTLY_TRUE) else draw(ANY_MONEY),
        retainage_change=draw(st.none() | ANY_MONEY),
        payment_terms=draw(st.none() | TEXT | st.just("Net 45")),
    )
    off = st.sampled_from([Decimal(0), ordinary.tax, Decimal("0.01"), Decimal("-0.05")])
    return replace(ordinary, lines=lines, due=net + draw(off) if draw(MOSTLY_TRUE) else draw(ANY_MONEY))


@st.composite
def right_invoices(draw: st.DrawFn) -> Invoice:
    """Requisitions whose own numbers are right: whole cents, coded lines, retainage withheld and released."""
    lines = []
    for position in range(1, draw(st.integers(1, 8)) + 1):
        gross = draw(st.decimals(min_value=0, max_value=10**7, places=2))
        withheld = (gross * draw(st.integers(0, 10)) / 100).quantize(Decimal("0.01"))
        released = draw(st.just(Decimal(0)) | st.decimals(min_value=0, max_value=100, places=2))
        lines.append(line(str(gross), str(withheld), str(released), position=position, description=draw(TEXT)))
    return invoice(*lines, number=draw(TEXT), project_name=draw(TEXT))


ANY_BOOKS = st.builds(
    books,
    vendor_id=st.sampled_from(["56", "56", None]),
    customer_id=st.sampled_from(["12", "12", None]),
    class_id=st.sampled_from([None, "7"]),
    cost_accounts=st.sampled_from([{}, {"26": "80"}, {"26": "80", "03": "81", "99": "82"}]),
    default_account_id=st.sampled_from([None, "83"]),
    retainage_account_id=st.sampled_from(["95", None]),
    vendor_terms=st.sampled_from([None, Terms(15, "2")]),
    settings=st.builds(
        BillSettings,
        line_grouping=st.sampled_from(LineGrouping),
        retainage_booking=st.sampled_from(RetainageBooking),
        missing_lien_waiver=st.sampled_from(MissingLienWaiver),
        pay_when_paid=st.booleans(),
        billable=st.booleans(),
    ),
    decisions=st.builds(
        Decisions,
        excess_to_cost=st.none() | CENTS,
        vendor_credit=st.booleans(),
        lien_waiver_missing=st.booleans(),
        small_difference=st.sampled_from([None, Decimal("0.01"), Decimal("-0.05")]),
        bill_date=st.sampled_from([None, date(2026, 7, 1)]),
    ),
    retainage_opening=CENTS,
    closed_through=st.sampled_from([None, None, date(2026, 6, 30)]),
    lock_date=st.sampled_from([None, None, date(2040, 1, 1)]),
)
BALANCES = st.builds(RetainageBalance, CENTS, CENTS)


def assert_right(draft: BillDraft, of: Invoice) -> None:
    on_top = of.tax if draft.tax_treatment is TaxTreatment.ON_TOP else Decimal(0)
    sign = -1 if draft.kind is TransactionKind.VENDOR_CREDIT else 1
    assert sum((line.amount for line in draft.lines), Decimal(0)) == draft.total == sign * (of.due + on_top)
    assert all(line.amount == line.amount.quantize(Decimal("0.01")) != 0 for line in draft.lines)
    assert draft.lines and draft.total >= 0
    assert 0 < len(draft.number) <= 21
    assert len(draft.memo) <= 4000 and carries_marker(draft.memo, of.reference)
    draft.memo.encode()
    assert draft_hash(draft) == draft_hash(draft)


@given(any_invoices(), ANY_BOOKS, BALANCES, st.booleans())
def test_any_invoice_is_a_right_bill_or_held_by_name_or_nothing(
    sent: Invoice, of: Books, balance: RetainageBalance, used_elsewhere: bool
) -> None:
    match draft_bill(sent, of, balance, used_elsewhere):
        case BillDraft() as draft:
            assert_right(draft, sent)
        case Held(holds):
            keys = [(hold.reason, hold.subject_key) for hold in holds]
            assert keys and len(set(keys)) == len(keys)
            assert all(hold.sentence for hold in holds)
        case NothingToPost():
            assert sent.due == 0


@given(right_invoices(), st.booleans())
def test_a_right_invoice_in_mapped_books_is_never_held(sent: Invoice, used_elsewhere: bool) -> None:
    enough = RetainageBalance(withheld=Decimal(800), released=Decimal(0))
    match draft_bill(sent, books(), enough, used_elsewhere):
        case BillDraft() as draft:
            assert_right(draft, sent)
        case NothingToPost():
            assert all(line.gross == line.withheld == line.released == 0 for line in sent.lines)
        case Held(holds):
            raise AssertionError(holds)

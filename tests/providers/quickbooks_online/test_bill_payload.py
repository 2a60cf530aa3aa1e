"""The exact bytes of a bill, and what is stopped before it is sent."""

from __future__ import annotations

import dataclasses
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.quickbooks_online.bill_payload import (
    AccountLine,
    BillableStatus,
    BillPayload,
    ItemLine,
    serialize_bill,
)
from providers.quickbooks_online.errors import InvalidRequest
from providers.quickbooks_online.wire import read_json
from tests.providers.quickbooks_online.bills import CONCRETE, STEEL, bill, work


def test_the_bytes_of_a_bill() -> None:
    payload = dataclasses.replace(bill(lines=(STEEL, work("-0.5"))), department_id="2", currency="USD")
    assert serialize_bill(payload).decode() == (
        '{"VendorRef":{"value":"112"},"APAccountRef":{"value":"33"},"DocNumber":"NGC-2026-0047",'
        '"TxnDate":"2026-11-18","DueDate":"2026-12-18","SalesTermRef":{"value":"3"},'
        '"DepartmentRef":{"value":"2"},"CurrencyRef":{"value":"USD"},'
        '"PrivateNote":"Procore SC-001 #4, Tower · inBuild 77123","Line":['
        '{"LineNum":1,"Description":"05-120 Structural steel","Amount":40000.10,'
        '"DetailType":"ItemBasedExpenseLineDetail","ItemBasedExpenseLineDetail":{"ItemRef":{"value":"51"},'
        '"Qty":1,"UnitPrice":40000.10,"CustomerRef":{"value":"310"},"BillableStatus":"NotBillable",'
        '"TaxCodeRef":{"value":"NON"}}},'
        '{"LineNum":2,"Description":"Work","Amount":-0.50,"DetailType":"AccountBasedExpenseLineDetail",'
        '"AccountBasedExpenseLineDetail":{"AccountRef":{"value":"80"},"CustomerRef":{"value":"310"},'
        '"BillableStatus":"NotBillable","TaxCodeRef":{"value":"NON"}}}]}'
    )


def test_what_is_empty_is_not_sent() -> None:
    line = AccountLine(amount=Decimal("0.00"), account_id="80")
    payload = BillPayload(
        vendor_id="112",
        ap_account_id="33",
        txn_date=bill().txn_date,
        due_date=bill().due_date,
        lines=(line,),
    )
    assert serialize_bill(payload).decode() == (
        '{"VendorRef":{"value":"112"},"APAccountRef":{"value":"33"},"TxnDate":"2026-11-18",'
        '"DueDate":"2026-12-18","Line":[{"LineNum":1,"Amount":0.00,'
        '"DetailType":"AccountBasedExpenseLineDetail","AccountBasedExpenseLineDetail":'
        '{"AccountRef":{"value":"80"},"BillableStatus":"NotBillable"}}]}'
    )


@given(st.decimals(min_value="-99999999999.99", max_value="99999999999.99", places=2))
def test_amounts_keep_every_cent(amount: Decimal) -> None:
    sent = read_json(serialize_bill(bill(lines=(work(str(amount)),))))["Line"][0]["Amount"]
    assert str(sent) == f"{amount:.2f}"


def test_amounts_beyond_a_binary_float() -> None:
    body = serialize_bill(bill(lines=(work("9007199254740.93"), work("1E+3"))))
    assert b'"Amount":9007199254740.93' in body
    assert b'"Amount":1000.00' in body


@pytest.mark.parametrize("amount", ["0.001", "1.005", "NaN", "Infinity", "1E+15", "-1234567890123456.00"])
def test_what_is_no_amount_in_cents_is_stopped(amount: str) -> None:
    with pytest.raises(InvalidRequest):
        serialize_bill(bill(lines=(work(amount),)))


def test_trailing_zeros_are_no_third_decimal() -> None:
    assert b'"Amount":1.50,' in serialize_bill(bill(lines=(work("1.5000"),)))


def test_texts_travel_whole() -> None:
    text = 'Señor "Núñez" \\ 🏗️ \x07\u2028 line\nbreak'
    body = serialize_bill(bill(lines=(work(description=text),)))
    assert read_json(body)["Line"][0]["Description"] == text
    assert "🏗️".encode() in body


def test_half_a_character_is_stopped() -> None:
    with pytest.raises(InvalidRequest):
        serialize_bill(bill(lines=(work(description="\ud83d"),)))


def test_quantity_times_price() -> None:
    line = ItemLine(amount=Decimal("10.00"), item_id="51", quantity=Decimal("3.2"), unit_price=Decimal("3.1250000"))
    assert b'"Amount":10.00' in serialize_bill(bill(lines=(line,)))
    assert b'"Qty":3.2,"UnitPrice":3.1250000' in serialize_bill(bill(lines=(line,)))
    wrong = dataclasses.replace(line, unit_price=Decimal("3.12"))
    with pytest.raises(InvalidRequest, match=r"line 1: 3\.2 × 3\.12 is not 10\.00"):
        serialize_bill(bill(lines=(wrong,)))


@pytest.mark.parametrize(
    ("quantity", "unit_price", "sent"),
    [
        ("1E-7", "100000.00", b'"Qty":0.0000001,"UnitPrice":100000.00'),
        ("100000.00", "1E-7", b'"Qty":100000.00,"UnitPrice":0.0000001'),
        ("1E+3", "0.00001", b'"Qty":1000,"UnitPrice":0.00001'),
    ],
)
def test_no_number_is_sent_with_an_exponent(quantity: str, unit_price: str, sent: bytes) -> None:
    amount = Decimal(quantity) * Decimal(unit_price)
    line = ItemLine(amount=amount, item_id="51", quantity=Decimal(quantity), unit_price=Decimal(unit_price))
    body = serialize_bill(bill(lines=(line, work(description="1E-7 of 1E+3 · “ñ”"))))
    assert sent in body
    assert read_json(body)["Line"][1]["Description"] == "1E-7 of 1E+3 · “ñ”"


def test_billable_needs_a_customer() -> None:
    billable = dataclasses.replace(CONCRETE, billable_status=BillableStatus.BILLABLE)
    assert b'"BillableStatus":"Billable"' in serialize_bill(bill(lines=(billable,)))
    with pytest.raises(InvalidRequest):
        serialize_bill(bill(lines=(dataclasses.replace(billable, customer_id=""),)))


@pytest.mark.parametrize(
    "change",
    [
        {"lines": ()},
        {"vendor_id": ""},
        {"ap_account_id": ""},
        {"doc_number": "x" * 22},
        {"private_note": "x" * 4001},
        {"lines": (work(description="x" * 4001),)},
        {"lines": (work(account_id=""),)},
    ],
)
def test_what_quickbooks_would_refuse_for_its_form_is_stopped(change: dict[str, object]) -> None:
    with pytest.raises(InvalidRequest):
        serialize_bill(dataclasses.replace(bill(), **change))  # type: ignore[arg-type]

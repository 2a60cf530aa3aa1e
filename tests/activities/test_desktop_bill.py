"""A draft as the bill, or the vendor credit, of a company file."""

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import UUID

from accounting.bill import carries_marker
from accounting.bill_types import BillDraft, BillLine, LineRole, TransactionKind
from accounting.bill_versions import BillAsIs, BillLineAsIs
from accounting.desktop_draft import in_words_of_a_company_file
from activities.desktop_bill import bill_request
from activities.update_bytes import desktop_update
from providers.quickbooks_desktop.message_set import write_text
from providers.quickbooks_desktop.messages.bills import BillRet
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
    fitted = in_words_of_a_company_file(draft("№ 東-17", "№ 東-17", "Procore 東京 & <Tower> · inBuild 70123"))
    body = bill_request(fitted, CONNECTION, INVOICE, "inBuild 70123").decode("ascii")
    check_message_set(write_text(body, "A" * 20, "B" * 20))
    assert 'requestID="inBuild-70123"' in body and "<Amount>-125.00</Amount>" in body
    assert "“Rough-in” – Süd ??" in fitted.lines[0].description
    assert len(fitted.lines[1].description) == 4095
    assert carries_marker(fitted.memo, 70123)


def test_the_stamp_follows_from_connection_and_invoice_alone() -> None:
    one = bill_request(in_words_of_a_company_file(draft()), CONNECTION, INVOICE, "inBuild 1")
    other = bill_request(in_words_of_a_company_file(draft("INV-2")), CONNECTION, INVOICE, "inBuild 1")
    stamp = one.split(b"<ExternalGUID>")[1].split(b"<")[0]
    assert stamp in other and stamp.startswith(b"{") and stamp.endswith(b"}")


def test_items_go_to_the_items_tab_as_one_of_the_amount() -> None:
    cost, withheld = draft().lines
    lines = (replace(cost, account_id="", item_id="80000050-1", amount=Decimal("-1250.10"), billable=True), withheld)
    body = bill_request(in_words_of_a_company_file(replace(draft(), lines=lines)), CONNECTION, INVOICE, "inBuild 1")
    check_message_set(write_text(body.decode("ascii"), "A" * 20, None))
    expenses, items = body.split(b"<ItemLineAdd>")
    assert b"80000031-1" in expenses and b"<BillableStatus>NotBillable" in expenses
    assert b"<ItemRef><ListID>80000050-1</ListID></ItemRef>" in items and b"<BillableStatus>Billable" in items
    assert b"<Quantity>1</Quantity><Cost>-1250.1</Cost><Amount>-1250.10</Amount>" in items


def test_items_billed_by_the_unit_have_quantity_and_cost() -> None:
    doors = replace(draft().lines[0], account_id="", item_id="80000050-1", amount=Decimal("36807.23"))
    lines = (replace(doors, quantity=Decimal(31)), replace(doors, amount=Decimal("10.00"), quantity=Decimal("3.2")))
    body = bill_request(in_words_of_a_company_file(replace(draft(), lines=lines)), CONNECTION, INVOICE, "inBuild 1")
    check_message_set(write_text(body.decode("ascii"), "A" * 20, None))
    assert b"<Quantity>31</Quantity><Cost>1187.33</Cost><Amount>36807.23</Amount>" in body
    assert b"<Quantity>3.2</Quantity><Cost>3.125</Cost><Amount>10.00</Amount>" in body


def test_a_changed_bill_counts_again_where_its_amount_changed() -> None:
    ref = "<ItemRef><ListID>80000050-1</ListID></ItemRef>"
    told = (
        "<BillRet><TxnID>1-1</TxnID><TimeCreated>2026-06-30T09:00:00</TimeCreated>"
        "<TimeModified>2026-06-30T09:00:00</TimeModified><EditSequence>7</EditSequence>"
        "<AmountDue>36907.23</AmountDue>"
        f"<ItemLineRet><TxnLineID>1-2</TxnLineID>{ref}<Quantity>31</Quantity><Amount>36807.23</Amount></ItemLineRet>"
        f"<ItemLineRet><TxnLineID>1-3</TxnLineID>{ref}<Quantity>4</Quantity><Amount>100.00</Amount></ItemLineRet></BillRet>"
    )
    amounts = ((Decimal("11873.30"), Decimal(10)), (Decimal("100.00"), Decimal(5)), (Decimal("2.00"), Decimal(1)))
    lines = tuple(BillLineAsIs(amount, item_id="80000050-1", quantity=quantity) for amount, quantity in amounts)
    wanted = BillAsIs("80000001-1", "INV-1", date(2026, 6, 30), "", Decimal("11975.30"), lines)
    body = desktop_update(BillRet.from_xml(told), wanted, None, "inBuild 1")
    check_message_set(write_text(body.decode("ascii"), "A" * 20, None))
    assert [
        re.sub(rb"<ItemRef>.*?</ItemRef>|</ItemLineMod>.*", b"", one) for one in body.split(b"<ItemLineMod>")[1:]
    ] == [
        b"<TxnLineID>1-2</TxnLineID><Quantity>10</Quantity><Cost>1187.33</Cost><Amount>11873.30</Amount>",
        # A person may count as they like while the amount stays.
        b"<TxnLineID>1-3</TxnLineID><Amount>100.00</Amount>",
        b"<TxnLineID>-1</TxnLineID><Quantity>1</Quantity><Cost>2</Cost><Amount>2.00</Amount>",
    ]


def test_a_vendor_credit_has_the_same_parts_but_no_due_date_and_no_terms() -> None:
    credit = replace(draft(), kind=TransactionKind.VENDOR_CREDIT)
    body = bill_request(in_words_of_a_company_file(credit), CONNECTION, INVOICE, "inBuild 1").decode("ascii")
    check_message_set(write_text(body, "A" * 20, None))
    assert body.startswith('<VendorCreditAddRq requestID="inBuild-1"><VendorCreditAdd><VendorRef>')
    assert "DueDate" not in body and "TermsRef" not in body and "<ExternalGUID>{" in body

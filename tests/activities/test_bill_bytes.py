"""What leaves for QuickBooks Online, literally: account and item lines, location, billable cost, vendor credits."""

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal

from accounting.bill_types import BillDraft, BillLine, LineRole, TransactionKind
from activities.bill_bytes import transaction_bytes

DRAFT = BillDraft(
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
        BillLine(LineRole.COST, "", "26-050.S Rough-in", Decimal("1000.00"), "12", "7", item_id="501", billable=True),
        BillLine(LineRole.RETAINAGE_WITHHELD, "95", "Retainage withheld", Decimal("-100.00"), "12", "7"),
    ),
    total=Decimal("900.00"),
    location_id="4",
)
ITEM = {
    "LineNum": 1,
    "Description": "26-050.S Rough-in",
    "Amount": 1000.00,
    "DetailType": "ItemBasedExpenseLineDetail",
    "ItemBasedExpenseLineDetail": {
        "ItemRef": {"value": "501"},
        "Qty": 1,
        "UnitPrice": 1000.00,
        "CustomerRef": {"value": "12"},
        "ClassRef": {"value": "7"},
        "BillableStatus": "Billable",
    },
}
ACCOUNT = {
    "LineNum": 2,
    "Description": "Retainage withheld",
    "Amount": -100.00,
    "DetailType": "AccountBasedExpenseLineDetail",
    "AccountBasedExpenseLineDetail": {
        "AccountRef": {"value": "95"},
        "CustomerRef": {"value": "12"},
        "ClassRef": {"value": "7"},
        "BillableStatus": "NotBillable",
    },
}


def test_a_bill_with_an_item_a_location_and_billable_cost() -> None:
    assert json.loads(transaction_bytes(DRAFT)) == {
        "VendorRef": {"value": "56"},
        "APAccountRef": {"value": "33"},
        "DocNumber": "INV-1042",
        "TxnDate": "2026-06-30",
        "DueDate": "2026-07-30",
        "SalesTermRef": {"value": "3"},
        "DepartmentRef": {"value": "4"},
        "PrivateNote": "Procore SC-001 #3, Tower · inBuild 77123",
        "Line": [ITEM, ACCOUNT],
    }


def test_a_vendor_credit_has_neither_terms_nor_a_due_date() -> None:
    assert json.loads(transaction_bytes(replace(DRAFT, kind=TransactionKind.VENDOR_CREDIT))) == {
        "VendorRef": {"value": "56"},
        "APAccountRef": {"value": "33"},
        "DocNumber": "INV-1042",
        "TxnDate": "2026-06-30",
        "DepartmentRef": {"value": "4"},
        "PrivateNote": "Procore SC-001 #3, Tower · inBuild 77123",
        "Line": [ITEM, ACCOUNT],
    }


def test_equal_drafts_give_equal_bytes() -> None:
    assert transaction_bytes(DRAFT) == transaction_bytes(replace(DRAFT))

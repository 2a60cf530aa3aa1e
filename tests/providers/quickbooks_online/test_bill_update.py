"""A changed bill goes back whole, and only what is ours is changed: literal JSON in, literal JSON out."""

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from providers.quickbooks_online.bill_update import BillAsRead, LineToBe, serialize_bill_update
from providers.quickbooks_online.errors import InvalidRequest
from providers.quickbooks_online.types import Bill

READ: dict[str, Any] = {
    "Id": "145",
    "SyncToken": "3",
    "domain": "QBO",
    "sparse": False,
    "MetaData": {"CreateTime": "2026-07-01T09:00:00-07:00"},
    "VendorRef": {"value": "56", "name": "Ernie's Electrical"},
    "APAccountRef": {"value": "33", "name": "Accounts Payable (A/P)"},
    "SalesTermRef": {"value": "3"},
    "DocNumber": "INV-1042",
    "TxnDate": "2026-06-30",
    "DueDate": "2026-08-15",
    "PrivateNote": "Procore SC-001 #3 · inBuild 77123, ask Bob",
    "TotalAmt": Decimal("900.00"),
    "Balance": Decimal("900.00"),
    "CustomField": [{"DefinitionId": "1", "StringValue": "kept"}],
    "Line": [
        {
            "Id": "1",
            "LineNum": 1,
            "Description": "Rough-in",
            "Amount": Decimal("1000.00"),
            "DetailType": "AccountBasedExpenseLineDetail",
            "AccountBasedExpenseLineDetail": {
                "AccountRef": {"value": "80", "name": "Subcontractors"},
                "CustomerRef": {"value": "12"},
                "ClassRef": {"value": "7"},
                "BillableStatus": "Billable",
                "TaxCodeRef": {"value": "NON"},
            },
        },
        {"Id": "2", "Description": "see attached", "DetailType": "DescriptionOnly"},
        {
            "Id": "3",
            "Amount": Decimal("-100.00"),
            "DetailType": "AccountBasedExpenseLineDetail",
            "AccountBasedExpenseLineDetail": {"AccountRef": {"value": "95"}, "CustomerRef": {"value": "12"}},
        },
    ],
}
KEPT = LineToBe(amount=Decimal("1000.00"), was=0, account_id="80", customer_id="12", class_id="7")
RETAINAGE = LineToBe(amount=Decimal("-100.00"), was=2, account_id="95", customer_id="12")


def updated(*lines: LineToBe, ap_account_id: str = "33", **header: Any) -> dict[str, Any]:
    sent = serialize_bill_update(
        BillAsRead(Bill.model_validate(READ), READ),
        lines=lines,
        **{
            "vendor_id": "56",
            "ap_account_id": ap_account_id,
            "doc_number": "INV-1042",
            "txn_date": date(2026, 6, 30),
            **header,
        },
    )
    told: dict[str, Any] = json.loads(sent, parse_float=Decimal)
    return told


def test_what_is_not_ours_goes_back_as_it_came() -> None:
    sent = updated(KEPT, RETAINAGE)
    assert sent == {
        name: value for name, value in READ.items() if name not in ("MetaData", "TotalAmt", "Balance", "domain")
    }


def test_a_header_changes_and_names_are_not_kept_for_other_ids() -> None:
    sent = updated(KEPT, RETAINAGE, vendor_id="57", doc_number="INV-9", txn_date=date(2026, 7, 2), ap_account_id="34")
    assert (sent["VendorRef"], sent["APAccountRef"]) == ({"value": "57"}, {"value": "34"})
    assert (sent["DocNumber"], sent["TxnDate"], sent["DueDate"]) == ("INV-9", "2026-07-02", "2026-08-15")
    assert sent["SyncToken"] == "3"


def test_an_unknown_payable_account_stays() -> None:
    assert updated(KEPT, ap_account_id="")["APAccountRef"] == READ["APAccountRef"]


def test_a_changed_line_keeps_its_id_and_what_others_wrote_on_it() -> None:
    moved = LineToBe(amount=Decimal("1200.00"), was=0, account_id="81", customer_id="12")
    line = updated(moved, RETAINAGE)["Line"][0]
    assert (line["Id"], line["Description"], line["Amount"]) == ("1", "Rough-in", Decimal("1200.00"))
    assert line["AccountBasedExpenseLineDetail"] == {
        "AccountRef": {"value": "81"},
        "CustomerRef": {"value": "12"},
        "BillableStatus": "Billable",
        "TaxCodeRef": {"value": "NON"},
    }


def test_lines_go_and_come_and_descriptions_stay() -> None:
    new = LineToBe(amount=Decimal("70.00"), was=None, account_id="82", customer_id="12", description="Tax")
    lines = updated(RETAINAGE, new)["Line"]
    assert [line.get("Id") for line in lines] == ["2", "3", None]
    assert lines[2] == {
        "Description": "Tax",
        "AccountBasedExpenseLineDetail": {
            "BillableStatus": "NotBillable",
            "AccountRef": {"value": "82"},
            "CustomerRef": {"value": "12"},
        },
        "Amount": Decimal("70.00"),
        "DetailType": "AccountBasedExpenseLineDetail",
    }


def test_a_line_that_becomes_an_item_is_one_of_the_whole_amount() -> None:
    item = LineToBe(amount=Decimal("1000.00"), was=0, item_id="501", customer_id="12", class_id="7")
    line = updated(item, RETAINAGE)["Line"][0]
    assert "AccountBasedExpenseLineDetail" not in line
    detail = line["ItemBasedExpenseLineDetail"]
    assert (detail["ItemRef"], detail["Qty"], detail["UnitPrice"]) == ({"value": "501"}, 1, Decimal("1000.00"))
    assert "AccountRef" not in detail


@pytest.mark.parametrize("lines", [(), (LineToBe(amount=Decimal("1.005"), was=None, account_id="80"),)])
def test_what_quickbooks_would_refuse_is_not_sent(lines: tuple[LineToBe, ...]) -> None:
    with pytest.raises(InvalidRequest):
        updated(*lines)

"""Bills: what is accepted, what is filled in, what is refused with which code (reference 2.4, 4.2)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulators.quickbooks_online.books import (
    AP,
    BANK,
    CLASS,
    COST,
    DEPARTMENT,
    INACTIVE_VENDOR,
    INCOME,
    ITEM,
    OTHER_VENDOR,
    PROJECT,
    RETAINAGE,
    TERM,
    VENDOR,
    bill,
    line,
    payment,
)
from tests.simulators.quickbooks_online.conftest import Quickbooks


def item_line(amount: float, item: str | None = ITEM, **detail: Any) -> dict[str, Any]:
    """One item-based line."""
    reference = {} if item is None else {"ItemRef": {"value": item}}
    return {
        "Amount": amount,
        "DetailType": "ItemBasedExpenseLineDetail",
        "ItemBasedExpenseLineDetail": reference | detail,
    }


async def test_the_reference_bill_is_stored_and_echoed(qbo: Quickbooks) -> None:
    tagged: dict[str, Any] = {
        "CustomerRef": {"value": PROJECT},
        "BillableStatus": "NotBillable",
        "TaxCodeRef": {"value": "NON"},
    }
    sent = bill(
        line(50000.00, ClassRef={"value": CLASS}, **tagged),
        item_line(40000.00, Qty=1, UnitPrice=40000.00, **tagged),
        line(-9000.00, RETAINAGE, **tagged),
        APAccountRef={"value": AP},
        DocNumber="NGC-2026-0047",
        SalesTermRef={"value": TERM},
        DepartmentRef={"value": DEPARTMENT},
        PrivateNote="Procore SC-001 #3",
    )
    stored = await qbo.post("bill", sent)
    assert (stored["TotalAmt"], stored["Balance"], stored["SyncToken"]) == (81000.0, 81000.0, "0")
    assert stored["DueDate"] == "2026-12-18"
    assert stored["VendorRef"] == {"value": VENDOR, "name": "Northgate Concrete LLC"}
    assert [one["Id"] for one in stored["Line"]] == ["1", "2", "3"]
    assert stored["Line"][0]["AccountBasedExpenseLineDetail"]["CustomerRef"]["name"] == "Acme Towers:Tower A"
    assert stored["CurrencyRef"] == {"value": "USD", "name": "United States Dollar"}
    assert stored["MetaData"]["CreateTime"][-6:] in ("-08:00", "-07:00")
    assert await qbo.read("bill", stored["Id"]) == stored
    assert (await qbo.read("vendor", VENDOR))["Balance"] == 81000.0


async def test_what_is_left_out_is_filled_in(qbo: Quickbooks) -> None:
    await qbo.http.post("/control/clock", json={"now": "2026-11-21T03:00:00Z"})  # still the 20th in California
    sent = bill()
    del sent["TxnDate"]
    stored = await qbo.post("bill", sent)
    assert (stored["TxnDate"], stored["DueDate"]) == ("2026-11-20", "2026-11-20")
    assert stored["APAccountRef"] == {"value": AP, "name": "Accounts Payable"}
    assert "DocNumber" not in stored


@pytest.mark.parametrize(
    ("change", "code", "element"),
    [
        ({"VendorRef": None}, "2020", "VendorRef"),
        ({"Line": []}, "2020", "Line"),
        ({"Line": [{"DetailType": "AccountBasedExpenseLineDetail"}]}, "2020", "Line.Amount"),
        ({"Line": [{"Amount": 1}]}, "2020", "Line.DetailType"),
        ({"Line": [{"Amount": 1, "DetailType": "AccountBasedExpenseLineDetail"}]}, "6440", None),
        ({"Line": [{"Amount": 1, "DetailType": "SalesItemLineDetail"}]}, "2170", "Line.DetailType"),
        ({"VendorRef": {"value": "75"}}, "2500", "VendorRef"),
        ({"VendorRef": {"value": INACTIVE_VENDOR}}, "610", "VendorRef"),
        ({"Line": [line(1, "7")]}, "2500", "Line.AccountRef"),
        ({"Line": [line(1, "91")]}, "610", "Line.AccountRef"),
        ({"Line": [line(1, AP)]}, "6430", "Line.AccountRef"),
        ({"Line": [line(1, BANK)]}, "6430", "Line.AccountRef"),
        ({"Line": [line(1, INCOME)]}, "6430", "Line.AccountRef"),
        ({"Line": [line(1, CustomerRef={"value": "8"})]}, "2500", "Line.CustomerRef"),
        ({"Line": [line(1, ClassRef={"value": "8"})]}, "2500", "Line.ClassRef"),
        ({"Line": [line(1, TaxCodeRef={"value": "9"})]}, "6100", "Line.TaxCodeRef"),
        ({"Line": [line(1, BillableStatus="Maybe")]}, "2170", None),
        ({"Line": [line(1, BillableStatus="Billable")]}, "6310", "Line.CustomerRef"),
        (
            {"Line": [line(1, BillableStatus="Billable", CustomerRef={"value": PROJECT})]},
            "5030",
            "Line.BillableStatus",
        ),
        ({"Line": [item_line(10, "52")]}, "6000", "Line.ItemRef"),
        ({"Line": [item_line(10, "53")]}, "6000", "Line.ItemRef"),
        ({"Line": [item_line(10, Qty=3, UnitPrice=3)]}, "6070", "Line.Amount"),
        ({"APAccountRef": {"value": COST}}, "6430", "APAccountRef"),
        ({"DepartmentRef": {"value": "8"}}, "2500", "DepartmentRef"),
        ({"SalesTermRef": {"value": "8"}}, "2500", "SalesTermRef"),
        ({"CurrencyRef": {"value": "CAD"}}, "5030", "CurrencyRef"),
        ({"DocNumber": "1234567890123456789012"}, "2050", "DocNumber"),
        ({"PrivateNote": "x" * 4001}, "2050", "PrivateNote"),
        ({"TxnDate": "18.11.2026"}, "2060", "TxnDate"),
        ({"Line": [line(1) | {"Amount": "a lot"}]}, "2090", "Line.Amount"),
        ({"Line": [line(1) | {"Amount": 1234567890123456}]}, "2090", "Line.Amount"),
        ({"Colour": "red"}, "2010", "Colour"),
        ({"Line": [line(1) | {"AccountRef": {"value": COST}}]}, "2010", "Line.AccountRef"),
        ({"Line": [line(-1)]}, "6000", "TotalAmt"),
    ],
)
async def test_refusals(qbo: Quickbooks, change: dict[str, Any], code: str, element: str | None) -> None:
    error = await qbo.refused("bill", bill() | change)
    assert error["code"] == code, error
    if element is not None:
        assert error["element"] == element
    assert (await qbo.query("select count(*) from Bill"))["totalCount"] == 0


async def test_2500_names_the_list_as_the_service_does(qbo: Quickbooks) -> None:
    for change, detail in (
        ({"VendorRef": {"value": "75"}}, "Invalid Reference Id : Names element id 75 not found"),
        ({"Line": [line(1, "7")]}, "Invalid Reference Id : Accounts element id 7 not found"),
        ({"Line": [line(1, ClassRef={"value": "8"})]}, "Invalid Reference Id : Klasses element id 8 not found"),
        ({"DepartmentRef": {"value": "9"}}, "Invalid Reference Id : Depts element id 9 not found"),
    ):
        assert (await qbo.refused("bill", bill() | change))["Detail"] == detail


async def test_features_of_the_preferences(qbo: Quickbooks) -> None:
    await qbo.person("set_preference", section="AccountingInfoPrefs", id="ClassTrackingPerTxnLine", value=False)
    await qbo.person("set_preference", section="AccountingInfoPrefs", id="TrackDepartments", value=False)
    classed = bill(line(1, ClassRef={"value": CLASS}))
    assert (await qbo.refused("bill", classed))["code"] == "5030"
    assert (await qbo.refused("bill", bill(DepartmentRef={"value": DEPARTMENT})))["code"] == "5030"


async def test_an_item_line_without_item_only_documents(qbo: Quickbooks) -> None:
    stored = await qbo.post("bill", bill(line(10), item_line(99, None)))
    assert stored["TotalAmt"] == 10.0


async def test_negative_lines_and_zero_totals_are_switches(qbo: Quickbooks) -> None:
    zero = bill(line(10), line(-10, RETAINAGE))
    assert (await qbo.post("bill", zero))["TotalAmt"] == 0.0
    qbo.switch(zero_total="refuse")
    assert (await qbo.refused("bill", zero))["code"] == "6000"
    qbo.switch(negative_lines="refuse")
    assert (await qbo.refused("bill", zero))["code"] == "2290"


async def test_duplicate_numbers_only_matter_where_the_company_says_so(qbo: Quickbooks) -> None:
    numbered = bill(DocNumber="A-1")
    first = await qbo.post("bill", numbered)
    await qbo.post("bill", numbered)
    await qbo.person("set_preference", section="OtherPrefs", id="WarnDuplicateBillNumber", value="true")
    error = await qbo.refused("bill", numbered)
    assert (error["code"], first["Id"] in error["Detail"]) == ("6140", True)
    elsewhere = numbered | {"VendorRef": {"value": OTHER_VENDOR}}
    await qbo.post("bill", elsewhere)
    qbo.switch(duplicate_number_scope="company")
    assert (await qbo.refused("bill", elsewhere))["code"] == "6140"
    await qbo.post("bill", elsewhere, include="allowduplicatedocnum")


async def test_a_closed_period_takes_no_bill_change_or_deletion(qbo: Quickbooks) -> None:
    stored = await qbo.post("bill", bill(TxnDate="2026-10-31"))
    await qbo.person("close_books", value="2026-10-31")
    error = await qbo.refused("bill", bill(TxnDate="2026-10-31"))
    assert error["code"] == "6210"
    assert error["Message"] == "Account Period Closed, Cannot Update Through Services API"
    version = {"Id": stored["Id"], "SyncToken": "0"}
    moved = bill(TxnDate="2026-11-01") | version
    assert (await qbo.refused("bill", moved))["code"] == "6210"
    assert (await qbo.refused("bill", version, operation="delete"))["code"] == "6210"
    await qbo.post("bill", bill(TxnDate="2026-11-01"))


async def test_sparse_update_keeps_and_full_update_clears(qbo: Quickbooks) -> None:
    stored = await qbo.post("bill", bill(DocNumber="A-1", PrivateNote="note"))
    sparse = {"Id": stored["Id"], "SyncToken": "0", "sparse": True, "DueDate": "2026-12-31"}
    changed = await qbo.post("bill", sparse)
    assert (changed["DueDate"], changed["DocNumber"], changed["SyncToken"]) == ("2026-12-31", "A-1", "1")
    assert changed["MetaData"]["CreateTime"] == stored["MetaData"]["CreateTime"]
    full = bill(line(7)) | {"Id": stored["Id"], "SyncToken": "1"}
    changed = await qbo.post("bill", full)
    assert (changed["TotalAmt"], changed["SyncToken"]) == (7.0, "2")
    assert "DocNumber" not in changed and "PrivateNote" not in changed
    assert (await qbo.refused("bill", sparse))["code"] == "5010"


async def test_a_bill_as_read_can_be_sent_back(qbo: Quickbooks) -> None:
    stored = await qbo.post("bill", bill(DocNumber="A-1"))
    changed = await qbo.post("bill", stored | {"PrivateNote": "seen"})
    assert (changed["PrivateNote"], changed["DocNumber"], changed["TotalAmt"]) == ("seen", "A-1", 1000.0)


async def test_lines_keep_known_ids_get_new_ones_and_go_when_not_sent(qbo: Quickbooks) -> None:
    stored = await qbo.post("bill", bill(line(1), line(2), line(3)))
    lines = [stored["Line"][2], line(9), line(8) | {"Id": "77"}]
    changed = await qbo.post("bill", {"Id": stored["Id"], "SyncToken": "0", "sparse": True, "Line": lines})
    assert [(one["Id"], one["Amount"]) for one in changed["Line"]] == [("3", 3.0), ("4", 9.0), ("5", 8.0)]
    assert changed["TotalAmt"] == 20.0


async def test_sparse_update_can_be_switched_off(qbo: Quickbooks) -> None:
    stored = await qbo.post("bill", bill())
    qbo.switch(sparse_bill_update="refuse")
    sparse = {"Id": stored["Id"], "SyncToken": "0", "sparse": True, "DueDate": "2026-12-31"}
    assert (await qbo.refused("bill", sparse))["code"] == "500"


async def test_delete_leaves_a_stub_and_610(qbo: Quickbooks) -> None:
    stored = await qbo.post("bill", bill())
    gone = await qbo.post("bill", {"Id": stored["Id"], "SyncToken": "0"}, operation="delete")
    assert gone == {"status": "Deleted", "domain": "QBO", "Id": stored["Id"]}
    answer = await qbo.call("GET", f"bill/{stored['Id']}")
    assert (answer.status_code, answer.json()["Fault"]["Error"][0]["code"]) == (400, "610")
    assert (await qbo.read("vendor", VENDOR))["Balance"] == 0


async def test_a_paid_bill_cannot_be_deleted_by_an_app_but_by_a_person(qbo: Quickbooks) -> None:
    stored = await qbo.post("bill", bill())
    paid = await qbo.post("billpayment", payment(stored["Id"], 1000))
    present = await qbo.read("bill", stored["Id"])
    version = {"Id": stored["Id"], "SyncToken": present["SyncToken"]}
    assert (await qbo.refused("bill", version, operation="delete"))["code"] == "6000"
    smaller = bill(line(10)) | version
    assert (await qbo.refused("bill", smaller))["code"] == "6000"
    await qbo.person("delete", id=stored["Id"])
    left = await qbo.read("billpayment", paid["Id"])
    assert (left["TotalAmt"], left["Line"]) == (1000.0, [])


async def test_bills_cannot_be_voided(qbo: Quickbooks) -> None:
    stored = await qbo.post("bill", bill())
    version = {"Id": stored["Id"], "SyncToken": "0", "sparse": True}
    assert (await qbo.refused("bill", version, operation="update", include="void"))["code"] == "500"


async def test_multicurrency_wants_the_vendors_currency(qbo: Quickbooks) -> None:
    await qbo.person("set_preference", section="CurrencyPrefs", id="MultiCurrencyEnabled", value=True)
    assert (await qbo.refused("bill", bill()))["element"] == "CurrencyRef"
    assert (await qbo.refused("bill", bill(CurrencyRef={"value": "CAD"})))["code"] == "6000"
    await qbo.post("bill", bill(CurrencyRef={"value": "USD"}))


async def test_a_company_outside_the_us_wants_to_know_about_tax(qbo: Quickbooks) -> None:
    qbo.simulation.companies[qbo.realm].company_info["Country"] = "CA"
    assert (await qbo.refused("bill", bill()))["element"] == "GlobalTaxCalculation"
    await qbo.post("bill", bill(GlobalTaxCalculation="TaxExcluded"))


async def test_unreadable_bodies_and_unknown_entities(qbo: Quickbooks) -> None:
    broken = await qbo.call("POST", "bill", content=b'{"Line": [')
    assert (broken.status_code, broken.json()["Fault"]["Error"][0]["code"]) == (400, "2010")
    latin = await qbo.call("POST", "bill", content='{"DocNumber": "é"}'.encode("latin-1"))
    assert latin.json()["Fault"]["Error"][0]["code"] == "500"
    assert (await qbo.refused("Bill", bill()))["code"] == "500"
    assert (await qbo.refused("invoice", {}))["code"] == "500"


async def test_answers_carry_fields_nobody_documents_and_a_trace_id(qbo: Quickbooks) -> None:
    answer = await qbo.call("POST", "bill", json=bill())
    assert answer.headers["intuit_tid"]
    assert "ServiceHint" in answer.json()["Bill"]
    qbo.switch(extra_fields=False)
    assert "ServiceHint" not in await qbo.post("bill", bill())

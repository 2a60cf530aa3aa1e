"""The QuickBooks Online side: the same names, the decoys, bills of the year before, references that resolve."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from simulators.world.documents import Documents


def _realm(documents: Documents, place: int = 0) -> dict[str, Any]:
    realm: dict[str, Any] = documents.quickbooks_online["companies"][place]
    return realm


def test_three_vendors_and_one_job_are_missing(demo: Documents) -> None:
    realm = _realm(demo)
    vendors = {row["name"] for row in demo.procore["vendors"] if row["company_id"] == 4907}
    jobs = {row["name"] for row in demo.procore["projects"] if row["company_id"] == 4907}
    assert vendors - {row["DisplayName"] for row in realm["Vendor"]} == {
        "Tri-County Paving LLC",
        "Front Range Elevator Service",
        "Vortex Controls",
    }
    assert jobs - {row["DisplayName"] for row in realm["Customer"]} == {"Harbor Point Phase I"}
    assert "Vortex Controls" in {row["DisplayName"] for row in realm["Customer"]}


def test_names_are_hard_to_quote(demo: Documents) -> None:
    names = " ".join(row["DisplayName"] for row in _realm(demo)["Vendor"])
    assert all(mark in names for mark in ("'", '"', "ñ", "ü", "🔥", "&", ","))


def test_accounts(demo: Documents) -> None:
    by_path = {row["FullyQualifiedName"]: row for row in _realm(demo)["Account"]}
    expected = demo.expected
    assert by_path[expected["expense_account"]]["AccountType"] == "Cost of Goods Sold"
    assert by_path[expected["retainage_account"]]["AccountType"] == "Other Current Liability"
    assert by_path[expected["ap_account"]]["AccountType"] == "Accounts Payable"
    decoys = [row for row in by_path.values() if row["AccountSubType"] == "Retainage"]
    assert [row["Classification"] for row in decoys] == ["Asset"]


def test_jobs_hang_below_their_owners(demo: Documents) -> None:
    customers = {row["Id"]: row for row in _realm(demo)["Customer"]}
    children = [row for row in customers.values() if "ParentRef" in row]
    assert len(children) >= 5
    for row in children:
        parent = customers[row["ParentRef"]["value"]]
        assert row["FullyQualifiedName"] == f"{parent['FullyQualifiedName']}:{row['DisplayName']}"


def test_references_resolve(demo: Documents) -> None:
    for place in range(2):
        realm = _realm(demo, place)
        known = {kind: {row["Id"] for row in realm[kind]} for kind in ("Vendor", "Customer", "Account", "Term", "Bill")}
        for vendor in realm["Vendor"]:
            assert vendor.get("TermRef", {"value": "1"})["value"] in known["Term"]
        for bill in realm["Bill"]:
            detail = bill["Line"][0]["AccountBasedExpenseLineDetail"]
            assert bill["VendorRef"]["value"] in known["Vendor"]
            assert bill["APAccountRef"]["value"] in known["Account"]
            assert detail["CustomerRef"]["value"] in known["Customer"]
            assert detail["AccountRef"]["value"] in known["Account"]
        for payment in realm["BillPayment"]:
            assert payment["Line"][0]["LinkedTxn"][0]["TxnId"] in known["Bill"]


def test_older_bills_collide_with_nothing(demo: Documents) -> None:
    bills = _realm(demo)["Bill"]
    assert len(bills) == 40
    expected = [o["bill"] for o in demo.expected["requisitions"].values() if "bill" in o]
    amounts = {(b["vendor"], Decimal(b["total"])) for b in expected}
    amounts |= {(row["vendor_name"], Decimal(row["total_claimed_amount"])) for row in demo.procore["requisitions"]}
    numbers = {b["number"] for b in expected} | {r["invoice_number"] for r in demo.procore["requisitions"]}
    for bill in bills:
        assert (bill["VendorRef"]["name"], bill["TotalAmt"]) not in amounts
        assert bill["DocNumber"] not in numbers
        assert date.fromisoformat(bill["TxnDate"]) < date(2025, 12, 1)


def test_second_realm_belongs_to_the_second_company(demo: Documents) -> None:
    realm = _realm(demo, 1)
    assert realm["CompanyInfo"]["CompanyName"] == "Cascade Tenant Improvements LLC"
    assert realm["users"] == ["grace.lindqvist@cascadeti.example", "ray.duarte@ledgerlane.example"]
    assert realm["Bill"] == []

"""Vendors and the other lists: names, addresses, inactive entries, merges (reference 2.4, 4.1, 4.5)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulators.quickbooks_online.books import OTHER_VENDOR, PROJECT, TERM, VENDOR, bill
from tests.simulators.quickbooks_online.conftest import Quickbooks


async def test_the_reference_vendor_is_stored(qbo: Quickbooks) -> None:
    stored = await qbo.post(
        "vendor",
        {
            "DisplayName": "Westgate Steel LLC",
            "PrimaryEmailAddr": {"Address": "ap@westgate.example"},
            "PrimaryPhone": {"FreeFormNumber": "(555) 010-4411"},
            "BillAddr": {"Line1": "12 Quarry Rd", "Country": "United States", "Lat": "39.5", "Long": "-119.8"},
            "TaxIdentifier": "98-7654321",
            "TermRef": {"value": TERM},
        },
    )
    assert (stored["Active"], stored["Balance"], stored["SyncToken"]) == (True, 0.0, "0")
    assert stored["BillAddr"] == {"Line1": "12 Quarry Rd", "Country": "USA"}
    assert stored["TaxIdentifier"] == "XXXXXX4321"
    assert stored["PrintOnCheckName"] == "Westgate Steel LLC"
    assert stored["TermRef"] == {"value": TERM, "name": "Net 30"}


async def test_a_vendor_as_read_can_be_sent_back_without_losing_the_tax_id(qbo: Quickbooks) -> None:
    read = await qbo.read("vendor", VENDOR)
    assert read["TaxIdentifier"] == "XXXXXX6789"
    await qbo.post("vendor", read | {"Notes": "seen"})
    assert qbo.simulation.companies[qbo.realm].get("Vendor", VENDOR)["TaxIdentifier"] == "12-3456789"


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        ({"DisplayName": "ace drywall"}, "6240"),
        ({"DisplayName": "Acme Towers"}, "6240"),
        ({}, "2020"),
        ({"DisplayName": "a:b"}, "6000"),
        ({"DisplayName": "x" * 501}, "2050"),
        ({"DisplayName": "New", "PrimaryEmailAddr": {"Address": "nobody"}}, "6000"),
        ({"DisplayName": "New", "TermRef": {"value": "99"}}, "2500"),
        ({"DisplayName": "New", "Favourite": True}, "2010"),
    ],
)
async def test_refusals(qbo: Quickbooks, payload: dict[str, Any], code: str) -> None:
    assert (await qbo.refused("vendor", payload))["code"] == code


async def test_a_name_may_come_from_its_parts(qbo: Quickbooks) -> None:
    stored = await qbo.post("vendor", {"GivenName": "Ada", "FamilyName": "Stone"})
    assert stored["DisplayName"] == "Ada Stone"


async def test_an_inactive_entry_is_renamed_hidden_and_its_name_free(qbo: Quickbooks) -> None:
    gone = await qbo.post("vendor", {"Id": OTHER_VENDOR, "SyncToken": "0", "sparse": True, "Active": False})
    assert (gone["DisplayName"], gone["Active"], gone["SyncToken"]) == ("Ace Drywall (deleted)", False, "1")
    assert (await qbo.query("select * from Vendor where DisplayName = 'Ace Drywall'")) == {}
    assert (await qbo.refused("bill", bill(VendorRef={"value": OTHER_VENDOR})))["code"] == "610"
    fresh = await qbo.post("vendor", {"DisplayName": "Ace Drywall"})
    back = {"Id": OTHER_VENDOR, "SyncToken": "1", "sparse": True, "Active": True}
    error = await qbo.refused("vendor", back)
    assert (error["code"], fresh["Id"] in error["Detail"]) == ("6240", True)


async def test_lists_cannot_be_deleted(qbo: Quickbooks) -> None:
    assert (await qbo.refused("vendor", {"Id": VENDOR, "SyncToken": "0"}, operation="delete"))["code"] == "500"


async def test_renaming_shows_on_old_bills_without_touching_them(qbo: Quickbooks) -> None:
    stored = await qbo.post("bill", bill())
    await qbo.person("rename", kind="Vendor", id=VENDOR, value="Northgate Concrete Inc")
    read = await qbo.read("bill", stored["Id"])
    assert (read["VendorRef"]["name"], read["SyncToken"]) == ("Northgate Concrete Inc", "0")


async def test_merged_vendors(qbo: Quickbooks) -> None:
    stored = await qbo.post("bill", bill())
    await qbo.person("merge_vendors", id=VENDOR, other_id=OTHER_VENDOR)
    read = await qbo.read("bill", stored["Id"])
    assert (read["VendorRef"], read["SyncToken"]) == ({"value": OTHER_VENDOR, "name": "Ace Drywall"}, "1")
    assert (await qbo.call("GET", f"vendor/{VENDOR}")).status_code == 400
    assert (await qbo.read("vendor", OTHER_VENDOR))["Balance"] == 1000.0


async def test_sub_customers_and_sub_accounts_are_named_in_full(qbo: Quickbooks) -> None:
    tower = await qbo.post("customer", {"DisplayName": "Tower B", "ParentRef": {"value": "300"}})
    assert (tower["FullyQualifiedName"], tower["Job"], tower["Level"]) == ("Acme Towers:Tower B", True, 1)
    account = await qbo.post(
        "account", {"Name": "Concrete", "AccountType": "Cost of Goods Sold", "ParentRef": {"value": "80"}}
    )
    assert account["FullyQualifiedName"] == "Subcontractors:Concrete"
    assert (await qbo.refused("account", {"Name": "No type"}))["element"] == "AccountType"
    assert (await qbo.read("customer", PROJECT))["IsProject"] is True


async def test_company_info_and_preferences(qbo: Quickbooks) -> None:
    info = await qbo.read("companyinfo", qbo.realm)
    assert (info["CompanyName"], info["Country"]) == ("Northside Builders", "US")
    answer = await qbo.call("GET", "preferences", params={"minorversion": "75"})
    assert answer.json()["Preferences"]["CurrencyPrefs"]["HomeCurrency"] == {"value": "USD"}
    assert answer.json()["time"][-6:] in ("-08:00", "-07:00")

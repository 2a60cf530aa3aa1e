"""A QuickBooks Online company: who it is, its lists, and the bills that were there before us."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from simulators.world.accounts import TERM_IDS, USD, chart_of_accounts, entity, terms
from simulators.world.older_bills import year_before
from simulators.world.people import PEOPLE
from simulators.world.projects import Company, Project
from simulators.world.vendors import Vendor

DECOY_VENDORS = ("Tri County Paving LLC", "Front Range Elevators", "First Western Insurance", "City Permit Office")
"""Nearly, but not exactly, the names that are missing, and two that never build anything."""
DECOY_CUSTOMERS = ("Harbor Point - Phase 1", "Vortex Controls")
"""A job spelled otherwise, and a customer who bears the name of a vendor that is missing."""


def books(company: Company, projects: Iterable[Project], vendors: Iterable[Vendor], *, older: bool) -> dict[str, Any]:
    """One realm in wire shape; `older` adds decoys and the bills of the year before."""
    vendor_rows = [_vendor(120 + place, vendor) for place, vendor in enumerate(_known(vendors))]
    customer_rows = _customers(projects)
    bills: list[dict[str, Any]] = []
    payments: list[dict[str, Any]] = []
    if older:
        vendor_rows += [_named_vendor(880 + place, name) for place, name in enumerate(DECOY_VENDORS)]
        customer_rows += [_customer(490 + place, name) for place, name in enumerate(DECOY_CUSTOMERS)]
        bills, payments = year_before(vendor_rows, customer_rows)
    return {
        "realm_id": company.realm_id,
        "CompanyInfo": _company_info(company),
        "Preferences": _preferences(),
        "users": [
            person.login for person in PEOPLE if any(membership.company == company for membership in person.memberships)
        ],
        "Vendor": vendor_rows,
        "Customer": customer_rows,
        "Account": chart_of_accounts(),
        "Item": _items(),
        "Class": [
            entity(5_000_000_000_000_001_230 + place, Name=name, FullyQualifiedName=name, SubClass=False, Active=True)
            for place, name in enumerate(("Commercial", "Public Works", "Hospitality", "Overhead"))
        ],
        "Department": [
            entity(place, Name=name, FullyQualifiedName=name, SubDepartment=False, Active=True)
            for place, name in enumerate(("Head Office", "Field"), start=1)
        ],
        "Term": terms(),
        "Bill": bills,
        "VendorCredit": [],
        "Purchase": [],
        "BillPayment": payments,
    }


def _known(vendors: Iterable[Vendor]) -> list[Vendor]:
    return [vendor for vendor in vendors if vendor.in_books]


def _vendor(identity: int, vendor: Vendor) -> dict[str, Any]:
    row = _named_vendor(identity, vendor.name)
    row["AcctNum"] = f"V-{vendor.id % 100_000}"
    row["BillAddr"] = {"City": vendor.city, "CountrySubDivisionCode": vendor.state, "Country": "USA"}
    if vendor.terms:
        row["TermRef"] = {"value": TERM_IDS[vendor.terms], "name": vendor.terms}
    return row


def _named_vendor(identity: int, name: str) -> dict[str, Any]:
    return entity(
        identity,
        DisplayName=name,
        CompanyName=name,
        PrintOnCheckName=name,
        Active=True,
        Vendor1099=identity % 3 == 0,
        Balance=0,
        CurrencyRef=USD,
    )


def _customers(projects: Iterable[Project]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    owners: dict[str, str] = {}
    for project in projects:
        if project.owner and project.owner not in owners:
            owners[project.owner] = str(300 + len(rows))
            rows.append(_customer(owners[project.owner], project.owner))
        if project.in_books:
            rows.append(_job(300 + len(rows), project, owners.get(project.owner, "")))
    return rows


def _customer(identity: int | str, name: str) -> dict[str, Any]:
    return entity(
        identity,
        DisplayName=name,
        CompanyName=name,
        FullyQualifiedName=name,
        PrintOnCheckName=name,
        Active=True,
        Job=False,
        BillWithParent=False,
        Level=0,
        IsProject=False,
        Balance=0,
        BalanceWithJobs=0,
        CurrencyRef=USD,
    )


def _job(identity: int, project: Project, owner: str) -> dict[str, Any]:
    row = _customer(identity, project.name)
    row["FullyQualifiedName"] = project.customer_path()
    if owner:
        row.update(Job=True, BillWithParent=True, Level=1, IsProject=True, ParentRef={"value": owner})
    return row


def _company_info(company: Company) -> dict[str, Any]:
    address = {
        "Line1": "1200 Foundry Street",
        "City": "Minneapolis",
        "CountrySubDivisionCode": "MN",
        "PostalCode": "55415",
        "Country": "USA",
    }
    return entity(
        1,
        CompanyName=company.books_name,
        LegalName=company.books_name,
        CompanyAddr=address,
        LegalAddr=address,
        CompanyStartDate="2019-01-01",
        FiscalYearStartMonth="January",
        Country="US",
        DefaultTimeZone="America/Los_Angeles",
        SupportedLanguages="en",
        NameValue=[
            {"Name": "OfferingSku", "Value": "QuickBooks Online Plus"},
            {"Name": "IndustryType", "Value": "General Contractors"},
        ],
    )


def _preferences() -> dict[str, Any]:
    return entity(
        1,
        AccountingInfoPrefs={
            "FirstMonthOfFiscalYear": "January",
            "UseAccountNumbers": False,
            "ClassTrackingPerTxn": False,
            "ClassTrackingPerTxnLine": True,
            "TrackDepartments": True,
            "CustomerTerminology": "Customers",
        },
        VendorAndPurchasesPrefs={
            "EnableBills": True,
            "TrackingByCustomer": True,
            "BillableExpenseTracking": True,
            "AutomaticBillPayment": False,
        },
        CurrencyPrefs={"MultiCurrencyEnabled": False, "HomeCurrency": {"value": "USD"}},
        TaxPrefs={"UsingSalesTax": False},
        OtherPrefs={
            "NameValue": [
                {"Name": "WarnDuplicateBillNumber", "Value": "false"},
                {"Name": "WarnDuplicateCheckNumber", "Value": "true"},
                {"Name": "ProjectsEnabled", "Value": "true"},
                {"Name": "Vendor1099Enabled", "Value": "true"},
            ]
        },
    )


def _items() -> list[dict[str, Any]]:
    rows = (("Subcontract work", "81"), ("Job materials", "82"), ("Retainage", "60"))
    return [
        entity(
            50 + place,
            Name=name,
            FullyQualifiedName=name,
            Active=True,
            Type="Service",
            Taxable=False,
            ExpenseAccountRef={"value": account},
            IncomeAccountRef={"value": "70"},
        )
        for place, (name, account) in enumerate(rows, start=1)
    ]

"""HostQuery, CompanyQuery and PreferencesQuery: what the Web Connector also sends with the first sendRequestXML."""

from __future__ import annotations

from lxml import etree

from simulators.quickbooks_desktop.company_file import CompanyFile
from simulators.quickbooks_desktop.wire import aggregate, texts_of

PRODUCT = "QuickBooks Premier: Contractor Edition 2021"
_VERSIONS = ("1.0", "1.1", "2.0", "2.1", "3.0", "4.0", "4.1", "5.0", "6.0", "7.0", "8.0", "9.0", "10.0", "11.0",
             "12.0", "13.0", "14.0")  # fmt: skip


def host_ret() -> etree._Element:
    """HostRet: the QuickBooks that runs."""
    return aggregate(
        "HostRet",
        [
            ("ProductName", PRODUCT),
            ("MajorVersion", "31"),
            ("MinorVersion", "0"),
            ("Country", "US"),
            ("SupportedQBXMLVersion", list(_VERSIONS)),
            ("IsAutomaticLogin", False),
            ("QBFileMode", "SingleUser"),
        ],
    )


def company_ret(file: CompanyFile, request: etree._Element) -> etree._Element:
    """CompanyRet, with what the Web Connector keeps in the company file for an OwnerID that is asked for."""
    company = file.books.company
    address = company.get("Address")
    owners = {owner.casefold() for owner in texts_of(request, "OwnerID")}
    private = [
        (owner, name, value)
        for name, values in (("FileID", file.books.stamps), ("AppLock", file.books.app_locks))
        for owner, value in values.items()
        if owner.casefold() in owners
    ]
    return aggregate(
        "CompanyRet",
        [
            ("IsSampleCompany", False),
            ("CompanyName", company["CompanyName"]),
            ("LegalCompanyName", company.get("LegalCompanyName", company["CompanyName"])),
            ("Address", aggregate("Address", address.items()) if address else None),
            ("Phone", company.get("Phone")),
            ("Email", company.get("Email")),
            ("FirstMonthFiscalYear", company.get("FirstMonthFiscalYear", "January")),
            ("FirstMonthIncomeTaxYear", company.get("FirstMonthIncomeTaxYear", "January")),
            ("CompanyType", company.get("CompanyType", "Construction General Contractor")),
            ("EIN", company.get("EIN")),
            ("TaxForm", company.get("TaxForm", "Form1120S")),
            ("DataExtRet", [_private(*each) for each in private]),
        ],
    )


def _private(owner: str, name: str, value: str) -> etree._Element:
    parts = [("OwnerID", owner), ("DataExtName", name), ("DataExtType", "STR255TYPE"), ("DataExtValue", value)]
    return aggregate("DataExtRet", parts)


def preferences_ret(file: CompanyFile) -> etree._Element:
    """PreferencesRet: the parts that matter for bills, the closing date among them."""
    given = file.books.preferences
    accounting = [
        ("IsUsingAccountNumbers", bool(given.get("IsUsingAccountNumbers"))),
        ("IsRequiringAccounts", True),
        ("IsUsingClassTracking", bool(given.get("IsUsingClassTracking"))),
        ("IsUsingAuditTrail", True),
        ("IsAssigningJournalEntryNumbers", True),
        ("ClosingDate", given.get("ClosingDate")),
    ]
    jobs = [("IsUsingEstimates", True), ("IsUsingProgressInvoicing", True), ("IsPrintingItemsWithZeroAmounts", False)]
    purchases = [
        ("IsUsingInventory", False),
        ("DaysBillsAreDue", int(given.get("DaysBillsAreDue", 10))),
        ("IsAutomaticallyUsingDiscounts", False),
    ]
    rights = [
        ("IsAutomaticLoginAllowed", bool(file.books.permissions)),
        ("AutomaticLoginUserName", "Admin" if file.books.permissions else None),
        ("IsPersonalDataAccessAllowed", False),
    ]
    return aggregate(
        "PreferencesRet",
        [
            ("", aggregate("AccountingPreferences", accounting)),
            ("", aggregate("JobsAndEstimatesPreferences", jobs)),
            ("", aggregate("MultiCurrencyPreferences", [("IsMultiCurrencyOn", False)])),
            ("", aggregate("PurchasesAndVendorsPreferences", purchases)),
            ("", aggregate("CurrentAppAccessRights", rights)),
        ],
    )

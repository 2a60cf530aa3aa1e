"""A small company to test with, in wire shape. Ids are the ones of the reference's examples where it has them."""

from __future__ import annotations

from typing import Any

REALM = "9130350000000001"
OTHER_REALM = "9130350000000002"
OWNER = "owner@northside.example"
CLIENT_ID, CLIENT_SECRET = "test-client", "test-secret"
REDIRECT = "http://localhost:9/callback"

AP, BANK, CARD, COST, RETAINAGE, INCOME = "33", "35", "41", "80", "121", "90"
VENDOR, OTHER_VENDOR, INACTIVE_VENDOR = "112", "113", "114"
PROJECT, TERM, CLASS, DEPARTMENT, ITEM = "310", "3", "5000000000000001234", "2", "51"


def _account(entity_id: str, name: str, account_type: str, **more: Any) -> dict[str, Any]:
    return {"Id": entity_id, "Name": name, "FullyQualifiedName": name, "AccountType": account_type, **more}


def document() -> dict[str, Any]:
    """A fresh world document with one full company and one empty one."""
    return {
        "companies": [
            {
                "realm_id": REALM,
                "users": [OWNER, "second@northside.example"],
                "CompanyInfo": {"CompanyName": "Northside Builders", "Country": "US"},
                "Preferences": {
                    "AccountingInfoPrefs": {"ClassTrackingPerTxnLine": True, "TrackDepartments": True},
                    "VendorAndPurchasesPrefs": {"BillableExpenseTracking": False},
                    "CurrencyPrefs": {"MultiCurrencyEnabled": False, "HomeCurrency": {"value": "USD"}},
                    "OtherPrefs": {"NameValue": [{"Name": "WarnDuplicateBillNumber", "Value": "false"}]},
                },
                "Account": [
                    _account(AP, "Accounts Payable", "Accounts Payable"),
                    _account(BANK, "Checking", "Bank"),
                    _account(CARD, "Visa", "Credit Card"),
                    _account(COST, "Subcontractors", "Cost of Goods Sold"),
                    _account(RETAINAGE, "Retainage Payable", "Other Current Liability"),
                    _account(INCOME, "Construction Income", "Income"),
                    _account("91", "Old costs (deleted)", "Expense", Active=False),
                ],
                "Vendor": [
                    {"Id": VENDOR, "DisplayName": "Northgate Concrete LLC", "TaxIdentifier": "12-3456789"},
                    {"Id": OTHER_VENDOR, "DisplayName": "Ace Drywall"},
                    {"Id": INACTIVE_VENDOR, "DisplayName": "Gone Steel (deleted)", "Active": False},
                ],
                "Customer": [
                    {"Id": "300", "DisplayName": "Acme Towers", "FullyQualifiedName": "Acme Towers"},
                    {
                        "Id": PROJECT,
                        "DisplayName": "Tower A",
                        "FullyQualifiedName": "Acme Towers:Tower A",
                        "Job": True,
                        "IsProject": True,
                        "ParentRef": {"value": "300"},
                    },
                ],
                "Item": [
                    {"Id": ITEM, "Name": "Steel", "Type": "Service", "ExpenseAccountRef": {"value": COST}},
                    {"Id": "52", "Name": "Sold only", "Type": "Service"},
                    {"Id": "53", "Name": "Bundle", "Type": "Group", "ExpenseAccountRef": {"value": COST}},
                ],
                "Class": [{"Id": CLASS, "Name": "Division 3", "FullyQualifiedName": "Division 3"}],
                "Department": [{"Id": DEPARTMENT, "Name": "East", "FullyQualifiedName": "East"}],
                "Term": [{"Id": TERM, "Name": "Net 30", "DueDays": 30}],
            },
            {
                "realm_id": OTHER_REALM,
                "users": ["owner@southside.example"],
                "CompanyInfo": {"CompanyName": "Southside Builders"},
            },
        ]
    }


def line(amount: float, account: str = COST, **detail: Any) -> dict[str, Any]:
    """One account-based line."""
    return {
        "Amount": amount,
        "DetailType": "AccountBasedExpenseLineDetail",
        "AccountBasedExpenseLineDetail": {"AccountRef": {"value": account}, **detail},
    }


def bill(*lines: dict[str, Any], **header: Any) -> dict[str, Any]:
    """A bill ready to be posted; without lines it has one of 1,000.00."""
    return {
        "VendorRef": {"value": VENDOR},
        "TxnDate": "2026-11-18",
        "Line": list(lines) or [line(1000)],
        **header,
    }


def payment(bill_id: str, amount: float, **more: Any) -> dict[str, Any]:
    """A check for one bill."""
    return {
        "VendorRef": {"value": VENDOR},
        "PayType": "Check",
        "CheckPayment": {"BankAccountRef": {"value": BANK}},
        "TotalAmt": amount,
        "Line": [{"Amount": amount, "LinkedTxn": [{"TxnId": bill_id, "TxnType": "Bill"}]}],
        **more,
    }

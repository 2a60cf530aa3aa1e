"""Entities as QuickBooks Online answers with them, literally; the building blocks of `exchanges`."""

from __future__ import annotations

from typing import Any

from tests.simulators.quickbooks_online.books import AP, BANK, COST, PROJECT, RETAINAGE, TERM, VENDOR

STAMP = "2026-11-20T09:14:03-08:00"
META = {"CreateTime": STAMP, "LastUpdatedTime": STAMP}
SYSTEM = {"domain": "QBO", "sparse": False, "MetaData": META}
USD = {"value": "USD", "name": "United States Dollar"}
NORTHGATE = {"value": VENDOR, "name": "Northgate Concrete LLC"}
PAYABLE = {"value": AP, "name": "Accounts Payable"}


def _line(amount: float, account: str, name: str, **more: Any) -> dict[str, Any]:
    detail = {
        "AccountRef": {"value": account, "name": name},
        "CustomerRef": {"value": PROJECT, "name": "Acme Towers:Tower A"},
    }
    kind = "AccountBasedExpenseLineDetail"
    return {"Amount": amount, "DetailType": kind, kind: detail} | more


def fault(code: str, message: str, detail: str, element: str = "") -> dict[str, Any]:
    """The body of a refusal."""
    error = {"Message": message, "Detail": detail, "code": code, "element": element}
    return {"Fault": {"Error": [error], "type": "ValidationFault"}}


BILL_SENT: dict[str, Any] = {
    "VendorRef": {"value": VENDOR},
    "APAccountRef": {"value": AP},
    "DocNumber": "NGC-2026-0047",
    "TxnDate": "2026-11-18",
    "SalesTermRef": {"value": TERM},
    "Line": [
        {
            "Amount": 90000.0,
            "DetailType": "AccountBasedExpenseLineDetail",
            "AccountBasedExpenseLineDetail": {
                "AccountRef": {"value": COST},
                "CustomerRef": {"value": PROJECT},
            },
        },
        {
            "Amount": -9000.0,
            "DetailType": "AccountBasedExpenseLineDetail",
            "AccountBasedExpenseLineDetail": {
                "AccountRef": {"value": RETAINAGE},
                "CustomerRef": {"value": PROJECT},
            },
        },
    ],
}
BILL: dict[str, Any] = {
    **SYSTEM,
    "Id": "311",
    "SyncToken": "0",
    "VendorRef": NORTHGATE,
    "APAccountRef": PAYABLE,
    "DocNumber": "NGC-2026-0047",
    "TxnDate": "2026-11-18",
    "DueDate": "2026-12-18",
    "SalesTermRef": {"value": TERM, "name": "Net 30"},
    "CurrencyRef": USD,
    "TotalAmt": 81000.0,
    "Balance": 81000.0,
    "Line": [
        _line(90000.0, COST, "Subcontractors", Id="1", LineNum=1),
        _line(-9000.0, RETAINAGE, "Retainage Payable", Id="2", LineNum=2),
    ],
}
PAYMENT_SENT: dict[str, Any] = {
    "VendorRef": {"value": VENDOR},
    "APAccountRef": {"value": AP},
    "PayType": "Check",
    "CheckPayment": {"BankAccountRef": {"value": BANK}, "PrintStatus": "NotSet"},
    "DocNumber": "10432",
    "TxnDate": "2026-12-15",
    "TotalAmt": 81000.0,
    "Line": [{"Amount": 81000.0, "LinkedTxn": [{"TxnId": "311", "TxnType": "Bill"}]}],
}
PAYMENT: dict[str, Any] = {
    **SYSTEM,
    "Id": "312",
    "SyncToken": "0",
    "VendorRef": NORTHGATE,
    "APAccountRef": PAYABLE,
    "PayType": "Check",
    "CheckPayment": {"BankAccountRef": {"value": BANK, "name": "Checking"}, "PrintStatus": "NotSet"},
    "DocNumber": "10432",
    "TxnDate": "2026-12-15",
    "TotalAmt": 81000.0,
    "CurrencyRef": USD,
    "Line": [{"Amount": 81000.0, "LinkedTxn": [{"TxnId": "311", "TxnType": "Bill"}]}],
}
PAID = BILL | {
    "SyncToken": "1",
    "Balance": 0,
    "LinkedTxn": [{"TxnId": "312", "TxnType": "BillPaymentCheck"}],
}
STALE = fault(
    "5010",
    "Stale Object Error",
    "Stale Object Error : You and ... were working on this at the same time.",
)
NOT_FOUND = fault(
    "610",
    "Object Not Found",
    "Object Not Found : Something you're trying to use has been made inactive. Check the fields with accounts, "
    "customers, items, vendors or employees.",
)
# Lines sent without their ids are new lines.
CLEARED: dict[str, Any] = {name: value for name, value in BILL.items() if name != "DocNumber"} | {
    "SyncToken": "1",
    "Line": [
        _line(90000.0, COST, "Subcontractors", Id="3", LineNum=1),
        _line(-9000.0, RETAINAGE, "Retainage Payable", Id="4", LineNum=2),
    ],
}

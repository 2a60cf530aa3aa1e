"""Bills and payments as a person reads them, by name: what a check of the books compares with what it expects."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from simulators.quickbooks_desktop.books import PAYMENTS, Entity
from simulators.quickbooks_desktop.company_file import CompanyFile


def name_of(file: CompanyFile, kind: str, identity: str | None) -> str:
    """The full name of a list element; blank when there is none."""
    entry = file.find(kind, identity)
    return "" if entry is None else file.full_name(kind, entry)


def bill_sheet(file: CompanyFile) -> list[dict[str, Any]]:
    """Every bill, in the order they were entered. Amounts are text with two decimals."""
    return [_bill(file, bill) for bill in file.books.transactions["Bill"].values()]


def payment_sheet(file: CompanyFile) -> list[dict[str, Any]]:
    """Every bill payment with its share in each bill."""
    return [
        {
            "id": payment["TxnID"],
            "kind": kind,
            "vendor": name_of(file, "Vendor", payment["VendorRef"]),
            "number": payment.get("RefNumber"),
            "date": payment["TxnDate"],
            "amount": _amount(payment["Amount"]),
            "bills": [
                {"id": each.bill_id, "amount": _amount(each.amount), "discount": _amount(each.discount)}
                for each in file.used_of(payment["TxnID"])
            ],
        }
        for kind in PAYMENTS
        for payment in file.books.transactions[kind].values()
    ]


def _bill(file: CompanyFile, bill: Entity) -> dict[str, Any]:
    return {
        "id": bill["TxnID"],
        "vendor": name_of(file, "Vendor", bill["VendorRef"]),
        "number": bill.get("RefNumber"),
        "date": bill["TxnDate"],
        "due": bill["DueDate"],
        "total": _amount(bill["AmountDue"]),
        "open": _amount(file.open_amount(bill)),
        "memo": bill.get("Memo"),
        "external_guid": bill.get("ExternalGUID"),
        "lines": [line_sheet(file, line) for line in [*bill["expense_lines"], *bill["item_lines"]]],
    }


def line_sheet(file: CompanyFile, line: Entity) -> dict[str, Any]:
    """One line of a bill; an item line has an item in place of an account."""
    kind = "Account" if "AccountRef" in line else "Item"
    return {
        kind.lower(): name_of(file, kind, line.get(f"{kind}Ref")),
        "customer": name_of(file, "Customer", line.get("CustomerRef")),
        "class": name_of(file, "Class", line.get("ClassRef")),
        "memo": line.get("Memo") or line.get("Desc"),
        "billable": line.get("BillableStatus"),
        "amount": _amount(line["Amount"]),
    }


def _amount(amount: Decimal) -> str:
    return f"{amount:.2f}"

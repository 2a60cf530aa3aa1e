"""Two QuickBooks Desktop company files: books as QuickBooks Online would hold them, told in Desktop's own shape."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from simulators.world.books import books
from simulators.world.expectation import DESKTOP_NUMBER_LIMIT, Clashes, bill_number, expect
from simulators.world.projects import TIDEWATER_PROJECTS, Company, Project
from simulators.world.register import Register
from simulators.world.requisitions import Requisition
from simulators.world.vendors import Vendor

LONGEST_NAME = 41
"""QuickBooks Desktop: names of vendors and customers hold 41 characters of Windows-1252."""

_ACCOUNT_TYPES = {
    "Accounts Payable": "AccountsPayable",
    "Accounts Receivable": "AccountsReceivable",
    "Bank": "Bank",
    "Cost of Goods Sold": "CostOfGoodsSold",
    "Credit Card": "CreditCard",
    "Equity": "Equity",
    "Expense": "Expense",
    "Fixed Asset": "FixedAsset",
    "Income": "Income",
    "Other Current Asset": "OtherCurrentAsset",
    "Other Current Liability": "OtherCurrentLiability",
}


@dataclass(frozen=True)
class CompanyFile:
    """One company file of a contractor and the jobs whose books are in it."""

    key: str
    name: str
    zone: str
    created: int
    """Seconds since 1970; part of every ListID, so that no id of one file is known to the other."""
    ein: str
    projects: tuple[Project, ...]

    @property
    def path(self) -> str:
        return rf"Q:\Company Files\{self.name}.QBW"


NORFOLK = CompanyFile(
    "tidewater-norfolk",
    "Tidewater Constructors",
    "America/New_York",
    1_736_182_800,
    "54-0000017",
    TIDEWATER_PROJECTS[:2],
)
TENNESSEE = CompanyFile(
    "tidewater-tennessee",
    "Tidewater Constructors of Tennessee",
    "America/New_York",
    1_736_269_200,
    "62-0000025",
    TIDEWATER_PROJECTS[2:],
)
COMPANY_FILES = (NORFOLK, TENNESSEE)


def desktop_name(name: str) -> str:
    """What a bookkeeper could type into QuickBooks Desktop for that name; "Fireline" without its flame."""
    kept = "".join(each for each in name if each.encode("cp1252", "ignore")).replace(":", " ")
    return " ".join(kept.split())[:LONGEST_NAME].rstrip()


def company_files(company: Company, vendors: Iterable[Vendor]) -> dict[str, Any]:
    """The world document of the Desktop simulator: one PC in the office, and both files with the company's vendors."""
    known = tuple(vendors)
    return {
        "pcs": [{"name": "office", "open": NORFOLK.key}],
        "company_files": [
            _Told(file, books(company, file.projects, known, older=True)).document() for file in COMPANY_FILES
        ],
    }


def expected_in_files(company: Company, register: Register) -> dict[str, Any]:
    """What each requisition becomes, and in which file its bill stands, under the names that stand there."""
    clashes = Clashes(register.requisitions)
    return {
        "company_id": company.id,
        "files": {
            file.key: {
                "path": file.path,
                "company_name": file.name,
                "project_ids": [project.id for project in file.projects],
            }
            for file in COMPANY_FILES
        },
        "requisitions": {str(each.id): _expect(each, clashes) for each in register.requisitions},
    }


def _expect(requisition: Requisition, clashes: Clashes) -> dict[str, Any]:
    outcome = expect(requisition, clashes)
    if "bill" in outcome:
        project = requisition.commitment.project
        outcome["file"] = next(file.key for file in COMPANY_FILES if project in file.projects)
        outcome["bill"]["vendor"] = desktop_name(requisition.commitment.vendor.name)
        outcome["bill"]["number"] = bill_number(requisition, clashes, DESKTOP_NUMBER_LIMIT)
    return outcome


class _Told:
    """One set of books, on its way into Desktop's shape."""

    def __init__(self, file: CompanyFile, online: dict[str, Any]) -> None:
        self._file = file
        self._online = online
        self._ids: dict[tuple[str, str], str] = {}
        self._last_id = 0

    def document(self) -> dict[str, Any]:
        terms = [self._terms(row) for row in self._online["Term"]]
        accounts = [self._account(row) for row in self._online["Account"]]
        customers = [self._customer(row) for row in self._online["Customer"]]
        vendors = self._vendors({row["Name"].casefold() for row in customers})
        bills = [self._bill(row, place) for place, row in enumerate(self._online["Bill"], start=1)]
        payments = [self._payment(row, place) for place, row in enumerate(self._online["BillPayment"], start=1)]
        return {
            "key": self._file.key,
            "path": self._file.path,
            "zone": self._file.zone,
            "company": {
                "CompanyName": self._file.name,
                "LegalCompanyName": f"{self._file.name} Inc.",
                "EIN": self._file.ein,
                "Address": {
                    "Addr1": "40 Waterside Drive",
                    "City": "Norfolk",
                    "State": "VA",
                    "PostalCode": "23510",
                    "Country": "USA",
                },
            },
            "preferences": {
                "IsUsingAccountNumbers": False,
                "IsUsingClassTracking": True,
                "ClosingDate": "2025-12-31",
                "DaysBillsAreDue": 30,
            },
            "StandardTerms": terms,
            "Account": accounts,
            "Customer": customers,
            "Vendor": vendors,
            "Employee": [self._entry("Employee", "1", "Dana Whitfield")],
            "Class": [self._entry("Class", row["Id"], row["Name"]) for row in self._online["Class"]],
            "Item": [self._item(row) for row in self._online["Item"]],
            "Bill": bills,
            "BillPaymentCheck": payments,
            "settlements": [
                {
                    "payer_kind": "BillPaymentCheck",
                    "payer_id": self._id("BillPayment", row["Id"]),
                    "bill_id": self._id("Bill", line["LinkedTxn"][0]["TxnId"]),
                    "amount": line["Amount"],
                }
                for row in self._online["BillPayment"]
                for line in row["Line"]
            ],
        }

    def _id(self, kind: str, online_id: str) -> str:
        return self._ids[kind, online_id]

    def _entry(self, kind: str, online_id: str, name: str) -> dict[str, Any]:
        self._last_id += 1
        identity = f"{0x80000000 + self._last_id:X}-{self._file.created}"
        self._ids[kind, online_id] = identity
        return {"ListID": identity, "Name": name, "TimeCreated": self._file.created}

    def _terms(self, row: dict[str, Any]) -> dict[str, Any]:
        return {**self._entry("Term", row["Id"], row["Name"]), "StdDueDays": row["DueDays"]}

    def _account(self, row: dict[str, Any]) -> dict[str, Any]:
        account = self._entry("Account", row["Id"], row["Name"])
        account["AccountType"] = _ACCOUNT_TYPES[row["AccountType"]]
        return self._below(account, "Account", row)

    def _customer(self, row: dict[str, Any]) -> dict[str, Any]:
        customer = self._entry("Customer", row["Id"], desktop_name(row["DisplayName"]))
        customer["JobStatus"] = "InProgress" if row["Job"] else "None"
        return self._below(customer, "Customer", row)

    def _below(self, entry: dict[str, Any], kind: str, row: dict[str, Any]) -> dict[str, Any]:
        parent = row.get("ParentRef")
        return {**entry, "ParentRef": self._id(kind, parent["value"])} if parent else entry

    def _vendors(self, taken: set[str]) -> list[dict[str, Any]]:
        """One namespace with the customers: a vendor whose name is taken by one is not in these books."""
        rows = []
        for row in self._online["Vendor"]:
            name = desktop_name(row["DisplayName"])
            if name.casefold() in taken:
                continue
            taken.add(name.casefold())
            vendor = self._entry("Vendor", row["Id"], name)
            vendor["CompanyName"] = name
            vendor["IsVendorEligibleFor1099"] = row["Vendor1099"]
            if "TermRef" in row:
                vendor["TermsRef"] = self._id("Term", row["TermRef"]["value"])
            rows.append(vendor)
        return rows

    def _item(self, row: dict[str, Any]) -> dict[str, Any]:
        return {
            **self._entry("Item", row["Id"], row["Name"]),
            "ItemType": "ItemService",
            "ExpenseAccountRef": self._id("Account", row["ExpenseAccountRef"]["value"]),
            "IncomeAccountRef": self._id("Account", row["IncomeAccountRef"]["value"]),
        }

    def _bill(self, row: dict[str, Any], place: int) -> dict[str, Any]:
        entered = self._entered(row["TxnDate"])
        self._ids["Bill", row["Id"]] = identity = f"{place:X}-{entered}"
        return {
            "TxnID": identity,
            "TimeCreated": entered,
            "VendorRef": self._id("Vendor", row["VendorRef"]["value"]),
            "APAccountRef": self._id("Account", row["APAccountRef"]["value"]),
            "TxnDate": row["TxnDate"],
            "DueDate": row["DueDate"],
            "AmountDue": row["TotalAmt"],
            "RefNumber": row["DocNumber"],
            "expense_lines": [self._line(line, place, entered) for line in row["Line"]],
            "item_lines": [],
        }

    def _line(self, line: dict[str, Any], place: int, entered: int) -> dict[str, Any]:
        detail = line["AccountBasedExpenseLineDetail"]
        return {
            "TxnLineID": f"{place:X}-{entered}",
            "AccountRef": self._id("Account", detail["AccountRef"]["value"]),
            "Amount": line["Amount"],
            "Memo": line["Description"],
            "CustomerRef": self._id("Customer", detail["CustomerRef"]["value"]),
            "BillableStatus": detail["BillableStatus"],
        }

    def _payment(self, row: dict[str, Any], place: int) -> dict[str, Any]:
        entered = self._entered(row["TxnDate"])
        self._ids["BillPayment", row["Id"]] = identity = f"{1_000 + place:X}-{entered}"
        return {
            "TxnID": identity,
            "TimeCreated": entered,
            "VendorRef": self._id("Vendor", row["VendorRef"]["value"]),
            "APAccountRef": self._id("Account", row["APAccountRef"]["value"]),
            "TxnDate": row["TxnDate"],
            "BankAccountRef": self._id("Account", row["CheckPayment"]["BankAccountRef"]["value"]),
            "Amount": row["TotalAmt"],
            "RefNumber": row["DocNumber"],
        }

    def _entered(self, day: str) -> int:
        """Noon of the day, on the PC."""
        date = datetime.fromisoformat(day).date()
        return int(datetime.combine(date, time(12), ZoneInfo(self._file.zone)).timestamp())

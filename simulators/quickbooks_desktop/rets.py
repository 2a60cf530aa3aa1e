"""How list elements and transactions are answered: the Ret elements, fields in schema order.

Source: the annotated qbXML reference (qbxmlops 13.0, US edition) of the QuickBooks SDK.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from lxml import etree

from simulators.quickbooks_desktop.books import PAYMENTS, Entity
from simulators.quickbooks_desktop.company_file import CompanyFile
from simulators.quickbooks_desktop.payment_rets import payment_parts, spending_parts
from simulators.quickbooks_desktop.ret_parts import Parts, line_parts, link, reference
from simulators.quickbooks_desktop.wire import aggregate


def list_ret(file: CompanyFile, kind: str, entry: Entity) -> etree._Element:
    """The Ret of a list element."""
    parts: Parts = [("ListID", entry["ListID"]), *_times(file, entry), ("Name", entry["Name"])]
    if kind in ("Customer", "Account", "Class", "Item"):
        parts.append(("FullName", file.full_name(kind, entry)))
    parts.append(("IsActive", entry["IsActive"]))
    if kind in ("Customer", "Account", "Class", "Item"):
        parts += [("ParentRef", reference(file, "ParentRef", kind, entry)), ("Sublevel", file.level(kind, entry))]
    name = entry["ItemType"] if kind == "Item" else kind
    return aggregate(f"{name}Ret", [*parts, *_LIST_TAILS[kind](file, entry)])


def transaction_ret(
    file: CompanyFile, kind: str, transaction: Entity, *, lines: bool = True, links: bool = False
) -> etree._Element:
    """The Ret of a transaction. `lines` brings its lines (payments: what they are applied to), `links` LinkedTxn."""
    parts: Parts = [
        ("TxnID", transaction["TxnID"]),
        *_times(file, transaction),
        ("TxnNumber", transaction["TxnNumber"]),
    ]
    if kind in PAYMENTS:
        return aggregate(f"{kind}Ret", [*parts, *payment_parts(file, kind, transaction, lines=lines)])
    if kind in ("Check", "CreditCardCharge"):
        return aggregate(f"{kind}Ret", [*parts, *spending_parts(file, kind, transaction, lines=lines)])
    return aggregate(f"{kind}Ret", [*parts, *_document(file, kind, transaction, lines=lines, links=links)])


def _times(file: CompanyFile, entity: Entity) -> Parts:
    return [
        ("TimeCreated", file.time.written(entity["TimeCreated"])),
        ("TimeModified", file.time.written(entity["TimeModified"])),
        ("EditSequence", entity["EditSequence"]),
    ]


def _vendor(file: CompanyFile, entry: Entity) -> Parts:
    names = ("CompanyName", "FirstName", "LastName")
    address = entry.get("VendorAddress")
    return [
        *((name, entry.get(name)) for name in names),
        ("VendorAddress", aggregate("VendorAddress", address.items()) if address else None),
        *((name, entry.get(name)) for name in ("Phone", "Fax", "Email", "Contact", "NameOnCheck", "AccountNumber")),
        ("TermsRef", reference(file, "TermsRef", "StandardTerms", entry)),
        ("IsVendorEligibleFor1099", bool(entry.get("IsVendorEligibleFor1099"))),
        ("Balance", file.vendor_balance(entry["ListID"])),
        ("ExternalGUID", entry.get("ExternalGUID")),
    ]


def _customer(_: CompanyFile, entry: Entity) -> Parts:
    return [
        ("CompanyName", entry.get("CompanyName")),
        ("Balance", Decimal(0)),
        ("TotalBalance", Decimal(0)),
        ("JobStatus", entry.get("JobStatus", "None")),
        ("ExternalGUID", entry.get("ExternalGUID")),
    ]


def _account(_: CompanyFile, entry: Entity) -> Parts:
    return [
        ("AccountType", entry["AccountType"]),
        ("SpecialAccountType", entry.get("SpecialAccountType")),
        ("AccountNumber", entry.get("AccountNumber")),
        ("Desc", entry.get("Desc")),
        ("Balance", Decimal(0)),
        ("TotalBalance", Decimal(0)),
        ("CashFlowClassification", entry.get("CashFlowClassification", "Operating")),
    ]


def _item(file: CompanyFile, entry: Entity) -> Parts:
    if "IncomeAccountRef" in entry and "ExpenseAccountRef" in entry:
        sold_and_bought = [
            ("SalesDesc", entry.get("Desc")),
            ("SalesPrice", Decimal(0)),
            ("IncomeAccountRef", reference(file, "IncomeAccountRef", "Account", entry)),
            ("PurchaseDesc", entry.get("Desc")),
            ("PurchaseCost", Decimal(0)),
            ("ExpenseAccountRef", reference(file, "ExpenseAccountRef", "Account", entry)),
        ]
        return [("SalesAndPurchase", aggregate("SalesAndPurchase", sold_and_bought))]
    account = "ExpenseAccountRef" if "ExpenseAccountRef" in entry else "IncomeAccountRef"
    shown = reference(file, account, "Account", entry)
    if shown is not None:
        shown.tag = "AccountRef"
    either = [("Desc", entry.get("Desc")), ("Price", Decimal(0)), ("AccountRef", shown)]
    return [("SalesOrPurchase", aggregate("SalesOrPurchase", either))]


def _nothing_more(_: CompanyFile, entry: Entity) -> Parts:
    return []


def _standard_terms(_: CompanyFile, entry: Entity) -> Parts:
    return [("StdDueDays", entry.get("StdDueDays")), ("StdDiscountDays", 0), ("DiscountPct", Decimal(0))]


def _date_driven_terms(_: CompanyFile, entry: Entity) -> Parts:
    return [("DayOfMonthDue", entry.get("DayOfMonthDue", 1)), ("DueNextMonthDays", entry.get("DueNextMonthDays"))]


_LIST_TAILS: dict[str, Callable[[CompanyFile, Entity], Parts]] = {
    "Vendor": _vendor,
    "Customer": _customer,
    "Account": _account,
    "Item": _item,
    "Class": _nothing_more,
    "StandardTerms": _standard_terms,
    "DateDrivenTerms": _date_driven_terms,
}


def _document(file: CompanyFile, kind: str, document: Entity, *, lines: bool, links: bool) -> Parts:
    is_bill = kind == "Bill"
    parts: Parts = [
        ("VendorRef", reference(file, "VendorRef", "Vendor", document)),
        ("APAccountRef", reference(file, "APAccountRef", "Account", document)),
        ("TxnDate", document["TxnDate"]),
        ("DueDate", document.get("DueDate")),
        ("AmountDue" if is_bill else "CreditAmount", document["AmountDue" if is_bill else "CreditAmount"]),
        ("RefNumber", document.get("RefNumber")),
        ("TermsRef", reference(file, "TermsRef", "StandardTerms", document)),
        ("Memo", document.get("Memo")),
    ]
    if is_bill:
        parts.append(("IsPaid", file.open_amount(document) == 0))
    parts.append(("ExternalGUID", document.get("ExternalGUID")))
    if links:
        parts.append(("LinkedTxn", _links(file, kind, document)))
    if lines:
        parts += line_parts(file, document)
    rest = file.open_amount(document) if is_bill else file.open_credit(kind, document)
    return [*parts, ("OpenAmount", rest)]


def _links(file: CompanyFile, kind: str, document: Entity) -> list[etree._Element]:
    """A bill shows what settles it; a credit shows what it settles."""
    sign = -1 if file.switches.linked_amounts == "negative" else 1
    if kind == "Bill":
        found = [(each.payer_kind, each.payer_id, each) for each in file.settlements_of(document["TxnID"])]
    else:
        found = [("Bill", each.bill_id, each) for each in file.used_of(document["TxnID"])]
    return [link(file, other, identity, sign * (each.amount + each.discount)) for other, identity, each in found]

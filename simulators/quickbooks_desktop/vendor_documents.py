"""Bills and vendor credits: BillAdd, BillMod, VendorCreditAdd."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from lxml import etree

from simulators.quickbooks_desktop.books import Entity
from simulators.quickbooks_desktop.company_file import CompanyFile
from simulators.quickbooks_desktop.lines import changed_lines, new_lines, total_of
from simulators.quickbooks_desktop.references import list_id, payable_account, resolve
from simulators.quickbooks_desktop.refusals import (
    bad_value,
    cannot_save,
    not_found,
    required,
    stale,
    unsupported,
)
from simulators.quickbooks_desktop.wire import as_stored, text_of

TERMS = ("StandardTerms", "DateDrivenTerms")


def add_bill(file: CompanyFile, element: etree._Element) -> Entity:
    """BillAdd. Nothing about it is idempotent: the same request twice makes two bills. Raises the Refusal."""
    file.check_right("bills")
    if element.find("LinkToTxnID") is not None:
        raise unsupported("bills from purchase orders")
    bill = _header(file, element, "Bill")
    bill["TermsRef"] = list_id(resolve(file, element, "TermsRef", TERMS, "Bill")) or _vendor(file, bill).get("TermsRef")
    bill["DueDate"] = text_of(element, "DueDate") or _due_date(file, bill)
    bill["expense_lines"], bill["item_lines"] = new_lines(file, element, "Bill")
    bill["AmountDue"] = _bill_total(file, bill)
    return file.add_transaction("Bill", bill)


def add_vendor_credit(file: CompanyFile, element: etree._Element) -> Entity:
    """VendorCreditAdd. Raises the Refusal."""
    file.check_right("bills")
    credit = _header(file, element, "VendorCredit")
    credit["expense_lines"], credit["item_lines"] = new_lines(file, element, "VendorCredit")
    total = total_of(credit)
    if total < 0:
        raise bad_value(f"{total:.2f}", "Amount", "the total of a vendor credit cannot be negative")
    credit["CreditAmount"] = total
    return file.add_transaction("VendorCredit", credit)


def change_bill(file: CompanyFile, element: etree._Element) -> Entity:
    """BillMod: what is sent changes, what is not stays; lines that are not listed beside listed ones go.

    Raises 3120, 3200 for an old EditSequence, 3171, 3175 or 3176, 3210 below what is already paid.
    """
    file.check_right("bills")
    identity = text_of(element, "TxnID") or ""
    old = file.find("Bill", identity)
    if old is None:
        raise not_found(identity)
    file.check_lock(identity)
    sequence = text_of(element, "EditSequence") or ""
    if sequence != old["EditSequence"]:
        raise stale(sequence)
    bill = dict(old)
    vendor = resolve(file, element, "VendorRef", ("Vendor",), "Bill")
    if vendor is not None and vendor["ListID"] != old["VendorRef"]:
        if file.settlements_of(identity):
            raise cannot_save("Bill", "You cannot change the vendor of a bill that has payments.")
        bill["VendorRef"] = vendor["ListID"]
    if element.find("APAccountRef") is not None:
        bill["APAccountRef"] = payable_account(file, element, "Bill")
    terms = resolve(file, element, "TermsRef", TERMS, "Bill")
    if terms is not None:
        bill["TermsRef"] = terms["ListID"]
    for field in ("TxnDate", "DueDate", "RefNumber", "Memo"):
        given = text_of(element, field)
        if given is not None:
            bill[field] = as_stored(given) or None
    bill["TxnDate"] = bill["TxnDate"] or old["TxnDate"]
    bill["expense_lines"], bill["item_lines"] = changed_lines(file, element, old, "Bill")
    file.check_date("Bill", old["TxnDate"], bill["TxnDate"])
    bill["AmountDue"] = _bill_total(file, bill)
    settled = old["AmountDue"] - file.open_amount(old)
    if bill["AmountDue"] < settled:
        raise bad_value(f"{bill['AmountDue']:.2f}", "Amount", "more than that is already paid")
    old.clear()
    old.update(bill)
    file.touch(old)
    return old


def _header(file: CompanyFile, element: etree._Element, kind: str) -> Entity:
    vendor = resolve(file, element, "VendorRef", ("Vendor",), kind)
    if vendor is None:
        raise required("VendorRef")
    file.check_lock(str(vendor["ListID"]))
    day = text_of(element, "TxnDate") or file.time.today(file.clock.timestamp()).isoformat()
    file.check_date(kind, day)
    return {
        "VendorRef": vendor["ListID"],
        "APAccountRef": payable_account(file, element, kind),
        "TxnDate": day,
        "RefNumber": as_stored(text_of(element, "RefNumber") or "") or None,
        "Memo": as_stored(text_of(element, "Memo") or "") or None,
        "ExternalGUID": text_of(element, "ExternalGUID"),
    }


def _vendor(file: CompanyFile, bill: Entity) -> Entity:
    return file.find("Vendor", bill["VendorRef"]) or {}


def _due_date(file: CompanyFile, bill: Entity) -> str:
    terms = file.find("StandardTerms", bill["TermsRef"]) or {}
    days = int(terms["StdDueDays"] if "StdDueDays" in terms else file.books.preferences.get("DaysBillsAreDue", 10))
    return (date.fromisoformat(str(bill["TxnDate"])) + timedelta(days=days)).isoformat()


def _bill_total(file: CompanyFile, bill: Entity) -> Decimal:
    if not bill["expense_lines"] and not bill["item_lines"] and file.switches.bill_without_lines == "refuse":
        raise required("ExpenseLineAdd")
    total = total_of(bill)
    if total < 0 and file.switches.negative_bill_total == "refuse":
        raise bad_value(f"{total:.2f}", "AmountDue", "the total of a bill cannot be negative")
    return total

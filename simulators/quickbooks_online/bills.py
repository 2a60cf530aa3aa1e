"""Bill: create, full and sparse update, delete (reference 4.2). There is no void for bills."""

from __future__ import annotations

from decimal import Decimal

from simulators.quickbooks_online.books import Books, Entity, money, reference_id
from simulators.quickbooks_online.expense_lines import build_lines
from simulators.quickbooks_online.references import payable_account, resolve
from simulators.quickbooks_online.refusals import business, missing, unsupported_operation
from simulators.quickbooks_online.settlement import applied_to, apply_credits_unasked, release
from simulators.quickbooks_online.vendor_documents import (
    check_number,
    check_open,
    complete_header,
    due_date,
    merged,
)


def create_bill(books: Books, payload: Entity, *, allow_duplicate: bool = False) -> Entity:
    """Store a new bill; returns it as the answer shows it. Raises the Refusal."""
    bill = _build(books, payload, None, allow_duplicate)
    books.add("Bill", bill)
    books.adjust_vendor_balance(reference_id(bill, "VendorRef"), bill["Balance"])
    apply_credits_unasked(books, reference_id(bill, "VendorRef"))
    return books.get("Bill", bill["Id"])


def update_bill(books: Books, payload: Entity, *, allow_duplicate: bool = False) -> Entity:
    """Change a bill, wholly or (sparse) in part. Raises the Refusal."""
    old = books.current("Bill", payload)
    if payload.get("sparse") in (True, "true") and books.switches.sparse_bill_update == "refuse":
        raise unsupported_operation("sparse update of Bill")
    bill = _build(books, payload, old, allow_duplicate)
    books.adjust_vendor_balance(reference_id(old, "VendorRef"), -money(old["Balance"]))
    books.adjust_vendor_balance(reference_id(bill, "VendorRef"), bill["Balance"])
    return books.replace("Bill", bill)


def delete_bill(books: Books, payload: Entity, *, by_person: bool = False) -> Entity:
    """Delete a bill; returns the `Deleted` stub.

    An app must unlink payments first (which code it gets otherwise is not known: 6000 here); a person in the
    QuickBooks pages may delete a paid bill, and its payments keep what they had applied as unapplied money.
    """
    bill = books.get("Bill", payload.get("Id")) if by_person else books.current("Bill", payload)
    check_open(books, bill["TxnDate"])
    if applied_to(books, "Bill", bill["Id"]):
        if not by_person:
            raise business("You must unlink the payments of this bill before you delete it")
        release(books, "Bill", bill["Id"])
        bill = books.get("Bill", bill["Id"])
    books.adjust_vendor_balance(reference_id(bill, "VendorRef"), -money(bill["Balance"]))
    return books.remove("Bill", bill["Id"])


def _build(books: Books, payload: Entity, old: Entity | None, allow_duplicate: bool) -> Entity:
    bill = merged(old, payload)
    if bill.get("VendorRef") is None:
        raise missing("VendorRef")
    bill["VendorRef"] = resolve(books, "Vendor", bill["VendorRef"], "VendorRef")[1]
    bill["APAccountRef"] = payable_account(books, bill.get("APAccountRef"))
    if bill.get("SalesTermRef") is not None:
        bill["SalesTermRef"] = resolve(books, "Term", bill["SalesTermRef"], "SalesTermRef")[1]
    bill["Line"], total = build_lines(books, bill.get("Line"), old["Line"] if old else [])
    complete_header(books, bill)
    check_open(books, bill["TxnDate"], old["TxnDate"] if old else None)
    if total < 0:
        raise business("Transaction amount must be 0 or greater", "TotalAmt")
    if total == 0 and books.switches.zero_total == "refuse":
        raise business("Transaction amount must be greater than 0", "TotalAmt")
    bill["DueDate"] = str(bill.get("DueDate") or due_date(books, bill))[:10]
    _keep_links(books, bill, old)
    paid = applied_to(books, "Bill", old["Id"]) if old else Decimal(0)
    if paid > total:
        raise business("The payments of this bill are larger than its new total", "TotalAmt")
    if old is not None:
        bill["Id"] = old["Id"]
        if paid and reference_id(bill, "VendorRef") != reference_id(old, "VendorRef"):
            raise business("A paid bill cannot move to another vendor", "VendorRef")
    check_number(books, "Bill", bill, allow_duplicate)
    bill["TotalAmt"] = total
    bill["Balance"] = total - paid
    return bill


def _keep_links(books: Books, bill: Entity, old: Entity | None) -> None:
    """Links to payments are the service's; only those to purchase orders can be written."""
    orders = [link for link in bill.pop("LinkedTxn", []) if link.get("TxnType") == "PurchaseOrder"]
    for link in orders:
        books.get("PurchaseOrder", link.get("TxnId"))
    payments = [link for link in (old or {}).get("LinkedTxn", []) if str(link["TxnType"]).startswith("BillPayment")]
    if orders or payments:
        bill["LinkedTxn"] = orders + payments

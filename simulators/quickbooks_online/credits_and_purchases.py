"""VendorCredit and Purchase: the same lines as a bill, one owed by the vendor, one paid already (4.4)."""

from __future__ import annotations

from decimal import Decimal

from simulators.quickbooks_online.books import Books, Entity, money, reference_id
from simulators.quickbooks_online.expense_lines import build_lines
from simulators.quickbooks_online.references import payable_account, resolve, resolve_account
from simulators.quickbooks_online.refusals import bad_enum, business, missing
from simulators.quickbooks_online.settlement import applied_to, apply_credits_unasked
from simulators.quickbooks_online.vendor_documents import check_open, complete_header, merged


def write_vendor_credit(books: Books, payload: Entity) -> Entity:
    """Create or (with an Id) update a vendor credit. Raises the Refusal."""
    old = books.current("VendorCredit", payload) if payload.get("Id") else None
    credit = merged(old, payload)
    if credit.get("VendorRef") is None:
        raise missing("VendorRef")
    credit["VendorRef"] = resolve(books, "Vendor", credit["VendorRef"], "VendorRef")[1]
    credit["APAccountRef"] = payable_account(books, credit.get("APAccountRef"))
    total = _complete(books, credit, old)
    used = applied_to(books, "VendorCredit", old["Id"]) if old else Decimal(0)
    if used > total:
        raise business("More of this credit has been used than its new total", "TotalAmt")
    credit["TotalAmt"] = total
    credit["Balance"] = total - used
    credit.pop("LinkedTxn", None)
    if old is not None:
        credit["Id"] = old["Id"]
        if "LinkedTxn" in old:
            credit["LinkedTxn"] = old["LinkedTxn"]
        books.adjust_vendor_balance(reference_id(old, "VendorRef"), money(old["Balance"]))
    books.adjust_vendor_balance(reference_id(credit, "VendorRef"), -credit["Balance"])
    if old is not None:
        return books.replace("VendorCredit", credit)
    books.add("VendorCredit", credit)
    apply_credits_unasked(books, reference_id(credit, "VendorRef"))
    return books.get("VendorCredit", credit["Id"])


def delete_vendor_credit(books: Books, payload: Entity) -> Entity:
    """Delete an unused credit; returns the `Deleted` stub. Raises the Refusal."""
    credit = books.current("VendorCredit", payload)
    check_open(books, credit["TxnDate"])
    if applied_to(books, "VendorCredit", credit["Id"]):
        raise business("You must unlink the payments of this credit before you delete it")
    books.adjust_vendor_balance(reference_id(credit, "VendorRef"), money(credit["Balance"]))
    return books.remove("VendorCredit", credit["Id"])


def write_purchase(books: Books, payload: Entity) -> Entity:
    """Create or (with an Id) update an expense, check or card charge. Raises the Refusal."""
    old = books.current("Purchase", payload) if payload.get("Id") else None
    purchase = merged(old, payload)
    if purchase.get("PaymentType") is None:
        raise missing("PaymentType")
    types = {"Credit Card"} if purchase["PaymentType"] == "CreditCard" else {"Bank"}
    purchase["AccountRef"] = resolve_account(books, purchase.get("AccountRef"), types, "AccountRef")[1]
    if purchase.get("EntityRef") is not None:
        kind = purchase["EntityRef"].get("type") or "Vendor"
        if kind not in ("Vendor", "Customer"):
            raise bad_enum("EntityRef.type", kind)
        shown = resolve(books, kind, purchase["EntityRef"], "EntityRef")[1]
        purchase["EntityRef"] = shown | {"type": kind}
    purchase["TotalAmt"] = _complete(books, purchase, old)
    if old is not None:
        purchase["Id"] = old["Id"]
        return books.replace("Purchase", purchase)
    return books.add("Purchase", purchase)


def delete_purchase(books: Books, payload: Entity) -> Entity:
    """Delete an expense; returns the `Deleted` stub. Raises the Refusal."""
    purchase = books.current("Purchase", payload)
    check_open(books, purchase["TxnDate"])
    return books.remove("Purchase", purchase["Id"])


def _complete(books: Books, entity: Entity, old: Entity | None) -> Decimal:
    entity["Line"], total = build_lines(books, entity.get("Line"), old["Line"] if old else [])
    complete_header(books, entity)
    check_open(books, entity["TxnDate"], old["TxnDate"] if old else None)
    if total < 0:
        raise business("Transaction amount must be 0 or greater", "TotalAmt")
    return total

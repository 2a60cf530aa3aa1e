"""BillPayment: create, update, void, delete, and what each does to the bills it pays (reference 4.3)."""

from __future__ import annotations

from decimal import Decimal

from simulators.quickbooks_online.books import Books, Entity, money, reference_id
from simulators.quickbooks_online.references import payable_account, resolve, resolve_account
from simulators.quickbooks_online.refusals import Refusal, bad_enum, business, missing
from simulators.quickbooks_online.settlement import (
    SETTLED_KINDS,
    allocations,
    apply_payment,
    withdraw_payment,
)
from simulators.quickbooks_online.vendor_debits import DEBITS, open_debit
from simulators.quickbooks_online.vendor_documents import check_open, complete_header, merged


def create_bill_payment(books: Books, payload: Entity) -> Entity:
    """Store a payment and let it take effect; returns it. Raises the Refusal."""
    payment = _build(books, payload, None)
    books.add("BillPayment", payment)
    _move_unapplied(books, payment, +1)
    apply_payment(books, payment)
    return payment


def update_bill_payment(books: Books, payload: Entity) -> Entity:
    """Change a payment: its old allocations are withdrawn, the new ones applied. Raises the Refusal."""
    old = books.current("BillPayment", payload)
    payment = _build(books, payload, old)
    payment["Id"] = old["Id"]
    withdraw_payment(books, old)
    _move_unapplied(books, old, -1)
    books.replace("BillPayment", payment)
    _move_unapplied(books, payment, +1)
    apply_payment(books, payment)
    return payment


def void_bill_payment(books: Books, payload: Entity) -> Entity:
    """Set a payment to zero: no lines, note "Voided", the bills open again. Raises the Refusal."""
    old = books.current("BillPayment", payload)
    check_open(books, old["TxnDate"])
    withdraw_payment(books, old)
    _move_unapplied(books, old, -1)
    note = old.get("PrivateNote")
    voided = old | {
        "TotalAmt": Decimal(0),
        "Line": [],
        "PrivateNote": f"Voided - {note}" if note else "Voided",
    }
    return books.replace("BillPayment", voided, "void")


def delete_bill_payment(books: Books, payload: Entity) -> Entity:
    """Remove a payment, the bills open again; returns the `Deleted` stub. Raises the Refusal."""
    old = books.current("BillPayment", payload)
    check_open(books, old["TxnDate"])
    withdraw_payment(books, old)
    _move_unapplied(books, old, -1)
    return books.remove("BillPayment", old["Id"])


def _build(books: Books, payload: Entity, old: Entity | None) -> Entity:
    payment = merged(old, payload)
    if payment.get("VendorRef") is None:
        raise missing("VendorRef")
    payment["VendorRef"] = resolve(books, "Vendor", payment["VendorRef"], "VendorRef")[1]
    payment["APAccountRef"] = payable_account(books, payment.get("APAccountRef"))
    total = payload.get("TotalAmt", (old or {}).get("TotalAmt"))
    if total is None:
        raise missing("TotalAmt")
    payment["TotalAmt"] = money(total)
    if payment["TotalAmt"] < 0:
        raise business("Transaction amount must be 0 or greater", "TotalAmt")
    _check_source(books, payment)
    complete_header(books, payment)
    check_open(books, payment["TxnDate"], old["TxnDate"] if old else None)
    if not payment.get("Line"):
        raise missing("Line")
    _check_lines(books, payment, old)
    return payment


def _check_source(books: Books, payment: Entity) -> None:
    """Where the money comes from: a bank account for checks, a credit card account for cards."""
    if payment.get("PayType") is None:
        raise missing("PayType")
    if payment["PayType"] == "Check":
        given, field, types = payment.get("CheckPayment"), "BankAccountRef", {"Bank"}
        name = "CheckPayment"
    else:
        given, field, types = payment.get("CreditCardPayment"), "CCAccountRef", {"Credit Card"}
        name = "CreditCardPayment"
    if given is None:
        raise missing(name)
    if given.get(field) is None and payment["TotalAmt"] == 0:
        return  # a mere application of credits moves no money
    shown = resolve_account(books, given.get(field), types, f"{name}.{field}")[1]
    payment[name] = given | {field: shown}
    if name == "CheckPayment":
        payment[name].setdefault("PrintStatus", "NotSet")


def _check_lines(books: Books, payment: Entity, old: Entity | None) -> None:
    for line in payment["Line"]:
        if line.get("Amount") is None:
            raise missing("Line.Amount")
        if not line.get("LinkedTxn"):
            raise missing("Line.LinkedTxn")
        if money(line["Amount"]) < 0:
            raise business("Amounts applied cannot be negative", "Line.Amount")
    before: dict[tuple[str, str], Decimal] = {}
    for kind, entity_id, amount in allocations(old) if old else []:
        before[kind, entity_id] = before.get((kind, entity_id), Decimal(0)) + amount
    wanted: dict[tuple[str, str], Decimal] = {}
    for kind, entity_id, amount in allocations(payment):
        wanted[kind, entity_id] = wanted.get((kind, entity_id), Decimal(0)) + amount
    paid, credited = Decimal(0), Decimal(0)
    for (kind, entity_id), amount in wanted.items():
        _check_target(books, payment, kind, entity_id, amount, before.get((kind, entity_id), Decimal(0)))
        if kind == "Bill":
            paid += amount
        else:
            credited += amount
    if payment["TotalAmt"] < paid - credited:
        raise business("The lines apply more than the payment's amount", "TotalAmt")


def _check_target(books: Books, payment: Entity, kind: str, entity_id: str, amount: Decimal, before: Decimal) -> None:
    if kind in DEBITS:
        if amount > open_debit(books, kind, entity_id, reference_id(payment, "VendorRef")) + before:
            raise business(f"More is applied than is open on {kind} {entity_id}", "Line.Amount")
        return
    if kind not in SETTLED_KINDS:
        raise bad_enum("Line.LinkedTxn.TxnType", kind)
    target = books.get(kind, entity_id)
    if reference_id(target, "VendorRef") != reference_id(payment, "VendorRef"):
        raise _not_linkable("it belongs to another vendor")
    if reference_id(target, "APAccountRef") not in (None, reference_id(payment, "APAccountRef")):
        raise _not_linkable("it has another A/P account")
    if amount > money(target["Balance"]) + before:
        raise business(f"More is applied than is open on {kind} {entity_id}", "Line.Amount")


def _not_linkable(reason: str) -> Refusal:
    return Refusal("620", "Transaction cannot be linked", f"Transaction cannot be linked : {reason}", "Line.LinkedTxn")


def _move_unapplied(books: Books, payment: Entity, sign: int) -> None:
    """What a payment pays beyond its lines stands to the vendor's credit."""
    paid = sum((amount if kind == "Bill" else -amount for kind, _, amount in allocations(payment)), Decimal(0))
    rest = money(payment["TotalAmt"]) - paid
    books.adjust_vendor_balance(reference_id(payment, "VendorRef"), -sign * rest)

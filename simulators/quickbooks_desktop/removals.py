"""Deleting and voiding transactions, by TxnDel and TxnVoid as by a person."""

from __future__ import annotations

from decimal import Decimal

from simulators.quickbooks_desktop.books import PAYMENTS, Deletion, Entity
from simulators.quickbooks_desktop.company_file import CompanyFile
from simulators.quickbooks_desktop.refusals import cannot_delete, cannot_void, not_found, unsupported


def delete(file: CompanyFile, kind: str, identity: str, *, by_person: bool = False) -> Deletion:
    """Delete a transaction; what it settled is open again.

    Raises 3120, 3160 for a paid bill (a person may, after a warning), 3171, a lock's Refusal.
    """
    transaction = _guarded(file, kind, identity)
    is_paid = kind == "Bill" and bool(file.settlements_of(identity))
    if is_paid and not by_person and file.switches.delete_paid_bill == "refuse":
        raise cannot_delete(kind, identity)
    file.check_date(kind, transaction["TxnDate"])
    touch_settled(file, identity)
    return file.remove_transaction(kind, identity)


def void(file: CompanyFile, kind: str, identity: str) -> Entity:
    """Set every amount to zero; the transaction stays, and what it settled is open again.

    Raises 3120, 3171, 3190 for a bill with payments, a lock's Refusal.
    """
    transaction = _guarded(file, kind, identity)
    if kind == "Bill" and file.settlements_of(identity):
        raise cannot_void(kind, identity)
    file.check_date(kind, transaction["TxnDate"])
    touch_settled(file, identity)
    file.books.settlements = [each for each in file.books.settlements if identity not in (each.payer_id, each.against)]
    for field in ("AmountDue", "CreditAmount", "Amount"):
        if field in transaction:
            transaction[field] = Decimal("0.00")
    for line in [*transaction.get("expense_lines", []), *transaction.get("item_lines", [])]:
        line["Amount"] = Decimal("0.00")
    memo = transaction.get("Memo")
    transaction["Memo"] = f"VOID: {memo}" if memo else "VOID:"
    file.touch(transaction)
    return transaction


def touch_settled(file: CompanyFile, payer_id: str) -> None:
    """The bills and credits of a payment are changed with it, if QuickBooks counts that as a change."""
    if not file.switches.payment_touches_bill:
        return
    for each in file.books.settlements:
        if payer_id in (each.payer_id, each.against, each.bill_id):
            for kind, identity in (("Bill", each.bill_id), (each.payer_kind, each.payer_id)):
                touched = file.find(kind, identity)
                if touched is not None and identity != payer_id and kind not in PAYMENTS:
                    file.touch(touched)


def _guarded(file: CompanyFile, kind: str, identity: str) -> Entity:
    file.check_right("removals")
    if kind not in file.books.transactions:
        raise unsupported(kind)
    transaction = file.find(kind, identity)
    if transaction is None:
        raise not_found(identity)
    file.check_lock(identity)
    return transaction

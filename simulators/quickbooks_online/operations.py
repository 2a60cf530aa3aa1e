"""Which write goes where: create, update, delete and void per entity, with the payload checked first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from simulators.quickbooks_online.bill_payments import (
    create_bill_payment,
    delete_bill_payment,
    update_bill_payment,
    void_bill_payment,
)
from simulators.quickbooks_online.bills import create_bill, delete_bill, update_bill
from simulators.quickbooks_online.books import NAME_LISTS, TRANSACTIONS, Books, Entity
from simulators.quickbooks_online.credits_and_purchases import (
    delete_purchase,
    delete_vendor_credit,
    write_purchase,
    write_vendor_credit,
)
from simulators.quickbooks_online.field_table import check_payload
from simulators.quickbooks_online.lists import write_list_entry
from simulators.quickbooks_online.refusals import missing, unsupported_operation, unsupported_property
from simulators.quickbooks_online.wire import shown

WRITABLE = (*TRANSACTIONS, *NAME_LISTS)

Write = Callable[[Books, Entity], Entity]

_DELETES: dict[str, Write] = {
    "Bill": delete_bill,
    "BillPayment": delete_bill_payment,
    "VendorCredit": delete_vendor_credit,
    "Purchase": delete_purchase,
}


def perform(books: Books, kind: str, operation: str, payload: Any, options: frozenset[str]) -> Entity:
    """Do one write; returns the entity as the answer shows it. Raises the Refusal.

    `operation` is create, update, delete or void; `options` may hold allowduplicatedocnum.
    """
    if kind not in WRITABLE:
        raise unsupported_operation(f"{operation} {kind}")
    if not isinstance(payload, dict):
        raise unsupported_property(kind)
    check_payload(kind, payload)
    if operation == "create" and payload.get("Id"):
        payload = {name: content for name, content in payload.items() if name not in ("Id", "SyncToken")}
    if operation != "create" and not payload.get("Id"):
        raise missing("Id")
    if operation == "delete":
        return _delete(books, kind, payload)
    if operation == "void":
        if kind != "BillPayment":
            raise unsupported_operation(f"void {kind}")
        return shown(books.switches, kind, void_bill_payment(books, payload))
    return shown(books.switches, kind, _write(books, kind, payload, "allowduplicatedocnum" in options))


def _delete(books: Books, kind: str, payload: Entity) -> Entity:
    if kind not in _DELETES:
        raise unsupported_operation(f"delete {kind}")
    stub = _DELETES[kind](books, payload)
    return {"status": stub["status"], "domain": stub["domain"], "Id": stub["Id"]}


def _write(books: Books, kind: str, payload: Entity, allow_duplicate: bool) -> Entity:
    is_update = bool(payload.get("Id"))
    if kind == "Bill":
        write = update_bill if is_update else create_bill
        return write(books, payload, allow_duplicate=allow_duplicate)
    if kind == "BillPayment":
        return update_bill_payment(books, payload) if is_update else create_bill_payment(books, payload)
    if kind == "VendorCredit":
        return write_vendor_credit(books, payload)
    if kind == "Purchase":
        return write_purchase(books, payload)
    return write_list_entry(books, kind, payload)

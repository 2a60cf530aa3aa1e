"""What a person does in QuickBooks' windows: the same company file, without an application's restrictions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from decimal import Decimal
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from simulators.quickbooks_desktop.books import TRANSACTIONS, Entity, Lock
from simulators.quickbooks_desktop.company_file import CompanyFile
from simulators.quickbooks_desktop.payments import Means, Share, pay, reallocate, settle_by
from simulators.quickbooks_desktop.refusals import bad_value, name_in_use, not_found
from simulators.quickbooks_desktop.removals import delete, void
from simulators.quickbooks_desktop.vendors import merge_vendors

ActionName = Literal[
    "pay",
    "reallocate",
    "settle_by",
    "edit",
    "enter",
    "void",
    "delete",
    "add_list_entry",
    "rename",
    "deactivate",
    "delete_list_entry",
    "merge_vendors",
    "set_preference",
    "close_books",
    "lock",
    "unlock",
    "deny",
    "allow",
    "back_up",
    "restore",
    "remove_stamps",
]


class BillShare(BaseModel):
    """One bill of a payment; no amount pays what is open."""

    model_config = ConfigDict(extra="forbid")

    bill: str
    amount: Decimal | None = None
    discount: Decimal = Decimal(0)
    credit: str | None = None
    credit_kind: str = "VendorCredit"
    credit_amount: Decimal = Decimal(0)


class Action(BaseModel):
    """Body of POST /control/files/{name}/actions. Which fields count depends on `action`."""

    model_config = ConfigDict(extra="forbid")

    action: ActionName
    kind: str = "Bill"
    id: str = ""
    other_id: str = ""
    bills: list[BillShare] = Field(default_factory=list)
    amount: Decimal | None = None
    by_card: bool = False
    date: str | None = None
    number: str | None = None
    memo: str | None = None
    to_print: bool = False
    fields: dict[str, Any] = Field(default_factory=dict)
    value: Any = None
    code: int = 3175
    count: int | None = None


def act(file: CompanyFile, action: Action) -> Entity:
    """Do it; returns what it was done to. Raises the Refusal that the person would see."""
    return _DEEDS[action.action](file, action)


def _shares(file: CompanyFile, action: Action) -> list[Share]:
    shares = []
    for each in action.bills:
        bill = file.find("Bill", each.bill)
        if bill is None:
            raise not_found(each.bill)
        amount = each.amount
        if amount is None:
            amount = file.open_amount(bill) - each.discount - each.credit_amount
        shares.append(Share(each.bill, amount, each.discount, each.credit_kind, each.credit, each.credit_amount))
    return shares


def _pay(file: CompanyFile, action: Action) -> Entity:
    means = Means(action.by_card, action.date, action.number, action.memo, action.to_print)
    return pay(file, _shares(file, action), means)


def _reallocate(file: CompanyFile, action: Action) -> Entity:
    return reallocate(file, action.id, _shares(file, action))


def _settle_by(file: CompanyFile, action: Action) -> Entity:
    return asdict(settle_by(file, action.kind, action.id, action.other_id, action.amount))


def _edit(file: CompanyFile, action: Action) -> Entity:
    """Header fields, or `Amount` of the first line (a bill's total follows)."""
    found = _present(file, action)
    fields = dict(action.fields)
    amount = fields.pop("Amount", None)
    dates = [found.get("TxnDate"), fields.get("TxnDate")]
    file.check_date(action.kind, *dates)
    if amount is not None:
        _change_amount(file, action.kind, found, Decimal(str(amount)))
    found.update(fields)
    file.touch(found)
    return found


def _change_amount(file: CompanyFile, kind: str, found: Entity, amount: Decimal) -> None:
    lines = found.get("expense_lines") or found.get("item_lines")
    total = {"Bill": "AmountDue", "VendorCredit": "CreditAmount"}.get(kind, "Amount")
    difference = amount - lines[0]["Amount"] if lines else amount - found[total]
    if kind == "Bill" and found[total] + difference < found[total] - file.open_amount(found):
        raise bad_value(f"{amount:.2f}", "Amount", "more than that is already paid")
    if lines:
        lines[0]["Amount"] = amount
    found[total] += difference


def _enter(file: CompanyFile, action: Action) -> Entity:
    """A bill, credit, check, card charge or journal entry, in the shape of the world document, ids left out."""
    if action.kind not in TRANSACTIONS:
        raise bad_value(action.kind, "kind", "no kind of transaction")
    entered: Entity = {"expense_lines": [], "item_lines": [], **action.fields}
    for line in [*entered["expense_lines"], *entered["item_lines"]]:
        line["TxnLineID"] = file.next_line_id()
        line["Amount"] = Decimal(str(line["Amount"]))
    entered.setdefault("TxnDate", file.time.today(file.clock.timestamp()).isoformat())
    lines = sum((line["Amount"] for line in [*entered["expense_lines"], *entered["item_lines"]]), Decimal(0))
    total = {"Bill": "AmountDue", "VendorCredit": "CreditAmount"}.get(action.kind, "Amount")
    entered[total] = Decimal(str(entered.get(total, lines)))
    file.check_date(action.kind, entered["TxnDate"])
    return file.add_transaction(action.kind, entered)


def _void(file: CompanyFile, action: Action) -> Entity:
    return void(file, action.kind, action.id)


def _delete(file: CompanyFile, action: Action) -> Entity:
    return asdict(delete(file, action.kind, action.id, by_person=True))


def _add_list_entry(file: CompanyFile, action: Action) -> Entity:
    name = str(action.fields.get("Name", ""))
    if action.kind in ("Vendor", "Customer", "Employee", "OtherName") and file.name_taken(name):
        raise name_in_use(name)
    return file.add_list_entry(action.kind, {"IsActive": True, **action.fields})


def _rename(file: CompanyFile, action: Action) -> Entity:
    found = _present(file, action)
    found["Name"] = str(action.value)
    file.touch(found)
    return found


def _deactivate(file: CompanyFile, action: Action) -> Entity:
    found = _present(file, action)
    found["IsActive"] = False
    file.touch(found)
    return found


def _delete_list_entry(file: CompanyFile, action: Action) -> Entity:
    _present(file, action)
    return asdict(file.remove_list_entry(action.kind, action.id))


def _merge(file: CompanyFile, action: Action) -> Entity:
    return merge_vendors(file, action.id, action.other_id)


def _set_preference(file: CompanyFile, action: Action) -> Entity:
    file.books.preferences[action.id] = action.value
    return file.books.preferences


def _close_books(file: CompanyFile, action: Action) -> Entity:
    file.books.preferences["ClosingDate"] = action.date
    return file.books.preferences


def _lock(file: CompanyFile, action: Action) -> Entity:
    """Somebody has `id` open: `code` is answered `count` times, for ever without a count."""
    text = str(action.value or "The record could not be locked. It is in use by another user.")
    file.locks[action.id] = Lock(action.code, text, action.count)
    return {"locked": action.id}


def _unlock(file: CompanyFile, action: Action) -> Entity:
    file.locks.pop(action.id, None)
    return {"unlocked": action.id}


def _deny(file: CompanyFile, action: Action) -> Entity:
    """The QuickBooks user may no longer do `value`: reading, bills, vendors, removals."""
    file.denied.add(str(action.value))
    return {"denied": sorted(file.denied)}


def _allow(file: CompanyFile, action: Action) -> Entity:
    file.denied.discard(str(action.value))
    return {"denied": sorted(file.denied)}


def _back_up(file: CompanyFile, action: Action) -> Entity:
    file.back_up(str(action.value or "backup"))
    return {"backups": sorted(file.backups)}


def _restore(file: CompanyFile, action: Action) -> Entity:
    label = str(action.value or "backup")
    if label not in file.backups:
        raise not_found(label)
    file.restore(label)
    return {"restored": label}


def _remove_stamps(file: CompanyFile, _: Action) -> Entity:
    """Strip the FileIDs that the Web Connector wrote."""
    file.books.stamps.clear()
    return {"stamps": {}}


_DEEDS: dict[str, Callable[[CompanyFile, Action], Entity]] = {
    "pay": _pay,
    "reallocate": _reallocate,
    "settle_by": _settle_by,
    "edit": _edit,
    "enter": _enter,
    "void": _void,
    "delete": _delete,
    "add_list_entry": _add_list_entry,
    "rename": _rename,
    "deactivate": _deactivate,
    "delete_list_entry": _delete_list_entry,
    "merge_vendors": _merge,
    "set_preference": _set_preference,
    "close_books": _close_books,
    "lock": _lock,
    "unlock": _unlock,
    "deny": _deny,
    "allow": _allow,
    "back_up": _back_up,
    "restore": _restore,
    "remove_stamps": _remove_stamps,
}


def _present(file: CompanyFile, action: Action) -> Entity:
    found = file.find(action.kind, action.id)
    if found is None:
        raise not_found(action.id)
    return found

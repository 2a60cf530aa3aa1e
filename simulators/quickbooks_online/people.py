"""What a person does in the QuickBooks pages: the same books, without an app's restrictions or tokens."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from simulators.quickbooks_online.bill_payments import (
    create_bill_payment,
    delete_bill_payment,
    void_bill_payment,
)
from simulators.quickbooks_online.bills import delete_bill
from simulators.quickbooks_online.books import Books, Entity, money, reference_id
from simulators.quickbooks_online.lists import merge_vendors
from simulators.quickbooks_online.moments import pacific_date
from simulators.quickbooks_online.operations import perform
from simulators.quickbooks_online.refusals import missing
from simulators.quickbooks_online.settlement import apply_credit
from simulators.quickbooks_online.vendor_debits import DEBITS, enter_journal_entry, write_joint_check
from simulators.quickbooks_online.wire import shown

ActionName = Literal[
    "pay_bill",
    "pay_bills",
    "journal_entry",
    "joint_check",
    "edit",
    "create",
    "delete",
    "void_payment",
    "apply_credit",
    "deactivate",
    "rename",
    "merge_vendors",
    "set_preference",
    "close_books",
    "suspend",
    "remove_user",
    "add_user",
]


class Share(BaseModel):
    """So much for a bill, or so much of a credit; no amount is all that is open."""

    model_config = ConfigDict(extra="forbid")

    id: str
    amount: Decimal | None = None
    kind: str = Field("Bill", description="Bill, VendorCredit, JournalEntry or Check (one that is coded to A/P)")


class Action(BaseModel):
    """Body of POST /control/actions. Which fields count depends on `action`; `kind` and `id` say on what."""

    model_config = ConfigDict(extra="forbid")

    action: ActionName
    realm: str
    kind: str = "Bill"
    id: str = ""
    fields: dict[str, Any] = Field(default_factory=dict)
    amount: Decimal | None = None
    date: str | None = None
    number: str | None = None
    by_card: bool = False
    to_print: bool = False
    memo: str | None = None
    shares: list[Share] = Field(default_factory=list)
    other_id: str = ""
    section: str = ""
    value: Any = None


def act(books: Books, action: Action) -> Entity:
    """Do it; returns the entity afterwards (or its stub). Raises the Refusal that the person would see."""
    if action.action == "pay_bill":
        return pay_bills(books, action.model_copy(update={"shares": [Share(id=action.id, amount=action.amount)]}))
    if action.action == "pay_bills":
        return pay_bills(books, action)
    if action.action in ("journal_entry", "joint_check"):
        return _enter_debit(books, action)
    if action.action == "create":
        return perform(books, action.kind, "create", action.fields, frozenset({"allowduplicatedocnum"}))
    if action.action == "edit":
        return edit(books, action.kind, action.id, action.fields)
    if action.action == "delete":
        return _delete(books, action)
    if action.action == "void_payment":
        return shown(books.switches, "BillPayment", void_bill_payment(books, _present(books, "BillPayment", action.id)))
    if action.action == "apply_credit":
        bill, credit = books.get("Bill", action.id), books.get("VendorCredit", action.other_id)
        return apply_credit(books, bill, credit)
    if action.action == "deactivate":
        return edit(books, action.kind, action.id, {"Active": False})
    if action.action == "rename":
        field = "DisplayName" if action.kind in ("Vendor", "Customer") else "Name"
        return edit(books, action.kind, action.id, {field: action.value})
    if action.action == "merge_vendors":
        return merge_vendors(books, action.id, action.other_id)
    return _govern(books, action)


def pay_bills(books: Books, action: Action) -> Entity:
    """One check (or card payment) for all bills of `shares`, credits among them taken off what it pays.

    From the first bank or credit card account. Nothing left to pay makes a payment of zero.
    """
    wanted = [(each, _amount(books, each)) for each in action.shares]
    bills = [books.get("Bill", each.id) for each, _ in wanted if each.kind == "Bill"]
    if not bills:
        raise missing("Line")
    cash = sum((amount if each.kind == "Bill" else -amount for each, amount in wanted), Decimal(0))
    links = [(amount, {"TxnId": each.id, "TxnType": each.kind}) for each, amount in wanted]
    payment: Entity = {
        "VendorRef": {"value": reference_id(bills[0], "VendorRef")},
        "APAccountRef": bills[0]["APAccountRef"],
        "PayType": "CreditCard" if action.by_card else "Check",
        "TotalAmt": cash,
        "Line": [{"Amount": amount, "LinkedTxn": [link]} for amount, link in links],
    }
    if books.preference("CurrencyPrefs", "MultiCurrencyEnabled"):
        payment["CurrencyRef"] = bills[0]["CurrencyRef"]
    if action.by_card:
        payment["CreditCardPayment"] = {"CCAccountRef": _first_account(books, "Credit Card")}
    else:
        printing = "NeedToPrint" if action.to_print else "NotSet"
        payment["CheckPayment"] = {"BankAccountRef": _first_account(books, "Bank"), "PrintStatus": printing}
    given = {"TxnDate": action.date, "DocNumber": action.number, "PrivateNote": action.memo}
    payment |= {name: value for name, value in given.items() if value}
    return create_bill_payment(books, payment | action.fields)


def _amount(books: Books, share: Share) -> Decimal:
    if share.amount is not None:
        return share.amount
    if share.kind in DEBITS:
        raise missing("Line.Amount")
    return money(books.get(share.kind, share.id)["Balance"])


def _enter_debit(books: Books, action: Action) -> Entity:
    """A journal entry or joint check of `amount` for the vendor `id`."""
    day = action.date or pacific_date(books.clock.timestamp()).isoformat()
    amount = action.amount or Decimal(0)
    if action.action == "journal_entry":
        return enter_journal_entry(books, action.id, amount, day)
    return write_joint_check(books, action.id, _first_account(books, "Bank"), amount, day)


def edit(books: Books, kind: str, entity_id: str, fields: dict[str, Any]) -> Entity:
    """Change some fields, as saving the form does; always on the present version."""
    sent = fields | _present(books, kind, entity_id) | {"sparse": True}
    return perform(books, kind, "update", sent, frozenset({"allowduplicatedocnum"}))


def _present(books: Books, kind: str, entity_id: str) -> Entity:
    entity = books.get(kind, entity_id)
    return {"Id": entity["Id"], "SyncToken": entity["SyncToken"]}


def _delete(books: Books, action: Action) -> Entity:
    present = _present(books, action.kind, action.id)
    if action.kind == "Bill":
        return delete_bill(books, present, by_person=True)
    if action.kind == "BillPayment":
        return delete_bill_payment(books, present)
    return perform(books, action.kind, "delete", present, frozenset())


def _first_account(books: Books, account_type: str) -> Entity:
    for account in books.entities["Account"].values():
        if account.get("AccountType") == account_type and account.get("Active") is not False:
            return {"value": account["Id"]}
    raise missing(f"an account of type {account_type}")


def _govern(books: Books, action: Action) -> Entity:
    """The company's settings, subscription and users."""
    if action.action in ("set_preference", "close_books"):
        section, name = action.section, action.id
        if action.action == "close_books":
            section, name = "AccountingInfoPrefs", "BookCloseDate"
        changed = dict(books.preferences.get(section) or {})
        if section == "OtherPrefs":
            pairs = [pair for pair in changed.get("NameValue") or [] if pair["Name"] != name]
            changed["NameValue"] = [*pairs, {"Name": name, "Value": action.value}]
        else:
            changed[name] = action.value
        books.preferences[section] = changed
        return books.preferences
    if action.action == "suspend":
        books.suspended = bool(action.value)
    elif action.action == "remove_user":
        books.users.remove(action.id)
    elif action.id not in books.users:
        books.users.append(action.id)
    return {"users": books.users, "suspended": books.suspended}

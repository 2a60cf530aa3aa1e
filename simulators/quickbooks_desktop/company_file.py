"""One company file as QuickBooks works on it: looking up, ids, edit sequences, locks, rights, backup and restore."""

from __future__ import annotations

import copy
from decimal import Decimal
from typing import Any

from simulators.clock import SimulatorClock
from simulators.quickbooks_desktop.books import LISTS, TRANSACTIONS, Books, Deletion, Entity, Lock, Settlement
from simulators.quickbooks_desktop.local_time import LocalTime
from simulators.quickbooks_desktop.refusals import Refusal, closed_period, no_permission
from simulators.quickbooks_desktop.switches import Switches

NAMED = ("Vendor", "Customer", "Employee", "OtherName")
"""The lists that share one space of names (status 3100)."""

_MONEY = {"AmountDue", "Amount", "CreditAmount", "Balance", "Cost"}


class CompanyFile:
    """A .QBW file at `path` on the customer's PC or network; `key` names it in addresses."""

    def __init__(self, document: dict[str, Any], clock: SimulatorClock, switches: Switches) -> None:
        self.key = str(document["key"])
        self.path = str(document["path"])
        self.time = LocalTime(str(document.get("zone", "America/New_York")), switches)
        self.clock = clock
        self.switches = switches
        self.books = _loaded(document, clock.timestamp())
        self.backups: dict[str, Books] = {}
        # Not on disk: who has what open just now, and what the logged-in user may not do.
        self.locks: dict[str, Lock] = {}
        self.denied: set[str] = set()
        self.iterators_started = 0

    @property
    def name(self) -> str:
        """What the company calls itself."""
        return str(self.books.company["CompanyName"])

    # Looking up

    def find(self, kind: str, identity: str | None) -> Entity | None:
        """The list element or transaction, active or not."""
        shelf = self.books.lists if kind in self.books.lists else self.books.transactions
        return shelf.get(kind, {}).get(identity or "")

    def by_name(self, kind: str, full_name: str) -> Entity | None:
        """The list element with that full name, letter case aside."""
        wanted = full_name.casefold()
        found = (entry for entry in self.books.lists[kind].values() if self.full_name(kind, entry).casefold() == wanted)
        return next(found, None)

    def full_name(self, kind: str, entry: Entity) -> str:
        """`Parent:Child` for hierarchical lists, else the name."""
        names = [str(entry["Name"])]
        parent = self.find(kind, entry.get("ParentRef"))
        while parent is not None:
            names.insert(0, str(parent["Name"]))
            parent = self.find(kind, parent.get("ParentRef"))
        return ":".join(names)

    def level(self, kind: str, entry: Entity) -> int:
        """How deep below the top of its list: 0 for the top."""
        return self.full_name(kind, entry).count(":")

    def name_taken(self, name: str) -> bool:
        """A customer, vendor, employee or other name has it."""
        wanted = name.casefold()
        return any(
            str(entry["Name"]).casefold() == wanted for kind in NAMED for entry in self.books.lists[kind].values()
        )

    def settlements_of(self, bill_id: str) -> list[Settlement]:
        """What settles a bill, in the order it was entered."""
        return [each for each in self.books.settlements if each.bill_id == bill_id]

    def used_of(self, payer_id: str) -> list[Settlement]:
        """What a payment or credit settles."""
        return [each for each in self.books.settlements if each.payer_id == payer_id]

    def open_amount(self, bill: Entity) -> Decimal:
        """What is still due on a bill."""
        settled = sum((each.amount + each.discount for each in self.settlements_of(bill["TxnID"])), Decimal(0))
        return Decimal(bill["AmountDue"]) - settled

    def open_credit(self, kind: str, credit: Entity) -> Decimal:
        """What is left of a vendor credit, or of another transaction that stands to the vendor's credit."""
        total = Decimal(credit["CreditAmount" if kind == "VendorCredit" else "Amount"])
        return total - sum((each.amount for each in self.used_of(credit["TxnID"])), Decimal(0))

    def vendor_balance(self, vendor_id: str) -> Decimal:
        """Open bills less open credits."""
        bills = [bill for bill in self.books.transactions["Bill"].values() if bill["VendorRef"] == vendor_id]
        credits = [each for each in self.books.transactions["VendorCredit"].values() if each["VendorRef"] == vendor_id]
        owed = sum((self.open_amount(bill) for bill in bills), Decimal(0))
        return owed - sum((self.open_credit("VendorCredit", each) for each in credits), Decimal(0))

    # Guards

    def check_date(self, kind: str, *dates: str | None) -> None:
        """Raises 3171 if one of the dates lies in a closed period."""
        closing = self.books.preferences.get("ClosingDate")
        if closing and any(day and day <= closing for day in dates):
            raise closed_period(kind)

    def check_lock(self, identity: str | None) -> None:
        """Raises the lock's Refusal (3170, 3175, 3176, 3180) while somebody has the object open."""
        lock = self.locks.get(identity or "")
        if lock is None:
            return
        if lock.left is not None:
            lock.left -= 1
            if lock.left <= 0:
                del self.locks[identity or ""]
        raise Refusal(lock.code, lock.text)

    def check_right(self, what: str) -> None:
        """Raises 3260 if the QuickBooks user may not do that."""
        if what in self.denied:
            raise no_permission(what)

    # Writing

    def add_list_entry(self, kind: str, entry: Entity) -> Entity:
        """Store a new list element under the next ListID."""
        self.books.last_list_id += 1
        now = int(self.clock.timestamp())
        entry["ListID"] = f"{0x80000000 + self.books.last_list_id:X}-{now}"
        self._stamp(entry, None)
        self.books.lists[kind][entry["ListID"]] = entry
        return entry

    def add_transaction(self, kind: str, transaction: Entity) -> Entity:
        """Store a new transaction under the next TxnID and transaction number."""
        self.books.last_txn_id += 1
        self.books.last_txn_number += 1
        transaction["TxnID"] = f"{self.books.last_txn_id:X}-{int(self.clock.timestamp())}"
        transaction["TxnNumber"] = self.books.last_txn_number
        self._stamp(transaction, None)
        self.books.transactions[kind][transaction["TxnID"]] = transaction
        return transaction

    def next_line_id(self) -> str:
        """A TxnLineID that was never used."""
        self.books.last_line_id += 1
        return f"{self.books.last_line_id:X}-{int(self.clock.timestamp())}"

    def touch(self, entity: Entity) -> None:
        """TimeModified is now, and the EditSequence a new one."""
        self._stamp(entity, entity)

    def _stamp(self, entity: Entity, old: Entity | None) -> None:
        now = self.clock.timestamp()
        entity.setdefault("TimeCreated", now)
        entity["TimeModified"] = now
        # Never the same twice, although it looks like seconds.
        entity["EditSequence"] = str(max(int(now), int(old["EditSequence"]) + 1 if old else 0))

    def remove_transaction(self, kind: str, identity: str) -> Deletion:
        """Delete a transaction and all that it settled."""
        transaction = self.books.transactions[kind].pop(identity)
        self.books.settlements = [
            each for each in self.books.settlements if identity not in (each.payer_id, each.bill_id, each.against)
        ]
        gone = Deletion(
            kind, identity, transaction.get("RefNumber"), transaction["TimeCreated"], self.clock.timestamp()
        )
        self.books.deleted_transactions.append(gone)
        return gone

    def remove_list_entry(self, kind: str, identity: str) -> Deletion:
        """Delete a list element."""
        entry = self.books.lists[kind].pop(identity)
        gone = Deletion(kind, identity, str(entry["Name"]), entry["TimeCreated"], self.clock.timestamp())
        self.books.deleted_lists.append(gone)
        return gone

    # Backups

    def back_up(self, label: str) -> None:
        """Keep the present state under `label`."""
        self.backups[label] = copy.deepcopy(self.books)

    def restore(self, label: str) -> None:
        """The state at that backup is the present again, error-recovery records and stamps included.

        Raises KeyError for an unknown label.
        """
        self.books = copy.deepcopy(self.backups[label])


def _loaded(document: dict[str, Any], now: float) -> Books:
    """The books of a world document; what was loaded was created before now."""
    books = Books(dict(document["company"]), dict(document.get("preferences") or {}))
    for kind in LISTS:
        for given in document.get(kind) or []:
            entry = _dressed(given, now)
            entry.setdefault("IsActive", True)
            books.lists[kind][entry["ListID"]] = entry
            books.last_list_id = max(books.last_list_id, _counter(entry["ListID"]) - 0x80000000)
    for kind in TRANSACTIONS:
        for given in document.get(kind) or []:
            transaction = _dressed(given, now)
            books.transactions[kind][transaction["TxnID"]] = transaction
            books.last_txn_id = max(books.last_txn_id, _counter(transaction["TxnID"]))
            books.last_txn_number += 1
            transaction.setdefault("TxnNumber", books.last_txn_number)
            for line in [*transaction.get("expense_lines", []), *transaction.get("item_lines", [])]:
                books.last_line_id = max(books.last_line_id, _counter(line["TxnLineID"]))
    for given in document.get("settlements") or []:
        amounts = {name: Decimal(given[name]) for name in ("amount", "discount") if name in given}
        books.settlements.append(Settlement(**(given | amounts)))
    return books


def _dressed(given: Entity, now: float) -> Entity:
    entity = copy.deepcopy(given)
    for each in (entity, *entity.get("expense_lines", []), *entity.get("item_lines", [])):
        each.update({name: Decimal(each[name]) for name in _MONEY & each.keys() if each[name] is not None})
    entity.setdefault("TimeCreated", now)
    entity.setdefault("TimeModified", entity["TimeCreated"])
    entity.setdefault("EditSequence", str(int(entity["TimeModified"])))
    return entity


def _counter(identity: str) -> int:
    return int(identity.split("-")[0], 16)

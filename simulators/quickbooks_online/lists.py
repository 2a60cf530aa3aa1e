"""Vendors, customers, accounts, items, classes, departments, terms: create, update, make inactive, merge (4.1, 4.5)."""

from __future__ import annotations

from decimal import Decimal

from simulators.quickbooks_online.books import TRANSACTIONS, Books, Entity, reference_id
from simulators.quickbooks_online.references import display_name, resolve
from simulators.quickbooks_online.refusals import Refusal, business, duplicate_name, missing

PEOPLE = ("Vendor", "Customer")
_NAME_PARTS = ("Title", "GivenName", "MiddleName", "FamilyName", "Suffix")
_READ_ONLY = frozenset({"SyncToken", "MetaData", "domain", "sparse", "status", "FullyQualifiedName", "ServiceHint"})
_DELETED_SUFFIX = " (deleted)"
_DEEPEST_CUSTOMER = 5

# What old country names come back as since October 2025 (reference 2.1).
_ISO_COUNTRIES = {
    "us": "USA",
    "usa": "USA",
    "united states": "USA",
    "united states of america": "USA",
    "ca": "CAN",
    "canada": "CAN",
    "uk": "GBR",
    "gb": "GBR",
    "united kingdom": "GBR",
    "mexico": "MEX",
}
_ADDRESSES = ("BillAddr", "ShipAddr", "CompanyAddr", "LegalAddr", "CustomerCommunicationAddr")


def write_list_entry(books: Books, kind: str, payload: Entity) -> Entity:
    """Create or (with an Id) update an entry of a name list. Raises the Refusal (6240 for a name in use)."""
    old = books.current(kind, payload) if payload.get("Id") else None
    entry = {name: content for name, content in payload.items() if name not in _READ_ONLY}
    if old is not None and payload.get("sparse") in (True, "true"):
        entry = {name: content for name, content in old.items() if name not in _READ_ONLY} | entry
    entry = {name: content for name, content in entry.items() if content is not None}
    entry["Active"] = entry.get("Active") in (None, True, "true")
    _name(books, kind, entry)
    _complete(books, kind, entry, old)
    if old is None:
        owner = books.name_owner(books.name_key(kind, entry))
        if owner is not None:
            raise duplicate_name(owner)
        entry.pop("Id", None)
        books.add(kind, entry)
        books.rename(None, books.name_key(kind, entry), entry["Id"])
        return entry
    return _change(books, kind, entry, old)


def _change(books: Books, kind: str, entry: Entity, old: Entity) -> Entity:
    field = "DisplayName" if kind in PEOPLE else "Name"
    if not entry["Active"] and old.get("Active") is not False:
        entry[field] = str(entry[field]) + _DELETED_SUFFIX
    elif entry["Active"] and old.get("Active") is False:
        entry[field] = str(entry[field]).removesuffix(_DELETED_SUFFIX)
    _name(books, kind, entry)
    key = books.name_key(kind, entry)
    owner = books.name_owner(key)
    if owner not in (None, old["Id"]):
        raise duplicate_name(str(owner))
    books.rename(books.name_key(kind, old), key, old["Id"])
    entry["Id"] = old["Id"]
    books.replace(kind, entry)
    if display_name(kind, entry) != display_name(kind, old):
        _show_new_name(books, kind, entry)
        _name_below(books, kind, entry)
    return entry


def _name(books: Books, kind: str, entry: Entity) -> None:
    if kind not in PEOPLE:
        if not entry.get("Name"):
            raise missing("Name")
        parent = _parent(books, kind, entry)
        entry["FullyQualifiedName"] = f"{parent['FullyQualifiedName']}:{entry['Name']}" if parent else entry["Name"]
        if kind == "Term":
            entry.pop("FullyQualifiedName")
        return
    if not entry.get("DisplayName"):
        parts = [str(entry[part]) for part in _NAME_PARTS if entry.get(part)]
        if not parts:
            raise missing("DisplayName")
        entry["DisplayName"] = " ".join(parts)
    if any(character in entry["DisplayName"] for character in ":\t\n"):
        raise business("A display name cannot hold a colon, tab or new line", "DisplayName")
    entry.setdefault("PrintOnCheckName", entry.get("CompanyName") or entry["DisplayName"])
    if kind == "Customer":
        _place_customer(books, entry)


def _place_customer(books: Books, entry: Entity) -> None:
    parent = _parent(books, "Customer", entry)
    entry["Job"] = parent is not None
    entry.setdefault("IsProject", False)
    entry["Level"] = int(parent.get("Level", 0)) + 1 if parent else 0
    if entry["Level"] >= _DEEPEST_CUSTOMER:
        raise business("Customers can be five levels deep", "ParentRef")
    above = display_name("Customer", parent) + ":" if parent else ""
    entry["FullyQualifiedName"] = above + entry["DisplayName"]


def _parent(books: Books, kind: str, entry: Entity) -> Entity | None:
    if entry.get("ParentRef") is None:
        return None
    return resolve(books, kind, entry["ParentRef"], "ParentRef")[0]


def _complete(books: Books, kind: str, entry: Entity, old: Entity | None) -> None:
    if kind == "Vendor":
        entry["Balance"] = (old or entry).get("Balance", Decimal(0))
        _check_contact(entry)
        if entry.get("TermRef") is not None:
            entry["TermRef"] = resolve(books, "Term", entry["TermRef"], "TermRef")[1]
        home = {"value": books.home_currency}
        currency = (old or entry).get("CurrencyRef") or home
        if old is not None and reference_id(entry, "CurrencyRef") not in (None, currency["value"]):
            raise business("The currency of a vendor cannot change", "CurrencyRef")
        entry["CurrencyRef"] = currency
        tax_id = entry.get("TaxIdentifier")
        if tax_id and old is not None and tax_id == masked(old.get("TaxIdentifier")):
            entry["TaxIdentifier"] = old["TaxIdentifier"]
    elif kind == "Account" and not (entry.get("AccountType") or entry.get("AccountSubType")):
        raise missing("AccountType")
    for name in _ADDRESSES:
        if isinstance(entry.get(name), dict):
            entry[name] = shown_address(entry[name])


def _check_contact(entry: Entity) -> None:
    address = (entry.get("PrimaryEmailAddr") or {}).get("Address")
    if address and ("@" not in address or "." not in address):
        raise business("The e-mail address is not valid", "PrimaryEmailAddr")


def shown_address(address: Entity) -> Entity:
    """An address as it comes back: ISO-3 country, no coordinates."""
    shown = {name: content for name, content in address.items() if name not in ("Lat", "Long")}
    country = shown.get("Country")
    if country:
        shown["Country"] = _ISO_COUNTRIES.get(str(country).casefold(), country)
    return shown


def masked(tax_identifier: str | None) -> str | None:
    """A tax id as it is read: all but the last four characters hidden."""
    if not tax_identifier:
        return tax_identifier
    return "X" * max(len(tax_identifier) - 4, 0) + tax_identifier[-4:]


def merge_vendors(books: Books, loser_id: str, winner_id: str) -> Entity:
    """What "merge" in the vendor list does: the loser is gone, its transactions belong to the winner."""
    loser, winner = books.get("Vendor", loser_id), books.get("Vendor", winner_id)
    if loser is winner:
        raise Refusal("6000", "Business Validation Error", "A vendor cannot be merged with itself")
    for kind in TRANSACTIONS:
        for entity in list(books.entities[kind].values()):
            if reference_id(entity, "VendorRef") == loser_id:
                shown = {"value": winner_id, "name": display_name("Vendor", winner)}
                books.replace(kind, entity | {"VendorRef": shown})
    books.adjust_vendor_balance(winner_id, loser.get("Balance") or Decimal(0))
    books.remove("Vendor", loser_id)
    books.note("Vendor", winner_id, "merged", deleted_id=loser_id)
    return books.replace("Vendor", dict(winner))


def _name_below(books: Books, kind: str, parent: Entity) -> None:
    """Whatever stands below has its parent in its full name; that is no change of it (nobody says it were one)."""
    for entry in books.entities[kind].values():
        if "FullyQualifiedName" not in parent or reference_id(entry, "ParentRef") != parent["Id"]:
            continue
        old = books.name_key(kind, entry)
        own = entry["DisplayName" if kind in PEOPLE else "Name"]
        entry["FullyQualifiedName"] = f"{parent['FullyQualifiedName']}:{own}"
        books.rename(old, books.name_key(kind, entry), entry["Id"])
        _name_below(books, kind, entry)


def _show_new_name(books: Books, kind: str, entry: Entity) -> None:
    """References show the present name of what they mean; that is no change of the transaction."""
    if kind != "Vendor":
        return
    for txn in TRANSACTIONS:
        for entity in books.entities[txn].values():
            if reference_id(entity, "VendorRef") == entry["Id"]:
                entity["VendorRef"] = {"value": entry["Id"], "name": display_name(kind, entry)}

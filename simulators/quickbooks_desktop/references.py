"""References of a request, resolved to ListIDs."""

from __future__ import annotations

from lxml import etree

from simulators.quickbooks_desktop.books import Entity
from simulators.quickbooks_desktop.company_file import CompanyFile
from simulators.quickbooks_desktop.refusals import bad_object_id, cannot_save, invalid_reference, required
from simulators.quickbooks_desktop.wire import text_of


def resolve(
    file: CompanyFile, element: etree._Element, field: str, kinds: tuple[str, ...], within: str
) -> Entity | None:
    """The list element that `field` names; None when the field is absent.

    Raises 3150 for an empty reference, 3000 for a ListID that is gone, 3140 for a name that leads nowhere, for a
    ListID and a name that disagree, and for an inactive element.
    """
    given = element.find(field)
    if given is None:
        return None
    identity, name = text_of(given, "ListID"), text_of(given, "FullName")
    if not identity and not name:
        raise required(field)
    noun = kinds[0]
    found = next((entry for kind in kinds if (entry := _one(file, kind, identity, name)) is not None), None)
    if found is None:
        raise bad_object_id(identity, "ListID") if identity else invalid_reference(noun, name or "", within)
    if identity and name and all(file.full_name(kind, found).casefold() != name.casefold() for kind in kinds):
        raise invalid_reference(noun, name, within)
    if found["IsActive"] is False and file.switches.inactive_references == "refuse":
        raise invalid_reference(noun, name or identity or "", within)
    return found


def _one(file: CompanyFile, kind: str, identity: str | None, name: str | None) -> Entity | None:
    return file.find(kind, identity) if identity else file.by_name(kind, name or "")


def resolve_account(
    file: CompanyFile, element: etree._Element, field: str, types: frozenset[str], within: str
) -> Entity | None:
    """An account of one of these types. Raises 3180 for another type, and what `resolve` raises."""
    account = resolve(file, element, field, ("Account",), within)
    if account is not None and account["AccountType"] not in types:
        name = file.full_name("Account", account)
        raise cannot_save(within, f"The account {name} cannot be used there: it is of type {account['AccountType']}.")
    return account


def payable_account(file: CompanyFile, element: etree._Element, within: str) -> str:
    """The ListID of the A/P account that the request names, else of the first one."""
    named = resolve_account(file, element, "APAccountRef", frozenset({"AccountsPayable"}), within)
    if named is not None:
        return str(named["ListID"])
    for account in file.books.lists["Account"].values():
        if account["AccountType"] == "AccountsPayable" and account["IsActive"]:
            return str(account["ListID"])
    raise required("APAccountRef")


def list_id(entry: Entity | None) -> str | None:
    """The ListID of an element that may be absent."""
    return None if entry is None else str(entry["ListID"])

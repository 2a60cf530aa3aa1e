"""References on write: the target must exist (2500), be active (610) and, for accounts, fit (6430)."""

from __future__ import annotations

from typing import Any

from simulators.quickbooks_online.books import Books, Entity
from simulators.quickbooks_online.refusals import (
    missing,
    not_found,
    unknown_reference,
    wrong_account_type,
)

# The names that error 2500 uses for the lists.
INTERNAL_NAMES = {
    "Account": "Accounts",
    "Class": "Klasses",
    "Department": "Depts",
    "Vendor": "Names",
    "Customer": "Names",
    "Item": "Items",
    "Term": "Terms",
}

# Bill documents Expense only; cost of goods sold, other current asset and liability also work in practice, the
# A/P account does not (reference 4.2). Bank, A/R and income are refused here as well.
EXPENSE_LINE_TYPES = frozenset(
    {
        "Expense",
        "Other Expense",
        "Cost of Goods Sold",
        "Other Current Asset",
        "Fixed Asset",
        "Other Asset",
        "Other Current Liability",
        "Long Term Liability",
        "Equity",
    }
)


def display_name(kind: str, entity: Entity) -> str:
    """What a reference shows as `name`."""
    if kind == "Vendor":
        return str(entity.get("DisplayName", ""))
    return str(entity.get("FullyQualifiedName") or entity.get("DisplayName") or entity.get("Name", ""))


def resolve(books: Books, kind: str, reference: Any, element: str) -> tuple[Entity, Entity]:
    """The active entity that a reference means, and the reference as answers show it. Raises 2020, 2500, 610."""
    entity_id = reference.get("value") if isinstance(reference, dict) else None
    if not entity_id:
        raise missing(element)
    entity = books.find(kind, entity_id)
    if entity is None:
        if (kind, entity_id) in books.deleted:
            raise not_found(element)
        raise unknown_reference(INTERNAL_NAMES.get(kind, kind), entity_id, element)
    if entity.get("Active") is False:
        raise not_found(element)
    return entity, {"value": entity_id, "name": display_name(kind, entity)}


def resolve_account(
    books: Books, reference: Any, types: frozenset[str] | set[str], element: str
) -> tuple[Entity, Entity]:
    """Like `resolve`, for an account of one of the types. Raises also 6430."""
    account, shown = resolve(books, "Account", reference, element)
    if account.get("AccountType") not in types:
        wanted = ", ".join(sorted(types))
        raise wrong_account_type(f"{account.get('AccountType')} given, {wanted} allowed.", element)
    return account, shown


def payable_account(books: Books, reference: Any) -> Entity:
    """The A/P account of a transaction as answers show it; without a reference the company's first one."""
    if reference is not None:
        return resolve_account(books, reference, {"Accounts Payable"}, "APAccountRef")[1]
    for account in books.entities["Account"].values():
        if account.get("AccountType") == "Accounts Payable" and account.get("Active") is not False:
            return {"value": account["Id"], "name": display_name("Account", account)}
    raise missing("APAccountRef")

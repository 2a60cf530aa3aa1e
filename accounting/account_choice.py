"""Which accounts and items may be chosen for what, in QuickBooks' account and item types."""

from dataclasses import dataclass
from enum import StrEnum


class AccountUse(StrEnum):
    EXPENSE = "expense"
    RETAINAGE = "retainage"
    ACCOUNTS_PAYABLE = "accounts_payable"


@dataclass(frozen=True)
class ChosenAccount:
    """An account as QuickBooks lists it; types in QuickBooks' own words (``Other Current Liability``)."""

    name: str
    account_type: str | None
    account_subtype: str | None
    active: bool


@dataclass(frozen=True)
class ChosenItem:
    """A product or service as QuickBooks lists it; ``item_type`` in QuickBooks' own words (``NonInventory``)."""

    name: str
    item_type: str | None
    has_expense_account: bool
    active: bool


# QuickBooks Online: Account.AccountType and AccountSubType values.
ACCOUNTS_PAYABLE = "Accounts Payable"
ACCOUNTS_RECEIVABLE = "Accounts Receivable"
OTHER_CURRENT_LIABILITY = "Other Current Liability"
RETAINAGE_RECEIVABLE = "Retainage"
_BANKS = frozenset({"Bank", "Credit Card"})
_INCOME = frozenset({"Income", "Other Income"})


def refusal(use: AccountUse, account: ChosenAccount | None) -> str | None:
    """Why an account cannot be chosen, in a sentence for the admin; None when it can."""
    if account is None:
        return "That account is not in this QuickBooks company. Choose one from the list."
    if not account.active:
        return f"{account.name} is inactive in QuickBooks. Make it active there, or choose another account."
    match use:
        case AccountUse.EXPENSE:
            return _refused_for_cost(account)
        case AccountUse.RETAINAGE:
            return _refused_for_retainage(account)
        case AccountUse.ACCOUNTS_PAYABLE:
            if account.account_type != ACCOUNTS_PAYABLE:
                return f"{account.name} is not an accounts payable account. Choose an account of type Accounts Payable."
            return None


def takes_cost(account: ChosenAccount | None) -> bool:
    """Whether what is bought may be booked to an account of this type, active or not."""
    return account is not None and _refused_for_cost(account) is None


def _refused_for_cost(account: ChosenAccount) -> str | None:
    if account.account_type == ACCOUNTS_PAYABLE:
        return f"{account.name} is an accounts payable account; bill lines go to a cost account. Choose another one."
    if account.account_type == ACCOUNTS_RECEIVABLE:
        return f"{account.name} is an accounts receivable account; bill lines go to a cost account. Choose another one."
    if account.account_type in _BANKS:
        return f"{account.name} is a bank or card account; bill lines go to a cost account. Choose another one."
    if account.account_type in _INCOME:
        return f"{account.name} is an income account; bill lines go to a cost account. Choose another one."
    return None


def _refused_for_retainage(account: ChosenAccount) -> str | None:
    if account.account_subtype == RETAINAGE_RECEIVABLE:
        return (
            f"{account.name} has QuickBooks' detail type Retainage, which is what customers owe you. "
            "Choose an Other Current Liability account for what you owe subcontractors."
        )
    if account.account_type != OTHER_CURRENT_LIABILITY:
        return (
            f"{account.name} is not an Other Current Liability account. "
            "Retainage withheld is what you owe subcontractors: choose a Retainage payable account of that type."
        )
    return None


# What is no cost of a job by itself. QuickBooks Online: Item.Type; Desktop: the kinds ItemQuery returns.
_WORKED_OUT = "worked out on a form, not bought"
_NOT_A_COST = {
    "Inventory": "an inventory item, which a bill would put into stock",
    "InventoryAssembly": "an inventory assembly, which a bill would put into stock",
    "FixedAsset": "a fixed asset, not a cost of a job",
    "Group": "a bundle of other items",
    "Category": "a heading in the list, not an item",
    "Discount": _WORKED_OUT,
    "Payment": _WORKED_OUT,
    "SalesTax": _WORKED_OUT,
    "SalesTaxGroup": _WORKED_OUT,
    "Subtotal": _WORKED_OUT,
}


def item_refusal(item: ChosenItem | None) -> str | None:
    """Why a product or service cannot stand on a bill, in a sentence for the admin; None when it can."""
    if item is None:
        return "That product or service is not in this QuickBooks company. Choose one from the list."
    if not item.active:
        return f"{item.name} is inactive in QuickBooks. Make it active there, or choose another one."
    if item.item_type in _NOT_A_COST:
        return f"{item.name} is {_NOT_A_COST[item.item_type]}. Choose a service or non-inventory item."
    if not item.has_expense_account:
        return (
            f"{item.name} has an income account only. Say in QuickBooks that it is also bought, with an "
            "expense account, or choose another one."
        )
    return None

"""Which accounts may be chosen for what; the sentences are what the admin reads."""

import pytest

from accounting.account_choice import AccountUse, ChosenAccount, ChosenItem, item_refusal, refusal

E, R, P = AccountUse.EXPENSE, AccountUse.RETAINAGE, AccountUse.ACCOUNTS_PAYABLE


def account(account_type: str, subtype: str = "Other", *, active: bool = True) -> ChosenAccount:
    return ChosenAccount("2100 Retainage", account_type, subtype, active)


@pytest.mark.parametrize(
    ("use", "chosen"),
    [
        (E, account("Cost of Goods Sold")),
        (E, account("Expense")),
        (E, account("Other Current Asset")),
        (E, account("Other Current Liability")),
        (R, account("Other Current Liability")),
        (P, account("Accounts Payable", "AccountsPayable")),
    ],
)
def test_what_may_be_chosen(use: AccountUse, chosen: ChosenAccount) -> None:
    assert refusal(use, chosen) is None


@pytest.mark.parametrize(
    ("use", "chosen", "words"),
    [
        (E, account("Accounts Payable"), "accounts payable account"),
        (E, account("Accounts Receivable"), "accounts receivable account"),
        (E, account("Bank"), "bank or card account"),
        (E, account("Credit Card"), "bank or card account"),
        (E, account("Income"), "income account"),
        (E, account("Other Income"), "income account"),
        (R, account("Accounts Payable"), "not an Other Current Liability account"),
        (R, account("Cost of Goods Sold"), "not an Other Current Liability account"),
        (R, account("Other Current Asset", "Retainage"), "what customers owe you"),
        (R, account("Other Current Liability", "Retainage"), "what customers owe you"),
        (P, account("Other Current Liability"), "not an accounts payable account"),
    ],
)
def test_what_may_not_and_why(use: AccountUse, chosen: ChosenAccount, words: str) -> None:
    sentence = refusal(use, chosen)
    assert sentence is not None
    assert words in sentence and sentence.startswith("2100 Retainage") and sentence.endswith(".")


@pytest.mark.parametrize("use", list(AccountUse))
def test_an_inactive_or_unknown_account_serves_for_nothing(use: AccountUse) -> None:
    inactive = refusal(use, account("Other Current Liability", active=False))
    assert inactive is not None and "is inactive in QuickBooks" in inactive
    assert refusal(use, None) == "That account is not in this QuickBooks company. Choose one from the list."


@pytest.mark.parametrize(
    ("item", "words"),
    [
        (None, "not in this QuickBooks company"),
        (ChosenItem("Concrete", "Service", True, active=False), "Concrete is inactive"),
        (ChosenItem("Concrete", "Inventory", True, active=True), "an inventory item"),
        (ChosenItem("Concrete", "Group", True, active=True), "a bundle"),
        (ChosenItem("Concrete", "Category", False, active=True), "a heading"),
        (ChosenItem("Concrete", "Service", False, active=True), "has an income account only"),
    ],
)
def test_an_item_that_is_no_cost_is_refused(item: ChosenItem | None, words: str) -> None:
    assert words in (item_refusal(item) or "")


@pytest.mark.parametrize("kind", ["Service", "NonInventory"])
def test_a_service_that_is_bought_may_be_chosen(kind: str) -> None:
    assert item_refusal(ChosenItem("Concrete", kind, True, active=True)) is None

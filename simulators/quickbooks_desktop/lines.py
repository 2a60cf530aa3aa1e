"""Expense and item lines of bills and vendor credits: building new ones, changing those that are there."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from lxml import etree

from simulators.quickbooks_desktop.books import Entity
from simulators.quickbooks_desktop.company_file import CompanyFile
from simulators.quickbooks_desktop.references import list_id, resolve, resolve_account
from simulators.quickbooks_desktop.refusals import bad_value, feature_off, not_found, required, unsupported
from simulators.quickbooks_desktop.wire import as_stored, flag_of, text_of

NEW_LINE = "-1"
"""The TxnLineID of a line that a BillMod adds."""

# Everything but A/P, of which a bill has one already, and accounts that take no postings.
_EXPENSE_TYPES = frozenset(
    (
        *("AccountsReceivable", "Bank", "CostOfGoodsSold", "CreditCard", "Equity", "Expense", "FixedAsset", "Income"),
        *("LongTermLiability", "OtherAsset", "OtherCurrentAsset", "OtherCurrentLiability"),
        *("OtherExpense", "OtherIncome"),
    )
)
_CENT = Decimal("0.01")


def total_of(transaction: Entity) -> Decimal:
    """The sum of all lines: a bill has no total of its own."""
    lines = [*transaction["expense_lines"], *transaction["item_lines"]]
    return sum((line["Amount"] for line in lines), Decimal(0))


def new_lines(file: CompanyFile, element: etree._Element, within: str) -> tuple[list[Entity], list[Entity]]:
    """The expense and item lines of an Add. Raises the Refusal of the first that is wrong."""
    if element.find("ItemGroupLineAdd") is not None:
        raise unsupported("item groups on bills")
    expenses = [_expense(file, line, {}, within) for line in element.findall("ExpenseLineAdd")]
    items = [_item(file, line, {}, within) for line in element.findall("ItemLineAdd")]
    return _numbered(file, expenses), _numbered(file, items)


def changed_lines(
    file: CompanyFile, element: etree._Element, old: Entity, within: str
) -> tuple[list[Entity], list[Entity]]:
    """The lines after a Mod: those it lists, in its order; all of them if it lists none and clears none."""
    if element.find("ItemGroupLineMod") is not None:
        raise unsupported("item groups on bills")
    expenses, items = old["expense_lines"], old["item_lines"]
    if flag_of(element, "ClearExpenseLines"):
        expenses = []
    if flag_of(element, "ClearItemLines"):
        items = []
    listed = element.findall("ExpenseLineMod")
    if listed:
        expenses = [_expense(file, line, _kept(line, old["expense_lines"]), within) for line in listed]
    listed = element.findall("ItemLineMod")
    if listed:
        items = [_item(file, line, _kept(line, old["item_lines"]), within) for line in listed]
    return _numbered(file, expenses), _numbered(file, items)


def _kept(line: etree._Element, old: list[Entity]) -> Entity:
    """The line as it was; empty for a new one. Raises 3120 for a TxnLineID that the transaction does not have."""
    identity = text_of(line, "TxnLineID") or ""
    if identity == NEW_LINE:
        return {}
    for each in old:
        if each["TxnLineID"] == identity:
            return dict(each)
    raise not_found(identity)


def _numbered(file: CompanyFile, lines: list[Entity]) -> list[Entity]:
    return [line if "TxnLineID" in line else {"TxnLineID": file.next_line_id(), **line} for line in lines]


def _expense(file: CompanyFile, element: etree._Element, line: Entity, within: str) -> Entity:
    account = resolve_account(file, element, "AccountRef", _EXPENSE_TYPES, within)
    if account is not None:
        line["AccountRef"] = account["ListID"]
    amount = text_of(element, "Amount")
    if amount is not None:
        line["Amount"] = Decimal(amount)
    if line.get("AccountRef") is None:
        raise required("AccountRef")
    line.setdefault("Amount", Decimal(0))
    _take_text(element, line, "Memo")
    _tracked(file, element, line, within)
    return line


def _item(file: CompanyFile, element: etree._Element, line: Entity, within: str) -> Entity:
    item = resolve(file, element, "ItemRef", ("Item",), within)
    if item is not None:
        line["ItemRef"] = item["ListID"]
    if line.get("ItemRef") is None:
        raise required("ItemRef")
    _take_text(element, line, "Desc")
    account = resolve_account(file, element, "OverrideItemAccountRef", _EXPENSE_TYPES, within)
    if account is not None:
        line["OverrideItemAccountRef"] = account["ListID"]
    quantity, cost, amount = (text_of(element, name) for name in ("Quantity", "Cost", "Amount"))
    if quantity is not None:
        line["Quantity"] = Decimal(quantity)
    if cost is not None:
        line["Cost"] = Decimal(cost)
    if amount is not None:
        line["Amount"] = Decimal(amount)
        if line.get("Quantity"):
            # The amount wins: QuickBooks works the cost out again.
            line["Cost"] = (line["Amount"] / line["Quantity"]).quantize(Decimal("0.00001"), ROUND_HALF_UP)
    elif quantity is not None or cost is not None or "Amount" not in line:
        product = line.get("Quantity", Decimal(1)) * line.get("Cost", Decimal(0))
        line["Amount"] = product.quantize(_CENT, ROUND_HALF_UP)
    _tracked(file, element, line, within)
    return line


def _tracked(file: CompanyFile, element: etree._Element, line: Entity, within: str) -> None:
    """Customer or job, class, billable status."""
    customer = resolve(file, element, "CustomerRef", ("Customer",), within)
    if customer is not None:
        line["CustomerRef"] = list_id(customer)
    if element.find("ClassRef") is not None and not file.books.preferences.get("IsUsingClassTracking"):
        raise feature_off("class tracking")
    klass = resolve(file, element, "ClassRef", ("Class",), within)
    if klass is not None:
        line["ClassRef"] = list_id(klass)
    status = text_of(element, "BillableStatus")
    if status is not None:
        if line.get("CustomerRef") is None:
            raise bad_value(status, "BillableStatus", "the line has no customer")
        line["BillableStatus"] = status
    elif line.get("CustomerRef") is not None:
        line.setdefault("BillableStatus", file.switches.default_billable)


def _take_text(element: etree._Element, line: Entity, field: str) -> None:
    given = text_of(element, field)
    if given is not None:
        line[field] = as_stored(given) or None

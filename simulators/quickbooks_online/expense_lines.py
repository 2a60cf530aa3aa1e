"""The lines of bills, vendor credits and purchases: accounts or items, customers, classes, amounts."""

from __future__ import annotations

from decimal import Decimal

from simulators.quickbooks_online.books import Books, Entity, money
from simulators.quickbooks_online.references import EXPENSE_LINE_TYPES, resolve, resolve_account
from simulators.quickbooks_online.refusals import (
    Refusal,
    bad_enum,
    business,
    feature_off,
    missing,
)

ACCOUNT_LINE = "AccountBasedExpenseLineDetail"
ITEM_LINE = "ItemBasedExpenseLineDetail"

_US_TAX_CODES = ("TAX", "NON")


def build_lines(books: Books, sent: list[Entity] | None, old: list[Entity]) -> tuple[list[Entity], Decimal]:
    """The lines as stored, and their sum. A sent line keeps a known `Id`; others get new ones; old ones go.

    Raises the Refusal of the first line that does not pass (reference 4.2).
    """
    if not sent:
        raise missing("Line")
    known = {line["Id"] for line in old}
    last = max((int(line_id) for line_id in known if line_id.isdigit()), default=0)
    lines: list[Entity] = []
    total = Decimal(0)
    for number, line in enumerate(sent, start=1):
        built, counted = _build_line(books, line)
        if line.get("Id") in known:
            built["Id"] = line["Id"]
        else:
            last += 1
            built["Id"] = str(last)
        built["LineNum"] = int(line.get("LineNum") or number)
        lines.append(built)
        total += counted
    return lines, total


def _build_line(books: Books, line: Entity) -> tuple[Entity, Decimal]:
    if line.get("Amount") is None:
        raise missing("Line.Amount")
    kind = line.get("DetailType")
    if kind is None:
        raise missing("Line.DetailType")
    if kind not in (ACCOUNT_LINE, ITEM_LINE):
        raise bad_enum("Line.DetailType", kind)
    detail = line.get(kind)
    if not isinstance(detail, dict):
        raise Refusal("6440", "Line detail missing", f"Line detail missing : {kind}", f"Line.{kind}")
    amount = money(line["Amount"])
    if amount < 0 and books.switches.negative_lines == "refuse":
        raise Refusal(
            "2290", "Negative amounts are not supported", "Negative amount on a transaction line", "Line.Amount"
        )
    built = {name: content for name, content in line.items() if content is not None}
    if kind == ACCOUNT_LINE:
        built[kind] = _account_detail(books, detail)
        counted = amount
    else:
        built[kind], is_posting = _item_detail(books, detail, amount)
        counted = amount if is_posting else Decimal(0)
    return built, counted


def _account_detail(books: Books, detail: Entity) -> Entity:
    built = _common_detail(books, detail)
    built["AccountRef"] = resolve_account(books, detail.get("AccountRef"), EXPENSE_LINE_TYPES, "Line.AccountRef")[1]
    return built


def _item_detail(books: Books, detail: Entity, amount: Decimal) -> tuple[Entity, bool]:
    built = _common_detail(books, detail)
    if detail.get("ItemRef") is None:
        return built, False  # a line without item only documents; its amount is ignored
    item, built["ItemRef"] = resolve(books, "Item", detail["ItemRef"], "Line.ItemRef")
    if item.get("Type") in ("Group", "Category"):
        raise business(f"an item of type {item['Type']} cannot be bought", "Line.ItemRef")
    if not item.get("ExpenseAccountRef"):
        raise business("the item has no expense account", "Line.ItemRef")
    quantity, price = detail.get("Qty"), detail.get("UnitPrice")
    if quantity is not None and price is not None and money(quantity) * money(price) != amount:
        raise Refusal(
            "6070",
            "Amount calculation incorrect in the request",
            f"Amount is not equal to UnitPrice * Qty. Supplied value:{amount}",
            "Line.Amount",
        )
    return built, True


def _common_detail(books: Books, detail: Entity) -> Entity:
    built = {name: content for name, content in detail.items() if content is not None}
    customer = detail.get("CustomerRef")
    if customer is not None:
        built["CustomerRef"] = resolve(books, "Customer", customer, "Line.CustomerRef")[1]
    if detail.get("ClassRef") is not None:
        if not books.preference("AccountingInfoPrefs", "ClassTrackingPerTxnLine"):
            raise feature_off("classes per line are not switched on", "Line.ClassRef")
        built["ClassRef"] = resolve(books, "Class", detail["ClassRef"], "Line.ClassRef")[1]
    if detail.get("BillableStatus") == "Billable":
        if customer is None:
            raise Refusal(
                "6310", "Billable line without customer", "A billable line needs a CustomerRef", "Line.CustomerRef"
            )
        if not books.preference("VendorAndPurchasesPrefs", "BillableExpenseTracking"):
            raise feature_off("billable expenses are not switched on", "Line.BillableStatus")
    tax_code = (detail.get("TaxCodeRef") or {}).get("value")
    is_us = books.company_info.get("Country") in ("US", "USA")
    if is_us and tax_code is not None and tax_code not in _US_TAX_CODES:
        raise Refusal("6100", "Invalid line tax code", f"Invalid tax code : {tax_code}", "Line.TaxCodeRef")
    return built

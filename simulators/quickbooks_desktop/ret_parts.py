"""The parts that several Ret elements share: references, links, lines."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from lxml import etree

from simulators.quickbooks_desktop.books import Entity
from simulators.quickbooks_desktop.company_file import CompanyFile
from simulators.quickbooks_desktop.vendor_documents import TERMS
from simulators.quickbooks_desktop.wire import aggregate

Parts = list[tuple[str, Any]]


def reference(file: CompanyFile, field: str, kind: str, entity: Entity) -> etree._Element | None:
    """ListID and FullName of what `field` of the entity names, as an element of that name."""
    identity = entity.get(field)
    kinds = TERMS if kind in TERMS else (kind,)
    for each in kinds:
        found = file.find(each, identity)
        if found is not None:
            return aggregate(field, [("ListID", identity), ("FullName", file.full_name(each, found))])
    return None


def link(file: CompanyFile, kind: str, identity: str, amount: Decimal) -> etree._Element:
    """A LinkedTxn: that so much of a transaction is settled by, or settles, another."""
    other = file.find(kind, identity) or {}
    return aggregate(
        "LinkedTxn",
        [
            ("TxnID", identity),
            ("TxnType", kind),
            ("TxnDate", other.get("TxnDate")),
            ("RefNumber", other.get("RefNumber")),
            ("LinkType", "AMTTYPE"),
            ("Amount", amount),
        ],
    )


def line_parts(file: CompanyFile, document: Entity) -> Parts:
    """The ExpenseLineRets and ItemLineRets of a transaction."""
    parts: Parts = [("", _expense_line(file, line)) for line in document.get("expense_lines", [])]
    return parts + [("", _item_line(file, line)) for line in document.get("item_lines", [])]


def _expense_line(file: CompanyFile, line: Entity) -> etree._Element:
    return aggregate(
        "ExpenseLineRet",
        [
            ("TxnLineID", line["TxnLineID"]),
            ("AccountRef", reference(file, "AccountRef", "Account", line)),
            ("Amount", line["Amount"]),
            ("Memo", line.get("Memo")),
            *_tracking(file, line),
        ],
    )


def _item_line(file: CompanyFile, line: Entity) -> etree._Element:
    return aggregate(
        "ItemLineRet",
        [
            ("TxnLineID", line["TxnLineID"]),
            ("ItemRef", reference(file, "ItemRef", "Item", line)),
            ("Desc", line.get("Desc")),
            ("Quantity", _plain(line.get("Quantity"))),
            ("Cost", _plain(line.get("Cost"))),
            ("Amount", line["Amount"]),
            *_tracking(file, line),
        ],
    )


def _plain(number: Decimal | None) -> str | None:
    """A quantity or price without zeros behind its last digit."""
    return None if number is None else f"{number.normalize():f}"


def _tracking(file: CompanyFile, line: Entity) -> Parts:
    return [
        ("CustomerRef", reference(file, "CustomerRef", "Customer", line)),
        ("ClassRef", reference(file, "ClassRef", "Class", line)),
        ("BillableStatus", line.get("BillableStatus")),
    ]

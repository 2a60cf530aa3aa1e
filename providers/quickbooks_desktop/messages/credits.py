"""Vendor credits: adding and finding them. They have no due date and no terms.

Intuit: qbXML 13.0, VendorCreditAdd, VendorCreditQuery.
"""

from datetime import date
from typing import ClassVar

from pydantic_xml import element

from providers.quickbooks_desktop.messages.bills import ExpenseLineAdd, ItemLineAdd
from providers.quickbooks_desktop.messages.element import Part, Ref, Request


class VendorCreditAdd(Part, tag="VendorCreditAdd"):
    """A credit of the sum of its lines, which is positive: what the vendor owes."""

    vendor: Ref = element(tag="VendorRef")
    ap_account: Ref | None = element(tag="APAccountRef", default=None)
    credit_date: date = element(tag="TxnDate")
    number: str = element(tag="RefNumber")
    memo: str | None = element(tag="Memo", default=None)
    external_guid: str = element(tag="ExternalGUID")
    expenses: tuple[ExpenseLineAdd, ...] = element(tag="ExpenseLineAdd", default=())
    items: tuple[ItemLineAdd, ...] = element(tag="ItemLineAdd", default=())


class VendorCreditAddRq(Request, tag="VendorCreditAddRq"):
    is_write: ClassVar[bool] = True

    credit: VendorCreditAdd


class VendorCreditByNumberRq(Request, tag="VendorCreditQueryRq"):
    """Vendor credits of exactly these numbers, of whichever vendor."""

    numbers: tuple[str, ...] = element(tag="RefNumberCaseSensitive")
    include_lines: bool = element(tag="IncludeLineItems", default=True)

"""A vendor credit as QuickBooks gives it back: the lines of a bill, owed by the vendor."""

from datetime import date
from decimal import Decimal
from typing import ClassVar

from pydantic import Field

from providers.quickbooks_online.types.bill import BillLine
from providers.quickbooks_online.types.entity import Entity, Reference


class VendorCredit(Entity):
    """`total_amt` is positive; `balance` is what is not used yet."""

    entity_name: ClassVar[str] = "VendorCredit"

    vendor_ref: Reference
    txn_date: date
    total_amt: Decimal
    balance: Decimal | None = None
    doc_number: str = ""
    private_note: str = ""
    lines: tuple[BillLine, ...] = Field(default=(), alias="Line")

"""A check, an expense or a card charge: paid already, never a bill. (Intuit: all-entities/purchase)"""

from datetime import date
from decimal import Decimal
from typing import ClassVar

from pydantic import Field

from providers.quickbooks_online.types.bill import BillLine
from providers.quickbooks_online.types.entity import Entity, Reference


class Purchase(Entity):
    """`entity_ref` is whoever was paid: a vendor, a customer or an employee. `payment_type` is Check, Cash or
    CreditCard; of a check `doc_number` is its number."""

    entity_name: ClassVar[str] = "Purchase"

    txn_date: date
    total_amt: Decimal
    payment_type: str = ""
    entity_ref: Reference | None = None
    doc_number: str = ""
    private_note: str = ""
    lines: tuple[BillLine, ...] = Field(default=(), alias="Line")

"""A bill as QuickBooks gives it back. What we send is in `bill_payload`."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import ClassVar

from pydantic import Field

from providers.quickbooks_online.types.entity import Entity, Reference, WireModel, Word


class ExpenseDetail(WireModel):
    """The detail of an account-based or an item-based line; of account and item only one is set."""

    account_ref: Reference | None = None
    item_ref: Reference | None = None
    qty: Decimal | None = None
    unit_price: Decimal | None = None
    customer_ref: Reference | None = None
    class_ref: Reference | None = None
    tax_code_ref: Reference | None = None
    billable_status: str = ""


class BillLine(WireModel):
    """One line; a line of another detail type (a mere description) has an empty `detail`."""

    id: str = ""
    line_num: int | None = None
    description: str = ""
    amount: Decimal = Decimal(0)
    detail_type: str = ""
    account_based_expense_line_detail: ExpenseDetail | None = None
    item_based_expense_line_detail: ExpenseDetail | None = None

    @property
    def detail(self) -> ExpenseDetail:
        return self.account_based_expense_line_detail or self.item_based_expense_line_detail or ExpenseDetail()


class LinkedTransaction(WireModel):
    """A payment of this bill (BillPaymentCheck, BillPaymentCreditCard), or a purchase order it came from."""

    txn_id: Word
    txn_type: Word


class Bill(Entity):
    """`total_amt` and `balance` are QuickBooks' own sums, in the bill's currency; balance 0 means settled."""

    entity_name: ClassVar[str] = "Bill"

    vendor_ref: Reference
    txn_date: date
    total_amt: Decimal
    balance: Decimal | None = None
    doc_number: str = ""
    due_date: date | None = None
    private_note: str = ""
    ap_account_ref: Reference | None = Field(default=None, alias="APAccountRef")
    sales_term_ref: Reference | None = None
    department_ref: Reference | None = None
    currency_ref: Reference | None = None
    exchange_rate: Decimal | None = None
    lines: tuple[BillLine, ...] = Field(default=(), alias="Line")
    linked_transactions: tuple[LinkedTransaction, ...] = Field(default=(), alias="LinkedTxn")

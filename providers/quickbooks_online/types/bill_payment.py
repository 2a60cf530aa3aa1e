"""A bill payment: the money that moved, and the bills and credits it settles. (Intuit: all-entities/billpayment)"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import ClassVar

from pydantic import Field

from providers.quickbooks_online.types.bill import LinkedTransaction
from providers.quickbooks_online.types.entity import Entity, Reference, WireModel

CREDIT_CARD = "CreditCard"
NEED_TO_PRINT = "NeedToPrint"


class BillPaymentLine(WireModel):
    """One transaction that is settled (TxnType Bill) or used up (VendorCredit, JournalEntry, Check)."""

    amount: Decimal = Decimal(0)
    linked_transactions: tuple[LinkedTransaction, ...] = Field(default=(), alias="LinkedTxn")


class CheckPayment(WireModel):
    """`print_status` is NotSet, NeedToPrint or PrintComplete."""

    bank_account_ref: Reference | None = None
    print_status: str = ""


class BillPayment(Entity):
    """`total_amt` is the cash: bills less credits, and more where some of it is not applied. Voided it is 0 and has no
    lines. `pay_type` is Check or CreditCard; of a check `doc_number` is its number."""

    entity_name: ClassVar[str] = "BillPayment"

    vendor_ref: Reference
    txn_date: date | None = None
    total_amt: Decimal
    pay_type: str = ""
    doc_number: str = ""
    private_note: str = ""
    currency_ref: Reference | None = None
    check_payment: CheckPayment | None = None
    lines: tuple[BillPaymentLine, ...] = Field(default=(), alias="Line")

    @property
    def is_to_be_printed(self) -> bool:
        return self.check_payment is not None and self.check_payment.print_status == NEED_TO_PRINT

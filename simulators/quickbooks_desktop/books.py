"""What a company file holds on disk. A backup is a deep copy of it."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

Entity = dict[str, Any]
"""A list element or transaction, by qbXML element names. References hold a ListID; times are seconds since 1970."""

LISTS = ("Vendor", "Customer", "Employee", "OtherName", "Account", "Class", "Item", "StandardTerms", "DateDrivenTerms")
TRANSACTIONS = (
    "Bill",
    "VendorCredit",
    "BillPaymentCheck",
    "BillPaymentCreditCard",
    "Check",
    "CreditCardCharge",
    "JournalEntry",
)
PAYMENTS = ("BillPaymentCheck", "BillPaymentCreditCard")
CREDITS = ("VendorCredit", "JournalEntry", "Check")
"""What can be set against a bill beside payments. A check is one that was coded to A/P (a joint check)."""


@dataclass
class Settlement:
    """So much of a bill is settled by a payment or a credit. `amount` is the payer's part, without the discount."""

    payer_kind: str
    payer_id: str
    bill_id: str
    amount: Decimal
    discount: Decimal = Decimal(0)
    discount_account: str | None = None
    against: str = ""
    """The payment that set this credit against the bill, where one did."""


@dataclass
class Deletion:
    """Something deleted, as TxnDeletedQuery and ListDeletedQuery remember it. Times are seconds since 1970."""

    kind: str
    id: str
    name: str | None
    created: float
    deleted: float


@dataclass
class StoredSet:
    """What QuickBooks keeps of a message set for error recovery; `answer` is the written document."""

    text: str
    answer: str


@dataclass
class Lock:
    """Somebody has it open: `code` is answered `left` more times, for ever if None."""

    code: int
    text: str
    left: int | None = None


@dataclass
class Books:
    """The whole content of a company file."""

    company: Entity
    preferences: Entity
    lists: dict[str, dict[str, Entity]] = field(default_factory=lambda: {kind: {} for kind in LISTS})
    transactions: dict[str, dict[str, Entity]] = field(default_factory=lambda: {kind: {} for kind in TRANSACTIONS})
    settlements: list[Settlement] = field(default_factory=list)
    deleted_transactions: list[Deletion] = field(default_factory=list)
    deleted_lists: list[Deletion] = field(default_factory=list)
    message_sets: OrderedDict[str, StoredSet] = field(default_factory=OrderedDict)
    stamps: dict[str, str] = field(default_factory=dict)
    """OwnerID -> the FileID that the Web Connector wrote."""
    app_locks: dict[str, str] = field(default_factory=dict)
    """OwnerID -> `LOCKED:MACHINE:n`, the machine whose Web Connector spoke last."""
    permissions: dict[str, str] = field(default_factory=dict)
    """OwnerID -> `always` or `when_running`: what the QuickBooks Admin answered."""
    last_list_id: int = 0
    last_txn_id: int = 0
    last_line_id: int = 0
    last_txn_number: int = 0

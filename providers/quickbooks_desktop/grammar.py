"""The qbXML 13.0 schema of the requests we send, US edition: what may stand where, in which order, how long.

Written down from the facts of the on-screen reference, independently of the messages that are checked against it.
Intuit: QuickBooks Desktop SDK, Onscreen Reference for qbXML, version 13.0.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """A basic type; its rule stands in ``validator``."""

    TEXT = "text"
    ID = "id"
    AMOUNT = "amount"
    PRICE = "price"
    DATE = "date"
    DATE_TIME = "date and time"
    FLAG = "flag"
    COUNT = "count"
    GUID = "guid"


@dataclass(frozen=True)
class Field:
    """An element with text. ``values`` lists an enumeration's."""

    name: str
    kind: Kind = Kind.TEXT
    longest: int | None = None
    required: bool = False
    repeats: bool = False
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Group:
    """An element with elements, in this order."""

    name: str
    parts: tuple[Piece, ...]
    required: bool = False
    repeats: bool = False


@dataclass(frozen=True)
class OneOf:
    """One of several sequences; ``repeats`` lets the choice be made again."""

    sequences: tuple[tuple[Piece, ...], ...]
    required: bool = False
    repeats: bool = False


Piece = Field | Group | OneOf


@dataclass(frozen=True)
class Rule:
    """A request: its parts, whether it changes the books, and whether it can be read page by page."""

    name: str
    parts: tuple[Piece, ...]
    is_write: bool = False
    iterates: bool = False


def ref(name: str, longest: int | None, *, required: bool = False) -> Group:
    return Group(name, (Field("ListID", Kind.ID), Field("FullName", longest=longest)), required=required)


def amount(name: str) -> Field:
    return Field(name, Kind.AMOUNT)


BILLABLE = Field("BillableStatus", values=("Billable", "NotBillable", "HasBeenBilled"))
RETURNED = Field("IncludeRetElement", longest=50, repeats=True)
OWNER = Field("OwnerID", Kind.GUID, repeats=True)
ACTIVE = Field("ActiveStatus", values=("ActiveOnly", "InactiveOnly", "All"))
CUSTOMER, TRACKING_CLASS = ref("CustomerRef", 209), ref("ClassRef", 159)

EXPENSE = (amount("Amount"), Field("Memo", longest=4095), CUSTOMER, TRACKING_CLASS, BILLABLE)
ITEM = (
    Field("Desc", longest=4095),
    Field("Quantity", Kind.PRICE),
    Field("UnitOfMeasure", longest=31),
    Field("Cost", Kind.PRICE),
    amount("Amount"),
    CUSTOMER,
    TRACKING_CLASS,
    BILLABLE,
    ref("OverrideItemAccountRef", 159),
)
HEADER = (
    ref("APAccountRef", 159),
    Field("TxnDate", Kind.DATE),
    Field("DueDate", Kind.DATE),
    Field("RefNumber", longest=20),
    ref("TermsRef", 31),
    Field("Memo", longest=4095),
)
BILL_ADD = Group(
    "BillAdd",
    (
        ref("VendorRef", 41, required=True),
        *HEADER,
        Field("ExchangeRate", Kind.PRICE),
        Field("ExternalGUID", Kind.GUID),
        Field("LinkToTxnID", Kind.ID, repeats=True),
        Group("ExpenseLineAdd", (ref("AccountRef", 159), *EXPENSE), repeats=True),
        Group("ItemLineAdd", (ref("ItemRef", None), *ITEM), repeats=True),
    ),
    required=True,
)
VENDOR_CREDIT_ADD = Group(
    "VendorCreditAdd",
    (
        ref("VendorRef", 41, required=True),
        ref("APAccountRef", 159),
        Field("TxnDate", Kind.DATE),
        Field("RefNumber", longest=20),
        Field("Memo", longest=4095),
        Field("ExchangeRate", Kind.PRICE),
        Field("ExternalGUID", Kind.GUID),
        Group("ExpenseLineAdd", (ref("AccountRef", 159), *EXPENSE), repeats=True),
        Group("ItemLineAdd", (ref("ItemRef", None), *ITEM), repeats=True),
    ),
    required=True,
)
LINE_ID = Field("TxnLineID", Kind.ID, required=True)
BILL_MOD = Group(
    "BillMod",
    (
        Field("TxnID", Kind.ID, required=True),
        Field("EditSequence", longest=16, required=True),
        ref("VendorRef", 41),
        *HEADER,
        Field("ExchangeRate", Kind.PRICE),
        Field("ClearExpenseLines", Kind.FLAG),
        Group("ExpenseLineMod", (LINE_ID, ref("AccountRef", 159), *EXPENSE), repeats=True),
        Field("ClearItemLines", Kind.FLAG),
        Group("ItemLineMod", (LINE_ID, ref("ItemRef", None), *ITEM), repeats=True),
    ),
    required=True,
)
VENDOR_ADD = Group(
    "VendorAdd",
    (
        Field("Name", longest=41, required=True),
        Field("IsActive", Kind.FLAG),
        Field("CompanyName", longest=41),
        Field("NameOnCheck", longest=41),
        Field("AccountNumber", longest=99),
        Field("Notes", longest=4095),
        ref("TermsRef", 31),
        Field("ExternalGUID", Kind.GUID),
    ),
    required=True,
)

MODIFIED = Group(
    "ModifiedDateRangeFilter", (Field("FromModifiedDate", Kind.DATE_TIME), Field("ToModifiedDate", Kind.DATE_TIME))
)
TXN_DATES = Group("TxnDateRangeFilter", (Field("FromTxnDate", Kind.DATE), Field("ToTxnDate", Kind.DATE)))
ENTITY = Group(
    "EntityFilter",
    (
        OneOf(
            ((Field("ListID", Kind.ID, repeats=True),), (Field("FullName", longest=209, repeats=True),)), required=True
        ),
    ),
)
NUMBER_RANGE = Group("RefNumberRangeFilter", (Field("FromRefNumber"), Field("ToRefNumber")))
PAID = Field("PaidStatus", values=("All", "PaidOnly", "NotPaidOnly"))
LINES, LINKED = Field("IncludeLineItems", Kind.FLAG), Field("IncludeLinkedTxns", Kind.FLAG)


def by_id_number_or(*filters: Piece, longest: int) -> OneOf:
    """How a query of transactions chooses: by id, by number, or by filters; never by two of them."""
    return OneOf(
        (
            (Field("TxnID", Kind.ID, repeats=True),),
            (Field("RefNumber", longest=longest, repeats=True),),
            (Field("RefNumberCaseSensitive", longest=longest, repeats=True),),
            (Field("MaxReturned", Kind.COUNT), OneOf(((MODIFIED,), (TXN_DATES,))), ENTITY, NUMBER_RANGE, *filters),
        )
    )


BY_ID_OR_NAME = OneOf(
    (
        (Field("ListID", Kind.ID, repeats=True),),
        (Field("FullName", longest=209, repeats=True),),
        (
            Field("MaxReturned", Kind.COUNT),
            ACTIVE,
            Field("FromModifiedDate", Kind.DATE_TIME),
            Field("ToModifiedDate", Kind.DATE_TIME),
        ),
    )
)
DELETED_TYPES = ("Bill", "BillPaymentCheck", "BillPaymentCreditCard", "Check", "CreditCardCharge", "VendorCredit")

RULES = {
    rule.name: rule
    for rule in (
        Rule("HostQueryRq", (RETURNED,)),
        Rule("CompanyQueryRq", (RETURNED, OWNER)),
        Rule("PreferencesQueryRq", (RETURNED,)),
        Rule("AccountQueryRq", (BY_ID_OR_NAME, RETURNED, OWNER)),
        Rule("ClassQueryRq", (BY_ID_OR_NAME, RETURNED)),
        Rule("TermsQueryRq", (BY_ID_OR_NAME, RETURNED)),
        Rule("VendorQueryRq", (BY_ID_OR_NAME, RETURNED, OWNER), iterates=True),
        Rule("CustomerQueryRq", (BY_ID_OR_NAME, RETURNED, OWNER), iterates=True),
        Rule("ItemQueryRq", (BY_ID_OR_NAME, RETURNED, OWNER), iterates=True),
        Rule("BillQueryRq", (by_id_number_or(PAID, longest=20), LINES, LINKED, RETURNED, OWNER), iterates=True),
        Rule("VendorCreditQueryRq", (by_id_number_or(longest=20), LINES, LINKED, RETURNED, OWNER), iterates=True),
        Rule("CheckQueryRq", (by_id_number_or(longest=11), LINES, LINKED, RETURNED, OWNER), iterates=True),
        Rule("CreditCardChargeQueryRq", (by_id_number_or(longest=11), LINES, RETURNED, OWNER), iterates=True),
        Rule("BillPaymentCheckQueryRq", (by_id_number_or(longest=11), LINES, RETURNED, OWNER), iterates=True),
        Rule("BillPaymentCreditCardQueryRq", (by_id_number_or(longest=20), LINES, RETURNED, OWNER), iterates=True),
        Rule(
            "TxnDeletedQueryRq",
            (
                Field("TxnDelType", required=True, repeats=True, values=DELETED_TYPES),
                Group(
                    "DeletedDateRangeFilter",
                    (Field("FromDeletedDate", Kind.DATE_TIME), Field("ToDeletedDate", Kind.DATE_TIME)),
                ),
                RETURNED,
            ),
        ),
        Rule("VendorAddRq", (VENDOR_ADD, RETURNED), is_write=True),
        Rule("BillAddRq", (BILL_ADD, RETURNED), is_write=True),
        Rule("VendorCreditAddRq", (VENDOR_CREDIT_ADD, RETURNED), is_write=True),
        Rule("BillModRq", (BILL_MOD, RETURNED), is_write=True),
        Rule(
            "TxnVoidRq",
            (
                Field("TxnVoidType", required=True, values=("Bill", "VendorCredit")),
                Field("TxnID", Kind.ID, required=True),
            ),
            is_write=True,
        ),
    )
}

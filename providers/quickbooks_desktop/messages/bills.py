"""Bills: adding, changing and finding them.

All lines of the Expenses tab come before those of the Items tab. The total is the sum of the lines; a header has none.
Intuit: qbXML 13.0, BillAdd, BillMod, BillQuery.
"""

from datetime import date
from decimal import Decimal
from typing import ClassVar

from pydantic_xml import element

from providers.quickbooks_desktop.messages.element import Paged, Part, Ref, Request, Returned, Transaction
from providers.quickbooks_desktop.values import Amount, Price

NOT_BILLABLE = "NotBillable"


class ExpenseLineAdd(Part, tag="ExpenseLineAdd"):
    """A line of the Expenses tab. The billable status goes with a customer, and only then."""

    account: Ref = element(tag="AccountRef")
    amount: Amount = element(tag="Amount")
    memo: str | None = element(tag="Memo", default=None)
    customer: Ref | None = element(tag="CustomerRef", default=None)
    tracking_class: Ref | None = element(tag="ClassRef", default=None)
    billable_status: str | None = element(tag="BillableStatus", default=None)


class ItemLineAdd(Part, tag="ItemLineAdd"):
    """A line of the Items tab."""

    item: Ref = element(tag="ItemRef")
    description: str | None = element(tag="Desc", default=None)
    quantity: Price | None = element(tag="Quantity", default=None)
    cost: Price | None = element(tag="Cost", default=None)
    amount: Amount | None = element(tag="Amount", default=None)
    customer: Ref | None = element(tag="CustomerRef", default=None)
    tracking_class: Ref | None = element(tag="ClassRef", default=None)
    billable_status: str | None = element(tag="BillableStatus", default=None)


class BillAdd(Part, tag="BillAdd"):
    vendor: Ref = element(tag="VendorRef")
    ap_account: Ref | None = element(tag="APAccountRef", default=None)
    bill_date: date = element(tag="TxnDate")
    due_date: date = element(tag="DueDate")
    number: str = element(tag="RefNumber")
    terms: Ref | None = element(tag="TermsRef", default=None)
    memo: str | None = element(tag="Memo", default=None)
    external_guid: str = element(tag="ExternalGUID")
    expenses: tuple[ExpenseLineAdd, ...] = element(tag="ExpenseLineAdd", default=())
    items: tuple[ItemLineAdd, ...] = element(tag="ItemLineAdd", default=())


class BillAddRq(Request, tag="BillAddRq"):
    is_write: ClassVar[bool] = True

    bill: BillAdd


class ExpenseLineMod(Part, tag="ExpenseLineMod"):
    """A line of a changed bill: only its ``line_id`` keeps it as it is, ``-1`` makes a new one."""

    line_id: str = element(tag="TxnLineID")
    account: Ref | None = element(tag="AccountRef", default=None)
    amount: Amount | None = element(tag="Amount", default=None)
    memo: str | None = element(tag="Memo", default=None)
    customer: Ref | None = element(tag="CustomerRef", default=None)
    tracking_class: Ref | None = element(tag="ClassRef", default=None)
    billable_status: str | None = element(tag="BillableStatus", default=None)


class ItemLineMod(Part, tag="ItemLineMod"):
    line_id: str = element(tag="TxnLineID")
    item: Ref | None = element(tag="ItemRef", default=None)
    description: str | None = element(tag="Desc", default=None)
    quantity: Price | None = element(tag="Quantity", default=None)
    cost: Price | None = element(tag="Cost", default=None)
    amount: Amount | None = element(tag="Amount", default=None)
    customer: Ref | None = element(tag="CustomerRef", default=None)
    tracking_class: Ref | None = element(tag="ClassRef", default=None)
    billable_status: str | None = element(tag="BillableStatus", default=None)


class BillMod(Part, tag="BillMod"):
    """A bill as it is to be. Where any line is named, lines that are not are removed."""

    txn_id: str = element(tag="TxnID")
    edit_sequence: str = element(tag="EditSequence")
    vendor: Ref | None = element(tag="VendorRef", default=None)
    ap_account: Ref | None = element(tag="APAccountRef", default=None)
    bill_date: date | None = element(tag="TxnDate", default=None)
    due_date: date | None = element(tag="DueDate", default=None)
    number: str | None = element(tag="RefNumber", default=None)
    terms: Ref | None = element(tag="TermsRef", default=None)
    memo: str | None = element(tag="Memo", default=None)
    expenses: tuple[ExpenseLineMod, ...] = element(tag="ExpenseLineMod", default=())
    items: tuple[ItemLineMod, ...] = element(tag="ItemLineMod", default=())


class BillModRq(Request, tag="BillModRq"):
    is_write: ClassVar[bool] = True

    bill: BillMod


class ModifiedDateRange(Part, tag="ModifiedDateRangeFilter"):
    """Inclusive, in QuickBooks' own words: the PC's local time without an offset."""

    from_modified: str = element(tag="FromModifiedDate")


class BillByNumberRq(Request, tag="BillQueryRq"):
    """Bills of exactly these numbers, of whichever vendor: QuickBooks refuses number and vendor together."""

    numbers: tuple[str, ...] = element(tag="RefNumberCaseSensitive")
    include_lines: bool = element(tag="IncludeLineItems", default=True)


class BillByIdRq(Request, tag="BillQueryRq"):
    """Bills by TxnID with what paid them. Ids that are gone make status 500, which is no failure."""

    txn_ids: tuple[str, ...] = element(tag="TxnID")
    include_lines: bool = element(tag="IncludeLineItems", default=True)
    include_linked: bool = element(tag="IncludeLinkedTxns", default=True)


class BillQueryRq(Paged, tag="BillQueryRq"):
    """A page of the bills changed since, or of the unpaid ones."""

    max_returned: int | None = element(tag="MaxReturned", default=None)
    modified: ModifiedDateRange | None = element(tag="ModifiedDateRangeFilter", default=None)
    paid_status: str | None = element(tag="PaidStatus", default=None)
    include_lines: bool = element(tag="IncludeLineItems", default=False)
    include_linked: bool = element(tag="IncludeLinkedTxns", default=True)


class LinkedTxn(Returned, tag="LinkedTxn"):
    txn_id: str = element(tag="TxnID")
    txn_type: str = element(tag="TxnType", default="")
    amount: Decimal | None = element(tag="Amount", default=None)


class ExpenseLineRet(Returned, tag="ExpenseLineRet"):
    line_id: str = element(tag="TxnLineID")
    account: Ref | None = element(tag="AccountRef", default=None)
    amount: Decimal | None = element(tag="Amount", default=None)
    memo: str | None = element(tag="Memo", default=None)
    customer: Ref | None = element(tag="CustomerRef", default=None)
    tracking_class: Ref | None = element(tag="ClassRef", default=None)
    billable_status: str | None = element(tag="BillableStatus", default=None)


class ItemLineRet(Returned, tag="ItemLineRet"):
    line_id: str = element(tag="TxnLineID")
    item: Ref | None = element(tag="ItemRef", default=None)
    description: str | None = element(tag="Desc", default=None)
    amount: Decimal | None = element(tag="Amount", default=None)
    customer: Ref | None = element(tag="CustomerRef", default=None)
    tracking_class: Ref | None = element(tag="ClassRef", default=None)
    billable_status: str | None = element(tag="BillableStatus", default=None)


class BillRet(Transaction, tag="BillRet"):
    """A bill as it stands; ``amount_due`` is its total, ``open_amount`` what is left to pay."""

    vendor: Ref | None = element(tag="VendorRef", default=None)
    ap_account: Ref | None = element(tag="APAccountRef", default=None)
    bill_date: date | None = element(tag="TxnDate", default=None)
    due_date: date | None = element(tag="DueDate", default=None)
    amount_due: Decimal = element(tag="AmountDue")
    currency: Ref | None = element(tag="CurrencyRef", default=None)
    number: str = element(tag="RefNumber", default="")
    terms: Ref | None = element(tag="TermsRef", default=None)
    memo: str = element(tag="Memo", default="")
    is_paid: bool = element(tag="IsPaid", default=False)
    external_guid: str | None = element(tag="ExternalGUID", default=None)
    linked: tuple[LinkedTxn, ...] = element(tag="LinkedTxn", default=())
    expenses: tuple[ExpenseLineRet, ...] = element(tag="ExpenseLineRet", default=())
    items: tuple[ItemLineRet, ...] = element(tag="ItemLineRet", default=())
    open_amount: Decimal | None = element(tag="OpenAmount", default=None)

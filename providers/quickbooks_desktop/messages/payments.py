"""What settled bills: checks, card payments, vendor credits; what was deleted; and voiding a bill of ours."""

from datetime import date
from decimal import Decimal
from typing import ClassVar

from pydantic_xml import element

from providers.quickbooks_desktop.messages.bills import ExpenseLineRet, ItemLineRet, LinkedTxn, ModifiedDateRange
from providers.quickbooks_desktop.messages.element import Paged, Part, Ref, Request, Returned, Transaction


class PaymentQuery(Paged):
    """A page of the payments changed since. Without line items QuickBooks does not say which bills were paid."""

    max_returned: int | None = element(tag="MaxReturned", default=None)
    modified: ModifiedDateRange | None = element(tag="ModifiedDateRangeFilter", default=None)
    include_lines: bool = element(tag="IncludeLineItems", default=True)


class BillPaymentCheckQueryRq(PaymentQuery, tag="BillPaymentCheckQueryRq"):
    pass


class BillPaymentCreditCardQueryRq(PaymentQuery, tag="BillPaymentCreditCardQueryRq"):
    pass


class VendorCreditQueryRq(Paged, tag="VendorCreditQueryRq"):
    """A page of the credits changed since, with the lines that tell the jobs."""

    max_returned: int | None = element(tag="MaxReturned", default=None)
    modified: ModifiedDateRange | None = element(tag="ModifiedDateRangeFilter", default=None)
    include_lines: bool = element(tag="IncludeLineItems", default=True)
    include_linked: bool = element(tag="IncludeLinkedTxns", default=True)


class AppliedToTxnRet(Returned, tag="AppliedToTxnRet"):
    """What a payment did to one bill."""

    txn_id: str = element(tag="TxnID")
    txn_type: str = element(tag="TxnType", default="")
    number: str = element(tag="RefNumber", default="")
    amount: Decimal | None = element(tag="Amount", default=None)
    discount: Decimal | None = element(tag="DiscountAmount", default=None)


class Payment(Transaction):
    """One payment; ``number`` is the check's, at most 11 characters. Voided, its amount is 0."""

    payee: Ref | None = element(tag="PayeeEntityRef", default=None)
    paid_on: date | None = element(tag="TxnDate", default=None)
    amount: Decimal | None = element(tag="Amount", default=None)
    number: str = element(tag="RefNumber", default="")
    is_to_be_printed: bool = element(tag="IsToBePrinted", default=False)
    applied: tuple[AppliedToTxnRet, ...] = element(tag="AppliedToTxnRet", default=())


class BillPaymentCheckRet(Payment, tag="BillPaymentCheckRet"):
    bank_account: Ref | None = element(tag="BankAccountRef", default=None)


class BillPaymentCreditCardRet(Payment, tag="BillPaymentCreditCardRet"):
    card_account: Ref | None = element(tag="CreditCardAccountRef", default=None)


class VendorCreditRet(Transaction, tag="VendorCreditRet"):
    """A vendor credit as it stands; ``total`` is what it was made for, ``open_amount`` what is left of it."""

    vendor: Ref | None = element(tag="VendorRef", default=None)
    dated: date | None = element(tag="TxnDate", default=None)
    total: Decimal = element(tag="CreditAmount")
    number: str = element(tag="RefNumber", default="")
    memo: str = element(tag="Memo", default="")
    external_guid: str | None = element(tag="ExternalGUID", default=None)
    linked: tuple[LinkedTxn, ...] = element(tag="LinkedTxn", default=())
    expenses: tuple[ExpenseLineRet, ...] = element(tag="ExpenseLineRet", default=())
    items: tuple[ItemLineRet, ...] = element(tag="ItemLineRet", default=())
    open_amount: Decimal | None = element(tag="OpenAmount", default=None)


class DeletedDateRange(Part, tag="DeletedDateRangeFilter"):
    from_deleted: str = element(tag="FromDeletedDate")


class TxnDeletedQueryRq(Request, tag="TxnDeletedQueryRq"):
    """What was deleted since. QuickBooks remembers about 90 days of it."""

    types: tuple[str, ...] = element(tag="TxnDelType")
    deleted: DeletedDateRange | None = element(tag="DeletedDateRangeFilter", default=None)


class TxnDeletedRet(Returned, tag="TxnDeletedRet"):
    txn_type: str = element(tag="TxnDelType")
    txn_id: str = element(tag="TxnID")
    time_deleted: str = element(tag="TimeDeleted", default="")
    number: str = element(tag="RefNumber", default="")


class TxnVoidRq(Request, tag="TxnVoidRq"):
    """Void a transaction: its amounts become zero and it stays in the books."""

    is_write: ClassVar[bool] = True

    txn_type: str = element(tag="TxnVoidType")
    txn_id: str = element(tag="TxnID")


class TxnVoidRet(Returned):
    """What a void answers, in the answer's own element."""

    txn_type: str = element(tag="TxnVoidType", default="")
    txn_id: str = element(tag="TxnID")
    edit_sequence: str = element(tag="EditSequence", default="")

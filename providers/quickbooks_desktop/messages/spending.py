"""Checks and credit-card charges that people write straight to a vendor, without a bill.

A check that pays bills is another transaction, a bill payment. Intuit: qbXML 13.0, CheckQuery, CreditCardChargeQuery.
"""

from datetime import date
from decimal import Decimal

from pydantic_xml import element

from providers.quickbooks_desktop.messages.bills import ExpenseLineRet, ItemLineRet, ModifiedDateRange
from providers.quickbooks_desktop.messages.element import Paged, Ref, Transaction


class SpendingQuery(Paged):
    """A page of what changed since, with the lines that tell the jobs."""

    max_returned: int | None = element(tag="MaxReturned", default=None)
    modified: ModifiedDateRange | None = element(tag="ModifiedDateRangeFilter", default=None)
    include_lines: bool = element(tag="IncludeLineItems", default=True)


class CheckQueryRq(SpendingQuery, tag="CheckQueryRq"):
    pass


class CreditCardChargeQueryRq(SpendingQuery, tag="CreditCardChargeQueryRq"):
    pass


class Spending(Transaction):
    """``payee`` may be a customer, an employee or nobody. Voided, its amount is 0."""

    account: Ref | None = element(tag="AccountRef", default=None)
    payee: Ref | None = element(tag="PayeeEntityRef", default=None)
    number: str = element(tag="RefNumber", default="")
    dated: date | None = element(tag="TxnDate", default=None)
    amount: Decimal = element(tag="Amount")
    memo: str = element(tag="Memo", default="")
    expenses: tuple[ExpenseLineRet, ...] = element(tag="ExpenseLineRet", default=())
    items: tuple[ItemLineRet, ...] = element(tag="ItemLineRet", default=())


class CheckRet(Spending, tag="CheckRet"):
    pass


class CreditCardChargeRet(Spending, tag="CreditCardChargeRet"):
    pass

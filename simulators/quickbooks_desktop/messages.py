"""The requests that the company file answers, as a table of their elements in schema order.

Source: the annotated qbXML reference (qbxmlops 13.0, US edition) of the QuickBooks SDK. Elements of other editions
are left out on purpose: QuickBooks US refuses them.
"""

from __future__ import annotations

from simulators.quickbooks_desktop.grammar import MANY, Choice, Field, Group, Part, many, one
from simulators.quickbooks_desktop.write_messages import BILL_ADD, BILL_MOD, VENDOR_ADD, VENDOR_CREDIT_ADD

ITERATED = frozenset(
    {
        "VendorQueryRq",
        "CustomerQueryRq",
        "ItemQueryRq",
        "BillQueryRq",
        "VendorCreditQueryRq",
        "BillPaymentCheckQueryRq",
        "BillPaymentCreditCardQueryRq",
        "CheckQueryRq",
        "CreditCardChargeQueryRq",
    }
)
"""Messages that know the attributes iterator and iteratorID."""

WRITES = frozenset({"VendorAddRq", "BillAddRq", "BillModRq", "VendorCreditAddRq", "TxnDelRq", "TxnVoidRq"})

TXN_TYPES = (
    "ARRefundCreditCard Bill BillPaymentCheck BillPaymentCreditCard BuildAssembly Charge Check CreditCardCharge "
    "CreditCardCredit CreditMemo Deposit Estimate InventoryAdjustment Invoice ItemReceipt JournalEntry PurchaseOrder "
    "ReceivePayment SalesOrder SalesReceipt SalesTaxPaymentCheck TimeTracking TransferInventory VehicleMileage "
    "VendorCredit"
)
_VOIDABLE = (
    "ARRefundCreditCard Bill BillPaymentCheck BillPaymentCreditCard Charge Check CreditCardCharge CreditCardCredit "
    "CreditMemo Deposit InventoryAdjustment Invoice ItemReceipt JournalEntry SalesReceipt VendorCredit"
)
_LIST_TYPES = (
    "Account Class Customer DateDrivenTerms Employee ItemNonInventory ItemService OtherName StandardTerms Vendor"
)
_RET = many("IncludeRetElement", "STRTYPE", 50)
_OWNER = many("OwnerID", "GUIDTYPE")
_MATCH = one("MatchCriterion", "StartsWith Contains EndsWith")
_CURRENCY = Group("CurrencyFilter", (Choice(((many("ListID", "IDTYPE"),), (many("FullName", "STRTYPE", 64),))),))


def _list_query(name: str, *, balance: bool = False, more: tuple[Part, ...] = (), owner: bool = True) -> Group:
    names = Choice(
        (
            (Group("NameFilter", (_MATCH, one("Name", "STRTYPE")), least=1),),
            (Group("NameRangeFilter", (Field("FromName", "STRTYPE"), Field("ToName", "STRTYPE")), least=1),),
        ),
        least=0,
    )
    filters: tuple[Part, ...] = (
        Field("MaxReturned", "INTTYPE"),
        Field("ActiveStatus", "ActiveOnly InactiveOnly All"),
        Field("FromModifiedDate", "DATETIMETYPE"),
        Field("ToModifiedDate", "DATETIMETYPE"),
        names,
        *more,
    )
    if balance:
        operator = one("Operator", "LessThan LessThanEqual Equal GreaterThan GreaterThanEqual")
        filters += (Group("TotalBalanceFilter", (operator, one("Amount", "AMTTYPE"))), _CURRENCY)
    ids = Choice(((Field("ListID", "IDTYPE", least=1, most=MANY),), (_names_list(),), filters))
    return Group(name, (ids, _RET, _OWNER) if owner else (ids, _RET))


def _names_list() -> Field:
    return Field("FullName", "STRTYPE", least=1, most=MANY)


def _list_filter(name: str) -> Group:
    options = (
        (Field("ListID", "IDTYPE", least=1, most=MANY),),
        (_names_list(),),
        (one("ListIDWithChildren", "IDTYPE"),),
        (one("FullNameWithChildren", "STRTYPE"),),
    )
    return Group(name, (Choice(options),))


def _transaction_query(name: str, *, paid: bool = False, linked: bool = False) -> Group:
    modified = (Field("FromModifiedDate", "DATETIMETYPE"), Field("ToModifiedDate", "DATETIMETYPE"))
    dated = Choice(
        (
            (one("DateMacro", "All Today ThisWeek ThisMonth ThisFiscalYear LastWeek LastMonth LastFiscalYear"),),
            (Field("FromTxnDate", "DATETYPE"), Field("ToTxnDate", "DATETYPE")),
        )
    )
    dates = Choice(
        (
            (Group("ModifiedDateRangeFilter", modified, least=1),),
            (Group("TxnDateRangeFilter", (dated,), least=1),),
        ),
        least=0,
    )
    numbers = Choice(
        (
            (Group("RefNumberFilter", (_MATCH, one("RefNumber", "STRTYPE")), least=1),),
            (
                Group(
                    "RefNumberRangeFilter",
                    (Field("FromRefNumber", "STRTYPE"), Field("ToRefNumber", "STRTYPE")),
                    least=1,
                ),
            ),
        ),
        least=0,
    )
    filters: tuple[Part, ...] = (
        Field("MaxReturned", "INTTYPE"),
        dates,
        _list_filter("EntityFilter"),
        _list_filter("AccountFilter"),
        numbers,
        _CURRENCY,
    )
    if paid:
        filters += (Field("PaidStatus", "All PaidOnly NotPaidOnly"),)
    chosen = Choice(
        (
            (Field("TxnID", "IDTYPE", least=1, most=MANY),),
            (Field("RefNumber", "STRTYPE", least=1, most=MANY),),
            (Field("RefNumberCaseSensitive", "STRTYPE", least=1, most=MANY),),
            filters,
        )
    )
    links = (Field("IncludeLinkedTxns", "BOOLTYPE"),) if linked else ()
    return Group(name, (chosen, Field("IncludeLineItems", "BOOLTYPE"), *links, _RET, _OWNER))


def _deleted_query(name: str, field: str, words: str) -> Group:
    dates = (Field("FromDeletedDate", "DATETIMETYPE"), Field("ToDeletedDate", "DATETIMETYPE"))
    return Group(name, (Field(field, words, least=1, most=MANY), Group("DeletedDateRangeFilter", dates), _RET))


_ACCOUNT_TYPES = (
    "AccountsPayable AccountsReceivable Bank CostOfGoodsSold CreditCard Equity Expense FixedAsset Income "
    "LongTermLiability NonPosting OtherAsset OtherCurrentAsset OtherCurrentLiability OtherExpense OtherIncome"
)

MESSAGES: dict[str, Group] = {
    group.name: group
    for group in (
        Group("HostQueryRq", (Group("IncludeListMetaData", (one("IncludeMaxCapacity", "BOOLTYPE"),)), _RET)),
        Group("CompanyQueryRq", (_RET, _OWNER)),
        Group("PreferencesQueryRq", (_RET,)),
        _list_query("VendorQueryRq", balance=True),
        _list_query("CustomerQueryRq", balance=True),
        _list_query("AccountQueryRq", more=(many("AccountType", _ACCOUNT_TYPES), _CURRENCY)),
        _list_query("ItemQueryRq"),
        _list_query("ClassQueryRq", owner=False),
        _list_query("TermsQueryRq", owner=False),
        _list_query("StandardTermsQueryRq", owner=False),
        _transaction_query("BillQueryRq", paid=True, linked=True),
        _transaction_query("VendorCreditQueryRq", linked=True),
        _transaction_query("BillPaymentCheckQueryRq"),
        _transaction_query("BillPaymentCreditCardQueryRq"),
        _transaction_query("CheckQueryRq", linked=True),
        _transaction_query("CreditCardChargeQueryRq"),
        _deleted_query("TxnDeletedQueryRq", "TxnDelType", TXN_TYPES),
        _deleted_query("ListDeletedQueryRq", "ListDelType", _LIST_TYPES),
        Group("VendorAddRq", (VENDOR_ADD, _RET)),
        Group("BillAddRq", (BILL_ADD, _RET)),
        Group("BillModRq", (BILL_MOD, _RET)),
        Group("VendorCreditAddRq", (VENDOR_CREDIT_ADD, _RET)),
        Group("TxnDelRq", (one("TxnDelType", TXN_TYPES), one("TxnID", "IDTYPE"))),
        Group("TxnVoidRq", (one("TxnVoidType", _VOIDABLE), one("TxnID", "IDTYPE"))),
    )
}

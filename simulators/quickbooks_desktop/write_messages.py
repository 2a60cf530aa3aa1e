"""The elements of the requests that change the books, in schema order.

Source: the annotated qbXML reference (qbxmlops 13.0, US edition) of the QuickBooks SDK.
"""

from __future__ import annotations

from simulators.quickbooks_desktop.grammar import MANY, Choice, Field, Group, Part, many, one, ref

_BILLABLE = Field("BillableStatus", "Billable NotBillable HasBeenBilled")
_DATA_EXT = Group(
    "DataExt",
    (one("OwnerID", "GUIDTYPE"), one("DataExtName", "STRTYPE", 31), one("DataExtValue", "STRTYPE")),
    most=MANY,
)


def _expense_line(name: str, *, changes: bool) -> Group:
    head = (one("TxnLineID", "IDTYPE"),) if changes else ()
    tail: tuple[Part, ...] = () if changes else (_DATA_EXT,)
    return Group(
        name,
        (
            *head,
            ref("AccountRef", 159),
            Field("Amount", "AMTTYPE"),
            Field("Memo", "STRTYPE", 4095),
            ref("CustomerRef", 209),
            ref("ClassRef", 159),
            _BILLABLE,
            ref("SalesRepRef", 5),
            *tail,
        ),
        most=MANY,
    )


def _item_line(name: str, *, changes: bool) -> Group:
    head = (one("TxnLineID", "IDTYPE"),) if changes else ()
    unit_set = (ref("OverrideUOMSetRef", 31),) if changes else ()
    link = () if changes else (Group("LinkToTxn", (one("TxnID", "IDTYPE"), one("TxnLineID", "IDTYPE"))),)
    tail: tuple[Part, ...] = () if changes else (_DATA_EXT,)
    lots = Choice(((one("SerialNumber", "STRTYPE", 4095),), (one("LotNumber", "STRTYPE", 40),)), least=0)
    return Group(
        name,
        (
            *head,
            ref("ItemRef", None),
            ref("InventorySiteRef", 31),
            ref("InventorySiteLocationRef", 31),
            lots,
            Field("Desc", "STRTYPE", 4095),
            Field("Quantity", "QUANTYPE"),
            Field("UnitOfMeasure", "STRTYPE", 31),
            *unit_set,
            Field("Cost", "PRICETYPE"),
            Field("Amount", "AMTTYPE"),
            ref("CustomerRef", 209),
            ref("ClassRef", 159),
            _BILLABLE,
            ref("OverrideItemAccountRef", 159),
            *link,
            ref("SalesRepRef", 5),
            *tail,
        ),
        least=1,
    )


def _item_lines(ending: str) -> Choice:
    changes = ending == "Mod"
    key = (one("TxnLineID", "IDTYPE"),) if changes else ()
    group = Group(
        f"ItemGroupLine{ending}",
        (*key, ref("ItemGroupRef", 31, least=1), Field("Quantity", "QUANTYPE"), Field("UnitOfMeasure", "STRTYPE", 31)),
        least=1,
    )
    return Choice(((_item_line(f"ItemLine{ending}", changes=changes),), (group,)), least=0, most=MANY)


_ADDRESS = Group(
    "VendorAddress",
    (
        *(Field(f"Addr{line}", "STRTYPE", 41) for line in range(1, 6)),
        Field("City", "STRTYPE", 31),
        Field("State", "STRTYPE", 21),
        Field("PostalCode", "STRTYPE", 13),
        Field("Country", "STRTYPE", 31),
        Field("Note", "STRTYPE", 41),
    ),
)

BILL_ADD = Group(
    "BillAdd",
    (
        ref("VendorRef", 41, least=1),
        _ADDRESS,
        ref("APAccountRef", 159),
        Field("TxnDate", "DATETYPE"),
        Field("DueDate", "DATETYPE"),
        Field("RefNumber", "STRTYPE", 20),
        ref("TermsRef", 31),
        Field("Memo", "STRTYPE", 4095),
        Field("ExchangeRate", "FLOATTYPE"),
        Field("ExternalGUID", "GUIDTYPE"),
        many("LinkToTxnID", "IDTYPE"),
        _expense_line("ExpenseLineAdd", changes=False),
        _item_lines("Add"),
    ),
    least=1,
)

BILL_MOD = Group(
    "BillMod",
    (
        one("TxnID", "IDTYPE"),
        one("EditSequence", "STRTYPE", 16),
        ref("VendorRef", 41),
        _ADDRESS,
        ref("APAccountRef", 159),
        Field("TxnDate", "DATETYPE"),
        Field("DueDate", "DATETYPE"),
        Field("RefNumber", "STRTYPE", 20),
        ref("TermsRef", 31),
        Field("Memo", "STRTYPE", 4095),
        Field("ExchangeRate", "FLOATTYPE"),
        Field("ClearExpenseLines", "BOOLTYPE"),
        _expense_line("ExpenseLineMod", changes=True),
        Field("ClearItemLines", "BOOLTYPE"),
        _item_lines("Mod"),
    ),
    least=1,
)

VENDOR_CREDIT_ADD = Group(
    "VendorCreditAdd",
    (
        ref("VendorRef", 41, least=1),
        ref("APAccountRef", 159),
        Field("TxnDate", "DATETYPE"),
        Field("RefNumber", "STRTYPE", 20),
        Field("Memo", "STRTYPE", 4095),
        Field("ExchangeRate", "FLOATTYPE"),
        Field("ExternalGUID", "GUIDTYPE"),
        _expense_line("ExpenseLineAdd", changes=False),
        _item_lines("Add"),
    ),
    least=1,
)

_PERSON = (
    Field("CompanyName", "STRTYPE", 41),
    Field("Salutation", "STRTYPE", 15),
    Field("FirstName", "STRTYPE", 25),
    Field("MiddleName", "STRTYPE", 5),
    Field("LastName", "STRTYPE", 25),
    Field("JobTitle", "STRTYPE", 41),
    _ADDRESS,
    Field("Phone", "STRTYPE", 21),
    Field("AltPhone", "STRTYPE", 21),
    Field("Fax", "STRTYPE", 21),
    Field("Email", "STRTYPE", 1023),
    Field("Cc", "STRTYPE", 1023),
    Field("Contact", "STRTYPE", 41),
    Field("AltContact", "STRTYPE", 41),
)

VENDOR_ADD = Group(
    "VendorAdd",
    (
        one("Name", "STRTYPE", 41),
        Field("IsActive", "BOOLTYPE"),
        ref("ClassRef", 159),
        *_PERSON,
        Field("NameOnCheck", "STRTYPE", 41),
        Field("AccountNumber", "STRTYPE", 99),
        Field("Notes", "STRTYPE", 4095),
        ref("VendorTypeRef", 159),
        ref("TermsRef", 31),
        Field("CreditLimit", "AMTTYPE"),
        Field("VendorTaxIdent", "STRTYPE", 15),
        Field("IsVendorEligibleFor1099", "BOOLTYPE"),
        Field("OpenBalance", "AMTTYPE"),
        Field("OpenBalanceDate", "DATETYPE"),
        ref("BillingRateRef", 31),
        Field("ExternalGUID", "GUIDTYPE"),
        Group("PrefillAccountRef", (Field("ListID", "IDTYPE"), Field("FullName", "STRTYPE", 159)), most=MANY),
        ref("CurrencyRef", 64),
    ),
    least=1,
)

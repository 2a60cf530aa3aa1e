"""QuickBooks' lists: vendors, accounts, classes, customers and jobs, items, terms.

Vendors, customers and items come page by page; accounts, classes and terms have no iterator and come at once.
"""

from typing import ClassVar

from pydantic_xml import element, wrapped

from providers.quickbooks_desktop.messages.element import Listed, Paged, Part, Ref, Request, Returned


class ListQuery(Request):
    """Everything of a list, inactive entries too: a mapping may point to one."""

    active_status: str = element(tag="ActiveStatus", default="All")
    from_modified: str | None = element(tag="FromModifiedDate", default=None)


class PagedListQuery(Paged):
    """A page of a list, inactive entries too."""

    max_returned: int | None = element(tag="MaxReturned", default=None)
    active_status: str = element(tag="ActiveStatus", default="All")
    from_modified: str | None = element(tag="FromModifiedDate", default=None)


class AccountQueryRq(ListQuery, tag="AccountQueryRq"):
    pass


class ClassQueryRq(ListQuery, tag="ClassQueryRq"):
    pass


class TermsQueryRq(ListQuery, tag="TermsQueryRq"):
    pass


class VendorQueryRq(PagedListQuery, tag="VendorQueryRq"):
    pass


class CustomerQueryRq(PagedListQuery, tag="CustomerQueryRq"):
    pass


class ItemQueryRq(PagedListQuery, tag="ItemQueryRq"):
    pass


class VendorByNameRq(Request, tag="VendorQueryRq"):
    """The vendor of exactly this name, wherever a new one was refused because the name is taken."""

    full_name: str = element(tag="FullName")


class AccountRet(Listed, tag="AccountRet"):
    full_name: str = element(tag="FullName", default="")
    account_type: str = element(tag="AccountType", default="")
    special_type: str | None = element(tag="SpecialAccountType", default=None)
    number: str | None = element(tag="AccountNumber", default=None)


class ClassRet(Listed, tag="ClassRet"):
    full_name: str = element(tag="FullName", default="")


class Address(Returned):
    """Where somebody is, as far as QuickBooks' lines say; who it is may stand in the first of them."""

    line1: str = element(tag="Addr1", default="")
    line2: str = element(tag="Addr2", default="")
    line3: str = element(tag="Addr3", default="")
    city: str = element(tag="City", default="")
    postal_code: str = element(tag="PostalCode", default="")


class VendorRet(Listed, tag="VendorRet"):
    """A vendor. Its tax id is never asked for: QuickBooks treats it as personal data."""

    company_name: str = element(tag="CompanyName", default="")
    address: Address | None = element(tag="VendorAddress", default=None)
    phone: str = element(tag="Phone", default="")
    email: str = element(tag="Email", default="")
    account_number: str = element(tag="AccountNumber", default="")
    terms: Ref | None = element(tag="TermsRef", default=None)
    external_guid: str | None = element(tag="ExternalGUID", default=None)


class CustomerRet(Listed, tag="CustomerRet"):
    """A customer, or a job of one: then it has a parent, and ``full_name`` is ``Customer:Job``."""

    full_name: str = element(tag="FullName", default="")
    parent: Ref | None = element(tag="ParentRef", default=None)


class ItemRet(Listed):
    """An item of any kind; ``kind`` is the element QuickBooks returned it in, such as ``ItemServiceRet``.

    ``only_account`` is where an item that is either sold or bought is booked, ``expense_account`` where one that is
    both is booked when it is bought. Kinds that are never bought have neither.
    """

    kinds: ClassVar[frozenset[str]] = frozenset(
        {
            "ItemServiceRet",
            "ItemNonInventoryRet",
            "ItemOtherChargeRet",
            "ItemInventoryRet",
            "ItemInventoryAssemblyRet",
            "ItemFixedAssetRet",
            "ItemSubtotalRet",
            "ItemDiscountRet",
            "ItemPaymentRet",
            "ItemSalesTaxRet",
            "ItemSalesTaxGroupRet",
            "ItemGroupRet",
        }
    )

    full_name: str = element(tag="FullName", default="")
    only_account: Ref | None = wrapped("SalesOrPurchase", element(tag="AccountRef", default=None), default=None)
    expense_account: Ref | None = wrapped(
        "SalesAndPurchase", element(tag="ExpenseAccountRef", default=None), default=None
    )


class StandardTermsRet(Listed, tag="StandardTermsRet"):
    """Terms of a number of days from the bill's date."""

    due_days: int | None = element(tag="StdDueDays", default=None)


class DateDrivenTermsRet(Listed, tag="DateDrivenTermsRet"):
    """Terms due on a day of the month."""

    day_of_month: int | None = element(tag="DayOfMonthDue", default=None)


class VendorAdd(Part, tag="VendorAdd"):
    name: str = element(tag="Name")
    company_name: str | None = element(tag="CompanyName", default=None)
    name_on_check: str | None = element(tag="NameOnCheck", default=None)
    terms: Ref | None = element(tag="TermsRef", default=None)
    external_guid: str | None = element(tag="ExternalGUID", default=None)


class VendorAddRq(Request, tag="VendorAddRq"):
    """A new vendor. Its name may not be that of a customer, an employee or another name (status 3100)."""

    is_write: ClassVar[bool] = True

    vendor: VendorAdd

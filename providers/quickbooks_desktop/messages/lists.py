"""QuickBooks' lists: vendors, accounts, classes, customers and jobs, items, terms.

Vendors, customers and items come page by page; accounts, classes and terms have no iterator and come at once.
"""

from typing import ClassVar

from pydantic_xml import element

from providers.quickbooks_desktop.messages.element import Listed, Paged, Part, Ref, Request


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


class VendorRet(Listed, tag="VendorRet"):
    company_name: str = element(tag="CompanyName", default="")
    terms: Ref | None = element(tag="TermsRef", default=None)
    external_guid: str | None = element(tag="ExternalGUID", default=None)


class CustomerRet(Listed, tag="CustomerRet"):
    """A customer, or a job of one: then it has a parent, and ``full_name`` is ``Customer:Job``."""

    full_name: str = element(tag="FullName", default="")
    parent: Ref | None = element(tag="ParentRef", default=None)


class ItemRet(Listed):
    """An item of any kind; ``kind`` is the element QuickBooks returned it in, such as ``ItemServiceRet``."""

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

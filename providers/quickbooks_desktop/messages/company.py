"""Who is on the other side: the QuickBooks program, the open company file, and the preferences we go by."""

from datetime import date

from pydantic_xml import element, wrapped

from providers.quickbooks_desktop.messages.element import Ref, Request, Returned


class HostQueryRq(Request, tag="HostQueryRq"):
    """Which QuickBooks this is; it reads nothing of the books."""


class CompanyQueryRq(Request, tag="CompanyQueryRq"):
    """The open company file, with the private values kept under ``owner_id``, FileID among them."""

    owner_id: str = element(tag="OwnerID")


class PreferencesQueryRq(Request, tag="PreferencesQueryRq"):
    """The company file's preferences."""


class HostRet(Returned, tag="HostRet"):
    product_name: str = element(tag="ProductName", default="")
    country: str = element(tag="Country", default="US")
    supported_versions: tuple[str, ...] = element(tag="SupportedQBXMLVersion", default=())


class DataExtRet(Returned, tag="DataExtRet"):
    """A private value in the company file; the Web Connector keeps ``FileID`` and ``AppLock`` so."""

    owner_id: str = element(tag="OwnerID", default="")
    name: str = element(tag="DataExtName", default="")
    value: str = element(tag="DataExtValue", default="")


class CompanyRet(Returned, tag="CompanyRet"):
    is_sample: bool = element(tag="IsSampleCompany", default=False)
    name: str = element(tag="CompanyName", default="")
    legal_name: str = element(tag="LegalCompanyName", default="")
    private: tuple[DataExtRet, ...] = element(tag="DataExtRet", default=())


class AccountingPreferences(Returned, tag="AccountingPreferences"):
    uses_classes: bool = element(tag="IsUsingClassTracking", default=False)
    closing_date: date | None = element(tag="ClosingDate", default=None)


class PreferencesRet(Returned, tag="PreferencesRet"):
    """Every session brings them, the closing date of the books among them."""

    accounting: AccountingPreferences | None = element(tag="AccountingPreferences", default=None)
    is_multi_currency: bool = wrapped(
        "MultiCurrencyPreferences", element(tag="IsMultiCurrencyOn", default=False), default=False
    )
    home_currency: Ref | None = wrapped(
        "MultiCurrencyPreferences", element(tag="HomeCurrencyRef", default=None), default=None
    )

"""The QuickBooks company itself: who it is and which features and rules its books have."""

from datetime import date
from typing import ClassVar

from pydantic import Field

from providers.quickbooks_online.types.entity import Entity, Reference, WireModel, Word


class CompanyInfo(Entity):
    """Read first after connecting. `country` is ISO-2 or ISO-3, as the company has it."""

    entity_name: ClassVar[str] = "CompanyInfo"

    company_name: Word
    legal_name: str = ""
    country: str = ""
    fiscal_year_start_month: str = ""


class AccountingPreferences(WireModel):
    book_close_date: date | None = None
    class_tracking_per_txn: bool = False
    class_tracking_per_txn_line: bool = False
    track_departments: bool = False
    use_account_numbers: bool = False
    default_ap_account: Reference | None = Field(default=None, alias="DefaultAPAccount")


class PurchasePreferences(WireModel):
    """`automatic_bill_payment`: credits are applied to bills unasked, so paid may mean no money moved."""

    enable_bills: bool = True
    tracking_by_customer: bool = False
    billable_expense_tracking: bool = False
    automatic_bill_payment: bool = False
    default_terms: Reference | None = None
    days_bills_are_due: int | None = None


class CurrencyPreferences(WireModel):
    multi_currency_enabled: bool = False
    home_currency: Reference | None = None


class NameValue(WireModel):
    name: Word
    value: str = ""


class OtherPreferences(WireModel):
    name_value: tuple[NameValue, ...] = ()


class Preferences(Entity):
    """The settings that decide what a bill may carry. Missing groups read as switched off."""

    entity_name: ClassVar[str] = "Preferences"

    accounting_info_prefs: AccountingPreferences = AccountingPreferences()
    vendor_and_purchases_prefs: PurchasePreferences = PurchasePreferences()
    currency_prefs: CurrencyPreferences = CurrencyPreferences()
    other_prefs: OtherPreferences = OtherPreferences()

    def is_on(self, name: str) -> bool:
        """Whether the pair `name` of OtherPrefs says "true" (WarnDuplicateBillNumber, ProjectsEnabled …)."""
        return any(pair.name == name and pair.value.lower() == "true" for pair in self.other_prefs.name_value)

"""A vendor: in construction mostly a subcontractor."""

from typing import ClassVar

from pydantic import ConfigDict, Field

from providers.quickbooks_online.types.entity import Entity, Reference, WireModel, Word


class EmailAddress(WireModel):
    address: str = ""


class TelephoneNumber(WireModel):
    free_form_number: str = ""


class PhysicalAddress(WireModel):
    """Never compare it with what was sent: QuickBooks rewrites countries (ISO-3) and drops coordinates."""

    model_config = ConfigDict(alias_generator=None)

    line1: str = Field(default="", alias="Line1")
    line2: str = Field(default="", alias="Line2")
    city: str = Field(default="", alias="City")
    country_sub_division_code: str = Field(default="", alias="CountrySubDivisionCode")
    postal_code: str = Field(default="", alias="PostalCode")
    country: str = Field(default="", alias="Country")


class Vendor(Entity):
    """`display_name` is unique over vendors, customers and employees together.

    `tax_identifier` is masked to its last four characters on reading.
    """

    entity_name: ClassVar[str] = "Vendor"
    lists_active_only: ClassVar[bool] = True

    display_name: Word
    company_name: str = ""
    print_on_check_name: str = ""
    active: bool = True
    acct_num: str = ""
    tax_identifier: str = ""
    vendor1099: bool = Field(default=False, alias="Vendor1099")
    term_ref: Reference | None = None
    currency_ref: Reference | None = None
    primary_email_addr: EmailAddress = EmailAddress()
    primary_phone: TelephoneNumber = TelephoneNumber()
    notes: str = ""
    bill_addr: PhysicalAddress = PhysicalAddress()

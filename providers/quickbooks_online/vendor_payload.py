"""A new vendor as we send it, and its exact bytes.

Intuit: all-entities/vendor, create a vendor. The bytes are kept before they are sent, and sent again unchanged.
"""

from __future__ import annotations

from dataclasses import dataclass

from providers.quickbooks_online.errors import InvalidRequest
from providers.quickbooks_online.wire import Json, write_json

LONGEST_DISPLAY_NAME = 500
LONGEST_COMPANY_NAME = 100
LONGEST_CHECK_NAME = 110
LONGEST_EMAIL = 100
LONGEST_PHONE = 30
_FORBIDDEN = ":\t\n"


@dataclass(frozen=True, kw_only=True)
class VendorPayload:
    """A new vendor. ``display_name`` is unique over vendors, customers and employees together; what is empty is not
    sent. ``notes`` is free text that no vendor sees."""

    display_name: str
    company_name: str = ""
    print_on_check_name: str = ""
    email: str = ""
    phone: str = ""
    notes: str = ""


def serialize_vendor(vendor: VendorPayload) -> bytes:
    """The vendor's JSON, its members in a fixed order.

    An e-mail or phone number that QuickBooks would refuse is left out: neither is worth a vendor. Raises
    InvalidRequest for a display name that is empty, too long, or holds a colon, tab or new line.
    """
    name = vendor.display_name
    if not name or len(name) > LONGEST_DISPLAY_NAME or any(sign in name for sign in _FORBIDDEN):
        raise InvalidRequest(
            f"a vendor's name has 1 to {LONGEST_DISPLAY_NAME} characters, and no colon, tab or new line among them"
        )
    members: dict[str, Json] = {"DisplayName": name}
    if vendor.company_name:
        members["CompanyName"] = vendor.company_name[:LONGEST_COMPANY_NAME]
    if vendor.print_on_check_name:
        members["PrintOnCheckName"] = vendor.print_on_check_name[:LONGEST_CHECK_NAME]
    if "@" in vendor.email and "." in vendor.email and len(vendor.email) <= LONGEST_EMAIL:
        members["PrimaryEmailAddr"] = {"Address": vendor.email}
    if 0 < len(vendor.phone) <= LONGEST_PHONE:
        members["PrimaryPhone"] = {"FreeFormNumber": vendor.phone}
    if vendor.notes:
        members["Notes"] = vendor.notes
    return write_json(members)

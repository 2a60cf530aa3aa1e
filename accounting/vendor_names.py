"""A vendor's name in QuickBooks, where customers, vendors and employees share one list of names."""

from collections.abc import Collection
from dataclasses import dataclass

from accounting.text import one_line, shortened

# QuickBooks Online: Vendor.DisplayName holds 500 characters and no colon; PrintOnCheckName 110 (REF-VENDOR).
DISPLAY_NAME_LIMIT = 500
CHECK_NAME_LIMIT = 110
# QuickBooks Desktop: Vendor Name, CompanyName and NameOnCheck hold 41 characters (qbXML 13.0, VendorAdd).
DESKTOP_NAME_LIMIT = 41


@dataclass(frozen=True)
class VendorName:
    """What to create: ``display_name`` is free in the list of names, ``check_name`` is the legal name on checks."""

    display_name: str
    check_name: str


def proposed_name(name: str, taken: Collection[str], limit: int = DISPLAY_NAME_LIMIT) -> VendorName:
    """A free name of at most ``limit`` characters for a new vendor: its own, else ``<name> (Vendor)``, else a number.

    ``taken`` are the names of all customers, vendors and employees: a customer or employee of that name is never
    adopted as the vendor (QuickBooks Online 6240, Desktop 3100).
    """
    own = shortened(" ".join(one_line(name).replace(":", " ").split()), limit)
    used = {" ".join(one.split()).casefold() for one in taken}
    candidates = [own, *(_suffixed(own, suffix, limit) for suffix in _suffixes(len(used)))]
    free = next(one for one in candidates if one.casefold() not in used)
    return VendorName(free, shortened(one_line(name), CHECK_NAME_LIMIT))


def _suffixes(taken: int) -> list[str]:
    return ["(Vendor)", *(f"(Vendor {number})" for number in range(2, taken + 3))]


def _suffixed(name: str, suffix: str, limit: int) -> str:
    return f"{shortened(name, limit - len(suffix) - 1)} {suffix}"

"""A vendor's name in QuickBooks, where customers, vendors and employees share one list of names."""

from collections.abc import Collection
from dataclasses import dataclass

from accounting.text import one_line, shortened

# QuickBooks Online: Vendor.DisplayName holds 500 characters and no colon; PrintOnCheckName 110 (REF-VENDOR).
DISPLAY_NAME_LIMIT = 500
CHECK_NAME_LIMIT = 110


@dataclass(frozen=True)
class VendorName:
    """What to create: ``display_name`` is free in the list of names, ``check_name`` is the legal name on checks."""

    display_name: str
    check_name: str


def proposed_name(name: str, taken: Collection[str]) -> VendorName:
    """A free name for a new vendor: its own, else ``<name> (Vendor)``, else with a number.

    ``taken`` are the names of all customers, vendors and employees: a customer or employee of that name is never
    adopted as the vendor (QuickBooks Online 6240, Desktop 3100).
    """
    own = " ".join(one_line(name).replace(":", " ").split())
    used = {" ".join(one.split()).casefold() for one in taken}
    candidates = [own, *(_suffixed(own, suffix) for suffix in _suffixes(len(used)))]
    free = next(one for one in candidates if one.casefold() not in used)
    return VendorName(shortened(free, DISPLAY_NAME_LIMIT), shortened(one_line(name), CHECK_NAME_LIMIT))


def _suffixes(taken: int) -> list[str]:
    return ["(Vendor)", *(f"(Vendor {number})" for number in range(2, taken + 3))]


def _suffixed(name: str, suffix: str) -> str:
    return f"{shortened(name, DISPLAY_NAME_LIMIT - len(suffix) - 1)} {suffix}"

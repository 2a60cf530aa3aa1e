"""The basic types of qbXML 13.0 as they are written: an amount always has two decimals, a GUID its braces.

Intuit: QuickBooks SDK, qbXML 13.0 types AMTTYPE, PRICETYPE, GUIDTYPE, DATETIMETYPE.
"""

from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import PlainSerializer

CENT = Decimal("0.01")
PRICE_STEP = Decimal("0.00001")


def amount_text(amount: Decimal) -> str:
    """``1250.00``; QuickBooks refuses ``1250.0``. Raises ValueError for a fraction of a cent."""
    exact = amount.quantize(CENT)
    if exact != amount:
        raise ValueError(f"{amount} has a fraction of a cent")
    return f"{exact:f}"


def price_text(price: Decimal) -> str:
    """A price or quantity with at most five decimals. Raises ValueError where more would be lost."""
    exact = price.quantize(PRICE_STEP)
    if exact != price:
        raise ValueError(f"{price} has more than five decimals")
    return f"{exact.normalize():f}"


def guid(value: UUID) -> str:
    """``{0F8FAD5B-D9CB-469F-A165-70867728950E}``: braces are part of it."""
    return f"{{{str(value).upper()}}}"


def same_guid(one: str | None, other: str | None) -> bool:
    """Whether two GUIDs are the same; their letters' case says nothing."""
    return one is not None and other is not None and one.strip("{} ").casefold() == other.strip("{} ").casefold()


Amount = Annotated[Decimal, PlainSerializer(amount_text, return_type=str)]
Price = Annotated[Decimal, PlainSerializer(price_text, return_type=str)]

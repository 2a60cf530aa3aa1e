"""Amounts on the wire: decimal text, never a JSON number."""

from decimal import Decimal
from typing import Annotated

from pydantic import BeforeValidator, WithJsonSchema

# NUMERIC(18,2) holds 16 digits before the point.
_SHAPE = r"^-?[0-9]{1,16}(\.[0-9]{1,10})?$"


def _text_only(value: object) -> object:
    if isinstance(value, Decimal):
        return value
    if not isinstance(value, str):
        raise ValueError('an amount is text such as "1204.18"')
    text = value.strip()
    digits = text.removeprefix("-")
    whole, point, fraction = digits.partition(".")
    readable = digits.isascii() and whole.isdigit() and len(whole) <= 16
    if not readable or (point and not (fraction.isdigit() and len(fraction) <= 10)):
        raise ValueError('an amount is text such as "1204.18"')
    return text


Money = Annotated[
    Decimal,
    BeforeValidator(_text_only),
    WithJsonSchema({"type": "string", "pattern": _SHAPE, "examples": ["1204.18"]}),
]
"""An amount in a currency that travels beside it. Fractions of a cent arrive and are refused in words by the rules."""

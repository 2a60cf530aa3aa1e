"""JSON as QuickBooks Online speaks it: numbers come in as Decimal and keep their digits on the way out.

Intuit: Bill, Line.Amount ("10.5 format", up to 15 digits); times carry the Pacific offset.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, NoReturn

import msgspec

from providers.quickbooks_online.errors import InvalidRequest

# What a request is built of. An object keeps the order of its members, so that the bytes are reproducible.
Json = str | bool | int | Decimal | Sequence["Json"] | Mapping[str, "Json"]

# Made once: ``json.dumps`` makes an encoder for every text, and a bill has a hundred.
_quoted = json.JSONEncoder(ensure_ascii=False).encode
_VALUE = msgspec.json.Decoder(float_hook=Decimal)
_TEXT = msgspec.json.Encoder(decimal_format="number")
# What may be a very small or very large Decimal as Python writes it, or a text that looks like one.
_EXPONENT = re.compile(rb"[0-9]E[+-][0-9]")
_CENT = Decimal("0.01")
_MOST_DIGITS = 15


class UnreadableJson(ValueError):
    """The bytes are not JSON: cut, empty, HTML, not UTF-8, or with a number that is none."""


def read_json(body: bytes) -> Any:
    """The parsed body; numbers with a fraction are Decimal. Raises UnreadableJson."""
    try:
        return _VALUE.decode(body)
    except msgspec.DecodeError:
        # Half a character somewhere, for one, is no reason to lose what became of a bill.
        return _read_leniently(body)
    # RecursionError: a body of nothing but brackets.
    except (ValueError, RecursionError):
        raise UnreadableJson("the answer is not JSON") from None


def write_json(value: Json) -> bytes:
    """Compact UTF-8 JSON; a Decimal is written as it stands, without exponent.

    Raises InvalidRequest for text that UTF-8 cannot carry: QuickBooks answers that with error 500.
    """
    try:
        written = _TEXT.encode(value)
        return _written(value).encode("utf-8") if _EXPONENT.search(written) else written
    except UnicodeEncodeError:
        raise InvalidRequest("a text holds half a character and cannot be sent to QuickBooks") from None


def cents(amount: Decimal, what: str) -> Decimal:
    """`amount` with exactly two decimals. Raises InvalidRequest if it has more or is no number.

    Never rounds: a third decimal that is lost here would be a cent missing in the books.
    """
    whole_cents = amount.is_finite() and amount.adjusted() < _MOST_DIGITS and amount == amount.quantize(_CENT)
    if not whole_cents:
        raise InvalidRequest(f"{what} {amount} is not an amount in whole cents")
    return amount.quantize(_CENT)


def read_instant(text: object) -> datetime | None:
    """An aware instant, or None where the text is absent or names no time zone."""
    if not isinstance(text, str):
        return None
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        return None
    return instant if instant.tzinfo is not None else None


def _read_leniently(body: bytes) -> Any:
    try:
        return json.loads(body, parse_float=Decimal, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise UnreadableJson("the answer is not JSON") from None


def _refuse_constant(word: str) -> NoReturn:
    raise ValueError(word)


def _written(value: Json) -> str:
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, Mapping):
        return "{" + ",".join([f"{_quoted(name)}:{_written(member)}" for name, member in value.items()]) + "}"
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, int):
        return json.dumps(value)
    return "[" + ",".join([_written(member) for member in value]) + "]"

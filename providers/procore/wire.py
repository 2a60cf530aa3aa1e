"""How Procore writes ids, money, dates and texts, and how they are read.

API v1 (Procore: documentation/getting_started/rest_api_overview.md): bare arrays and objects, integer ids
beyond 32 bits, money as strings with any number of decimals, dates `YYYY-MM-DD`, times in UTC with `Z`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainValidator, ValidationError

_DECODER = json.JSONDecoder(parse_float=Decimal, parse_constant=lambda word: _refuse(f"the constant {word} is no JSON"))


class WireModel(BaseModel):
    """Base of everything read from Procore: unknown fields ignored, immutable."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)


def _refuse(why: str) -> Any:
    raise ValueError(why)


def _id(value: object) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, str) and value.strip():
        return _text(value.strip())
    raise ValueError("an id is a whole number or a text")


def _money(value: object) -> Decimal:
    if not isinstance(value, str) and (isinstance(value, bool) or not isinstance(value, int | Decimal)):
        raise ValueError("an amount is a decimal number")
    try:
        amount = Decimal(value)
    except InvalidOperation:
        raise ValueError("an amount is a decimal number") from None
    if not amount.is_finite() or not -30 <= amount.adjusted() <= 30:
        raise ValueError("an amount is a decimal number of sensible size")
    return amount


def _money_or_zero(value: object) -> Decimal:
    return Decimal(0) if value is None else _money(value)


def _text(value: object) -> str:
    if isinstance(value, str):
        if "\x00" in value or not (value.isascii() or _is_unicode(value)):
            raise ValueError("a text holds a NUL or half a character")
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise ValueError("a text is expected")


def _is_unicode(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _text_or_blank(value: object) -> str:
    return "" if value is None else _text(value)


def _instant(value: object) -> datetime:
    if not isinstance(value, str):
        raise ValueError("a time is a text")
    try:
        parsed = datetime.fromisoformat(value)
        if parsed.tzinfo is not None:
            return parsed.astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError("a time is written as in ISO 8601") from None
    raise ValueError("a time names its zone")


def _day(value: object) -> date:
    if not isinstance(value, str) or len(value) != 10:
        raise ValueError("a date is written YYYY-MM-DD")
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise ValueError("a date is written YYYY-MM-DD") from None


def _on_unless_false(value: object) -> object:
    return True if value is None else value


def _off_unless_true(value: object) -> object:
    return False if value is None else value


def _list_or_empty(value: object) -> object:
    return () if value is None else value


# Plain where the function gives the very type: then pydantic need not look at each value a second time.
WireId = Annotated[str, PlainValidator(_id)]
"""Any provider id, as text."""

Money = Annotated[Decimal, PlainValidator(_money)]
"""Exact, with the decimals Procore sent; never a float."""

MoneyOrZero = Annotated[Decimal, PlainValidator(_money_or_zero)]
"""As Money; null reads as zero, for parts of an amount that a line may lack."""

Text = Annotated[str, PlainValidator(_text)]
"""A text that PostgreSQL can store; a whole number is accepted and becomes its digits."""

TextOrBlank = Annotated[str, PlainValidator(_text_or_blank)]
"""As Text; null reads as blank, where the two mean the same."""

Instant = Annotated[datetime, PlainValidator(_instant)]
"""Aware, UTC."""

Day = Annotated[date, PlainValidator(_day)]
"""A calendar date without a zone."""

OnUnlessFalse = Annotated[bool, BeforeValidator(_on_unless_false)]
"""A flag that null leaves on."""

OffUnlessTrue = Annotated[bool, BeforeValidator(_off_unless_true)]
"""A flag that null leaves off."""

NullIsEmpty = BeforeValidator(_list_or_empty)
"""For lists: null reads as empty."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """One record that is not what the reference promises: its exact text, why, and what could still be
    read.
    """

    raw: str = field(repr=False)
    reason: str
    id: str | None
    status: str | None
    updated_at: datetime | None


def read_json(text: str) -> Any:
    """One JSON value with numbers as int and Decimal. Raises ValueError for anything else."""
    try:
        value, end = _DECODER.raw_decode(text, _skip_space(text, 0))
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if _skip_space(text, end) != len(text):
        raise ValueError("text after the end of the JSON")
    return value


def read_json_array(text: str) -> Iterator[tuple[Any, str]]:
    """Each element of a JSON array, with the exact text it was written as. Raises ValueError for anything
    else.
    """
    at = _skip_space(text, 0)
    if text[at : at + 1] != "[":
        raise ValueError("a list is expected")
    at = _skip_space(text, at + 1)
    if text[at : at + 1] == "]":
        at += 1
    else:
        while True:
            try:
                value, end = _DECODER.raw_decode(text, at)
            except RecursionError:
                raise ValueError("nested too deeply") from None
            yield value, text[at:end]
            at = _skip_space(text, end)
            closing = text[at : at + 1]
            at = _skip_space(text, at + 1)
            if closing == "]":
                break
            if closing != ",":
                raise ValueError("the list does not end")
    if _skip_space(text, at) != len(text):
        raise ValueError("text after the end of the list")


def reason_of(error: ValidationError) -> str:
    """Which fields are wrong and how, without their values: a document must not reach a log."""
    return "; ".join(
        f"{'.'.join(str(part) for part in problem['loc']) or 'record'}: {problem['msg']}"
        for problem in error.errors(include_url=False, include_context=False, include_input=False)[:5]
    )


def unreadable(value: object, raw: str, reason: str) -> Unreadable:
    """Describes a record that could not be read, keeping what still can."""
    known = value if isinstance(value, dict) else {}
    return Unreadable(
        raw=raw,
        reason=reason,
        id=_try(_id, known.get("id")),
        status=_try(_text, known.get("status")),
        updated_at=_try(_instant, known.get("updated_at")),
    )


def _try(read: Any, value: object) -> Any:
    try:
        return read(value)
    except ValueError:
        return None


def _skip_space(text: str, at: int) -> int:
    while at < len(text) and text[at] in " \t\r\n":
        at += 1
    return at

"""How Procore writes ids, money, dates and texts, and how they are read.

API v1 (Procore: documentation/getting_started/rest_api_overview.md): bare arrays and objects, integer ids
beyond 32 bits, money as strings with any number of decimals, dates `YYYY-MM-DD`, times in UTC with `Z`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Annotated, Any, TypedDict, TypeVar, get_args, get_origin

import msgspec
from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainValidator, ValidationError

_VALUE = msgspec.json.Decoder(float_hook=Decimal)
_ARRAY = msgspec.json.Decoder(list[msgspec.Raw])
# For what msgspec refuses as a whole: half a character, which concerns nobody but its own record.
_LENIENT = json.JSONDecoder(parse_float=Decimal, parse_constant=lambda word: _refuse(f"the constant {word} is no JSON"))


class WireModel(BaseModel):
    """Base of everything read from Procore: unknown fields ignored, immutable."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)


Model = TypeVar("Model", bound=WireModel)


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
        try:
            return _VALUE.decode(text)
        except msgspec.DecodeError:
            return _read_leniently(text)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def texts_of_array(text: str) -> list[str]:
    """The exact text of each element of a JSON array. Raises ValueError for anything else."""
    try:
        try:
            return [str(element, "utf-8") for element in _ARRAY.decode(text)]
        except msgspec.DecodeError:
            return _split_leniently(text)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _read_leniently(text: str) -> Any:
    value, end = _LENIENT.raw_decode(text, _skip_space(text, 0))
    if _skip_space(text, end) != len(text):
        raise ValueError("text after the end of the JSON")
    return value


def _split_leniently(text: str) -> list[str]:
    at = _skip_space(text, 0)
    if text[at : at + 1] != "[":
        raise ValueError("a list is expected")
    texts, closing = [], ","
    while closing == ",":
        begin = _skip_space(text, at + 1)
        _, end = _LENIENT.raw_decode(text, begin)
        texts.append(text[begin:end])
        at = _skip_space(text, end)
        closing = text[at : at + 1]
    if closing != "]":
        raise ValueError("the list does not end")
    if _skip_space(text, at + 1) != len(text):
        raise ValueError("text after the end of the list")
    return texts


def read_record(model: type[Model], raw: str, /, **known: Any) -> Model | Unreadable:
    """Reads one record from its exact JSON text, fresh from Procore or as it was stored. Never raises.

    `known` are fields that the text itself leaves out.
    """
    try:
        value = _wanted_of(model).decode(raw)
    except (msgspec.DecodeError, RecursionError):
        # Something is not as it should be: the whole text is read, to tell what.
        try:
            value = read_json(raw)
        except ValueError as problem:
            return unreadable(None, raw, str(problem))
    return record_of(model, value, raw, **known)


@cache
def _wanted_of(model: type[WireModel]) -> msgspec.json.Decoder[Any]:
    """Reads those members of a record that the model has: of what Procore sends that is the smaller part."""
    return msgspec.json.Decoder(_wanted(model), float_hook=Decimal)


def _wanted(model: type[WireModel]) -> Any:
    members = {one.alias or name: _member(one.annotation) for name, one in model.model_fields.items()}
    return TypedDict(model.__name__, members, total=False)  # type: ignore[operator]  # made of what the model says


def _member(annotation: Any) -> Any:
    """A record of its own or a list of them; what anything else holds is looked at by the model."""
    within = next((one for one in (annotation, *get_args(annotation)) if _is_model(one)), None)
    if within is None:
        return Any
    return (list[_wanted(within)] if get_origin(annotation) is tuple else _wanted(within)) | None  # type: ignore[misc]


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, WireModel)


def record_of(model: type[Model], value: object, raw: str, /, **known: Any) -> Model | Unreadable:
    """As `read_record`, for a value already parsed from `raw`."""
    if not isinstance(value, dict):
        return unreadable(value, raw, "record: a JSON object is expected")
    try:
        return model.model_validate({**value, **known})
    except ValidationError as error:
        return unreadable(value, raw, reason_of(error))


class _Identified(msgspec.Struct):
    id: int | str


_IDENTIFIED = msgspec.json.Decoder(_Identified)


def id_in(raw: str) -> str | None:
    """A record's id, read without the rest of its text; None where it is not found that way."""
    try:
        return _id(_IDENTIFIED.decode(raw).id)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return None


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

"""What a qbXML request may contain, and in which order: the notation, and the check of one element against it.

A misplaced, unknown or missing element is a parse error of the whole message set (HRESULT 0x80040400, without a
line number). A value that does not fit its field is a status of that request only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeAlias

from lxml import etree

from simulators.quickbooks_desktop.hresults import CANNOT_PARSE, QuickBooksError
from simulators.quickbooks_desktop.refusals import Refusal, bad_enum, bad_object_id, too_long, unreadable

MANY = 1_000_000


@dataclass(frozen=True)
class Field:
    """An element with text. `kind` is a qbXML type, or the words of an enumeration separated by blanks."""

    name: str
    kind: str
    longest: int | None = None
    least: int = 0
    most: int = 1


@dataclass(frozen=True)
class Group:
    """An element with elements in it."""

    name: str
    parts: tuple[Part, ...]
    least: int = 0
    most: int = 1


@dataclass(frozen=True)
class Choice:
    """One of several sequences; the one that starts with the element at hand, else one that may be empty."""

    options: tuple[tuple[Part, ...], ...]
    least: int = 1
    most: int = 1


Part: TypeAlias = Field | Group | Choice


def one(name: str, kind: str, longest: int | None = None) -> Field:
    """A required field."""
    return Field(name, kind, longest, least=1)


def many(name: str, kind: str, longest: int | None = None) -> Field:
    """A field that may repeat."""
    return Field(name, kind, longest, most=MANY)


def ref(name: str, longest: int | None, *, least: int = 0) -> Group:
    """A reference to a list element. Both members are optional: QuickBooks looks what to do with an empty one."""
    return Group(name, (Field("ListID", "IDTYPE"), Field("FullName", "STRTYPE", longest)), least=least)


def check(element: etree._Element, grammar: Group) -> list[Refusal]:
    """What is wrong with the values of `element`, first things first.

    Raises QuickBooksError 0x80040400 if the elements themselves are not those of `grammar` in its order.
    """
    found: list[Refusal] = []
    _check_group(element, grammar, found)
    return found


class _Reader:
    """The children of one element, taken one by one."""

    def __init__(self, parent: etree._Element) -> None:
        self.parent = parent
        self._children = [child for child in parent if isinstance(child.tag, str)]
        self._at = 0

    @property
    def next_name(self) -> str | None:
        return str(self._children[self._at].tag) if self._at < len(self._children) else None

    def take(self) -> etree._Element:
        self._at += 1
        return self._children[self._at - 1]


def _check_group(element: etree._Element, grammar: Group, found: list[Refusal]) -> None:
    if (element.text or "").strip() or any((child.tail or "").strip() for child in element):
        raise _broken(element, "text where elements belong")
    reader = _Reader(element)
    _check_sequence(reader, grammar.parts, found)
    if reader.next_name is not None:
        raise _broken(element, f"{reader.next_name} does not belong there")


def _check_sequence(reader: _Reader, parts: tuple[Part, ...], found: list[Refusal]) -> None:
    for part in parts:
        count = 0
        while count < part.most and _starts(part, reader.next_name):
            _check_part(reader, part, found)
            count += 1
        if count < part.least and not _may_be_empty(part):
            raise _broken(reader.parent, f"{next(_names(part))} is missing")


def _check_part(reader: _Reader, part: Part, found: list[Refusal]) -> None:
    if isinstance(part, Choice):
        name = reader.next_name
        chosen = next(option for option in part.options if any(_starts(each, name) for each in _openers(option)))
        _check_sequence(reader, chosen, found)
    elif isinstance(part, Group):
        _check_group(reader.take(), part, found)
    else:
        _check_value(reader.take(), part, found)


def _openers(parts: tuple[Part, ...]) -> Iterator[Part]:
    """The parts with which a sequence may begin."""
    for part in parts:
        yield part
        if part.least and not _may_be_empty(part):
            return


def _starts(part: Part, name: str | None) -> bool:
    if isinstance(part, Choice):
        return any(_starts(each, name) for option in part.options for each in _openers(option))
    return part.name == name


def _may_be_empty(part: Part) -> bool:
    if isinstance(part, Choice):
        return any(all(not each.least or _may_be_empty(each) for each in option) for option in part.options)
    return part.least == 0


def _names(part: Part) -> Iterator[str]:
    if isinstance(part, Choice):
        for option in part.options:
            for each in option:
                yield from _names(each)
    else:
        yield part.name


def _broken(element: etree._Element, reason: str) -> QuickBooksError:
    return QuickBooksError(CANNOT_PARSE, f"{element.tag!s}: {reason}")


_PATTERNS = {
    "AMTTYPE": re.compile(r"[+-]?\d{1,13}(\.\d{2})?"),
    "PRICETYPE": re.compile(r"[+-]?\d{1,10}(\.\d{1,5})?"),
    "QUANTYPE": re.compile(r"[+-]?\d{1,10}(\.\d{1,5})?"),
    "PERCENTTYPE": re.compile(r"[+-]?\d{1,10}(\.\d{1,5})?"),
    "FLOATTYPE": re.compile(r"[+-]?\d+(\.\d+)?"),
    "INTTYPE": re.compile(r"[+-]?\d{1,10}"),
    "BOOLTYPE": re.compile(r"true|false|1|0"),
    "GUIDTYPE": re.compile(r"0|\{[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\}"),
    "DATETYPE": re.compile(r"\d{4}-\d{2}-\d{2}"),
    "DATETIMETYPE": re.compile(r"\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}([+-]\d{2}:\d{2})?)?"),
}
_LONGEST_ID = 36


def _check_value(element: etree._Element, field: Field, found: list[Refusal]) -> None:
    if len(element):
        raise _broken(element, "elements where text belongs")
    text = element.text or ""
    if field.kind == "STRTYPE":
        if field.longest is not None and len(text) > field.longest:
            found.append(too_long(text, field.name, field.longest))
    elif field.kind == "IDTYPE":
        if len(text) > _LONGEST_ID:
            found.append(bad_object_id(text, field.name))
    elif field.kind in _PATTERNS:
        if not _PATTERNS[field.kind].fullmatch(text) or not _exists(field.kind, text):
            found.append(unreadable(field.kind, text, field.name))
    elif text not in field.kind.split():
        found.append(bad_enum(text, field.name))


def _exists(kind: str, text: str) -> bool:
    """Dates must be in the calendar, not only in the pattern."""
    try:
        if kind == "DATETYPE":
            date.fromisoformat(text)
        elif kind == "DATETIMETYPE":
            datetime.fromisoformat(text)
    except ValueError:
        return False
    return True

"""Literal exchanges with a provider: their file format, their loader and the one way to compare them.

An exchange file is a JSON list. Each entry was transcribed by hand from a provider fact and is used twice:
its answer is played to our client over a socket, and its request is sent to our simulator. Neither side ever
sees the other, so that a misread wire format cannot hide by being made twice.

    {"name": "one sentence", "fact": "where the fact comes from",
     "given": {...},                      # what a simulator must be told first (optional, per provider)
     "request":  {"method", "path", "query": {..}, "headers": {..}, "body"},
     "response": {"status", "headers": {..}, "body"}}

A body is a JSON value, or text that travels as it stands (a form, XML, HTML), or null for no body. Numbers
keep their digits: `50000.00` in the file is `50000.00` on the wire.

`${name}` in a request is a value known only at run time (a token, a code): see `fill`.
`{"$any": "string", "example": "…"}` in a response is volatile: the client is played the example, the
simulator may answer any value of that type (`string`, `digits`, `number`, `boolean`, `instant`, `list`,
`object`). `{"$absent": true}` says that the simulator must leave this member out; the client is not played
it. Members that the file does not name are ignored in objects; lists must agree in length and order.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
_HOLE = re.compile(r"\$\{(\w+)\}")


@dataclass(frozen=True)
class ExchangeRequest:
    method: str
    path: str
    query: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None


@dataclass(frozen=True)
class ExchangeResponse:
    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None


@dataclass(frozen=True)
class Exchange:
    name: str
    fact: str
    request: ExchangeRequest
    response: ExchangeResponse
    given: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.name


def load_exchanges(provider: str) -> list[Exchange]:
    """The exchanges of `tests/exchanges/<provider>.json`, in file order; names are unique."""
    entries = json.loads((FOLDER / f"{provider}.json").read_text("utf-8"), parse_float=Decimal)
    exchanges = [
        Exchange(
            name=entry["name"],
            fact=entry["fact"],
            given=entry.get("given", {}),
            request=ExchangeRequest(**entry["request"]),
            response=ExchangeResponse(**entry["response"]),
        )
        for entry in entries
    ]
    names = [exchange.name for exchange in exchanges]
    assert len(set(names)) == len(names), "two exchanges share a name"
    return exchanges


def fill(value: Any, holes: Mapping[str, str]) -> Any:
    """`value` with every `${name}` replaced, at any depth; an unknown name is a KeyError."""
    if isinstance(value, str):
        return _HOLE.sub(lambda match: holes[match.group(1)], value)
    if isinstance(value, dict):
        return {name: fill(member, holes) for name, member in value.items()}
    if isinstance(value, list):
        return [fill(member, holes) for member in value]
    return value


def example(value: Any) -> Any:
    """`value` with every `$any` replaced by its example and every `$absent` member left out."""
    if isinstance(value, dict):
        if "$any" in value:
            return value["example"]
        return {name: example(member) for name, member in value.items() if not _is_absent(member)}
    if isinstance(value, list):
        return [example(member) for member in value]
    return value


def wire_text(body: Any) -> str:
    """A body as it travels: text unchanged, anything else as JSON with every digit kept."""
    if body is None:
        return ""
    return body if isinstance(body, str) else _json(body)


def differences(expected: Any, actual: Any, where: str = "body") -> list[str]:
    """What is wrong with `actual`, one sentence per place; an empty list means that it matches."""
    if isinstance(expected, dict):
        if "$any" in expected:
            kind = str(expected["$any"])
            return [] if _is_kind(kind, actual) else [f"{where}: {actual!r} is not of kind {kind}"]
        if not isinstance(actual, dict):
            return [f"{where}: an object was expected, not {actual!r}"]
        found: list[str] = []
        for name, member in expected.items():
            if _is_absent(member):
                found += [f"{where}.{name}: must be absent"] if name in actual else []
            elif name not in actual:
                found.append(f"{where}.{name}: missing")
            else:
                found += differences(member, actual[name], f"{where}.{name}")
        return found
    if isinstance(expected, list):
        if not isinstance(actual, list) or len(actual) != len(expected):
            return [f"{where}: a list of {len(expected)} was expected, not {actual!r}"]
        return [
            line
            for index, (left, right) in enumerate(zip(expected, actual, strict=True))
            for line in differences(left, right, f"{where}[{index}]")
        ]
    if _is_number(expected) and _is_number(actual):
        return [] if Decimal(expected) == Decimal(actual) else [f"{where}: {actual} is not {expected}"]
    same = type(expected) is type(actual) and expected == actual
    return [] if same else [f"{where}: {actual!r} is not {expected!r}"]


def header_differences(expected: Mapping[str, str], actual: Mapping[str, str]) -> list[str]:
    """Compares the named headers only. `-` asks for absence; a `*` at the end for any text from there on."""
    lower = {name.lower(): value for name, value in actual.items()}
    found = []
    for name, value in expected.items():
        got = lower.get(name.lower())
        if value == "-":
            agrees = got is None
        elif value.endswith("*"):
            agrees = got is not None and got.startswith(value[:-1])
        else:
            agrees = got == value
        if not agrees:
            found.append(f"header {name}: {got!r} is not {value!r}")
    return found


def read_body(text: str) -> Any:
    """A received body for `differences`: JSON where it is JSON, else the text; empty is None."""
    if not text:
        return None
    try:
        return json.loads(text, parse_float=Decimal)
    except ValueError:
        return text


def _is_absent(member: Any) -> bool:
    return isinstance(member, dict) and member.get("$absent") is True


def _is_number(value: Any) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def _is_instant(value: Any) -> bool:
    try:
        return isinstance(value, str) and datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False


def _is_kind(kind: str, value: Any) -> bool:
    match kind:
        case "string":
            return isinstance(value, str) and value != ""
        case "digits":
            return isinstance(value, str) and value.isdigit()
        case "number":
            return _is_number(value)
        case "boolean":
            return isinstance(value, bool)
        case "instant":
            return _is_instant(value)
        case "list":
            return isinstance(value, list)
        case "object":
            return isinstance(value, dict)
    raise ValueError(f"an exchange names an unknown kind: {kind}")


def _json(value: Any) -> str:
    # json.dumps would write a Decimal as a float or not at all.
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(name)}:{_json(member)}" for name, member in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(_json(member) for member in value) + "]"
    return str(value) if isinstance(value, Decimal) else json.dumps(value, ensure_ascii=False)

"""Reads the message out of every error body Procore is known to send.

API v1 is not uniform: `errors` may be a list, a text or a map of field to texts; others use `error`,
`message` or `reason`; v2 has one standard object. Sources: `W:errors_response` and its kin in Procore's
OpenAPI, plus bodies seen by third parties. An unknown body is never an error of its own: it gives a plain
sentence.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

_LONGEST_MESSAGE = 500
_TEXT_KEYS = ("message", "error_description", "reason", "error", "exception")
_GROUPING_KEYS = frozenset({"base", "fields"})


@dataclass(frozen=True, slots=True)
class ErrorBody:
    """`message` is one line; `code` is Procore's or OAuth's own word; `is_html` tells a page, not an API
    answer.
    """

    message: str
    code: str | None = None
    is_html: bool = False


def read_error_body(text: str) -> ErrorBody:
    """The message of an error answer; total: any text at all gives a result, cut to 500 characters."""
    stripped = text.strip()
    if not stripped:
        return ErrorBody("no reason given")
    if stripped.startswith("<"):
        return ErrorBody("an HTML page instead of an answer", is_html=True)
    try:
        parsed = json.loads(stripped)
    except (ValueError, RecursionError):
        return ErrorBody(_one_line(stripped))
    message = "; ".join(dict.fromkeys(_messages(parsed)))
    return ErrorBody(_one_line(message) if message else "no reason given", _code(parsed))


def _messages(value: object, field: str = "") -> Iterator[str]:
    match value:
        case str():
            if value.strip():
                yield f"{field}: {value.strip()}" if field else value.strip()
        case list():
            for part in value:
                yield from _messages(part, field)
        case dict():
            yield from _messages_of_map(value, field)
        case _:
            return


def _messages_of_map(value: dict[str, object], field: str) -> Iterator[str]:
    if "errors" in value:
        yield from _field_messages(value["errors"])
        return
    inner = value.get("error")
    if isinstance(inner, dict):
        yield from _messages_of_map(inner, field)
        return
    text = next((value[key] for key in _TEXT_KEYS if isinstance(value.get(key), str) and value[key]), None)
    source = value.get("source")
    if text is not None:
        yield from _messages(text, source if isinstance(source, str) and source not in _GROUPING_KEYS else field)
    fields = value.get("fields")
    if isinstance(fields, str) and fields:
        yield f"fields: {fields}"
    details = value.get("details")
    if isinstance(details, list):
        yield from _messages(details)


def _field_messages(errors: object, field: str = "") -> Iterator[str]:
    if not isinstance(errors, dict):
        yield from _messages(errors, field)
        return
    if any(isinstance(errors.get(key), str) for key in ("message", "code")):
        yield from _messages_of_map(errors, field)
        return
    for name, value in errors.items():
        yield from _field_messages(value, field if name in _GROUPING_KEYS else name)


def _code(parsed: object) -> str | None:
    if not isinstance(parsed, dict):
        return None
    inner = parsed.get("error")
    if isinstance(inner, dict):
        return _code(inner)
    if isinstance(inner, str) and "error_description" in parsed:
        return inner
    code = parsed.get("code")
    if isinstance(code, bool) or not isinstance(code, str | int):
        # OAuth: the description is optional, the word is not (RFC 6749, 5.2).
        return inner if isinstance(inner, str) and inner.islower() and " " not in inner else None
    return str(code)


def _one_line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST_MESSAGE else line[: _LONGEST_MESSAGE - 1] + "…"

"""Literal exchanges with QuickBooks Desktop: qbXML documents, and the Web Connector's SOAP calls.

`quickbooks_desktop.json` holds requests to a company file and its answers; each starts from the company file of
`quickbooks_desktop_world.json` on 2026-02-02 10:00 in New York. `given.before` are documents that were sent before,
`given.person` what a person has done in QuickBooks. An exchange with an `hresult` brings no answer but that.
`web_connector.json` holds calls of the Web Connector with the answer of a service, and what the Web Connector makes
of it: the texts of the result, or the words of the error it shows.

As with the other providers each literal is used twice: what goes to QuickBooks is what our client must write, what
comes back is what it must read; the simulator is held to the same from the other side. `$any(example)` in an answer
is volatile: a client is played the example, the simulator may answer any text.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from tests.exchanges.matching import FOLDER

_ANY = re.compile(r"\$any\((.*?)\)")


@dataclass(frozen=True)
class QbxmlExchange:
    """One document to a company file; exactly one of `response` and `hresult` is set."""

    name: str
    fact: str
    request: str
    response: str = ""
    hresult: str = ""
    given: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class WebConnectorExchange:
    """One call; exactly one of `result` and `fails` is set."""

    name: str
    fact: str
    operation: str
    arguments: dict[str, str]
    soap_action: str
    request: str
    response: str
    result: list[str] | None = None
    fails: str = ""

    def __str__(self) -> str:
        return self.name


def load_qbxml_exchanges() -> list[QbxmlExchange]:
    """The exchanges of `quickbooks_desktop.json`; names are unique."""
    return [QbxmlExchange(**entry) for entry in _entries("quickbooks_desktop")]


def load_web_connector_exchanges() -> list[WebConnectorExchange]:
    """The exchanges of `web_connector.json`; names are unique."""
    return [WebConnectorExchange(**entry) for entry in _entries("web_connector")]


def played(answer: str) -> str:
    """An answer as a client is played it: examples in place of what is volatile."""
    return _ANY.sub(r"\1", answer)


def xml_differences(expected: str, actual: str) -> list[str]:
    """What is wrong with `actual`, one sentence per place; white space between elements does not count."""
    return _compare(_root(expected), _root(actual), "")


def _entries(name: str) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = json.loads((FOLDER / f"{name}.json").read_text("utf-8"))
    names = [entry["name"] for entry in entries]
    assert len(set(names)) == len(names), "two exchanges share a name"
    return entries


def _root(text: str) -> etree._Element:
    return etree.fromstring(text.strip().encode(), etree.XMLParser(remove_blank_text=True, resolve_entities=False))


def _compare(expected: etree._Element, actual: etree._Element, where: str) -> list[str]:
    here = f"{where}/{expected.tag!s}"
    if expected.tag != actual.tag:
        return [f"{here}: got {actual.tag!s}"]
    found = [] if _agrees(expected.text, actual.text) else [f"{here}: {actual.text!r} is not {expected.text!r}"]
    for name in sorted({str(each) for each in (*expected.attrib, *actual.attrib)}):
        if not _agrees(expected.get(name), actual.get(name)):
            found.append(f"{here}@{name}: {actual.get(name)!r} is not {expected.get(name)!r}")
    left, right = [str(each.tag) for each in expected], [str(each.tag) for each in actual]
    if left != right:
        return [*found, f"{here}: {right} is not {left}"]
    return found + [line for one, other in zip(expected, actual, strict=True) for line in _compare(one, other, here)]


def _agrees(expected: str | None, actual: str | None) -> bool:
    if expected is not None and _ANY.fullmatch(expected):
        return bool(actual)
    return (expected or "") == (actual or "")

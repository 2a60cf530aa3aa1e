"""qbXML as text: reading a message set, writing the answers. Untrusted text is parsed without DTD and entities."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from lxml import etree

from simulators.quickbooks_desktop.hresults import CANNOT_PARSE, QuickBooksError

NEWEST_VERSION = Decimal("14.0")
_VERSION = re.compile(r'<\?qbxml\s+version="(\d+\.\d+)"\s*\?>')
_DECLARATION = re.compile(r"^<\?xml[^>]*\?>")
_OUTSIDE_ATTRIBUTES = {"onError", "newMessageSetID", "oldMessageSetID", "responseData"}


@dataclass(frozen=True)
class MessageSet:
    """One QBXMLMsgsRq. `text` is what was sent, `new_id` and `old_id` are the attributes of error recovery."""

    text: str
    version: Decimal
    stops_on_error: bool
    statuses_only: bool
    new_id: str | None
    old_id: str | None
    requests: tuple[etree._Element, ...]


def read_message_set(text: str, *, ascii_only: bool) -> MessageSet:
    """Raises QuickBooksError 0x80040400 for everything that QuickBooks' parser does not accept."""
    if ascii_only and not text.isascii():
        raise QuickBooksError(CANNOT_PARSE, "characters outside of ASCII")
    version = _VERSION.search(text)
    if version is None or Decimal(version[1]) > NEWEST_VERSION:
        raise QuickBooksError(CANNOT_PARSE, "no supported qbxml version")
    root = _parsed(text)
    sets = list(root)
    if root.tag != "QBXML" or len(sets) != 1 or sets[0].tag != "QBXMLMsgsRq":
        raise QuickBooksError(CANNOT_PARSE, "QBXML with one QBXMLMsgsRq is expected")
    attributes = {str(name): str(value) for name, value in sets[0].attrib.items()}
    if attributes.keys() - _OUTSIDE_ATTRIBUTES:
        raise QuickBooksError(CANNOT_PARSE, "unknown attribute of QBXMLMsgsRq")
    if attributes.get("onError") not in ("stopOnError", "continueOnError"):
        raise QuickBooksError(CANNOT_PARSE, "onError must be stopOnError or continueOnError")
    return MessageSet(
        text,
        Decimal(version[1]),
        attributes["onError"] == "stopOnError",
        attributes.get("responseData") == "includeNone",
        attributes.get("newMessageSetID"),
        attributes.get("oldMessageSetID"),
        tuple(child for child in sets[0] if isinstance(child.tag, str)),
    )


def _parsed(text: str) -> etree._Element:
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(_DECLARATION.sub("", text.strip(), count=1).encode(), parser)
    except etree.XMLSyntaxError as error:
        raise QuickBooksError(CANNOT_PARSE, str(error)) from None
    if root.getroottree().docinfo.doctype:
        raise QuickBooksError(CANNOT_PARSE, "a document type is not allowed")
    return root


def text_of(element: etree._Element, path: str) -> str | None:
    """The text of the first element at `path`; None when it is absent."""
    found = element.find(path)
    return None if found is None else (found.text or "")


def texts_of(element: etree._Element, path: str) -> list[str]:
    """The texts of all elements at `path`."""
    return [found.text or "" for found in element.findall(path)]


def flag_of(element: etree._Element, path: str) -> bool:
    """A BOOLTYPE; absent is no."""
    return text_of(element, path) in ("true", "1")


def aggregate(name: str, parts: Iterable[tuple[str, Any]]) -> etree._Element:
    """An element with one child per part, in order.

    A part's value is text, a Decimal (an amount, two decimals), a bool, an int, a finished element, or a list of
    these; None is left out.
    """
    element = etree.Element(name)
    for child, value in parts:
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, etree._Element):
                element.append(each)
            elif each is not None:
                etree.SubElement(element, child).text = _written(each)
    return element


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    return str(value)


def as_stored(text: str) -> str:
    """What QuickBooks keeps of a text: characters outside of Windows-1252 become question marks."""
    return text.encode("cp1252", "replace").decode("cp1252")


def write_answer(set_attributes: dict[str, str], answers: list[etree._Element]) -> str:
    """The document that ProcessRequest returns: no encoding in its declaration, one element a line."""
    root = etree.Element("QBXML")
    body = etree.SubElement(root, "QBXMLMsgsRs", set_attributes)
    body.extend(answers)
    etree.indent(root, space="")
    return '<?xml version="1.0" ?>\n' + etree.tostring(root, encoding="unicode") + "\n"

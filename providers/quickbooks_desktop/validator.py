"""The last check of a message set before it leaves: a fault found here costs nothing, one found there a whole session.

QuickBooks refuses a misplaced element with 0x80040400 and not a word about where. Checked are the schema's own rules
and what the schema lets pass although QuickBooks does not: ids too long, empty or double references, an amount without
its decimals, an iterator without its id, a bill without lines, two writes in one set.
"""

import re
from collections.abc import Iterator, Sequence

from lxml import etree

from providers.quickbooks_desktop.characters import is_known
from providers.quickbooks_desktop.grammar import RULES, Field, Group, Kind, OneOf, Piece, Rule
from providers.quickbooks_desktop.message_set import LONGEST_ID, PROLOGUE

LONGEST_REQUEST_ID = 50
HAVE_LINES = {"BillAdd": "a bill", "VendorCreditAdd": "a vendor credit"}
PATTERNS = {
    Kind.TEXT: re.compile(r"(?s).+"),
    Kind.ID: re.compile(r"-1|[0-9A-Za-z-]{1,36}"),
    Kind.AMOUNT: re.compile(r"-?\d{1,13}\.\d{2}"),
    Kind.PRICE: re.compile(r"-?\d{1,13}(?:\.\d{1,5})?"),
    Kind.DATE: re.compile(r"\d{4}-\d{2}-\d{2}"),
    Kind.DATE_TIME: re.compile(r"\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}:\d{2}(?:[+-]\d{2}:\d{2})?)?"),
    Kind.FLAG: re.compile(r"true|false"),
    Kind.COUNT: re.compile(r"[1-9]\d{0,5}"),
    Kind.GUID: re.compile(r"0|\{[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\}"),
}


class InvalidMessageSet(ValueError):
    """A text that QuickBooks would refuse or misread: a fault of ours. ``faults`` says what and where."""

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(faults))


def check_message_set(text: str) -> None:
    """Raises InvalidMessageSet unless the text may go to QuickBooks exactly as it stands."""
    faults = list(_faults(text))
    if faults:
        raise InvalidMessageSet(faults)


def _faults(text: str) -> Iterator[str]:
    if not text.isascii():
        yield "the text is not plain ASCII"
    if not text.startswith(PROLOGUE):
        yield f"the text does not begin with {PROLOGUE}"
    try:
        root = etree.fromstring(text.encode("utf-8"), _PARSER)
    except etree.XMLSyntaxError as broken:
        yield f"the text is no XML: {broken.msg}"
        return
    inner = list(root)
    if root.tag != "QBXML" or [child.tag for child in inner] != ["QBXMLMsgsRq"]:
        yield "there is not exactly one QBXMLMsgsRq in a QBXML"
        return
    yield from _message_set(inner[0])


def _message_set(element: etree._Element) -> Iterator[str]:
    requests = list(element)
    unknown = set(element.attrib) - {"onError", "newMessageSetID", "oldMessageSetID"}
    if unknown:
        yield f"QBXMLMsgsRq has attributes we never send: {', '.join(sorted(map(str, unknown)))}"
    if element.get("onError") not in {"stopOnError", "continueOnError"}:
        yield "onError must be stopOnError or continueOnError; QuickBooks refuses rollbackOnError"
    for name in ("newMessageSetID", "oldMessageSetID"):
        value = element.get(name)
        if value is not None and not 1 <= len(value) <= LONGEST_ID:
            yield f"{name} has {len(value)} characters; 1 to {LONGEST_ID} are allowed"
    if not requests and element.get("newMessageSetID") is None and element.get("oldMessageSetID") is None:
        yield "a message set without requests asks for nothing"
    writes = [request for request in requests if (rule := RULES.get(str(request.tag))) and rule.is_write]
    if len(writes) > 1 or (writes and len(requests) > 1):
        yield "a write travels alone: whatever is before it would stay done when it fails"
    if writes and element.get("newMessageSetID") is None:
        yield "a write without newMessageSetID cannot be asked after when its answer is lost"
    ids = [request.get("requestID", "") for request in requests]
    if len(set(ids)) < len(ids):
        yield "two requests share a requestID"
    for request in requests:
        yield from _request(request)


def _request(element: etree._Element) -> Iterator[str]:
    rule = RULES.get(str(element.tag))
    if rule is None:
        yield f"{element.tag!s} is no request we send"
        return
    request_id = element.get("requestID", "")
    if not 1 <= len(request_id) <= LONGEST_REQUEST_ID:
        yield f"{rule.name}: requestID must have 1 to {LONGEST_REQUEST_ID} characters"
    yield from _iterator(element, rule)
    yield from _sequence(element, rule.parts, rule.name)
    name = rule.name.removesuffix("Rq")
    if name in HAVE_LINES and not element.xpath(f"{name}/ExpenseLineAdd | {name}/ItemLineAdd"):
        yield f"{name}: {HAVE_LINES[name]} has at least one line"


def _iterator(element: etree._Element, rule: Rule) -> Iterator[str]:
    unknown = set(element.attrib) - {"requestID", "iterator", "iteratorID"}
    if unknown:
        yield f"{rule.name} has attributes we never send: {', '.join(sorted(map(str, unknown)))}"
    iterator, iterator_id = element.get("iterator"), element.get("iteratorID")
    if (iterator is not None or iterator_id is not None) and not rule.iterates:
        yield f"{rule.name} cannot be read page by page"
    if iterator not in {None, "Start", "Continue", "Stop"}:
        yield f"{rule.name}: iterator is Start, Continue or Stop"
    if (iterator in {"Continue", "Stop"}) != (iterator_id is not None):
        yield f"{rule.name}: exactly Continue and Stop name an iteratorID"
    if iterator in {"Start", "Continue"} and element.find("MaxReturned") is None:
        yield f"{rule.name}: an iterator needs MaxReturned"


def _sequence(element: etree._Element, parts: Sequence[Piece], where: str) -> Iterator[str]:
    children = list(element)
    place = 0
    for part in parts:
        place, faults = _take(part, children, place, where)
        yield from faults
    if place < len(children):
        yield f"{where}: {children[place].tag!s} is unknown here or out of order"


def _take(part: Piece, children: Sequence[etree._Element], place: int, where: str) -> tuple[int, list[str]]:
    """Where the sequence goes on after what belongs to ``part``, and what is wrong with it."""
    faults: list[str] = []
    taken = 0
    while place < len(children) and (taken == 0 or part.repeats) and _begins(part, str(children[place].tag)):
        if isinstance(part, OneOf):
            sequence = next(one for one in part.sequences if any(_begins(p, str(children[place].tag)) for p in one))
            for piece in sequence:
                place, found = _take(piece, children, place, where)
                faults += found
        else:
            faults += _content(part, children[place], f"{where}/{part.name}")
            place += 1
        taken += 1
    if part.required and not taken:
        name = "a choice" if isinstance(part, OneOf) else part.name
        faults.append(f"{where}: {name} is missing")
    return place, faults


def _begins(part: Piece, tag: str) -> bool:
    if isinstance(part, OneOf):
        return any(_begins(piece, tag) for sequence in part.sequences for piece in sequence)
    return part.name == tag


def _content(part: Field | Group, element: etree._Element, where: str) -> list[str]:
    if element.attrib:
        return [f"{where}: attributes are not allowed here"]
    if isinstance(part, Group):
        return [*_sequence(element, part.parts, where), *_group(element, where)]
    text = element.text or ""
    if len(element):
        return [f"{where}: only text is allowed here"]
    if not PATTERNS[part.kind].fullmatch(text):
        return [f"{where}: {text!r} is no {part.kind.value}"]
    if part.longest is not None and len(text) > part.longest:
        return [f"{where}: {len(text)} characters, {part.longest} are allowed"]
    if part.values and text not in part.values:
        return [f"{where}: {text!r} is not one of {', '.join(part.values)}"]
    if not is_known(text):
        return [f"{where}: {text!r} has characters that QuickBooks cannot hold"]
    return []


def _group(element: etree._Element, where: str) -> Iterator[str]:
    name = str(element.tag)
    if name.endswith("Ref") and len(element) != 1:
        yield f"{where}: a reference is either a ListID or a FullName"
    if name.endswith(("LineAdd", "LineMod")):
        has_customer, has_status = element.find("CustomerRef") is not None, element.find("BillableStatus") is not None
        if has_customer != has_status:
            yield f"{where}: the billable status goes with a customer, and only then"


_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)

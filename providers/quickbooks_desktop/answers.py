"""What QuickBooks answered to a message set, read without trust: any text may arrive where an answer should.

Names are read in any order and unknown ones passed over, so that a newer QuickBooks is understood; a status that is
there without what it promises is said to be so by whoever looks for it.
"""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from lxml import etree
from pydantic import ValidationError
from pydantic_xml import ParsingError, element

from providers.quickbooks_desktop.messages.element import Returned
from providers.quickbooks_desktop.messages.lists import ItemRet
from providers.quickbooks_desktop.reading_xml import UnsafeOrBroken, read_xml

# An unpaged list of a big company file is a few megabytes.
LARGEST = 8 * 1024 * 1024
What = TypeVar("What", bound=Returned)


class AnswerUnreadable(ValueError):
    """The text is no answer of QuickBooks: cut, empty, or something else. What was asked may have been done."""


class ErrorRecovery(Returned, tag="ErrorRecovery"):
    """What a stored outcome names of the object that was made, in place of the object or beside it."""

    txn_id: str | None = element(tag="TxnID", default=None)
    list_id: str | None = element(tag="ListID", default=None)
    edit_sequence: str = element(tag="EditSequence", default="")
    external_guid: str | None = element(tag="ExternalGUID", default=None)


@dataclass(frozen=True)
class Response:
    """The answer to one request. ``remaining`` counts what an iterator has left, None where there is none."""

    name: str
    request_id: str
    status: int
    severity: str
    message: str
    iterator_id: str | None
    remaining: int | None
    _element: etree._Element = field(repr=False, compare=False)

    def returned(self, kind: type[What]) -> list[What]:
        """Everything of a kind that came with it. Raises AnswerUnreadable where one lacks what it must have."""
        return [read_as(kind, found) for found in self._element.iterchildren(kind.__xml_tag__ or kind.__name__)]

    def items(self) -> Iterator[tuple[str, ItemRet]]:
        """Items with the element each came in, which names its kind. Raises AnswerUnreadable."""
        for found in self._element:
            if found.tag in ItemRet.kinds:
                yield str(found.tag), read_as(ItemRet, found)

    def times_modified(self) -> list[str]:
        """When each returned object was last changed, in QuickBooks' own words."""
        return [found.text for found in self._element.iterfind("*/TimeModified") if found.text]

    def times_deleted(self) -> list[str]:
        """When each returned transaction was deleted, in QuickBooks' own words."""
        return [found.text for found in self._element.iterfind("TxnDeletedRet/TimeDeleted") if found.text]

    def own(self, kind: type[What]) -> What:
        """What stands in the answer's own element. Raises AnswerUnreadable."""
        return read_as(kind, self._element)


@dataclass(frozen=True)
class Answer:
    """The answer to a message set. ``set_status`` is there only where recovery was asked for."""

    set_id: str | None
    set_status: int | None
    responses: tuple[Response, ...]

    def to(self, request_id: str) -> Response:
        """The one response to a request. Raises AnswerUnreadable where it answers something else."""
        found = [one for one in self.responses if one.request_id == request_id]
        if len(found) != 1:
            named = ", ".join(one.request_id or "nothing" for one in self.responses) or "nothing"
            raise AnswerUnreadable(f"this answers {named} and not {request_id}")
        return found[0]


def read_answer(text: str) -> Answer:
    """Raises AnswerUnreadable for anything that is not a whole, safe, well-formed answer."""
    try:
        root = read_xml(text, LARGEST)
    except UnsafeOrBroken as broken:
        raise AnswerUnreadable(str(broken)) from None
    inner = root.find("QBXMLMsgsRs") if root.tag == "QBXML" else None
    if inner is None:
        raise AnswerUnreadable("there is no QBXMLMsgsRs in a QBXML")
    return Answer(
        set_id=inner.get("newMessageSetID"),
        set_status=_number(inner.get("messageSetStatusCode")),
        responses=tuple(_response(one) for one in inner),
    )


def _response(one: etree._Element) -> Response:
    status = _number(one.get("statusCode"))
    if status is None:
        raise AnswerUnreadable(f"{one.tag!s} has no statusCode")
    return Response(
        name=str(one.tag),
        request_id=one.get("requestID", ""),
        status=status,
        severity=one.get("statusSeverity", ""),
        message=one.get("statusMessage", ""),
        iterator_id=one.get("iteratorID"),
        remaining=_number(one.get("iteratorRemainingCount")),
        _element=one,
    )


def _number(text: str | None) -> int | None:
    try:
        return int(text) if text else None
    except ValueError:
        raise AnswerUnreadable(f"{text!r} stands where a number belongs") from None


def read_as(kind: type[What], found: etree._Element) -> What:
    """Raises AnswerUnreadable where a value is missing or of another kind."""
    expected = kind.__xml_tag__ or kind.__name__
    if found.tag != expected:
        # Items come under many names, and a void under its answer's: whoever found them has matched it.
        found = deepcopy(found)
        found.tag = expected
    try:
        return kind.from_xml_tree(cast(Any, found))
    except (ValidationError, ParsingError) as wrong:
        raise AnswerUnreadable(f"{found.tag!s} is not as promised: {type(wrong).__name__}") from None

"""What every message is made of: requests in the schema's order, answers by name, references."""

from typing import ClassVar

from pydantic import ConfigDict
from pydantic_xml import BaseXmlModel, attr, element


class Part(BaseXmlModel):
    """A part of a request; it is written in the order of its members, empty ones left out."""

    model_config = ConfigDict(frozen=True)


class Request(Part):
    """One request of a message set. ``request_id`` comes back with its answer (at most 50 characters)."""

    is_write: ClassVar[bool] = False

    request_id: str = attr(name="requestID")


class Paged(Request):
    """A query that can be read page by page.

    ``iterator`` is ``Start`` or ``Continue``; a page after the first names the ``iterator_id`` that came with it and
    repeats everything else. Intuit: QuickBooks Desktop SDK Programmer's Guide, iterators.
    """

    iterator: str | None = attr(name="iterator", default=None)
    iterator_id: str | None = attr(name="iteratorID", default=None)


class Returned(BaseXmlModel, search_mode="unordered"):
    """Something QuickBooks returned."""

    model_config = ConfigDict(frozen=True)


class Ref(BaseXmlModel, search_mode="unordered"):
    """A reference. Written with its ListID only: names are edited by people."""

    model_config = ConfigDict(frozen=True)

    list_id: str | None = element(tag="ListID", default=None)
    full_name: str | None = element(tag="FullName", default=None)


def to(list_id: str) -> Ref:
    return Ref(list_id=list_id)


class Listed(Returned):
    """An entry of one of QuickBooks' lists."""

    list_id: str = element(tag="ListID")
    time_modified: str = element(tag="TimeModified", default="")
    edit_sequence: str = element(tag="EditSequence", default="")
    name: str = element(tag="Name", default="")
    is_active: bool = element(tag="IsActive", default=True)


class Transaction(Returned):
    """A transaction of the books. Times are the PC's own, as QuickBooks wrote them."""

    txn_id: str = element(tag="TxnID")
    time_modified: str = element(tag="TimeModified", default="")
    edit_sequence: str = element(tag="EditSequence", default="")

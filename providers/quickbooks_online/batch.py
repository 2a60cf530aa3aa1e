"""Up to 30 writes and look-ups in one call, with an outcome for each.

Items are independent of each other and some may fail while others succeed. QuickBooks answers a repeated batch
from memory only if its requestid *and* all its bIds are the same. Intuit: all-entities/batch;
learn-basic-field-definitions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from providers.quickbooks_online.answers import QueryPage, UnexpectedShape, one_entity, query_page
from providers.quickbooks_online.errors import (
    AnswerUnreadable,
    InvalidRequest,
    OutcomeUnclear,
    QuickBooksOnlineError,
)
from providers.quickbooks_online.faults import error_of_fault, fault_of
from providers.quickbooks_online.query import Select
from providers.quickbooks_online.types import ENTITY_KINDS, Entity
from providers.quickbooks_online.wire import write_json

MOST_ITEMS = 30
LONGEST_BID = 10

_KIND_BY_NAME = {kind.entity_name: kind for kind in ENTITY_KINDS}


@dataclass(frozen=True)
class BatchCreate:
    """Creates the object whose exact bytes are `body` (see `serialize_bill`)."""

    b_id: str
    kind: type[Entity]
    body: bytes


@dataclass(frozen=True)
class BatchQuery:
    """Reads one page of a query."""

    b_id: str
    statement: Select

    @property
    def kind(self) -> type[Entity]:
        """What its rows are read as; there is one for each query that `serialize_batch` lets through."""
        return _KIND_BY_NAME[self.statement.entity]


BatchItem = BatchCreate | BatchQuery


@dataclass(frozen=True)
class SerializedBatch:
    """A batch as it is sent, byte for byte, and the items it was made of by bId: what its answer is read as."""

    body: bytes
    items: Mapping[str, BatchItem]

    @property
    def writes(self) -> bool:
        return any(isinstance(item, BatchCreate) for item in self.items.values())


BatchOutcome = Entity | QueryPage[Any] | QuickBooksOnlineError
"""What became of one item: the object made, the rows found, or the error that is to be treated as if the item
had been sent alone."""


@dataclass(frozen=True)
class BatchAnswer:
    """One outcome per bId that was sent; an item that QuickBooks did not answer is there with its error."""

    outcomes: Mapping[str, BatchOutcome]
    intuit_tid: str
    time: datetime | None


def serialize_batch(items: Sequence[BatchItem]) -> SerializedBatch:
    """The batch's JSON; each body stands in it byte for byte.

    Raises InvalidRequest where there is no item or more than 30, where a bId is missing, longer than 10 characters or
    used twice, or where a query asks for what this client does not know.
    """
    if not 1 <= len(items) <= MOST_ITEMS:
        raise InvalidRequest(f"a batch holds 1 to {MOST_ITEMS} items, not {len(items)}")
    by_bid = {item.b_id: item for item in items}
    if len(by_bid) != len(items) or not all(1 <= len(b_id) <= LONGEST_BID for b_id in by_bid):
        raise InvalidRequest(f"each bId is used once and has 1 to {LONGEST_BID} characters")
    if any(isinstance(item, BatchQuery) and item.statement.entity not in _KIND_BY_NAME for item in items):
        raise InvalidRequest("a query of the batch asks for what this client does not know")
    return SerializedBatch(b'{"BatchItemRequest":[' + b",".join(_written(item) for item in items) + b"]}", by_bid)


def read_outcomes(sent: Mapping[str, BatchItem], answer: Mapping[str, Any], intuit_tid: str) -> dict[str, BatchOutcome]:
    """The outcome of every item sent. Raises UnexpectedShape if the answer is no batch answer at all."""
    rows = answer.get("BatchItemResponse")
    if not isinstance(rows, list):
        raise UnexpectedShape("the answer holds no BatchItemResponse")
    by_bid = {str(row.get("bId")): row for row in rows if isinstance(row, Mapping)}
    return {b_id: _outcome(item, by_bid.get(b_id, {}), intuit_tid) for b_id, item in sent.items()}


def _written(item: BatchItem) -> bytes:
    b_id = write_json(item.b_id)
    if isinstance(item, BatchQuery):
        return b'{"bId":' + b_id + b',"Query":' + write_json(str(item.statement)) + b"}"
    name = write_json(item.kind.entity_name)
    return b'{"bId":' + b_id + b',"operation":"create",' + name + b":" + item.body + b"}"


def _outcome(item: BatchItem, row: Mapping[str, Any], intuit_tid: str) -> BatchOutcome:
    is_query = isinstance(item, BatchQuery)
    if fault := fault_of(row):
        return error_of_fault(fault, status=200, intuit_tid=intuit_tid, writing=not is_query)
    try:
        if not is_query:
            return one_entity(item.kind, row)
        page = query_page(item.kind, row)
        if page.unreadable:
            # A look-up that leaves a row out could read as "not there" and make a second bill.
            raise UnexpectedShape(f"{item.kind.entity_name}: {page.unreadable[0].problem}")
    except UnexpectedShape as unexpected:
        unusable = AnswerUnreadable if is_query else OutcomeUnclear
        return unusable(
            f"an item of a batch was not answered readably: {unexpected}",
            intuit_tid=intuit_tid,
            http_status=200,
        )
    return page

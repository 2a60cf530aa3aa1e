"""Up to 30 writes and look-ups in one call, with an outcome for each.

Items are independent of each other and some may fail while others succeed. QuickBooks answers a repeated batch
from memory only if its requestid *and* all its bIds are the same. Intuit: all-entities/batch;
learn-basic-field-definitions.
"""

from __future__ import annotations

import re
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
from providers.quickbooks_online.wire import UnreadableJson, read_json, write_json

MOST_ITEMS = 30
LONGEST_BID = 10

_FROM = re.compile(r"\bFROM\s+(\w+)", re.IGNORECASE)
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


BatchOutcome = Entity | QueryPage[Any] | QuickBooksOnlineError
"""What became of one item: the object made, the rows found, or the error that is to be treated as if the item
had been sent alone."""


@dataclass(frozen=True)
class BatchAnswer:
    """One outcome per bId that was sent; an item that QuickBooks did not answer is there with its error."""

    outcomes: Mapping[str, BatchOutcome]
    intuit_tid: str
    time: datetime | None


@dataclass(frozen=True)
class SentItem:
    """What the answer to one item must be read as."""

    kind: type[Entity]
    is_query: bool


def serialize_batch(items: Sequence[BatchCreate | BatchQuery]) -> bytes:
    """The batch's JSON; each body stands in it byte for byte. Raises InvalidRequest (see `sent_items`)."""
    body = b'{"BatchItemRequest":[' + b",".join(_written(item) for item in items) + b"]}"
    sent_items(body)
    return body


def sent_items(body: bytes) -> dict[str, SentItem]:
    """The items of a serialised batch by bId.

    Raises InvalidRequest where the body is no batch, has no item or more than 30, or where a bId is missing,
    longer than 10 characters or used twice.
    """
    try:
        rows = read_json(body)["BatchItemRequest"]
        found = {str(row["bId"]): _sent_item(row) for row in rows}
        lengths = [len(str(row["bId"])) for row in rows]
    except (UnreadableJson, KeyError, TypeError):
        raise InvalidRequest("the body is no batch of creates and queries that this client knows") from None
    if not 1 <= len(lengths) <= MOST_ITEMS:
        raise InvalidRequest(f"a batch holds 1 to {MOST_ITEMS} items, not {len(lengths)}")
    if len(found) != len(lengths) or not all(1 <= length <= LONGEST_BID for length in lengths):
        raise InvalidRequest(f"each bId is used once and has 1 to {LONGEST_BID} characters")
    return found


def read_outcomes(sent: Mapping[str, SentItem], answer: Mapping[str, Any], intuit_tid: str) -> dict[str, BatchOutcome]:
    """The outcome of every item sent. Raises UnexpectedShape if the answer is no batch answer at all."""
    rows = answer.get("BatchItemResponse")
    if not isinstance(rows, list):
        raise UnexpectedShape("the answer holds no BatchItemResponse")
    by_bid = {str(row.get("bId")): row for row in rows if isinstance(row, Mapping)}
    return {b_id: _outcome(item, by_bid.get(b_id, {}), intuit_tid) for b_id, item in sent.items()}


def _written(item: BatchCreate | BatchQuery) -> bytes:
    b_id = write_json(item.b_id)
    if isinstance(item, BatchQuery):
        return b'{"bId":' + b_id + b',"Query":' + write_json(str(item.statement)) + b"}"
    name = write_json(item.kind.entity_name)
    return b'{"bId":' + b_id + b',"operation":"create",' + name + b":" + item.body + b"}"


def _sent_item(row: Mapping[str, Any]) -> SentItem:
    if "Query" in row:
        match = _FROM.search(row["Query"])
        return SentItem(kind=_KIND_BY_NAME[match.group(1) if match else ""], is_query=True)
    if row["operation"] != "create":
        raise KeyError(row["operation"])
    name = next(name for name in (*row, "") if name not in ("bId", "operation"))
    return SentItem(kind=_KIND_BY_NAME[name], is_query=False)


def _outcome(item: SentItem, row: Mapping[str, Any], intuit_tid: str) -> BatchOutcome:
    if fault := fault_of(row):
        return error_of_fault(fault, status=200, intuit_tid=intuit_tid, writing=not item.is_query)
    try:
        if not item.is_query:
            return one_entity(item.kind, row)
        page = query_page(item.kind, row)
        if page.unreadable:
            # A look-up that leaves a row out could read as "not there" and make a second bill.
            raise UnexpectedShape(f"{item.kind.entity_name}: {page.unreadable[0].problem}")
    except UnexpectedShape as unexpected:
        unusable = AnswerUnreadable if item.is_query else OutcomeUnclear
        return unusable(
            f"an item of a batch was not answered readably: {unexpected}",
            intuit_tid=intuit_tid,
            http_status=200,
        )
    return page

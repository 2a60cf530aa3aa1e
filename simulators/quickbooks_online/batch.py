"""Batch: up to 30 independent writes and queries in one call, each with its own outcome (reference 3.2)."""

from __future__ import annotations

from typing import Any

from simulators.quickbooks_online.books import Books
from simulators.quickbooks_online.operations import WRITABLE, perform
from simulators.quickbooks_online.queries import run_query
from simulators.quickbooks_online.refusals import (
    Refusal,
    bad_enum,
    batch_too_big,
    missing,
    unsupported_property,
)
from simulators.quickbooks_online.replays import (
    LONGEST_BATCH_ID,
    Replays,
    check_item_id,
    check_request_id,
)
from simulators.quickbooks_online.throttle import Meter

MOST_ITEMS = 30

Outcome = dict[str, Any]


def run_batch(
    books: Books, payload: Any, request_id: str | None, replays: Replays[Outcome], meter: Meter, now: float
) -> list[Outcome]:
    """The BatchItemResponse list. Raises the Refusal of the batch as a whole; items carry their own Fault."""
    items = payload.get("BatchItemRequest") if isinstance(payload, dict) else None
    if not isinstance(items, list) or not items:
        raise missing("BatchItemRequest")
    if len(items) > MOST_ITEMS:
        raise batch_too_big(len(items), MOST_ITEMS)
    if request_id is not None:
        check_request_id(request_id, LONGEST_BATCH_ID)
    for item in items:
        if not isinstance(item, dict) or not isinstance(item.get("bId"), str):
            raise missing("bId")
        if request_id is not None:
            check_item_id(item["bId"])
    return [_run_item(books, item, request_id, replays, meter, now) for item in items]


def _run_item(
    books: Books,
    item: dict[str, Any],
    request_id: str | None,
    replays: Replays[Outcome],
    meter: Meter,
    now: float,
) -> Outcome:
    item_id = item["bId"]
    if request_id is not None:
        first = replays.find(books.realm_id, request_id, now, item_id)
        if first is not None:
            meter.replays += 1
            return first
    try:
        outcome = {"bId": item_id} | _perform(books, item)
        if "QueryResponse" in outcome:
            meter.count(now, coreplus=1)
        else:
            meter.count(now, core=1)
    except Refusal as refusal:
        outcome = {"bId": item_id, "Fault": refusal.fault()}
    if request_id is not None:
        replays.keep(books.realm_id, request_id, now, outcome, is_fault="Fault" in outcome, item_id=item_id)
    return outcome


def _perform(books: Books, item: dict[str, Any]) -> Outcome:
    if isinstance(item.get("Query"), str):
        return {"QueryResponse": run_query(books, item["Query"])}
    kind = next((name for name in WRITABLE if name in item), None)
    if kind is None:
        raise unsupported_property(next((name for name in item if name not in ("bId", "operation")), "Query"))
    operation = item.get("operation")
    if operation not in ("create", "update", "delete"):
        raise bad_enum("operation", operation)
    options = frozenset(str(item.get("optionsData") or "").lower().split(","))
    if operation == "update" and "void" in options:
        operation = "void"
    return {kind: perform(books, kind, operation, item[kind], options)}

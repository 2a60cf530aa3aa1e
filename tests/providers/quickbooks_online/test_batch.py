"""A batch keeps each body byte for byte, stays inside its limits, and has an outcome for every item."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from providers.quickbooks_online import errors
from providers.quickbooks_online.answers import QueryPage, UnexpectedShape
from providers.quickbooks_online.batch import (
    BatchCreate,
    BatchItem,
    BatchQuery,
    read_outcomes,
    serialize_batch,
)
from providers.quickbooks_online.bill_payload import serialize_bill
from providers.quickbooks_online.query import Condition, Select
from providers.quickbooks_online.types import Bill
from tests.providers.quickbooks_online.bills import bill

BODY = serialize_bill(bill())
WIRE_BILL: dict[str, Any] = {
    "Id": "2045",
    "SyncToken": "0",
    "VendorRef": {"value": "112"},
    "TxnDate": "2026-11-18",
    "TotalAmt": Decimal("81000.09"),
}


def _creates(*b_ids: str) -> list[BatchItem]:
    return [BatchCreate(b_id, Bill, BODY) for b_id in b_ids]


def test_bodies_stand_in_a_batch_byte_for_byte() -> None:
    batch = serialize_batch(_creates("1", "2")).body
    item = b'{"bId":"%d","operation":"create","Bill":' + BODY + b"}"
    assert batch == b'{"BatchItemRequest":[' + item.replace(b"%d", b"1") + b"," + item.replace(b"%d", b"2") + b"]}"


def test_equal_items_give_equal_bytes() -> None:
    assert serialize_batch(_creates("1", "2")) == serialize_batch(_creates("1", "2"))


@pytest.mark.parametrize(
    ("b_ids", "why"),
    [
        ((), "a batch holds 1 to 30 items, not 0"),
        (tuple(str(number) for number in range(31)), "a batch holds 1 to 30 items, not 31"),
        (("1", "1"), "each bId is used once and has 1 to 10 characters"),
        (("12345678901",), "each bId is used once and has 1 to 10 characters"),
        (("",), "each bId is used once and has 1 to 10 characters"),
    ],
)
def test_limits_of_a_batch(b_ids: tuple[str, ...], why: str) -> None:
    with pytest.raises(errors.InvalidRequest, match=f"^{why}"):
        serialize_batch(_creates(*b_ids))


def test_thirty_items_are_a_batch() -> None:
    items = _creates(*(f"b{number:09}" for number in range(30)))
    batch = serialize_batch(items)
    assert list(batch.items.values()) == items
    assert batch.writes


def test_a_batch_of_look_ups_writes_nothing() -> None:
    assert not serialize_batch([BatchQuery("q", Select("Bill"))]).writes
    assert serialize_batch([BatchQuery("q", Select("Bill")), *_creates("1")]).writes


def test_a_query_of_what_this_client_cannot_read_is_not_sent() -> None:
    with pytest.raises(errors.InvalidRequest, match="does not know"):
        serialize_batch([BatchQuery("q", Select("Invoice"))])


def _outcomes(*rows: dict[str, Any]) -> dict[str, Any]:
    look_up = BatchQuery("q", Select("Bill", (Condition("DocNumber", "=", "17"),)))
    sent = serialize_batch([*_creates("1", "2"), look_up])
    return read_outcomes(sent.items, {"BatchItemResponse": list(rows)}, "t1")


def test_each_item_has_its_own_outcome() -> None:
    outcomes = _outcomes(
        {"bId": "q", "QueryResponse": {}},
        {"bId": "2", "Fault": {"Error": [{"Message": "m", "Detail": "d", "code": "6240"}]}},
        {"bId": "1", "Bill": WIRE_BILL},
        {"bId": "unknown", "Bill": WIRE_BILL},
    )
    assert list(outcomes) == ["1", "2", "q"]
    assert outcomes["1"].id == "2045"
    assert type(outcomes["2"]) is errors.DuplicateName
    assert outcomes["2"].intuit_tid == "t1"
    assert outcomes["q"] == QueryPage((), ())


def test_an_item_that_was_not_answered_is_unclear() -> None:
    outcomes = _outcomes({"bId": "1", "Bill": WIRE_BILL})
    assert isinstance(outcomes["1"], Bill)
    assert type(outcomes["2"]) is errors.OutcomeUnclear
    assert type(outcomes["q"]) is errors.AnswerUnreadable


def test_one_unreadable_outcome_leaves_the_others_readable() -> None:
    outcomes = _outcomes(
        {"bId": "1", "Bill": {"SyncToken": "0"}},
        {"bId": "2", "Bill": WIRE_BILL},
        {"bId": "q", "QueryResponse": {"Bill": [WIRE_BILL, {"Id": "7"}]}},
    )
    assert type(outcomes["1"]) is errors.OutcomeUnclear
    assert isinstance(outcomes["2"], Bill)
    assert type(outcomes["q"]) is errors.AnswerUnreadable, "a look-up must not leave a bill out"


def test_a_system_failure_of_an_item_leaves_that_item_unclear() -> None:
    fault = {"type": "SystemFault", "Error": [{"Message": "m", "code": "10000"}]}
    outcomes = _outcomes({"bId": "1", "Fault": fault}, {"bId": "q", "Fault": fault})
    assert type(outcomes["1"]) is errors.OutcomeUnclear
    assert type(outcomes["q"]) is errors.ServiceFailure


@pytest.mark.parametrize("answer", [{}, {"BatchItemResponse": None}, {"BatchItemResponse": {}}])
def test_what_is_no_batch_answer(answer: dict[str, Any]) -> None:
    with pytest.raises(UnexpectedShape):
        read_outcomes({}, answer, "t1")

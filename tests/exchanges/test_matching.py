"""The comparer finds what differs and only that; the playback plays what the file says."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.exchanges.matching import (
    ExchangeResponse,
    differences,
    example,
    fill,
    header_differences,
    read_body,
    wire_text,
)
from tests.exchanges.playback import answer_of

VOLATILE = {"$any": "digits", "example": "2045"}


@pytest.mark.parametrize(
    ("expected", "actual"),
    [
        ({"a": 1}, {"a": 1, "more": 2}),
        ({"a": Decimal("50000.00")}, {"a": Decimal("50000.0")}),
        ({"a": Decimal("50000.00")}, {"a": 50000}),
        ({"Id": VOLATILE}, {"Id": "7"}),
        ({"gone": {"$absent": True}}, {}),
        ([{"a": VOLATILE}, None], [{"a": "1"}, None]),
        ({"$any": "instant", "example": ""}, "2026-11-20T09:14:03.412-08:00"),
        (None, None),
        ("<xml/>", "<xml/>"),
    ],
)
def test_what_agrees(expected: Any, actual: Any) -> None:
    assert differences(expected, actual) == []


@pytest.mark.parametrize(
    ("expected", "actual", "said"),
    [
        ({"a": 1}, {}, "body.a: missing"),
        ({"a": 1}, {"a": "1"}, "body.a: '1' is not 1"),
        ({"a": 1}, {"a": True}, "body.a: True is not 1"),
        ({"a": Decimal("0.10")}, {"a": Decimal("0.11")}, "body.a: 0.11 is not 0.10"),
        ({"a": {"b": [1, 2]}}, {"a": {"b": [1]}}, "body.a.b: a list of 2 was expected, not [1]"),
        ([1, 2], [2, 1], "body[0]: 2 is not 1"),
        ({"Id": VOLATILE}, {"Id": 7}, "body.Id: 7 is not of kind digits"),
        ({"Id": VOLATILE}, {"Id": ""}, "body.Id: '' is not of kind digits"),
        ({"$any": "instant", "example": ""}, "2026-11-20", "body: '2026-11-20' is not of kind instant"),
        ({"gone": {"$absent": True}}, {"gone": None}, "body.gone: must be absent"),
        ({}, [], "body: an object was expected, not []"),
        (None, "", "body: '' is not None"),
    ],
)
def test_what_differs(expected: Any, actual: Any, said: str) -> None:
    assert differences(expected, actual)[0] == said


def test_headers() -> None:
    actual = {"Content-Type": "application/json;charset=UTF-8", "intuit_tid": "1-67"}
    expected = {"content-type": "application/json*", "Intuit_Tid": "*", "Retry-After": "-"}
    assert header_differences(expected, actual) == []
    wrong = {"content-type": "application/json", "Retry-After": "*", "intuit_tid": "-"}
    assert len(header_differences(wrong, actual)) == 3


def test_numbers_keep_their_digits() -> None:
    body = {"Amount": Decimal("50000.00"), "Qty": 1, "On": True, "Text": 'a "·"', "None": None, "List": []}
    assert wire_text(body) == '{"Amount":50000.00,"Qty":1,"On":true,"Text":"a \\"·\\"","None":null,"List":[]}'
    assert read_body(wire_text(body)) == body
    assert (wire_text(None), wire_text("a=b"), read_body(""), read_body("<x/>")) == ("", "a=b", None, "<x/>")


def test_holes_are_filled_at_any_depth() -> None:
    assert fill({"a": ["Bearer ${token}"], "n": 1}, {"token": "t"}) == {"a": ["Bearer t"], "n": 1}
    with pytest.raises(KeyError):
        fill("${unknown}", {})


def test_the_playback_plays_examples() -> None:
    body = {"Id": VOLATILE, "gone": {"$absent": True}}
    assert example(body) == {"Id": "2045"}
    headers = {"Content-Type": "application/json*", "intuit_tid": "*", "Retry-After": "-"}
    assert answer_of(ExchangeResponse(200, headers, body)) == (
        b"HTTP/1.1 200 Played\r\nContent-Length: 13\r\nConnection: close\r\n"
        b'Content-Type: application/json\r\n\r\n{"Id":"2045"}'
    )

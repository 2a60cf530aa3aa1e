"""Statements say what they are meant to, whatever stands in a value."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.quickbooks_online.errors import InvalidRequest
from providers.quickbooks_online.query import Condition, Select, Value, literal

PACIFIC = timezone(timedelta(hours=-8))


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("Northgate", "'Northgate'"),
        ("O'Brien", r"'O\'Brien'"),
        ("back\\", r"'back\\'"),
        ("' OR Id > '0", r"'\' OR Id > \'0'"),
        ("100 % Ünïcode", "'100 % Ünïcode'"),
        (True, "true"),
        (False, "false"),
        (Decimal("81000.10"), "'81000.10'"),
        (Decimal("1E+3"), "'1000'"),
        (date(2026, 5, 31), "'2026-05-31'"),
        (datetime(2026, 11, 20, 0, 0, 0, 999, tzinfo=PACIFIC), "'2026-11-20T00:00:00-08:00'"),
    ],
)
def test_literals(value: Value, written: str) -> None:
    assert literal(value) == written


@given(st.text(st.characters(min_codepoint=32)))
def test_a_text_never_leaves_its_quotes(text: str) -> None:
    written = literal(text)
    inside, position, plain = written[1:-1], 0, ""
    assert (written[0], written[-1]) == ("'", "'")
    while position < len(inside):
        assert inside[position] != "'"
        position += inside[position] == "\\"
        plain += inside[position]
        position += 1
    assert plain == text


@pytest.mark.parametrize("value", ["a\nb", "\x00", datetime(2026, 11, 20)])  # noqa: DTZ001 (naive on purpose)
def test_values_that_cannot_be_meant(value: Value) -> None:
    with pytest.raises(InvalidRequest):
        literal(value)


def test_a_statement() -> None:
    where = (
        Condition("VendorRef", "=", "112"),
        Condition("TxnDate", ">=", date(2026, 11, 1)),
        Condition("DocNumber", "IN", ("1", "2")),
        Condition("DocNumber", "LIKE", "SC-%"),
    )
    assert str(Select("Bill", where, "TxnDate", 11, 10)) == (
        "SELECT * FROM Bill WHERE VendorRef = '112' AND TxnDate >= '2026-11-01' AND DocNumber IN ('1', '2')"
        " AND DocNumber LIKE 'SC-%' ORDERBY TxnDate STARTPOSITION 11 MAXRESULTS 10"
    )


@pytest.mark.parametrize(
    "select",
    [
        Select("Bill; x"),
        Select("Bill", (Condition("DocNumber = '1' AND Id", "=", "1"),)),
        Select("Bill", order_by="Id DESC"),
        Select("Bill", start_position=0),
        Select("Bill", max_results=1001),
        Select("Bill", max_results=0),
    ],
)
def test_what_is_no_statement(select: Select) -> None:
    with pytest.raises(InvalidRequest):
        str(select)

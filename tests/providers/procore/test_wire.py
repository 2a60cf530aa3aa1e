"""Reading Procore's values: exact, or refused with a reason that shows no value."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field, ValidationError

from providers.procore.wire import (
    Day,
    Instant,
    Money,
    MoneyOrZero,
    NullIsEmpty,
    OffUnlessTrue,
    OnUnlessFalse,
    Text,
    TextOrBlank,
    Unreadable,
    WireId,
    WireModel,
    id_in,
    read_json,
    read_record,
    reason_of,
    record_of,
    texts_of_array,
)


class Everything(WireModel):
    id: WireId = "1"
    money: Money = Decimal(0)
    share: MoneyOrZero = Decimal(0)
    text: Text = ""
    note: TextOrBlank = ""
    at: Instant | None = None
    day: Day | None = None
    on: OnUnlessFalse = True
    off: OffUnlessTrue = False
    rows: Annotated[tuple[int, ...], NullIsEmpty] = ()


@pytest.mark.parametrize(
    ("field", "wire", "read"),
    [
        ("id", "562949953434271", "562949953434271"),
        ("id", '" 42 "', "42"),
        ("money", '"10812.6"', Decimal("10812.6")),
        ("money", "0.1", Decimal("0.1")),
        ("money", "9007199254740993.1234", Decimal("9007199254740993.1234")),
        ("money", '"-0.005"', Decimal("-0.005")),
        ("money", "7", Decimal(7)),
        ("share", "null", Decimal(0)),
        ("text", "17", "17"),
        ("note", "null", ""),
        ("at", '"2026-07-02T09:14:55Z"', datetime(2026, 7, 2, 9, 14, 55, tzinfo=UTC)),
        ("at", '"2026-07-02T02:14:55-07:00"', datetime(2026, 7, 2, 9, 14, 55, tzinfo=UTC)),
        ("day", '"2026-06-30"', date(2026, 6, 30)),
        ("on", "null", True),
        ("on", "false", False),
        ("off", "null", False),
        ("rows", "null", ()),
    ],
)
def test_a_value_is_read_exactly(field: str, wire: str, read: object) -> None:
    value = getattr(Everything.model_validate(read_json(f'{{"{field}": {wire}, "unknown": 1}}')), field)
    assert value == read
    assert type(value) is type(read)


def test_decimals_keep_their_places() -> None:
    assert str(Everything.model_validate(read_json('{"money": "1201.40"}')).money) == "1201.40"


@pytest.mark.parametrize(
    ("field", "wire"),
    [
        ("id", "null"),
        ("id", "true"),
        ("id", "1.5"),
        ("id", '""'),
        ("id", '"a\\u0000b"'),
        ("money", "null"),
        ("money", '""'),
        ("money", '"1,000.00"'),
        ("money", '"NaN"'),
        ("money", '"Infinity"'),
        ("money", '"1e999"'),
        ("money", "true"),
        ("money", "[]"),
        ("text", "null"),
        ("text", '"\\u0000"'),
        ("text", '"\\ud800"'),
        ("text", "{}"),
        ("at", '"2026-07-02T09:14:55"'),
        ("at", '"yesterday"'),
        ("at", "1790000000"),
        ("day", '"2026-06-31"'),
        ("day", '"06/30/2026"'),
        ("day", '"2026-06-30T00:00:00Z"'),
        ("on", '"maybe"'),
    ],
)
def test_any_other_value_is_refused_without_being_shown(field: str, wire: str) -> None:
    with pytest.raises(ValidationError) as raised:
        Everything.model_validate(read_json(f'{{"{field}": {wire}}}'))
    reason = reason_of(raised.value)
    assert reason.startswith(f"{field}: ")
    assert "1,000.00" not in reason + str(raised.value)


NUMBERS = st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**15), max_value=10**15)


@given(NUMBERS)
def test_every_amount_survives_as_text_and_as_number(amount: Decimal) -> None:
    for wire in (f'"{amount:f}"', f"{amount:f}"):
        assert Everything.model_validate(read_json(f'{{"money": {wire}}}')).money == amount


SPACE = st.text(alphabet=" \t\r\n", max_size=3)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


@given(st.lists(st.tuples(SPACE, VALUES, SPACE), max_size=5), SPACE)
def test_each_element_of_a_list_keeps_its_exact_text(parts: list[tuple[str, Any, str]], around: str) -> None:
    texts = [json.dumps(value, ensure_ascii=False) for _, value, _ in parts]
    array = ",".join(before + text + after for (before, _, after), text in zip(parts, texts, strict=True))
    read = texts_of_array(f"{around}[{array}]{around}")
    assert read == texts
    assert [read_json(text) for text in read] == [value for _, value, _ in parts]


@pytest.mark.parametrize("text", ["", " ", "{}", "[", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "[1]]", "[1] x", "null"])
def test_what_is_no_list_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        texts_of_array(text)


@pytest.mark.parametrize("text", ["", "{", "{} {}", "nul", "[NaN]", '{"a": Infinity}', "[" * 100_000])
def test_what_is_no_json_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        read_json(text)
    with pytest.raises(ValueError):
        texts_of_array(f"[{text}" if text else "")


HALF = '"\\ud83d"'


def test_half_a_character_concerns_its_own_record_alone() -> None:
    texts = ['{"id": 1}', f'{{"id": 2, "comment": {HALF}}}', '{"id": 3.50}']
    assert texts_of_array(f" [{' , '.join(texts)}] ") == texts
    assert [read_json(text)["id"] for text in texts] == [1, 2, Decimal("3.50")]
    assert [id_in(text) for text in texts] == ["1", None, None]


@pytest.mark.parametrize("text", [f"[{HALF}, {'[' * 100_000}", f"[{HALF}", f"[{HALF} 1]", f"[{HALF}] x"])
def test_what_is_no_list_is_refused_behind_half_a_character_too(text: str) -> None:
    with pytest.raises(ValueError):
        texts_of_array(text)
    with pytest.raises(ValueError):
        read_json(text)
    assert id_in(text) is None


class Part(WireModel):
    """What a record may hold one or several of."""

    id: WireId
    name: TextOrBlank = ""


class Whole(WireModel):
    """Every place in which a record may hold another."""

    raw: str
    id: WireId
    paid_on: Day | None = Field(default=None, alias="date")
    one: Part
    perhaps: Part | None = None
    several: Annotated[tuple[Part, ...], NullIsEmpty] = ()


PARTS = st.fixed_dictionaries({"id": st.integers(0, 9)}, optional={"name": st.text(max_size=3), "unused": st.none()})
ODD: st.SearchStrategy[Any] = st.sampled_from(
    [None, "", "x", 7, 1.5, True, [], {}, [1], [None], [{"id": 1}], [{"id": 1}, 2], {"id": []}]
)


@given(
    st.fixed_dictionaries(
        {"id": st.integers() | ODD, "one": PARTS | ODD},
        optional={
            "date": st.just("2026-07-31") | ODD,
            "perhaps": PARTS | ODD,
            "several": st.lists(PARTS | ODD, max_size=2) | ODD,
            "unused": PARTS | ODD,
            "raw": ODD,
        },
    )
)
def test_reading_only_what_is_wanted_reads_the_same(sent: dict[str, Any]) -> None:
    raw = json.dumps(sent)
    assert read_record(Whole, raw, raw=raw) == record_of(Whole, read_json(raw), raw, raw=raw)


@pytest.mark.parametrize(
    "raw", ["", "7", "[]", "null", "{", '{"id": 1, "one": {"id": 2}', '{"id": 1} x', f'{{"id": {HALF}}}']
)
def test_what_is_no_record_is_unreadable_either_way(raw: str) -> None:
    assert isinstance(read_record(Whole, raw, raw=raw), Unreadable)

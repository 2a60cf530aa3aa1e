"""Reading a query statement: SELECT, WHERE with AND, ORDERBY, STARTPOSITION, MAXRESULTS (reference 2.2)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from simulators.quickbooks_online.refusals import query_invalid, query_unreadable

MOST_ROWS = 1000
DEFAULT_ROWS = 100

_TOKEN = re.compile(
    r"""\s*(?:
        '(?P<text>(?:[^'\\]|\\.)*)'
      | (?P<sign><=|>=|=|<|>|\(|\)|,|\*)
      | (?P<word>[^\s'()=<>,*]+)
    )""",
    re.VERBOSE,
)
_ESCAPE = re.compile(r"\\(.)")
_SIGNS = ("=", "<", ">", "<=", ">=")


@dataclass(frozen=True)
class Condition:
    """One comparison: field, operator (= < > <= >= IN LIKE) and what it is compared with."""

    field: str
    operator: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Query:
    """A statement taken apart. `fields` is empty for *; `count` is SELECT count(*)."""

    entity: str
    count: bool = False
    fields: tuple[str, ...] = ()
    conditions: tuple[Condition, ...] = ()
    order: tuple[tuple[str, bool], ...] = field(default=())  # (field, descending)
    start: int = 1
    most: int = DEFAULT_ROWS


@dataclass(frozen=True)
class _Token:
    text: str
    quoted: bool

    def is_word(self, *words: str) -> bool:
        return not self.quoted and self.text.upper() in words


class _Reader:
    def __init__(self, statement: str) -> None:
        self._tokens = list(_tokens(statement))
        self._at = 0

    def peek(self) -> _Token | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def take(self) -> _Token:
        token = self.peek()
        if token is None:
            raise query_unreadable("the statement ends too early")
        self._at += 1
        return token

    def accept(self, *words: str) -> bool:
        token = self.peek()
        if token is None or not token.is_word(*words):
            return False
        self._at += 1
        return True

    def expect(self, *words: str) -> None:
        if not self.accept(*words):
            found = self.peek()
            raise query_unreadable(f"expected {' or '.join(words)}, found {found.text if found else 'the end'}")

    def name(self) -> str:
        token = self.take()
        if token.quoted or not re.fullmatch(r"[A-Za-z][\w.]*", token.text):
            raise query_unreadable(f"{token.text} is no name")
        return token.text

    def number(self) -> int:
        token = self.take()
        if not re.fullmatch(r"-?\d+", token.text):
            raise query_unreadable(f"{token.text} is no number")
        return int(token.text)

    def value(self) -> str:
        token = self.take()
        if not token.quoted and token.text in (*_SIGNS, "(", ")", ",", "*"):
            raise query_unreadable(f"{token.text} is no value")
        return token.text


def parse_query(statement: str) -> Query:
    """The statement as a Query. Raises Refusal 4000 (cannot be parsed) or 4001 (numbers out of range)."""
    reader = _Reader(statement)
    reader.expect("SELECT")
    count, fields = _selection(reader)
    reader.expect("FROM")
    entity = reader.name()
    conditions = _conditions(reader) if reader.accept("WHERE") else ()
    order: tuple[tuple[str, bool], ...] = ()
    if reader.accept("ORDERBY"):
        order = _order(reader)
    elif reader.accept("ORDER"):
        reader.expect("BY")
        order = _order(reader)
    start = _bounded(reader.number(), 1, None) if reader.accept("STARTPOSITION") else 1
    most = _bounded(reader.number(), 1, MOST_ROWS) if reader.accept("MAXRESULTS") else DEFAULT_ROWS
    rest = reader.peek()
    if rest is not None:
        raise query_unreadable(f"{rest.text} was not expected here")
    return Query(entity, count, fields, conditions, order, start, most)


def _tokens(statement: str) -> Iterator[_Token]:
    at = 0
    statement = statement.strip().rstrip(";").rstrip()
    while at < len(statement):
        found = _TOKEN.match(statement, at)
        if found is None:
            raise query_unreadable(f"cannot read from position {at}: {statement[at : at + 20]}")
        at = found.end()
        if found["text"] is not None:
            yield _Token(_ESCAPE.sub(r"\1", found["text"]), quoted=True)
        else:
            yield _Token(found["sign"] or found["word"], quoted=False)


def _selection(reader: _Reader) -> tuple[bool, tuple[str, ...]]:
    if reader.accept("*"):
        return False, ()
    if reader.accept("COUNT"):
        for sign in ("(", "*", ")"):
            reader.expect(sign)
        return True, ()
    fields = [reader.name()]
    while reader.accept(","):
        fields.append(reader.name())
    return False, tuple(fields)


def _conditions(reader: _Reader) -> tuple[Condition, ...]:
    found = [_condition(reader)]
    while reader.accept("AND"):
        found.append(_condition(reader))
    return tuple(found)


def _condition(reader: _Reader) -> Condition:
    name = reader.name()
    if reader.accept("IN"):
        reader.expect("(")
        values = [reader.value()]
        while reader.accept(","):
            values.append(reader.value())
        reader.expect(")")
        return Condition(name, "IN", tuple(values))
    if reader.accept("LIKE"):
        return Condition(name, "LIKE", (reader.value(),))
    sign = reader.take()
    if sign.quoted or sign.text not in _SIGNS:
        raise query_unreadable(f"{sign.text} is no operator")
    return Condition(name, sign.text, (reader.value(),))


def _order(reader: _Reader) -> tuple[tuple[str, bool], ...]:
    found = []
    while True:
        name = reader.name()
        descending = reader.accept("DESC")
        if not descending:
            reader.accept("ASC")
        found.append((name, descending))
        if not reader.accept(","):
            return tuple(found)


def _bounded(number: int, least: int, most: int | None) -> int:
    if number < least:
        raise query_invalid(f"value {number} is too small. Min allowed value is {least}.")
    if most is not None and number > most:
        raise query_invalid(f"value {number} is too large. Max allowed value is {most}.")
    return number

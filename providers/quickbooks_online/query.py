"""Statements of QuickBooks' query language, with every value quoted.

One entity, AND only, at most 1000 rows a page, positions count from 1.
Intuit: explore-the-quickbooks-online-api/data-queries.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from providers.quickbooks_online.errors import InvalidRequest

MOST_ROWS = 1000

Value = str | bool | Decimal | date | datetime
Operator = Literal["=", "<", ">", "<=", ">=", "IN", "LIKE"]

_NAME = re.compile(r"[A-Za-z]+(\.[A-Za-z]+)*")


@dataclass(frozen=True)
class Condition:
    """`field operator value`; IN takes a tuple of values.

    Filterable fields of a bill: Id, VendorRef, APAccountRef, SalesTermRef, DocNumber, TxnDate, DueDate,
    Balance, TotalAmt, MetaData.CreateTime, MetaData.LastUpdatedTime. PrivateNote is not. (Intuit: Bill, query)
    """

    field: str
    operator: Operator
    value: Value | tuple[Value, ...]

    def __str__(self) -> str:
        if isinstance(self.value, tuple):
            written = f"({', '.join(literal(value) for value in self.value)})"
        else:
            written = literal(self.value)
        return f"{_name(self.field)} {self.operator} {written}"


ACTIVE_OR_NOT = Condition("Active", "IN", (True, False))
"""Name lists leave inactive rows out unless a query asks for both."""


@dataclass(frozen=True)
class Select:
    """One page of an entity. Ordered by id, because pages of an unordered query may overlap."""

    entity: str
    where: tuple[Condition, ...] = ()
    order_by: str = "Id"
    start_position: int = 1
    max_results: int = MOST_ROWS

    def page_after(self, rows: int) -> Select:
        """The same query, `rows` further on."""
        return replace(self, start_position=self.start_position + rows)

    def __str__(self) -> str:
        if self.start_position < 1 or not 1 <= self.max_results <= MOST_ROWS:
            raise InvalidRequest("a query page starts at 1 or later and holds 1 to 1000 rows")
        parts = ["SELECT * FROM", _name(self.entity)]
        if self.where:
            parts += ["WHERE", " AND ".join(str(condition) for condition in self.where)]
        parts += ["ORDERBY", _name(self.order_by)]
        parts += ["STARTPOSITION", str(self.start_position), "MAXRESULTS", str(self.max_results)]
        return " ".join(parts)


def literal(value: Value) -> str:
    """A value as it stands in a statement: booleans bare, all else single-quoted, with `'` and `\\` escaped.

    Times are written with seconds and offset, the resolution QuickBooks has. Raises InvalidRequest for a
    naive time and for text with control characters, which no name or number in QuickBooks has.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"'{value:f}'"
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise InvalidRequest("a time in a query needs its offset")
        return f"'{value.isoformat(timespec='seconds')}'"
    if isinstance(value, date):
        return f"'{value.isoformat()}'"
    if any(ord(character) < 32 for character in value):
        raise InvalidRequest("a text in a query holds a control character")
    # Without the second escape a text that ends in a backslash would swallow its closing quote.
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _name(word: str) -> str:
    if not _NAME.fullmatch(word):
        raise InvalidRequest(f"{word!r} is no name in QuickBooks' query language")
    return word

"""Answering a query over one company's books (reference 2.2)."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

from simulators.quickbooks_online.books import KINDS, NAME_LISTS, Books, Entity
from simulators.quickbooks_online.field_table import FIELDS
from simulators.quickbooks_online.moments import read_moment
from simulators.quickbooks_online.query_language import Condition, Query, parse_query
from simulators.quickbooks_online.refusals import query_invalid
from simulators.quickbooks_online.wire import shown

_ENTITIES = {kind.lower(): kind for kind in (*KINDS, "CompanyInfo", "Preferences")}

_STAMPS = {"MetaData.CreateTime", "MetaData.LastUpdatedTime"}

# Where a document lists what can be filtered, nothing else can (PrivateNote, for one, cannot).
FILTERABLE: dict[str, frozenset[str]] = {
    "Bill": frozenset(
        {
            "Id",
            "VendorRef",
            "APAccountRef",
            "SalesTermRef",
            "DocNumber",
            "TxnDate",
            "DueDate",
            "Balance",
            "TotalAmt",
            *_STAMPS,
        }
    ),
    "BillPayment": frozenset(
        {
            "Id",
            "VendorRef",
            "TotalAmt",
            "DocNumber",
            "TxnDate",
            "APAccountRef",
            "CheckPayment.BankAccountRef",
            "CreditCardPayment.CCAccountRef",
            *_STAMPS,
        }
    ),
}

_UNFILTERABLE = frozenset({"PrivateNote", "Line", "LinkedTxn", "CustomField", "MetaData"})

Test = Callable[[Entity], bool]


def run_query(books: Books, statement: str) -> dict[str, Any]:
    """The `QueryResponse` of a statement. Raises Refusal 4000 or 4001."""
    query = parse_query(statement)
    kind = _ENTITIES.get(query.entity.lower())
    if kind is None:
        raise query_invalid(f"unknown entity {query.entity}")
    tests = [_test(kind, condition) for condition in query.conditions]
    if kind in NAME_LISTS and not any(condition.field.lower() == "active" for condition in query.conditions):
        tests.append(lambda entity: entity.get("Active") is not False)
    found = [entity for entity in _all(books, kind) if all(test(entity) for test in tests)]
    if query.count:
        return {"totalCount": len(found)}
    for name, descending in reversed(query.order):
        path = _path(kind, name)
        found.sort(key=lambda entity: _sort_key(kind, path, entity), reverse=descending)
    page = found[query.start - 1 : query.start - 1 + query.most]
    if not page:
        return {}
    rows = [_row(books, kind, query, entity) for entity in page]
    return {kind: rows, "startPosition": query.start, "maxResults": len(rows)}


def _all(books: Books, kind: str) -> list[Entity]:
    if kind == "CompanyInfo":
        return [books.company_info]
    if kind == "Preferences":
        return [books.preferences]
    return list(books.entities[kind].values())


def _row(books: Books, kind: str, query: Query, entity: Entity) -> Entity:
    if not query.fields:
        return shown(books.switches, kind, entity)
    row: Entity = {}
    for name in query.fields:
        path = _path(kind, name, selecting=True)
        top = path.partition(".")[0]
        if top in entity:
            row[top] = entity[top]
    return shown(books.switches, kind, row) | {"domain": "QBO", "sparse": True}


def _path(kind: str, name: str, *, selecting: bool = False) -> str:
    """The field as it is spelled in the table; QuickBooks does not mind upper and lower case. Raises 4001."""
    if kind == "Attachable" and name.lower().startswith("attachableref.entityref"):
        return name
    table: dict[str, str] = FIELDS[kind]
    parts = []
    for part in name.split("."):
        spelled = next((field for field in table if field.lower() == part.lower()), None)
        if spelled is None:
            raise query_invalid(f"property {name} not found for entity {kind}")
        parts.append(spelled)
        table = FIELDS.get(table[spelled], {"value": "string", "name": "string"})
    path = ".".join(parts)
    if path.endswith("Ref.value"):
        path = path.removesuffix(".value")
    allowed = FILTERABLE.get(kind)
    if not selecting and (path not in allowed if allowed is not None else path in _UNFILTERABLE):
        raise query_invalid(f"property {path} is not queryable")
    return path


def _values(entity: Entity, path: str) -> list[Any]:
    """What stands at a path; several values where an array is on the way. References count by their id."""
    found: list[Any] = [entity]
    for part in path.split("."):
        inside: list[Any] = []
        for place in found:
            for spot in place if isinstance(place, list) else [place]:
                if isinstance(spot, dict):
                    inside.extend(value for key, value in spot.items() if key.lower() == part.lower())
        found = inside
    return [value.get("value") if isinstance(value, dict) else value for value in found]


def _test(kind: str, condition: Condition) -> Test:
    path = _path(kind, condition.field)
    compare = _comparison(path, condition)
    return lambda entity: any(compare(value) for value in _values(entity, path) if value is not None)


def _comparison(path: str, condition: Condition) -> Callable[[Any], bool]:
    operator, values = condition.operator, condition.values
    if operator == "LIKE":
        pattern = re.compile(".*".join(re.escape(part) for part in values[0].split("%")), re.IGNORECASE | re.DOTALL)
        return lambda value: pattern.fullmatch(_text(value)) is not None
    if path in _STAMPS:
        return _by_moment(operator, values)
    texts = {text.casefold() for text in values}
    if operator in ("IN", "="):
        numbers = {number for number in map(_number, values) if number is not None}
        return lambda value: (
            _number(value) in numbers
            if isinstance(value, Decimal | int) and not isinstance(value, bool)
            else _text(value).casefold() in texts
        )
    return _by_order(operator, values[0])


def _by_moment(operator: str, values: tuple[str, ...]) -> Callable[[Any], bool]:
    try:
        moments = [read_moment(text) for text in values]
    except ValueError:
        raise query_invalid(f"{values[0]} is no date and time") from None
    if operator == "IN":
        return lambda value: read_moment(value) in moments
    return lambda value: _ordered(operator, read_moment(value), moments[0])


def _by_order(operator: str, bound: str) -> Callable[[Any], bool]:
    number = _number(bound)

    def compare(value: Any) -> bool:
        if isinstance(value, Decimal | int) or (_text(value).isdigit() and number is not None):
            if number is None:
                raise query_invalid(f"{bound} is no number")
            return _ordered(operator, Decimal(value), number)
        return _ordered(operator, _text(value), bound)

    return compare


def _ordered(operator: str, left: Any, right: Any) -> bool:
    return bool(
        {
            "=": left == right,
            "<": left < right,
            ">": left > right,
            "<=": left <= right,
            ">=": left >= right,
        }[operator]
    )


def _number(value: Any) -> Decimal | None:
    try:
        return Decimal(value)
    except (InvalidOperation, TypeError, ValueError):
        return None


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _sort_key(kind: str, path: str, entity: Entity) -> tuple[int, Decimal, str]:
    values = [value for value in _values(entity, path) if value is not None]
    if not values:
        return (0, Decimal(0), "")
    value = values[0]
    number = _number(value) if path == "Id" or isinstance(value, Decimal | int) else None
    return (1, number, "") if number is not None else (2, Decimal(0), _text(value).casefold())

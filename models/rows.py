"""Writing many rows at once."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlmodel import SQLModel

from models.columns import Amount, UtcInstant
from models.database import CompanySession


def insert_rows(session: CompanySession, table: type[SQLModel], rows: Sequence[Mapping[str, Any]]) -> postgresql.Insert:
    """One INSERT for rows of this company that all have the same columns; the caller may add what to do on conflict.

    All rows go as one JSON text that PostgreSQL takes apart: the driver spends more on a parameter than on a value,
    and the statement reads the same for one row and for a thousand, so that it is compiled and planned once. Money
    travels as text, digit for digit; what a column's type refuses is refused here too.
    """
    target = cast(sa.Table, table.__table__)  # type: ignore[attr-defined]  # SQLModel's table classes have it
    names = list(rows[0])
    checked = {name: _checked(target.c[name].type) for name in names}
    text = json.dumps([{name: checked[name](row[name]) for name in names} for row in rows], default=_as_text)
    columns = [sa.column(name, target.c[name].type) for name in names]
    given = sa.func.json_to_recordset(sa.cast(sa.literal(text, sa.Text), postgresql.JSON)).table_valued(
        *columns, name="given"
    )
    given = given.render_derived(with_types=True)
    source = sa.select(*given.c).where(given.c.company_id == session.company_id)
    return postgresql.insert(target).from_select(names, source, include_defaults=False)


def _checked(kind: sa.types.TypeEngine[Any]) -> Callable[[Any], Any]:
    """What a type of ours does to a value on its way in; types that only name SQLAlchemy's own do nothing."""
    if isinstance(kind, UtcInstant | Amount):
        return lambda value: kind.process_bind_param(value, _DIALECT)
    return lambda value: value


_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]


def _as_text(value: object) -> str:
    match value:
        case bytes():
            return f"\\x{value.hex()}"
        case datetime() | date():
            return value.isoformat()
        case Decimal():
            return f"{value:f}"
        case UUID():
            return str(value)
        case _:
            raise TypeError(f"{type(value).__name__} has no form in a row")

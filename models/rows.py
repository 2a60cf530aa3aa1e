"""Writing many rows at once."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

import msgspec
import sqlalchemy as sa
from psycopg import sql
from sqlalchemy.dialects import postgresql
from sqlmodel import SQLModel

from models.columns import Amount, ProviderText, UtcInstant
from models.database import CompanySession


@dataclass(frozen=True)
class OnConflict:
    """What becomes of a row that is there already: it takes over every column but its keys and those it ``keeps``.

    ``by`` gives some columns an SQL expression instead, over ``excluded`` (the new row) and the table's own name.
    """

    keys: tuple[str, ...]
    keeps: tuple[str, ...] = ()
    by: tuple[tuple[str, str], ...] = ()


LEFT_ALONE = OnConflict(keys=())
"""A row that is there already stays as it is."""


async def insert_rows(
    session: CompanySession,
    table: type[SQLModel],
    rows: Sequence[Mapping[str, Any]],
    on_conflict: OnConflict | None = None,
) -> None:
    """Write rows of this company that all have the same columns; rows of another company are left out.

    All rows go as one JSON text that PostgreSQL takes apart: the driver spends more on a parameter than on a value,
    and the statement reads the same for one row and for a thousand, so that it is made and planned once. Money
    travels as text, digit for digit; what a column's type refuses is refused here too. Documents go beside the JSON,
    a column of them as one array: quoting ten thousand characters costs more than storing them.
    """
    if not rows:
        return
    names = tuple(rows[0])
    target = cast(sa.Table, table.__table__)  # type: ignore[attr-defined]  # SQLModel's table classes have it
    for name, refuse in _refusals(target, names):
        for row in rows:
            refuse(row[name])
    beside = _documents(target, names)
    inside = [{name: value for name, value in row.items() if name not in beside} for row in rows] if beside else rows
    await session.do(
        _insert(target, names, on_conflict),
        rows=as_json(inside),
        **{name: [row[name] for row in rows] for name in beside},
    )


def as_json(value: object) -> str:
    """A value of PostgreSQL's plain types (and lists and dictionaries of them) as JSON; money as text.

    Raises TypeError for anything else, and UnicodeEncodeError for half a character.
    """
    return msgspec.json.encode(value).decode()


INSERT = sql.SQL(
    "INSERT INTO {table} ({columns})"
    " SELECT {columns} FROM ROWS FROM (json_to_recordset(%(rows)s::json) AS ({typed}){documents}) AS given({given})"
    " WHERE given.company_id = %(company_id)s {on_conflict}"
)
# In binary form, which needs no quoting.
DOCUMENTS = sql.SQL(", unnest(%({document})b::{kind}[])")
ON_CONFLICT = sql.SQL("ON CONFLICT ({keys}) DO UPDATE SET {changes}")
ON_CONFLICT_NOTHING = sql.SQL("ON CONFLICT DO NOTHING")


@lru_cache(maxsize=256)
def _insert(target: sa.Table, names: tuple[str, ...], on_conflict: OnConflict | None) -> str:
    kinds = {name: sql.SQL(target.c[name].type.compile(_DIALECT)) for name in names}
    beside = _documents(target, names)
    inside = [name for name in names if name not in beside]
    statement = INSERT.format(
        table=sql.Identifier(target.name),
        columns=_listed(map(sql.Identifier, names)),
        typed=_listed(sql.SQL("{} {}").format(sql.Identifier(name), kinds[name]) for name in inside),
        documents=sql.Composed([DOCUMENTS.format(document=sql.SQL(name), kind=kinds[name]) for name in beside]),
        given=_listed(map(sql.Identifier, (*inside, *beside))),
        on_conflict=sql.SQL("") if on_conflict is None else _on_conflict(names, on_conflict),
    )
    return statement.as_string()


def _on_conflict(names: Iterable[str], on_conflict: OnConflict) -> sql.Composable:
    if not on_conflict.keys:
        return ON_CONFLICT_NOTHING
    fixed = {"company_id", "id", *on_conflict.keys, *on_conflict.keeps}
    taken = {name: sql.SQL("excluded.{}").format(sql.Identifier(name)) for name in names if name not in fixed}
    taken |= {name: sql.SQL("{}").format(sql.SQL(value)) for name, value in on_conflict.by}
    changes = (sql.SQL("{} = {}").format(sql.Identifier(name), value) for name, value in taken.items())
    return ON_CONFLICT.format(keys=_listed(map(sql.Identifier, on_conflict.keys)), changes=_listed(changes))


def _listed(parts: Iterable[sql.Composable]) -> sql.Composed:
    return sql.SQL(", ").join(parts)


@lru_cache(maxsize=256)
def _documents(target: sa.Table, names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in names if isinstance(target.c[name].type, ProviderText | sa.LargeBinary))


@lru_cache(maxsize=256)
def _refusals(target: sa.Table, names: tuple[str, ...]) -> list[tuple[str, Callable[[Any], Any]]]:
    """What types of ours do not take."""
    kinds = {name: target.c[name].type for name in names}
    return [(name, _refusing(kind)) for name, kind in kinds.items() if isinstance(kind, UtcInstant | Amount)]


def _refusing(kind: UtcInstant | Amount) -> Callable[[Any], Any]:
    return lambda value: kind.process_bind_param(value, _DIALECT)


_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]

"""What a successful answer holds: one object, a page of a query, a set of changes. Envelope to types."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from providers.quickbooks_online.types.entity import (
    DeletedEntity,
    Entity,
    EntityT,
    UnreadableEntity,
    read_deleted,
    read_entity,
)

CDC_MOST_OBJECTS = 1000

T = TypeVar("T")


class UnexpectedShape(ValueError):
    """The JSON is not the envelope that was asked for. Turned into an error of the tree by the client."""


@dataclass(frozen=True)
class Answer(Generic[T]):
    """A value with Intuit's trace id of the answer and QuickBooks' own time for it."""

    value: T
    intuit_tid: str
    time: datetime | None


@dataclass(frozen=True)
class QueryPage(Generic[EntityT]):
    """The rows of one page. `rows` counts all that came; the unreadable ones are kept by id and problem."""

    entities: tuple[EntityT, ...]
    unreadable: tuple[UnreadableEntity, ...]

    @property
    def rows(self) -> int:
        return len(self.entities) + len(self.unreadable)


@dataclass(frozen=True)
class ChangeSet:
    """What changed since an instant, over all entities asked for.

    `is_full`: the answer reached QuickBooks' cap of 1000 objects, so changes may be missing: ask again for a
    shorter time or for fewer entities. (Intuit: change-data-capture)
    """

    changed: tuple[Entity, ...]
    deleted: tuple[DeletedEntity, ...]
    unreadable: tuple[UnreadableEntity, ...]

    @property
    def is_full(self) -> bool:
        return len(self.changed) + len(self.deleted) + len(self.unreadable) >= CDC_MOST_OBJECTS

    def of(self, kind: type[EntityT]) -> tuple[EntityT, ...]:
        """The changed objects of one kind."""
        return tuple(entity for entity in self.changed if isinstance(entity, kind))


def one_entity(kind: type[EntityT], answer: Mapping[str, Any]) -> EntityT:
    """The object of an envelope `{"Bill": {…}}`. Raises UnexpectedShape."""
    row = answer.get(kind.entity_name)
    if not isinstance(row, Mapping):
        raise UnexpectedShape(f"the answer holds no {kind.entity_name}")
    entity = read_entity(kind, row)
    if isinstance(entity, UnreadableEntity):
        raise UnexpectedShape(f"{kind.entity_name} {entity.id or 'without id'} is unreadable: {entity.problem}")
    return entity


def query_page(kind: type[EntityT], answer: Mapping[str, Any]) -> QueryPage[EntityT]:
    """The rows of `{"QueryResponse": {"Bill": […]}}`; `{"QueryResponse": {}}` is an empty page.

    Raises UnexpectedShape if there is no QueryResponse: then nothing is known, least of all that nothing is
    there.
    """
    response = answer.get("QueryResponse")
    if not isinstance(response, Mapping):
        raise UnexpectedShape("the answer holds no QueryResponse")
    rows = response.get(kind.entity_name, [])
    if not isinstance(rows, list):
        raise UnexpectedShape(f"QueryResponse.{kind.entity_name} is not a list")
    read = [read_entity(kind, row) for row in rows]
    return QueryPage(
        entities=tuple(entity for entity in read if not isinstance(entity, UnreadableEntity)),
        unreadable=tuple(entity for entity in read if isinstance(entity, UnreadableEntity)),
    )


def change_set(kinds: Sequence[type[Entity]], answer: Mapping[str, Any]) -> ChangeSet:
    """The changes of a CDC answer: one QueryResponse per entity, `{}` where nothing changed.

    Raises UnexpectedShape.
    """
    by_name = {kind.entity_name: kind for kind in kinds}
    changed: list[Entity] = []
    deleted: list[DeletedEntity] = []
    unreadable: list[UnreadableEntity] = []
    for name, row in _cdc_rows(answer):
        kind = by_name.get(name)
        if kind is None:
            continue
        if stub := read_deleted(kind, row):
            deleted.append(stub)
            continue
        entity = read_entity(kind, row)
        if isinstance(entity, UnreadableEntity):
            unreadable.append(entity)
        else:
            changed.append(entity)
    return ChangeSet(tuple(changed), tuple(deleted), tuple(unreadable))


def _cdc_rows(answer: Mapping[str, Any]) -> list[tuple[str, object]]:
    parts = answer.get("CDCResponse")
    if not isinstance(parts, list) or not parts:
        raise UnexpectedShape("the answer holds no CDCResponse")
    rows: list[tuple[str, object]] = []
    for part in parts:
        responses = part.get("QueryResponse") if isinstance(part, Mapping) else None
        if not isinstance(responses, list):
            raise UnexpectedShape("CDCResponse holds no QueryResponse")
        for response in responses:
            if not isinstance(response, Mapping):
                raise UnexpectedShape("a QueryResponse of CDC is not an object")
            for name, members in response.items():
                if isinstance(members, list):
                    rows += [(name, member) for member in members]
    return rows

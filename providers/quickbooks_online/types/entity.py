"""What all objects of QuickBooks Online share: id, SyncToken, times, references."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, StringConstraints, ValidationError
from pydantic.alias_generators import to_pascal

from providers.quickbooks_online.wire import read_instant

Word = Annotated[str, StringConstraints(min_length=1)]
"""A text that is there: an empty one means the same as none."""


class WireModel(BaseModel):
    """A JSON object of QuickBooks. Additive fields carry no new version there, so unknown ones are ignored.

    Intuit: blogs.intuit.com/2025/01/21/changes-to-our-accounting-api-that-may-impact-your-application.
    """

    model_config = ConfigDict(
        extra="ignore",
        frozen=True,
        alias_generator=to_pascal,
        coerce_numbers_to_str=True,
        # Names, amounts and tax ids of a customer stay out of error texts.
        hide_input_in_errors=True,
    )


class Reference(WireModel):
    """Points at another object. Only the id counts; the name is QuickBooks' courtesy. (All refs: XSD)"""

    model_config = ConfigDict(alias_generator=None)

    value: Word
    name: str = ""


class MetaData(WireModel):
    """When an object was made and last changed, by anyone; Pacific offset whatever the company."""

    create_time: AwareDatetime | None = None
    last_updated_time: AwareDatetime | None = None


class Entity(WireModel):
    """An object with an id. Ids are text (classes have 19 digits)."""

    entity_name: ClassVar[str]
    """The name in queries, CDC and envelopes; lower-cased it is the path."""

    lists_active_only: ClassVar[bool] = False
    """Whether a query leaves inactive rows out unless they are asked for (name lists do)."""

    id: Word
    sync_token: Word
    meta_data: MetaData | None = None


@dataclass(frozen=True)
class DeletedEntity:
    """What CDC leaves of a deleted object."""

    entity_name: str
    id: str
    meta_data: MetaData


@dataclass(frozen=True)
class UnreadableEntity:
    """A row that came but is not what QuickBooks documents. `problem` names fields, never their values."""

    entity_name: str
    id: str
    problem: str


EntityT = TypeVar("EntityT", bound=Entity)


def read_entity(kind: type[EntityT], row: object) -> EntityT | UnreadableEntity:
    """One row as its type, or what is wrong with it; one bad row never costs the others."""
    try:
        return kind.model_validate(row)
    except ValidationError:
        # Most rows have no empty member in a place where that does harm.
        pass
    try:
        return kind.model_validate(_without_empty(row))
    except ValidationError as invalid:
        problem = "; ".join(
            f"{'.'.join(str(part) for part in error['loc']) or kind.entity_name}: {error['type']}"
            for error in invalid.errors(include_url=False, include_context=False, include_input=False)
        )
    known_id = row.get("Id") if isinstance(row, Mapping) else None
    return UnreadableEntity(kind.entity_name, str(known_id or ""), problem)


def _without_empty(value: Any) -> Any:
    """Null and empty text mean the same as a missing member: each field has one way to be empty."""
    if isinstance(value, list):
        return [_without_empty(one) for one in value]
    if not isinstance(value, dict):
        return value
    return {name: _without_empty(member) for name, member in value.items() if member is not None and member != ""}


def read_deleted(kind: type[Entity], row: object) -> DeletedEntity | None:
    """The stub of a deleted object (`status` "Deleted"), or None where the row is a living one."""
    if not isinstance(row, Mapping) or row.get("status") != "Deleted" or not row.get("Id"):
        return None
    meta_data = row.get("MetaData")
    changed = read_instant(meta_data.get("LastUpdatedTime")) if isinstance(meta_data, Mapping) else None
    return DeletedEntity(kind.entity_name, str(row["Id"]), MetaData(LastUpdatedTime=changed))

"""Mappings that an exact name makes by itself: one entry of QuickBooks and one name in Procore, each alone of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from accounting.suggestions import Party, exact_unique
from models.coding import MappingInForce
from models.database import CompanySession
from models.mappings import TARGET_ENTITIES, WHOLE_CONNECTION, tell_mapped
from models.namesakes import projects_called, vendors_called
from models.reference_lists import name_key
from models.rows import LEFT_ALONE, insert_rows
from models.tables import Mapping, MappingAuthor, MappingKind


@dataclass(frozen=True)
class Named:
    """Something of Procore's to be mapped."""

    kind: MappingKind
    procore_id: str
    name: str


@dataclass(frozen=True)
class MappedByName(MappingInForce):
    """A live mapping of what a name was looked up for: made just now, or by whoever was quicker."""

    id: UUID
    procore_name: str
    author_kind: MappingAuthor

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "author_kind", MappingAuthor(self.author_kind))


SAME_NAME = """
    SELECT entity, quickbooks_id, name FROM reference_entry
    WHERE company_id = %(company_id)s AND connection_id = %(connection_id)s AND entity IN ('Vendor', 'Customer')
        AND active AND name_key = ANY(%(names)s)
"""
MAPPED = """
    SELECT kind, scope, procore_id, target_entity, target_id, version, id, procore_name, author_kind FROM mapping
    WHERE company_id = %(company_id)s AND connection_id = %(connection_id)s AND superseded_at IS NULL
        AND kind = ANY(%(kinds)s) AND procore_id = ANY(%(procore_ids)s) AND scope = ''
    ORDER BY kind, procore_name, procore_id
"""


@dataclass(frozen=True)
class _Entry:
    entity: str
    quickbooks_id: str
    name: str


async def map_by_exact_name(
    session: CompanySession, connection_id: UUID, missing: Sequence[Named]
) -> list[MappedByName]:
    """Map vendors and projects that have no mapping, where one active entry has their name, and nobody else in Procore.

    What they are mapped to is decided by ``exact_unique``.
    """
    found = await session.ask(
        SAME_NAME, _Entry, connection_id=connection_id, names=sorted({name_key(one.name) for one in missing})
    )
    targets: dict[str, list[Party]] = {}
    for entry in found:
        targets.setdefault(entry.entity, []).append(Party(entry.quickbooks_id, entry.name))
    named: list[dict[str, Any]] = []
    for kind in sorted({one.kind for one in missing}):
        if of_kind := targets.get(TARGET_ENTITIES[kind][0]):
            asking = {one.procore_id: one for one in missing if one.kind is kind}
            known = await _known_in_procore(session, kind, {one.name for one in asking.values()})
            known |= {one.procore_id: Party(one.procore_id, one.name) for one in asking.values()}
            for procore_id, target_id in exact_unique(list(known.values()), of_kind).items():
                if procore_id in asking:
                    named.append(_by_exact_name(session, connection_id, asking[procore_id], target_id))
    if not named:
        return []
    # In one order for everybody: two batches that wait for each other's names would wait for ever.
    named.sort(key=lambda row: (row["kind"], row["procore_id"]))
    # A person's word stands, removal included, and so does what another look mapped this very moment.
    await insert_rows(session, Mapping, named, LEFT_ALONE)
    asked = {(row["kind"], row["procore_id"]) for row in named}
    found_now = await session.ask(
        MAPPED,
        MappedByName,
        connection_id=connection_id,
        kinds=sorted({kind.value for kind, _ in asked}),
        procore_ids=sorted({procore_id for _, procore_id in asked}),
    )
    ours = {row["id"] for row in named}
    for mapping in found_now:
        if mapping.id in ours:
            tell_mapped(session, mapping, before=None)
    return [mapping for mapping in found_now if (mapping.kind, mapping.procore_id) in asked]


async def _known_in_procore(session: CompanySession, kind: MappingKind, names: Iterable[str]) -> dict[str, Party]:
    """Whoever these names may mean: namesakes that Procore has retired are out of the question."""
    called = await (vendors_called if kind is MappingKind.VENDOR else projects_called)(session, names)
    return {one.id: one for one in called}


def _by_exact_name(session: CompanySession, connection_id: UUID, one: Named, target_id: str) -> dict[str, Any]:
    return {
        "company_id": session.company_id,
        "id": session.new_id(),
        "connection_id": connection_id,
        "kind": one.kind,
        "scope": WHOLE_CONNECTION,
        "procore_id": one.procore_id,
        "procore_name": one.name,
        "target_entity": TARGET_ENTITIES[one.kind][0],
        "target_id": target_id,
        "version": 1,
        "author_kind": MappingAuthor.EXACT_NAME,
        "created_at": session.now,
    }

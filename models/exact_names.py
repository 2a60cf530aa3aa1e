"""Mappings that an exact name makes by itself: one entry of QuickBooks and one name in Procore, each alone of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from accounting.suggestions import Party, exact_unique
from models.database import CompanySession
from models.mappings import TARGET_ENTITIES, WHOLE_CONNECTION, live_mappings, tell_mapped
from models.procore_vendors import vendor_parties
from models.reference_lists import name_key
from models.rows import LEFT_ALONE, insert_rows
from models.tables import Mapping, MappingAuthor, MappingKind


@dataclass(frozen=True)
class Named:
    """Something of Procore's to be mapped."""

    kind: MappingKind
    procore_id: str
    name: str


SAME_NAME = """
    SELECT entity, quickbooks_id, name FROM reference_entry
    WHERE company_id = %(company_id)s AND connection_id = %(connection_id)s AND entity IN ('Vendor', 'Customer')
        AND active AND name_key = ANY(%(names)s)
"""
PROJECTS = """
    SELECT project_id AS id, name FROM procore_project WHERE company_id = %(company_id)s AND is_visible AND is_active
"""


@dataclass(frozen=True)
class _Entry:
    entity: str
    quickbooks_id: str
    name: str


async def map_by_exact_name(session: CompanySession, connection_id: UUID, missing: Sequence[Named]) -> list[Mapping]:
    """Map vendors and projects that have no mapping, where one active entry has their name, and nobody else in Procore.

    What they are mapped to is decided by ``exact_unique``.
    """
    found = await session.ask(
        SAME_NAME, _Entry, connection_id=connection_id, names=sorted({name_key(one.name) for one in missing})
    )
    targets: dict[str, list[Party]] = {}
    for entry in found:
        targets.setdefault(entry.entity, []).append(Party(entry.quickbooks_id, entry.name))
    named = []
    for kind in sorted({one.kind for one in missing}):
        if of_kind := targets.get(TARGET_ENTITIES[kind][0]):
            asking = {one.procore_id: one for one in missing if one.kind is kind}
            known = await _known_in_procore(session, kind)
            known |= {one.procore_id: Party(one.procore_id, one.name) for one in asking.values()}
            for procore_id, target_id in exact_unique(list(known.values()), of_kind).items():
                if procore_id in asking:
                    named.append(_by_exact_name(session, connection_id, asking[procore_id], target_id))
    if not named:
        return []
    # A person's word stands, removal included, and so does what another look mapped this very moment.
    await insert_rows(session, Mapping, [one.model_dump() for one in named], LEFT_ALONE)
    found_now = await live_mappings(
        session,
        connection_id,
        kinds={one.kind for one in named},
        procore_ids={one.procore_id for one in named},
        scopes=[WHOLE_CONNECTION],
    )
    ours, asked = {one.id for one in named}, {(one.kind, one.procore_id) for one in named}
    for mapping in found_now:
        if mapping.id in ours:
            tell_mapped(session, mapping, before=None)
    return [mapping for mapping in found_now if (mapping.kind, mapping.procore_id) in asked]


async def _known_in_procore(session: CompanySession, kind: MappingKind) -> dict[str, Party]:
    """Whoever a name of this kind may mean: namesakes that Procore has retired are out of the question."""
    if kind is MappingKind.VENDOR:
        return await vendor_parties(session, active_only=True)
    return {one.id: one for one in await session.ask(PROJECTS, Party)}


def _by_exact_name(session: CompanySession, connection_id: UUID, one: Named, target_id: str) -> Mapping:
    return Mapping(
        company_id=session.company_id,
        id=session.new_id(),
        connection_id=connection_id,
        kind=one.kind,
        procore_id=one.procore_id,
        procore_name=one.name,
        target_entity=TARGET_ENTITIES[one.kind][0],
        target_id=target_id,
        version=1,
        author_kind=MappingAuthor.EXACT_NAME,
        created_at=session.now,
    )

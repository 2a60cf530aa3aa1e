"""Saving data mapping in bulk: names as typed become QuickBooks' entries, or nothing is saved and each row says why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from api.access import Visitor
from api.intents.changed_meanwhile import mapping_changed
from api.intents.mapping_versions import LIST_WORDS, WantedMapping, check_connection, save_within, target_refusal
from api.services import Services
from api.telling import tell
from models import mappings, reference_lists
from models.mappings import MappingKey, MappingTarget, list_of
from models.reference_lists import name_key
from models.tables import MappingAuthor, MappingKind, ReferenceEntry


@dataclass(frozen=True)
class TypedMapping:
    """One row of the form: QuickBooks' name as typed (empty: no mapping), and the version the form was made from."""

    procore_id: str
    procore_name: str
    shown_version: int
    shown_name: str
    name: str

    @property
    def is_change(self) -> bool:
        return name_key(self.name) != name_key(self.shown_name)


class NotSaved(Exception):
    """Nothing was saved; ``rows`` says by Procore id what is wrong with each row that has something wrong."""

    def __init__(self, rows: Mapping[str, str]) -> None:
        self.rows = rows
        super().__init__(", ".join(rows))


async def save(
    services: Services, visitor: Visitor, connection_id: UUID, kind: MappingKind, typed: Sequence[TypedMapping]
) -> int:
    """Save the rows that changed, all or none; how many invoices go on. Raises NotSaved, and Problem 404."""
    changed = [row for row in typed if row.is_change]
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        await check_connection(session, connection_id)
        if not changed:
            return 0
        settings = await mappings.lock_mappings(session, connection_id)
        entity = list_of(kind, settings.posting_basis)
        found = await mappings.live_mappings(
            session, connection_id, kinds=[kind], procore_ids=[row.procore_id for row in changed], scopes=[""]
        )
        live = {one.procore_id: one.version for one in found}
        named = await reference_lists.entries_named(session, connection_id, entity, [row.name for row in changed])
        wanted, ended, wrong = [], [], {}
        for row in changed:
            key, matches = MappingKey(kind, row.procore_id), named.get(name_key(row.name), [])
            if live.get(row.procore_id, 0) != row.shown_version:
                wrong[row.procore_id] = await mapping_changed(session, connection_id, key)
            elif not row.name:
                ended.append(key)
            elif trouble := _trouble(kind, entity, row.name, matches):
                wrong[row.procore_id] = trouble
            else:
                target = MappingTarget(entity, matches[0].quickbooks_id)
                wanted.append(WantedMapping(key, row.procore_name, target, row.shown_version))
        if wrong:
            raise NotSaved(wrong)
        for key in ended:
            await mappings.remove_mapping(session, connection_id, key, visitor.user_id, live[key.procore_id])
        saved = await save_within(session, visitor, connection_id, wanted, MappingAuthor.PERSON)
    await tell(services.workflows.wake_company(visitor.company_id, visitor.company.name, "mappings were saved"))
    return sum(one.freed for one in saved)


def _trouble(kind: MappingKind, entity: str, name: str, matches: Sequence[ReferenceEntry]) -> str | None:
    """Why a typed name cannot be the target, in a sentence; None when it can."""
    what = LIST_WORDS[entity]
    if not matches:
        return f"QuickBooks has no active {what} called “{name}”. Choose one from the list as you type."
    if len(matches) > 1:
        return f"QuickBooks has {len(matches)} active {what}s called “{name}”. Rename or inactivate one of them there."
    return target_refusal(kind, matches[0], MappingTarget(entity, matches[0].quickbooks_id))

"""Saving data mapping in bulk: names as typed become QuickBooks' entries, or nothing is saved and each row says why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from accounting.account_choice import AccountUse, ChosenAccount, refusal
from api.access import Visitor
from api.problems import not_found
from api.services import Services
from api.telling import tell
from models import connections, mapping_changes
from models.mapping_changes import MappingChange
from models.mapping_pages import TARGETS
from models.mappings import name_key
from models.tables import MappingKind, ReferenceEntry

LIST_WORDS = {MappingKind.VENDOR: "vendor", MappingKind.PROJECT: "customer or job", MappingKind.COST_CODE: "account"}


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
        if await connections.connection_by_id(session, connection_id) is None:
            raise not_found("connection")
        ids, names = [row.procore_id for row in changed], [row.name for row in changed]
        live = await mapping_changes.live_mappings(session, connection_id, kind, ids)
        named = await mapping_changes.targets_named(session, connection_id, TARGETS[kind], names)
        changes, wrong = [], {}
        for row in changed:
            stands = live.get(row.procore_id)
            found = named.get(name_key(row.name), [])
            if (stands.version if stands else 0) != row.shown_version:
                wrong[row.procore_id] = "Somebody else has changed this meanwhile. Look at it again, then save."
            elif row.name and (trouble := _trouble(kind, row.name, found)):
                wrong[row.procore_id] = trouble
            else:
                target = found[0].quickbooks_id if row.name else None
                changes.append(MappingChange(row.procore_id, row.procore_name, row.shown_version, target))
        if wrong:
            raise NotSaved(wrong)
        freed = (
            await mapping_changes.save_mappings(session, connection_id, kind, changes, live, visitor.user_id)
            if changes
            else 0
        )
    if changes:
        await tell(services.workflows.wake_company(visitor.company_id, visitor.company.name, "mappings were saved"))
    return freed


def _trouble(kind: MappingKind, name: str, found: Sequence[ReferenceEntry]) -> str | None:
    """Why a typed name cannot be the target, in a sentence; None when it can."""
    what = LIST_WORDS[kind]
    if not found:
        return f"QuickBooks has no active {what} called “{name}”. Choose one from the list as you type."
    if len(found) > 1:
        return f"QuickBooks has {len(found)} active {what}s called “{name}”. Rename or inactivate one of them there."
    if kind is MappingKind.COST_CODE:
        entry = found[0]
        return refusal(
            AccountUse.EXPENSE,
            ChosenAccount(entry.full_name, entry.account_type, entry.account_subtype, entry.active),
        )
    return None

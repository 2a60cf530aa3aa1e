"""Mapping Procore to QuickBooks: checked against the QuickBooks company's own lists, versioned, and freeing at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from accounting.account_choice import AccountUse, item_refusal, refusal
from api.access import Visitor
from api.intents.changed_meanwhile import mapping_changed
from api.problems import Problem, not_found
from api.services import Services
from api.telling import tell
from models import connections, mappings, reference_lists
from models.coding import as_account, as_item
from models.database import CompanySession
from models.mapping_subjects import free_for
from models.mappings import TARGET_ENTITIES, MappingKey, MappingOutdated, MappingTarget, NoSuchVersion
from models.tables import Mapping, MappingAuthor, MappingKind, ReferenceEntry

K = MappingKind
# QuickBooks' lists in the words of its pages.
LIST_WORDS = {
    "Vendor": "vendor",
    "Customer": "customer or job",
    "Account": "account",
    "Item": "item",
    "Class": "class",
    "Department": "location",
    "Term": "terms",
}


@dataclass(frozen=True)
class WantedMapping:
    """One mapping as a person wants it. ``version`` is the one they saw (0: none); None where nobody looked."""

    key: MappingKey
    name: str
    target: MappingTarget
    version: int | None


@dataclass(frozen=True)
class EndedMapping:
    """One mapping that is to end; ``version`` is the one that was shown."""

    key: MappingKey
    name: str
    version: int


@dataclass(frozen=True)
class SavedMapping:
    """The version in force, and how many invoices go on because of it."""

    mapping: Mapping
    freed: int


async def save(
    services: Services,
    visitor: Visitor,
    connection_id: UUID,
    wanted: Sequence[WantedMapping],
    ended: Sequence[EndedMapping] = (),
) -> list[SavedMapping]:
    """Save and end them, all or none.

    Raises Problem 404, 409 for one that somebody else changed, 422 for a target refused.
    """
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        await check_connection(session, connection_id)
        for one in ended:
            try:
                await mappings.remove_mapping(session, connection_id, one.key, visitor.user_id, one.version)
            except MappingOutdated as outdated:
                raise await _outdated(session, connection_id, one.key, one.name, outdated) from None
        saved = await save_within(session, visitor, connection_id, wanted, MappingAuthor.PERSON)
    await _wake(services, visitor, saved)
    return saved


async def save_within(
    session: CompanySession,
    visitor: Visitor,
    connection_id: UUID,
    wanted: Sequence[WantedMapping],
    author: MappingAuthor,
) -> list[SavedMapping]:
    """The same in a unit of work of the caller's."""
    targets = await _targets(session, connection_id, [one.target for one in wanted])
    saved = []
    for one in wanted:
        refused = target_refusal(one.key.kind, targets.get((one.target.entity, one.target.quickbooks_id)), one.target)
        if refused is not None:
            raise Problem(422, "target_refused", f"{one.name or one.key.procore_id}: {refused}")
        try:
            row = await mappings.save_mapping(
                session,
                connection_id,
                one.key,
                one.name,
                one.target,
                author=author,
                author_id=visitor.user_id,
                expected_version=one.version,
            )
        except MappingOutdated as outdated:
            name = one.name or one.key.procore_id
            raise await _outdated(session, connection_id, one.key, name, outdated) from None
        saved.append(SavedMapping(row, len(await free_for(session, connection_id, one.key))))
    return saved


async def remove(services: Services, visitor: Visitor, connection_id: UUID, key: MappingKey, version: int) -> None:
    """End a mapping: what is posted stays, what comes waits for a new one. Raises Problem 404 and 409."""
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        await check_connection(session, connection_id)
        try:
            await mappings.remove_mapping(session, connection_id, key, visitor.user_id, version)
        except MappingOutdated as outdated:
            raise await _outdated(session, connection_id, key, key.procore_id, outdated) from None


async def revert(
    services: Services, visitor: Visitor, connection_id: UUID, key: MappingKey, to: int, version: int
) -> SavedMapping:
    """Put an earlier version in force again, as a new one. Raises Problem 404, 409 and 422."""
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        await check_connection(session, connection_id)
        try:
            old = await mappings.version_of(session, connection_id, key, to)
        except NoSuchVersion:
            raise not_found("version of this mapping") from None
    target = MappingTarget(old.target_entity, old.target_id)
    saved = await save(services, visitor, connection_id, [WantedMapping(key, old.procore_name, target, version)])
    return saved[0]


def target_refusal(kind: MappingKind, entry: ReferenceEntry | None, target: MappingTarget) -> str | None:
    """Why something cannot be mapped to this entry, in a sentence; None when it can."""
    if not TARGET_ENTITIES[kind]:
        return "tax is job cost in US books: it goes where its line goes, and its code is not mapped. Leave it out."
    if target.entity not in TARGET_ENTITIES[kind]:
        allowed = " or ".join(TARGET_ENTITIES[kind])
        return f"a {kind.replace('_', ' ')} is mapped to {allowed}, not to a {target.entity}. Choose another one."
    match target.entity:
        case "Account":
            return refusal(_USE.get(kind, AccountUse.EXPENSE), as_account(entry))
        case "Item":
            return item_refusal(as_item(entry))
    what = LIST_WORDS[target.entity]
    if entry is None:
        return f"that {what} is not in this QuickBooks company. Choose one from the list."
    if not entry.active:
        return f"{entry.full_name} is inactive in QuickBooks. Make it active there, or choose another {what}."
    return None


_USE = {K.RETAINAGE_ACCOUNT: AccountUse.RETAINAGE, K.AP_ACCOUNT: AccountUse.ACCOUNTS_PAYABLE}


async def check_connection(session: CompanySession, connection_id: UUID) -> None:
    if await connections.connection_by_id(session, connection_id) is None:
        raise not_found("connection")


async def _targets(
    session: CompanySession, connection_id: UUID, targets: Sequence[MappingTarget]
) -> dict[tuple[str, str], ReferenceEntry]:
    wanted: dict[str, set[str]] = {}
    for one in targets:
        wanted.setdefault(one.entity, set()).add(one.quickbooks_id)
    return await reference_lists.entries_by_key(session, connection_id, wanted)


async def _outdated(
    session: CompanySession, connection_id: UUID, key: MappingKey, name: str, outdated: MappingOutdated
) -> Problem:
    """``name`` is what to call it by where nothing is mapped any more."""
    called = (outdated.current.procore_name if outdated.current else "") or name
    said = await mapping_changed(session, connection_id, key)
    return Problem(409, "mapping_outdated", f"Nothing was saved. {called}: {said}")


async def _wake(services: Services, visitor: Visitor, saved: Sequence[SavedMapping]) -> None:
    freed = sum(one.freed for one in saved)
    if freed:
        reason = f"mappings freed {freed} invoices"
        await tell(services.workflows.wake_company(visitor.company_id, visitor.company.name, reason))

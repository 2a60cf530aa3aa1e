"""Mappings: where something of Procore's goes in one QuickBooks company. Versions are kept, never rewritten."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from sqlmodel import col, select

from accounting.coding import TargetKind
from models.database import CompanySession
from models.events import audit, record_event
from models.tables import ConnectionSettings, Mapping, MappingAuthor, MappingKind

K = MappingKind
# Which of QuickBooks' lists a mapping of each kind may point into. A US bill carries no tax code of QuickBooks'.
TARGET_ENTITIES: dict[MappingKind, tuple[str, ...]] = {
    K.VENDOR: ("Vendor",),
    K.PROJECT: ("Customer",),
    K.PROJECT_CLASS: ("Class",),
    K.PROJECT_LOCATION: ("Department",),
    K.COST_CODE: ("Account", "Item"),
    K.COST_TYPE: ("Account", "Item"),
    K.BUDGET_CODE: ("Account", "Item"),
    K.TERMS: ("Term",),
    K.RETAINAGE_ACCOUNT: ("Account",),
    K.AP_ACCOUNT: ("Account",),
    K.TAX_CODE: (),
}
WHOLE_CONNECTION = ""


def list_of(kind: MappingKind, basis: TargetKind) -> str:
    """The one of QuickBooks' lists that a page offers for mappings of this kind."""
    lists = TARGET_ENTITIES[kind]
    return "Item" if basis is TargetKind.ITEM and "Item" in lists else lists[0]


def project_scope(project_id: str) -> str:
    return f"project:{project_id}"


def commitment_scope(commitment_id: str) -> str:
    return f"commitment:{commitment_id}"


@dataclass(frozen=True)
class MappingTarget:
    """An entry of one of QuickBooks' lists."""

    entity: str
    quickbooks_id: str


@dataclass(frozen=True)
class MappingKey:
    """What a mapping is of, in which scope."""

    kind: MappingKind
    procore_id: str
    scope: str = WHOLE_CONNECTION


class Told(Protocol):
    """A version of a mapping as far as telling of it goes."""

    @property
    def id(self) -> UUID: ...

    @property
    def kind(self) -> MappingKind: ...

    @property
    def scope(self) -> str: ...

    @property
    def procore_name(self) -> str: ...

    @property
    def target_entity(self) -> str: ...

    @property
    def target_id(self) -> str: ...

    @property
    def version(self) -> int: ...

    @property
    def author_kind(self) -> MappingAuthor: ...


class MappingOutdated(Exception):
    """Somebody saved another version of the mapping since it was shown."""

    def __init__(self, current: Mapping | None) -> None:
        self.current = current
        super().__init__("the mapping has changed")


class NoSuchVersion(Exception):
    """The mapping has no version of that number."""


async def connection_settings(
    session: CompanySession, connection_id: UUID, *, lock: bool = False
) -> ConnectionSettings:
    """A connection's settings; every connection has them."""
    statement = select(ConnectionSettings).where(
        ConnectionSettings.company_id == session.company_id, ConnectionSettings.connection_id == connection_id
    )
    found = await session.exec(statement.with_for_update() if lock else statement)
    return found.one()


async def lock_mappings(session: CompanySession, connection_id: UUID) -> ConnectionSettings:
    """One author at a time per connection: the versions that were seen are compared under this lock."""
    return await connection_settings(session, connection_id, lock=True)


async def live_mappings(
    session: CompanySession,
    connection_id: UUID,
    *,
    kinds: Iterable[MappingKind] | None = None,
    procore_ids: Iterable[str] | None = None,
    scopes: Iterable[str] | None = None,
) -> list[Mapping]:
    """The mappings in force, by kind, scope and name; of these kinds, ids and scopes where they are named."""
    statement = (
        select(Mapping)
        .where(Mapping.company_id == session.company_id, Mapping.connection_id == connection_id)
        .where(col(Mapping.superseded_at).is_(None))
        .order_by(col(Mapping.kind), col(Mapping.scope), col(Mapping.procore_name), col(Mapping.procore_id))
    )
    if kinds is not None:
        statement = statement.where(col(Mapping.kind).in_(list(kinds)))
    if procore_ids is not None:
        statement = statement.where(col(Mapping.procore_id).in_(set(procore_ids)))
    if scopes is not None:
        statement = statement.where(col(Mapping.scope).in_(set(scopes)))
    return list(await session.exec(statement))


async def mapping_history(session: CompanySession, connection_id: UUID, key: MappingKey) -> list[Mapping]:
    """Every version of one mapping, the newest first."""
    found = await session.exec(
        select(Mapping)
        .where(Mapping.company_id == session.company_id, Mapping.connection_id == connection_id)
        .where(Mapping.kind == key.kind, Mapping.procore_id == key.procore_id, Mapping.scope == key.scope)
        .order_by(col(Mapping.version).desc())
    )
    return list(found)


async def save_mapping(
    session: CompanySession,
    connection_id: UUID,
    key: MappingKey,
    name: str,
    target: MappingTarget,
    *,
    author: MappingAuthor,
    author_id: UUID | None,
    expected_version: int | None = None,
) -> Mapping:
    """A new version, in force from now on; the one in force, where it says the same already.

    ``expected_version`` is the version that the author saw (0: none); MappingOutdated where another is in force.
    Whether QuickBooks takes the target was asked before.
    """
    await lock_mappings(session, connection_id)
    history = await mapping_history(session, connection_id, key)
    live = next((one for one in history if one.superseded_at is None), None)
    if expected_version is not None and expected_version != (live.version if live else 0):
        raise MappingOutdated(live)
    if live is not None and (live.target_entity, live.target_id) == (target.entity, target.quickbooks_id):
        return live
    if live is not None:
        live.superseded_at = session.now
        session.add(live)
        await session.flush()
    made = Mapping(
        company_id=session.company_id,
        id=session.new_id(),
        connection_id=connection_id,
        kind=key.kind,
        scope=key.scope,
        procore_id=key.procore_id,
        procore_name=name,
        target_entity=target.entity,
        target_id=target.quickbooks_id,
        version=(history[0].version if history else 0) + 1,
        author_kind=author,
        author_id=author_id,
        created_at=session.now,
    )
    session.add(made)
    tell_mapped(session, made, before=live)
    audit(
        session,
        "mapping_changed",
        connection_id=str(connection_id),
        mapping=key.kind.value,
        scope=key.scope,
        procore_id=key.procore_id,
        target=f"{target.entity}:{target.quickbooks_id}",
    )
    return made


async def remove_mapping(
    session: CompanySession, connection_id: UUID, key: MappingKey, removed_by: UUID, expected_version: int
) -> Mapping:
    """End the mapping in force; its versions stay as history. Raises MappingOutdated."""
    await lock_mappings(session, connection_id)
    history = await mapping_history(session, connection_id, key)
    live = next((one for one in history if one.superseded_at is None), None)
    if live is None or live.version != expected_version:
        raise MappingOutdated(live)
    live.superseded_at, live.removed_by = session.now, removed_by
    session.add(live)
    record_event(
        session, "mapping", live.id, "unmapped", mapping_kind=key.kind, scope=key.scope, name=live.procore_name
    )
    audit(
        session,
        "mapping_changed",
        connection_id=str(connection_id),
        mapping=key.kind.value,
        scope=key.scope,
        procore_id=key.procore_id,
        target=None,
    )
    return live


async def version_of(session: CompanySession, connection_id: UUID, key: MappingKey, version: int) -> Mapping:
    """One version of a mapping, to be put in force again. Raises NoSuchVersion."""
    for one in await mapping_history(session, connection_id, key):
        if one.version == version:
            return one
    raise NoSuchVersion


def tell_mapped(session: CompanySession, mapping: Told, before: Told | None) -> None:
    """Say in the company's events that this version is in force, instead of ``before``."""
    record_event(
        session,
        "mapping",
        mapping.id,
        "mapped",
        by=mapping.author_kind,
        mapping_kind=mapping.kind,
        scope=mapping.scope,
        name=mapping.procore_name,
        target=f"{mapping.target_entity}:{mapping.target_id}",
        version=mapping.version,
        before=f"{before.target_entity}:{before.target_id}" if before else None,
    )

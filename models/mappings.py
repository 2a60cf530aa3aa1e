"""Where an invoice's bill goes: mappings, made here by exact name, and the cached lists they point into."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from models.database import CompanySession
from models.events import record_event
from models.rows import LEFT_ALONE, OnConflict, insert_rows
from models.tables import ConnectionSettings, Mapping, MappingAuthor, MappingKind, ReferenceEntry


@dataclass(frozen=True)
class ListEntry:
    """One entry of a QuickBooks list as just read."""

    entity: str
    quickbooks_id: str
    name: str
    full_name: str
    active: bool
    account_type: str | None = None
    account_subtype: str | None = None
    terms_id: str | None = None
    terms_days: int | None = None


@dataclass(frozen=True)
class Named:
    """Something of Procore's to be mapped."""

    kind: MappingKind
    procore_id: str
    name: str


TARGET_ENTITY = {MappingKind.VENDOR: "Vendor", MappingKind.PROJECT: "Customer"}


def name_key(name: str) -> str:
    """Names are the same when they differ in case and white space only."""
    return " ".join(name.split()).casefold()


async def store_list(
    session: CompanySession,
    connection_id: UUID,
    entity: str,
    entries: Sequence[ListEntry],
    read_at: datetime,
    *,
    whole: bool = True,
) -> None:
    """Replace what we know of one list. An entry that is gone stays as inactive: mappings may still point to it.

    Unless the list is ``whole``, what is not among these entries stays as it is.
    """
    if entries:
        rows: list[dict[str, Any]] = [
            {
                "company_id": session.company_id,
                "id": session.new_id(),
                "connection_id": connection_id,
                "entity": entity,
                "quickbooks_id": entry.quickbooks_id,
                "name": entry.name,
                "full_name": entry.full_name,
                "name_key": name_key(entry.full_name if entity == "Account" else entry.name),
                "active": entry.active,
                "account_type": entry.account_type,
                "account_subtype": entry.account_subtype,
                "terms_id": entry.terms_id,
                "terms_days": entry.terms_days,
                "details": {},
                "read_at": read_at,
            }
            # An entry may slip from one page to the next while they are read.
            for entry in {entry.quickbooks_id: entry for entry in entries}.values()
        ]
        keys = ("company_id", "connection_id", "entity", "quickbooks_id")
        await insert_rows(session, ReferenceEntry, rows, OnConflict(keys))
    if not whole:
        return
    await session.execute(
        sa.update(ReferenceEntry)
        .where(col(ReferenceEntry.company_id) == session.company_id)
        .where(col(ReferenceEntry.connection_id) == connection_id, col(ReferenceEntry.entity) == entity)
        .where(col(ReferenceEntry.read_at) < read_at)
        .values(active=False)
        .execution_options(synchronize_session=False)
    )


async def connection_settings(session: CompanySession, connection_id: UUID) -> ConnectionSettings:
    found = await session.exec(
        select(ConnectionSettings).where(
            ConnectionSettings.company_id == session.company_id, ConnectionSettings.connection_id == connection_id
        )
    )
    return found.one()


async def entries_by_id(
    session: CompanySession, connection_id: UUID, entity: str, ids: Iterable[str]
) -> dict[str, ReferenceEntry]:
    found = await session.exec(
        select(ReferenceEntry)
        .where(ReferenceEntry.company_id == session.company_id, ReferenceEntry.connection_id == connection_id)
        .where(ReferenceEntry.entity == entity, col(ReferenceEntry.quickbooks_id).in_(set(ids)))
    )
    return {entry.quickbooks_id: entry for entry in found}


async def accounts_of_type(session: CompanySession, connection_id: UUID, account_type: str) -> list[ReferenceEntry]:
    """Active accounts of one QuickBooks account type, by name."""
    found = await session.exec(
        select(ReferenceEntry)
        .where(ReferenceEntry.company_id == session.company_id, ReferenceEntry.connection_id == connection_id)
        .where(ReferenceEntry.entity == "Account", ReferenceEntry.account_type == account_type)
        .where(col(ReferenceEntry.active).is_(True))
        .order_by(col(ReferenceEntry.full_name), col(ReferenceEntry.quickbooks_id))
    )
    return list(found)


async def terms_of_days(session: CompanySession, connection_id: UUID) -> dict[int, str]:
    """QuickBooks' id of the active payment terms for each number of days; the lowest id where several agree."""
    found = await session.exec(
        select(ReferenceEntry)
        .where(ReferenceEntry.company_id == session.company_id, ReferenceEntry.connection_id == connection_id)
        .where(ReferenceEntry.entity == "Term", col(ReferenceEntry.active).is_(True))
        .where(col(ReferenceEntry.terms_days).is_not(None))
        .order_by(sa.func.length(ReferenceEntry.quickbooks_id).desc(), col(ReferenceEntry.quickbooks_id).desc())
    )
    return {entry.terms_days: entry.quickbooks_id for entry in found if entry.terms_days is not None}


async def mapped(
    session: CompanySession, connection_id: UUID, wanted: Sequence[Named], *, by_exact_name: bool = True
) -> dict[tuple[MappingKind, str], str]:
    """The QuickBooks ids of these names. One without a mapping gets it if exactly one active entry has its name, unless
    ``by_exact_name`` is off: then only a person maps.
    """
    if not wanted:
        return {}
    found = await session.exec(
        select(Mapping)
        .where(Mapping.company_id == session.company_id, Mapping.connection_id == connection_id)
        .where(col(Mapping.superseded_at).is_(None), Mapping.scope == "")
        .where(col(Mapping.procore_id).in_({one.procore_id for one in wanted}))
    )
    targets = {(one.kind, one.procore_id): one.target_id for one in found}
    missing = {(one.kind, one.procore_id): one for one in wanted if (one.kind, one.procore_id) not in targets}
    if missing and by_exact_name:
        targets |= await _map_by_exact_name(session, connection_id, list(missing.values()))
    return targets


async def mapped_accounts(session: CompanySession, connection_id: UUID, cost_code_ids: Iterable[str]) -> dict[str, str]:
    """The accounts that a person has mapped these cost codes to, by cost code."""
    found = await session.exec(
        select(Mapping.procore_id, Mapping.target_id)
        .where(Mapping.company_id == session.company_id, Mapping.connection_id == connection_id)
        .where(Mapping.kind == MappingKind.COST_CODE, Mapping.scope == "", col(Mapping.superseded_at).is_(None))
        .where(col(Mapping.procore_id).in_(set(cost_code_ids)))
    )
    return dict(found.all())


async def _map_by_exact_name(
    session: CompanySession, connection_id: UUID, missing: Sequence[Named]
) -> dict[tuple[MappingKind, str], str]:
    found = await session.exec(
        select(ReferenceEntry)
        .where(ReferenceEntry.company_id == session.company_id, ReferenceEntry.connection_id == connection_id)
        .where(col(ReferenceEntry.entity).in_(TARGET_ENTITY.values()), col(ReferenceEntry.active).is_(True))
        .where(col(ReferenceEntry.name_key).in_({name_key(one.name) for one in missing}))
    )
    candidates: dict[tuple[str, str], list[str]] = {}
    for entry in found:
        candidates.setdefault((entry.entity, entry.name_key), []).append(entry.quickbooks_id)
    made: dict[tuple[MappingKind, str], str] = {}
    rows: list[dict[str, Any]] = []
    for one in missing:
        matches = candidates.get((TARGET_ENTITY[one.kind], name_key(one.name)), [])
        if len(matches) != 1:
            continue
        made[one.kind, one.procore_id] = matches[0]
        mapping_id = session.new_id()
        row = {
            "company_id": session.company_id,
            "id": mapping_id,
            "connection_id": connection_id,
            "kind": one.kind,
            "scope": "",
            "procore_id": one.procore_id,
            "procore_name": one.name,
            "target_entity": TARGET_ENTITY[one.kind],
            "target_id": matches[0],
            "version": 1,
            "author_kind": MappingAuthor.EXACT_NAME,
            "created_at": session.now,
        }
        rows.append(row)
        record_event(session, "mapping", mapping_id, "mapped", by="exact name", name=one.name, target=matches[0])
    await insert_rows(session, Mapping, rows, LEFT_ALONE)
    return made

"""The lists of a QuickBooks company as last read: what mappings point into."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from models.database import CompanySession
from models.rows import OnConflict, insert_rows
from models.tables import ReferenceEntry


@dataclass(frozen=True)
class EntryDetails:
    """What helps to recognise an entry, and what an item is; empty where QuickBooks says nothing."""

    number: str = ""
    email: str = ""
    phone: str = ""
    address: str = ""
    item_type: str = ""
    expense_account_id: str = ""

    @classmethod
    def of(cls, details: Mapping[str, Any]) -> "EntryDetails":
        return cls(**{name: str(value) for name, value in details.items()})


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
    details: EntryDetails = field(default_factory=EntryDetails)


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
                "details": {name: value for name, value in asdict(entry.details).items() if value},
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


async def entries_named(
    session: CompanySession, connection_id: UUID, entity: str, names: Iterable[str]
) -> dict[str, list[ReferenceEntry]]:
    """Active entries by name key; a customer's job is known by its full name (``Hartwell:Tower``)."""
    keys = {name_key(name) for name in names}
    full = sa.func.lower(ReferenceEntry.full_name)
    found = await session.exec(
        select(ReferenceEntry)
        .where(ReferenceEntry.company_id == session.company_id, ReferenceEntry.connection_id == connection_id)
        .where(ReferenceEntry.entity == entity, col(ReferenceEntry.active).is_(True))
        .where(sa.or_(col(ReferenceEntry.name_key).in_(keys), full.in_(keys)))
    )
    by_name: dict[str, list[ReferenceEntry]] = {}
    for entry in found:
        by_name.setdefault(name_key(entry.full_name), []).append(entry)
    return by_name


async def entries_of(session: CompanySession, connection_id: UUID, entities: Iterable[str]) -> list[ReferenceEntry]:
    """Every active entry of these lists, by name."""
    found = await session.exec(
        select(ReferenceEntry)
        .where(ReferenceEntry.company_id == session.company_id, ReferenceEntry.connection_id == connection_id)
        .where(col(ReferenceEntry.entity).in_(set(entities)), col(ReferenceEntry.active).is_(True))
        .order_by(col(ReferenceEntry.full_name), col(ReferenceEntry.quickbooks_id))
    )
    return list(found)


ACTIVE = """
    SELECT entity, quickbooks_id, name, details FROM reference_entry
    WHERE company_id = %(company_id)s AND connection_id = %(connection_id)s AND entity = ANY(%(entities)s) AND active
    ORDER BY full_name, quickbooks_id
"""


@dataclass(frozen=True)
class NamedEntry:
    """An active entry as far as it helps to recognise it."""

    entity: str
    quickbooks_id: str
    name: str
    details: Mapping[str, Any]


async def active_entries(session: CompanySession, connection_id: UUID, entities: Iterable[str]) -> list[NamedEntry]:
    """Every active entry of these lists, by name: for pages that compare with all of them."""
    return await session.ask(ACTIVE, NamedEntry, connection_id=connection_id, entities=sorted(set(entities)))


async def entries_by_key(
    session: CompanySession, connection_id: UUID, wanted: Mapping[str, set[str]]
) -> dict[tuple[str, str], ReferenceEntry]:
    """Entries of several lists at once, by (entity, id); inactive ones included."""
    pairs = [(entity, quickbooks_id) for entity, ids in wanted.items() for quickbooks_id in ids]
    if not pairs:
        return {}
    found = await session.exec(
        select(ReferenceEntry)
        .where(ReferenceEntry.company_id == session.company_id, ReferenceEntry.connection_id == connection_id)
        .where(sa.tuple_(col(ReferenceEntry.entity), col(ReferenceEntry.quickbooks_id)).in_(pairs))
    )
    return {(entry.entity, entry.quickbooks_id): entry for entry in found}

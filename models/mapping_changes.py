"""Data mapping as a person changes it: what names stand for, the versions written, and what goes on because of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from accounting.blockers import BlockerReason
from models.database import CompanySession
from models.events import audit, record_event
from models.invoices import free_blocked
from models.mapping_pages import TARGETS
from models.mappings import name_key
from models.tables import Mapping as MappingRow
from models.tables import MappingAuthor, MappingKind, ReferenceEntry


@dataclass(frozen=True)
class MappingChange:
    """What a name shall be in QuickBooks (None: nothing any more), and the version the form was made from."""

    procore_id: str
    procore_name: str
    shown_version: int
    target_id: str | None


FREED = {
    MappingKind.VENDOR: (BlockerReason.VENDOR_UNMAPPED, BlockerReason.VENDOR_INACTIVE),
    MappingKind.PROJECT: (BlockerReason.PROJECT_UNMAPPED,),
    MappingKind.COST_CODE: (BlockerReason.COST_CODE_UNMAPPED,),
}


async def targets_named(
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


async def live_mappings(
    session: CompanySession, connection_id: UUID, kind: MappingKind, procore_ids: Iterable[str]
) -> dict[str, MappingRow]:
    """The live mappings of these names, locked until the unit of work ends."""
    found = await session.exec(
        select(MappingRow)
        .where(MappingRow.company_id == session.company_id, MappingRow.connection_id == connection_id)
        .where(MappingRow.kind == kind, MappingRow.scope == "", col(MappingRow.superseded_at).is_(None))
        .where(col(MappingRow.procore_id).in_(set(procore_ids)))
        .with_for_update()
    )
    return {row.procore_id: row for row in found}


async def save_mappings(
    session: CompanySession,
    connection_id: UUID,
    kind: MappingKind,
    changes: Sequence[MappingChange],
    live: Mapping[str, MappingRow],
    by: UUID,
) -> int:
    """Write these changes as new versions, audited, and free what waited for them; how many invoices that freed."""
    versions = await _newest_versions(session, connection_id, kind, [change.procore_id for change in changes])
    for change in changes:
        old = live.get(change.procore_id)
        if old is not None:
            old.superseded_at = session.now
            session.add(old)
    # The unique index of live mappings must not see the old ones and the new ones together.
    await session.flush()
    for change in changes:
        old = live.get(change.procore_id)
        if change.target_id is not None:
            session.add(
                MappingRow(
                    company_id=session.company_id,
                    id=session.new_id(),
                    connection_id=connection_id,
                    kind=kind,
                    procore_id=change.procore_id,
                    procore_name=change.procore_name,
                    target_entity=TARGETS[kind],
                    target_id=change.target_id,
                    version=versions.get(change.procore_id, 0) + 1,
                    author_kind=MappingAuthor.PERSON,
                    author_id=by,
                    created_at=session.now,
                )
            )
        record_event(
            session,
            "connection",
            connection_id,
            "mapped" if change.target_id else "unmapped",
            mapping=kind.value,
            procore_id=change.procore_id,
            name=change.procore_name,
            target=change.target_id,
            was=old.target_id if old else None,
        )
        audit(
            session,
            "mapping_changed",
            connection_id=str(connection_id),
            mapping=kind.value,
            procore_id=change.procore_id,
            target=change.target_id,
        )
    return await free_blocked(session, FREED[kind], [change.procore_id for change in changes])


async def _newest_versions(
    session: CompanySession, connection_id: UUID, kind: MappingKind, procore_ids: Sequence[str]
) -> dict[str, int]:
    found = await session.exec(
        select(MappingRow.procore_id, sa.func.max(MappingRow.version))
        .where(MappingRow.company_id == session.company_id, MappingRow.connection_id == connection_id)
        .where(MappingRow.kind == kind, MappingRow.scope == "", col(MappingRow.procore_id).in_(procore_ids))
        .group_by(col(MappingRow.procore_id))
    )
    return dict(found.all())

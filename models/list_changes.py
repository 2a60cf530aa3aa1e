"""What a change query told of QuickBooks' lists, taken into our copy of them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from accounting.blockers import BlockerReason
from models.database import CompanySession
from models.events import record_event
from models.reference_lists import EntryDetails, ListEntry, entries_by_key, store_list
from models.tables import ReferenceEntry

# What a change of the lists may have mended.
MENDED_BY_LISTS = (
    BlockerReason.VENDOR_UNMAPPED,
    BlockerReason.VENDOR_INACTIVE,
    BlockerReason.PROJECT_UNMAPPED,
    BlockerReason.COST_CODE_UNMAPPED,
    BlockerReason.MAPPING_REFUSED,
    BlockerReason.AP_ACCOUNT_MISSING,
    BlockerReason.RETAINAGE_ACCOUNT_MISSING,
)


@dataclass(frozen=True)
class ListChanges:
    """What was news to us. ``renamed_above`` are the lists in which entries that we keep stand below a renamed one:
    nobody says whether QuickBooks tells of their full names too.
    """

    is_news: bool
    renamed_above: frozenset[str]


async def take_in_entries(
    session: CompanySession,
    connection_id: UUID,
    changed: Sequence[ListEntry],
    gone: Collection[tuple[str, str]],
    read_at: datetime,
) -> ListChanges:
    """Bring our copy up to what changed. What is ``gone``, by (list, id), merged away for instance, stays as inactive:
    mappings may still point to it. The same change told twice is no news.
    """
    wanted: dict[str, set[str]] = {}
    for entity, quickbooks_id in [*((one.entity, one.quickbooks_id) for one in changed), *gone]:
        wanted.setdefault(entity, set()).add(quickbooks_id)
    known = await entries_by_key(session, connection_id, wanted)
    before = {key: _as_listed(entry) for key, entry in known.items()}
    news = [one for one in changed if before.get((one.entity, one.quickbooks_id)) != one]
    for entity in sorted({one.entity for one in news}):
        of_list = [one for one in news if one.entity == entity]
        await store_list(session, connection_id, entity, of_list, read_at, whole=False)
    lost = [key for key in gone if key in before and before[key].active]
    for entity, quickbooks_id in lost:
        await session.do(INACTIVE, connection_id=connection_id, entity=entity, id=quickbooks_id, read_at=read_at)
    if not news and not lost:
        return ListChanges(is_news=False, renamed_above=frozenset())
    counts = {entity: sum(one.entity == entity for one in news) for entity in sorted({one.entity for one in news})}
    record_event(session, "connection", connection_id, "lists_changed", changed=counts, gone=len(lost))
    renamed = [
        (one.entity, old.full_name)
        for one in news
        if (old := before.get((one.entity, one.quickbooks_id))) is not None and old.full_name != one.full_name
    ]
    return ListChanges(is_news=True, renamed_above=await _with_children(session, connection_id, renamed))


INACTIVE = """
    UPDATE reference_entry SET active = false, read_at = %(read_at)s
    WHERE company_id = %(company_id)s AND connection_id = %(connection_id)s AND entity = %(entity)s
        AND quickbooks_id = %(id)s
"""


async def _with_children(
    session: CompanySession, connection_id: UUID, parents: Sequence[tuple[str, str]]
) -> frozenset[str]:
    """The lists in which an entry of ours is named as being below one of these, by (list, full name)."""
    if not parents:
        return frozenset()
    full_name = col(ReferenceEntry.full_name)
    below = sa.or_(
        *(
            (col(ReferenceEntry.entity) == entity) & full_name.startswith(f"{name}:", autoescape=True)
            for entity, name in parents
        )
    )
    found = await session.exec(
        select(ReferenceEntry.entity)
        .where(ReferenceEntry.company_id == session.company_id, ReferenceEntry.connection_id == connection_id)
        .where(below)
        .distinct()
    )
    return frozenset(found)


def _as_listed(entry: ReferenceEntry) -> ListEntry:
    return ListEntry(
        entry.entity, entry.quickbooks_id, entry.name, entry.full_name, entry.active,
        account_type=entry.account_type, account_subtype=entry.account_subtype,
        terms_id=entry.terms_id, terms_days=entry.terms_days, details=EntryDetails.of(entry.details),
    )  # fmt: skip

"""What a stale form is told: who changed what it wanted to change, and what stands there now."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from accounting.money import dollars
from models import mappings, reference_lists
from models.database import CompanySession
from models.mappings import MappingKey
from models.members import names_of
from models.retainage import OpeningNow, retainage_of_connection
from models.tables import Mapping as MappingRow
from models.tables import MappingAuthor

SOMEBODY = "Somebody else"


async def mapping_changed(session: CompanySession, connection_id: UUID, key: MappingKey) -> str:
    """Who made the mapping what it is now, or ended it, and where it points."""
    newest = (await mappings.mapping_history(session, connection_id, key))[:1]
    if not newest:
        return "There is no mapping here any more. Look at it again, then save."
    (row,) = newest
    who = await _who(session, row)
    if row.superseded_at is not None:
        return f"{who} has removed this mapping meanwhile. Look at it again, then save."
    wanted = {row.target_entity: {row.target_id}}
    entries = await reference_lists.entries_by_key(session, connection_id, wanted)
    entry = entries.get((row.target_entity, row.target_id))
    target = f"“{entry.full_name}”" if entry is not None else "one that QuickBooks no longer lists"
    return f"{who} has changed this to {target} meanwhile. Look at it again, then save."


async def _who(session: CompanySession, row: MappingRow) -> str:
    if row.removed_by is None and row.author_kind is MappingAuthor.EXACT_NAME:
        return "inBuild"
    by = row.removed_by or row.author_id
    return (await names_of(session, [by])).get(by, SOMEBODY) if by is not None else SOMEBODY


async def openings_changed(
    session: CompanySession, connection_id: UUID, stale: Sequence[str], now: Mapping[str, OpeningNow]
) -> str:
    """Who confirmed what for these commitments meanwhile; the page beside it shows them by their numbers."""
    names = await names_of(session, [one.confirmed_by for one in now.values()])
    numbers = {one.commitment_id: one.number for one in await retainage_of_connection(session, connection_id)}
    said = []
    for commitment_id in stale:
        number, opening = numbers.get(commitment_id, commitment_id), now.get(commitment_id)
        if opening is None:
            said.append(f"{number} has no confirmed opening balance")
        else:
            who = names.get(opening.confirmed_by, SOMEBODY)
            said.append(f"{who} has confirmed {dollars(opening.amount)} for {number}")
    return f"This has changed since you saw it: {'; '.join(said)}. Nothing was kept; look at it again, then confirm."

"""What the bills of a batch need to know of QuickBooks' lists, in one statement."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from models.database import CompanySession

# The entries asked for, inactive ones included; all payment terms; and the A/P accounts an admin may not have chosen.
ENTRIES = """
    SELECT entity, quickbooks_id, full_name, active, account_type, account_subtype, terms_id, terms_days, details
    FROM (
        SELECT entry.* FROM unnest(%(entities)s::text[], %(ids)s::text[]) AS wanted(entity, quickbooks_id)
        JOIN reference_entry AS entry
            ON entry.company_id = %(company_id)s AND entry.connection_id = %(connection_id)s
            AND entry.entity = wanted.entity AND entry.quickbooks_id = wanted.quickbooks_id
        UNION ALL
        SELECT * FROM reference_entry
        WHERE company_id = %(company_id)s AND connection_id = %(connection_id)s AND (
            entity = 'Term' OR (entity = 'Account' AND account_type = 'Accounts Payable' AND active)
        )
    ) AS entry
    ORDER BY full_name, quickbooks_id
"""


@dataclass(frozen=True)
class EntryForBills:
    """One entry of a list, as far as a bill goes."""

    entity: str
    quickbooks_id: str
    full_name: str
    active: bool
    account_type: str | None
    account_subtype: str | None
    terms_id: str | None
    terms_days: int | None
    details: Mapping[str, Any]


@dataclass(frozen=True)
class EntriesForBills:
    """Entries by (entity, id), by name."""

    by_key: Mapping[tuple[str, str], EntryForBills]

    @property
    def terms_by_days(self) -> dict[int, str]:
        """QuickBooks' id of the active payment terms for each number of days; the lowest id where several agree."""
        terms = [one for one in self.by_key.values() if one.entity == "Term" and one.active]
        terms.sort(key=lambda one: (len(one.quickbooks_id), one.quickbooks_id), reverse=True)
        return {one.terms_days: one.quickbooks_id for one in terms if one.terms_days is not None}

    @property
    def only_ap_account_id(self) -> str | None:
        """The one A/P account, as most books have; None where there are several and the admin has chosen none."""
        found = [
            one.quickbooks_id
            for one in self.by_key.values()
            if one.entity == "Account" and one.active and one.account_type == "Accounts Payable"
        ]
        return found[0] if len(found) == 1 else None


async def entries_for_bills(
    session: CompanySession, connection_id: UUID, wanted: Mapping[str, set[str]]
) -> EntriesForBills:
    """``wanted`` names the ids of each list."""
    pairs = [(entity, quickbooks_id) for entity, ids in wanted.items() for quickbooks_id in ids]
    found = await session.ask(
        ENTRIES,
        EntryForBills,
        connection_id=connection_id,
        entities=[entity for entity, _ in pairs],
        ids=[quickbooks_id for _, quickbooks_id in pairs],
    )
    return EntriesForBills({(entry.entity, entry.quickbooks_id): entry for entry in found})

"""The accounts that retainage is, or was, withheld in: releases go back to where it lies."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from accounting.bill_types import Books, RetainageBalance
from models.database import CompanySession
from models.reference_lists import entries_by_key


@dataclass(frozen=True)
class _Account:
    account_id: str


EVER_USED = """
    SELECT retainage_account_id AS account_id FROM connection_settings
    WHERE company_id = %(company_id)s AND connection_id = %(connection_id)s AND retainage_account_id IS NOT NULL
    UNION
    SELECT target_id FROM mapping
    WHERE company_id = %(company_id)s AND connection_id = %(connection_id)s AND kind = 'retainage_account'
    UNION
    SELECT retainage_account_id FROM bill_link
    WHERE company_id = %(company_id)s AND connection_id = %(connection_id)s AND retainage_account_id IS NOT NULL
    UNION
    SELECT account_id FROM retainage_opening
    WHERE company_id = %(company_id)s AND connection_id = %(connection_id)s AND account_id IS NOT NULL
"""
# The narrowest word counts, as it does for a bill: the commitment's, its project's, the connection's, the settings'.
IN_FORCE = """
    SELECT coalesce(mapping.target_id, settings.retainage_account_id) AS account_id
    FROM connection_settings AS settings
    LEFT JOIN procore_commitment AS commitment
        ON commitment.company_id = settings.company_id AND commitment.commitment_id = %(commitment_id)s
    LEFT JOIN mapping
        ON mapping.company_id = settings.company_id AND mapping.connection_id = settings.connection_id
        AND mapping.kind = 'retainage_account' AND mapping.procore_id = '' AND mapping.superseded_at IS NULL
        AND mapping.scope IN ('commitment:' || %(commitment_id)s::text, 'project:' || commitment.project_id, '')
    WHERE settings.company_id = %(company_id)s AND settings.connection_id = %(connection_id)s
        AND coalesce(mapping.target_id, settings.retainage_account_id) IS NOT NULL
    ORDER BY mapping.scope LIKE 'commitment:%%' DESC NULLS LAST, mapping.scope LIKE 'project:%%' DESC NULLS LAST
    LIMIT 1
"""


async def retainage_accounts(session: CompanySession, connection_id: UUID) -> frozenset[str]:
    """Every account of these books that retainage was ever booked to by us, or by our settings and mappings."""
    found = await session.ask(EVER_USED, _Account, connection_id=connection_id)
    return frozenset(one.account_id for one in found)


async def retainage_account_in_force(session: CompanySession, connection_id: UUID, commitment_id: str) -> str | None:
    """The account that a bill of this commitment would withhold retainage in now; None where none is chosen."""
    found = await session.ask(IN_FORCE, _Account, connection_id=connection_id, commitment_id=commitment_id)
    return next((one.account_id for one in found), None)


@dataclass(frozen=True)
class Placed:
    """What is booked for one invoice, and the books its bill goes to."""

    balance: RetainageBalance
    books: Books

    @property
    def elsewhere(self) -> set[str]:
        """The accounts with its retainage that are not the one in force."""
        known = {one.account_id for one in self.balance.withheld_in} | {self.books.retainage_opening_account_id}
        return {one for one in known if one is not None} - {self.books.retainage_account_id or ""}


async def in_accounts_that_take_it(
    session: CompanySession, connection_id: UUID, placed: Mapping[UUID, Placed]
) -> dict[UUID, Placed]:
    """The same by invoice, without accounts that QuickBooks would refuse: what a merged or inactive one held comes out
    of the one in force.
    """
    elsewhere = {account_id for one in placed.values() for account_id in one.elsewhere}
    entries = await entries_by_key(session, connection_id, {"Account": elsewhere})
    gone = elsewhere - {entry.quickbooks_id for entry in entries.values() if entry.active}
    return {key: _without(one, gone) if one.elsewhere & gone else one for key, one in placed.items()}


def _without(one: Placed, gone: set[str]) -> Placed:
    opening = one.books.retainage_opening_account_id
    return Placed(
        replace(
            one.balance,
            withheld_in=tuple(
                replace(part, account_id=None if part.account_id in gone else part.account_id)
                for part in one.balance.withheld_in
            ),
        ),
        replace(one.books, retainage_opening_account_id=None if opening in gone else opening),
    )

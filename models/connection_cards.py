"""Connections as their page shows them: the cards, the chart of accounts, and the settings of each connection."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import col, select

from accounting.blockers import BlockerReason
from models.connections import settings_of
from models.database import CompanySession
from models.events import audit, record_event
from models.invoices import free_blocked
from models.tables import Connection, ConnectionSettings, Credential, ReferenceEntry

# What choosing an account can clear; the invoices behind these reasons go on by themselves.
FREED_BY_ACCOUNTS = (
    BlockerReason.COST_CODE_UNMAPPED,
    BlockerReason.RETAINAGE_ACCOUNT_MISSING,
    BlockerReason.REFUSED_BY_QUICKBOOKS,
)


@dataclass(frozen=True)
class ConnectionCard:
    """One connection with what its card tells.

    ``authorised_until`` is the earliest end of the authorisation, ``hard_end`` the one that no use moves (UTC).
    """

    connection: Connection
    authorised_until: datetime | None
    hard_end: datetime | None
    posting_paused: bool


@dataclass(frozen=True)
class AccountChoices:
    """The accounts an admin chose, as QuickBooks ids; None where nothing is chosen. Terms in days."""

    default_account_id: str | None
    retainage_account_id: str | None
    ap_account_id: str | None
    default_terms_days: int


async def connection_cards(session: CompanySession) -> list[ConnectionCard]:
    """Every connection the company ever had, live ones first, the newest first."""
    found = await session.exec(
        select(Connection, Credential, ConnectionSettings.posting_paused)
        .outerjoin(
            Credential,
            (col(Credential.company_id) == col(Connection.company_id))
            & (col(Credential.connection_id) == col(Connection.id)),
        )
        .outerjoin(
            ConnectionSettings,
            (col(ConnectionSettings.company_id) == col(Connection.company_id))
            & (col(ConnectionSettings.connection_id) == col(Connection.id)),
        )
        .where(Connection.company_id == session.company_id)
        .order_by(col(Connection.state) == "disconnected", col(Connection.connected_at).desc())
    )
    return [
        ConnectionCard(
            connection,
            min(filter(None, (credential.refresh_expires_at, credential.hard_expires_at))) if credential else None,
            credential.hard_expires_at if credential else None,
            bool(paused),
        )
        for connection, credential, paused in found
    ]


async def chart_of_accounts(session: CompanySession, connection_id: UUID) -> list[ReferenceEntry]:
    """The active accounts of a connection's QuickBooks company, by full name."""
    found = await session.exec(
        select(ReferenceEntry)
        .where(ReferenceEntry.company_id == session.company_id, ReferenceEntry.connection_id == connection_id)
        .where(ReferenceEntry.entity == "Account", col(ReferenceEntry.active).is_(True))
        .order_by(col(ReferenceEntry.full_name), col(ReferenceEntry.quickbooks_id))
    )
    return list(found)


async def accounts(
    session: CompanySession, connection_id: UUID, quickbooks_ids: Iterable[str]
) -> dict[str, ReferenceEntry]:
    """These accounts by id, inactive ones included."""
    found = await session.exec(
        select(ReferenceEntry)
        .where(ReferenceEntry.company_id == session.company_id, ReferenceEntry.connection_id == connection_id)
        .where(ReferenceEntry.entity == "Account", col(ReferenceEntry.quickbooks_id).in_(set(quickbooks_ids)))
    )
    return {entry.quickbooks_id: entry for entry in found}


async def choose_accounts(
    session: CompanySession, connection_id: UUID, choices: AccountChoices, chosen_by: UUID
) -> ConnectionSettings:
    """Store an admin's choice and let the invoices that waited for it be drafted again."""
    settings = await settings_of(session, connection_id, lock=True)
    old = AccountChoices(
        settings.default_account_id,
        settings.retainage_account_id,
        settings.ap_account_id,
        settings.default_terms_days,
    )
    if old == choices:
        return settings
    settings.default_account_id = choices.default_account_id
    settings.retainage_account_id = choices.retainage_account_id
    settings.ap_account_id = choices.ap_account_id
    settings.default_terms_days = choices.default_terms_days
    settings.version += 1
    settings.updated_at, settings.updated_by = session.now, chosen_by
    session.add(settings)
    changed = {
        name: [getattr(old, name), getattr(choices, name)]
        for name in ("default_account_id", "retainage_account_id", "ap_account_id", "default_terms_days")
        if getattr(old, name) != getattr(choices, name)
    }
    record_event(session, "connection", connection_id, "settings_changed", changed=changed)
    audit(session, "connection_settings_changed", connection_id=str(connection_id), changed=changed)
    await free_blocked(session, FREED_BY_ACCOUNTS)
    return settings

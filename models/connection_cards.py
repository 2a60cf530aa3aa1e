"""Connections as their page shows them: the cards, and the accounts of each connection."""

from dataclasses import asdict, dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlmodel import col, select

from models.connection_settings import change_settings, choices_of
from models.database import CompanySession
from models.mappings import connection_settings
from models.tables import Connection, ConnectionSettings, Credential


@dataclass(frozen=True)
class AccountChoices:
    """The accounts an admin chose, as QuickBooks ids; None where nothing is chosen. Terms in days."""

    default_account_id: str | None
    retainage_account_id: str | None
    ap_account_id: str | None
    default_terms_days: int


@dataclass(frozen=True)
class ConnectionCard:
    """One connection with what its card tells.

    ``authorised_until`` is the earliest end of the authorisation, ``hard_end`` the one that no use moves (UTC).
    """

    connection: Connection
    authorised_until: datetime | None
    hard_end: datetime | None
    posting_paused: bool


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


async def choose_accounts(
    session: CompanySession, connection_id: UUID, choices: AccountChoices, chosen_by: UUID
) -> ConnectionSettings:
    """Store accounts and terms alone; the other settings stay as they are."""
    stored = choices_of(await connection_settings(session, connection_id))
    return await change_settings(session, connection_id, replace(stored, **asdict(choices)), None, chosen_by)

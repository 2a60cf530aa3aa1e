"""A session with QuickBooks that only a person can renew: written down once, and the connection's workflow told."""

from uuid import UUID

from accounting.connection_states import ConnectionState, ExpiryReason
from activities.connection_tokens import AuthorisationEnded, NoTokensLeft
from activities.outside import Outside
from models.connections import connection_by_id, move_connection
from models.database import Actor
from models.mirroring import company_rules
from models.standing import OpenConnection
from models.tables import Connection
from providers.quickbooks_online.errors import (
    AccessTokenRejected,
    AppNotAuthorized,
    GrantRefused,
    ReconnectNeeded,
    UserLostAccess,
)

REASONS: dict[type[ReconnectNeeded], ExpiryReason] = {
    GrantRefused: ExpiryReason.REFRESH_REFUSED,
    AccessTokenRejected: ExpiryReason.TOKEN_REFUSED,
    AppNotAuthorized: ExpiryReason.NOT_AUTHORISED,
    UserLostAccess: ExpiryReason.USER_LOST_ACCESS,
}


def reason_of(error: ReconnectNeeded) -> ExpiryReason:
    if isinstance(error, AuthorisationEnded):
        return error.reason
    return next((reason for kind, reason in REASONS.items() if isinstance(error, kind)), ExpiryReason.TOKEN_REFUSED)


async def session_ended(
    outside: Outside, company_id: UUID, connection: Connection | OpenConnection, error: ReconnectNeeded, actor: Actor
) -> None:
    """Move the connection to *expired*. One that was disconnected or reconnected meanwhile stays as it is."""
    if isinstance(error, NoTokensLeft):
        return
    reason = reason_of(error)
    async with outside.database.company(company_id, actor) as session:
        row = await connection_by_id(session, connection.id, lock=True)
        if row is None or row.state is not ConnectionState.ACTIVE or row.connected_at != connection.connected_at:
            return
        move_connection(session, row, ConnectionState.EXPIRED, reason)
        company = (await company_rules(session)).name
    await outside.workflows.expired(company_id, connection.id, connection.quickbooks_company_name, reason)
    # Its alert is raised by a look, which may be an hour away while mirroring is off.
    await outside.workflows.wake_company(company_id, company, "a connection has expired")

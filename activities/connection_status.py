"""How a connection stands, in words for the Web UI of Temporal: state, since when, why, and what happens next."""

from datetime import datetime

from accounting.connection_states import ConnectionState, ExpiryReason, shown_status
from accounting.hard_end import next_guard_at
from activities.acting import acting
from activities.outside import Outside
from contracts.connection import ConnectionRef, ConnectionStatus
from contracts.timeouts import GUARDIAN_INTERVAL
from models.connections import connection_by_id, credential_of
from models.tables import Connection, Credential

NEXT = {
    ConnectionState.ACTIVE: "The guardian looks again at {at:%Y-%m-%d %H:%M} UTC.",
    ConnectionState.EXPIRED: "Waits for an admin to reconnect. Invoices wait meanwhile and then go on by themselves.",
    ConnectionState.DISCONNECTED: "Nothing. Connecting the same QuickBooks company again finds everything in place.",
}


def status_of(
    connection: Connection | None, now: datetime | None = None, credential: Credential | None = None
) -> ConnectionStatus:
    """The words; with ``now`` also when the guardian looks next."""
    if connection is None:
        return ConnectionStatus(state="gone", sentence="There is no such connection.")
    expiry = None
    if connection.state is ConnectionState.EXPIRED and connection.state_reason:
        expiry = ExpiryReason(connection.state_reason)
    shown = shown_status(connection.state, expiry)
    look_at = _guard_at(now, credential) if now is not None else None
    following = NEXT[connection.state]
    if connection.state is ConnectionState.ACTIVE:
        following = following.format(at=look_at) if look_at is not None else ""
    return ConnectionStatus(
        state=connection.state,
        sentence=shown.sentence or shown.words,
        reason=expiry.value if expiry else None,
        since=connection.state_since,
        next=following,
        look_at=look_at,
        look_in=look_at - now if look_at is not None and now is not None else None,
    )


def _guard_at(now: datetime, credential: Credential | None) -> datetime:
    if credential is None:
        return now + GUARDIAN_INTERVAL
    return next_guard_at(now, credential.hard_expires_at, GUARDIAN_INTERVAL, credential.warned_days)


async def status_now(outside: Outside, ref: ConnectionRef) -> ConnectionStatus:
    """How the connection stands in our table at this moment, with the guardian's next look."""
    async with outside.database.company(ref.company_id, acting()) as session:
        connection = await connection_by_id(session, ref.connection_id)
        credential = await credential_of(session, ref.connection_id)
    return status_of(connection, outside.clock.now(), credential)

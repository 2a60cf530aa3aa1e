"""Why a connection as it stands lets nothing be posted: one pure answer for the list, the invoice and the worker."""

from accounting.blockers import BlockerReason
from accounting.connection_states import ConnectionState


def standing_reason(
    *, feature_enabled: bool, connection: ConnectionState | None, posting_paused: bool
) -> BlockerReason | None:
    """What an invoice routed to this connection waits for; None where it may be posted.

    ``connection`` is None for an invoice without one. Feature first: whoever has it off can do nothing about the rest.
    """
    if not feature_enabled:
        return BlockerReason.FEATURE_NOT_ENABLED
    match connection:
        case None | ConnectionState.DISCONNECTED:
            return BlockerReason.NO_QUICKBOOKS
        case ConnectionState.EXPIRED:
            return BlockerReason.CONNECTION_EXPIRED
        case ConnectionState.ACTIVE:
            return BlockerReason.PAUSED if posting_paused else None

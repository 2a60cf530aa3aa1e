"""Why a connection as it stands lets nothing be posted: one pure answer for the list, the invoice and the worker."""

from datetime import datetime, timedelta

from accounting.blockers import BlockerReason
from accounting.connection_states import ConnectionState
from accounting.dates import zone

# The Web Connector comes every five minutes unless somebody changed that: this long is no accident.
SILENT_AFTER = timedelta(minutes=30)


def silence(heard_at: datetime | None, now: datetime, time_zone: str = "UTC") -> str | None:
    """How long a company file's PC has been silent, for people; None while it is there.

    Told in this zone, by name. Raises UnknownTimeZone.
    """
    if heard_at is None:
        return "Not heard from yet"
    if now - heard_at < SILENT_AFTER:
        return None
    is_recent = now - heard_at < timedelta(days=6)
    local = heard_at.astimezone(zone(time_zone))
    return (
        f"Not heard from since {local:%a %H:%M} {local.tzname()}"
        if is_recent
        else f"Not heard from since {local:%b} {local.day}"
    )


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

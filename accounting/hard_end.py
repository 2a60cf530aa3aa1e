"""The end of an authorisation that no renewal moves: when to look, and when to warn."""

from datetime import datetime, timedelta

# Weeks to find a QuickBooks admin, a fortnight, and the last call.
WARN_AT_DAYS = (30, 14, 3)


def days_to_warn_of(hard_end: datetime | None, now: datetime) -> int | None:
    """The warning that is due (30, 14 or 3 days); None while the end is far, or unknown."""
    if hard_end is None:
        return None
    due = [days for days in WARN_AT_DAYS if hard_end - now <= timedelta(days=days)]
    return min(due, default=None)


def next_guard_at(now: datetime, hard_end: datetime | None, interval: timedelta) -> datetime:
    """When the guardian looks next: after its interval, or sooner where a warning or the end itself is due."""
    times = [now + interval]
    if hard_end is not None:
        times += [hard_end - timedelta(days=days) for days in (*WARN_AT_DAYS, 0)]
    return min(at for at in times if at > now)

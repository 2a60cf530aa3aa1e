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


def is_due(days: int, warned_days: int | None) -> bool:
    """Whether the warning of so many days is still to be given; ``warned_days`` is the last one given."""
    return warned_days is None or warned_days > days


def next_guard_at(
    now: datetime, hard_end: datetime | None, interval: timedelta, warned_days: int | None = None
) -> datetime:
    """When the guardian looks next: after its interval, or sooner where a warning or the end itself is due.

    At once where the end, or a warning that nobody gave, has come while something else was going on.
    """
    if hard_end is None:
        return now + interval
    due = days_to_warn_of(hard_end, now)
    if hard_end <= now or (due is not None and is_due(due, warned_days)):
        return now
    ahead = (hard_end - timedelta(days=days) for days in (*WARN_AT_DAYS, 0))
    return min(now + interval, *(at for at in ahead if at > now))

"""Sending again: how long after each failure, when nobody tries any longer, and when a webhook is switched off."""

from datetime import datetime, timedelta

# The back-off that the Standard Webhooks specification suggests, as far as a working day; the last one repeats.
PAUSES = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
)
# What is older than this helps nobody any more: the digest and the page have told it by then.
KEPT_TRYING = timedelta(days=3)
SWITCHED_OFF_AFTER = timedelta(days=3)


def next_try(failures: int, made_at: datetime, now: datetime) -> datetime | None:
    """When a message is tried next after so many failures (1 for the first); None: no more."""
    if now - made_at >= KEPT_TRYING:
        return None
    return now + PAUSES[min(failures, len(PAUSES)) - 1]


def is_switched_off(failing_since: datetime | None, now: datetime) -> bool:
    """Whether a webhook has failed for so long, with no success between, that it is switched off."""
    return failing_since is not None and now - failing_since >= SWITCHED_OFF_AFTER

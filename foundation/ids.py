"""The one maker of our own ids: UUIDv7, so that ids sort by the time they were made."""

from uuid import UUID

from uuid_utils.compat import uuid7

from foundation.clock import Clock


def new_id(clock: Clock) -> UUID:
    """A new UUIDv7 carrying the injected clock's time (milliseconds, UTC)."""
    return uuid7(nanoseconds=int(clock.now().timestamp() * 1_000_000) * 1000)

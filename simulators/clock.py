"""The time that a simulator believes in: real time plus an offset that a test may move."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class SimulatorClock:
    """Real time shifted by an offset, so that 101-day tokens can expire in a test that takes a second."""

    def __init__(self, offset: timedelta = timedelta(0)) -> None:
        self._offset = offset
        self._stopped_at: datetime | None = None

    @property
    def offset(self) -> timedelta:
        """How far this clock stands from real time; negative when it was set back."""
        return self.now() - datetime.now(UTC) if self._stopped_at else self._offset

    def now(self) -> datetime:
        """The present moment in UTC, never naive."""
        return self._stopped_at or datetime.now(UTC) + self._offset

    def timestamp(self) -> float:
        """Seconds since 1970 of `now()`."""
        return self.now().timestamp()

    def advance(self, step: timedelta) -> None:
        """Skip `step` (a negative one goes back)."""
        if self._stopped_at is not None:
            self._stopped_at += step
        self._offset += step

    def set(self, moment: datetime, *, stopped: bool = False) -> None:
        """Make `moment` the present; time runs on from there, or stands still at exactly that moment.

        Raises ValueError for a naive moment.
        """
        if moment.tzinfo is None:
            raise ValueError("the clock needs a moment with a time zone")
        self._stopped_at = moment.astimezone(UTC) if stopped else None
        self._offset = moment.astimezone(UTC) - datetime.now(UTC)

    def stop(self) -> None:
        """Let the present stand still (it can still be advanced) until `set` or `reset`."""
        self._stopped_at = self.now()

    def reset(self) -> None:
        """Real time again."""
        self._stopped_at = None
        self._offset = timedelta(0)

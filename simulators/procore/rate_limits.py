"""Two windows per caller: an hour and a ten-second spike; answers report whichever is tighter.

Source: documentation/plan_your_app/rate_limiting.md. For a service account the allowance is per company.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import datetime, timedelta

HOUR = timedelta(hours=1)
SPIKE = timedelta(seconds=10)


@dataclass(frozen=True)
class Allowance:
    """What is left in the tighter window after this call."""

    allowed: bool
    limit: int
    remaining: int
    reset: datetime

    def headers(self) -> dict[str, str]:
        return {
            "X-Rate-Limit-Limit": str(self.limit),
            "X-Rate-Limit-Remaining": str(self.remaining),
            "X-Rate-Limit-Reset": str(math.ceil(self.reset.timestamp())),
        }


@dataclass
class _Window:
    started: datetime
    used: int = 0


@dataclass
class RateLimiter:
    """Counts calls per caller. A refused call does not use up allowance."""

    _windows: dict[tuple[str, timedelta], _Window] = field(default_factory=dict)

    def take(self, caller: str, now: datetime, hourly_limit: int, spike_limit: int) -> Allowance | None:
        """Use one call of both windows, or none if either is used up. None when both limits are off."""
        kinds = [(HOUR, hourly_limit), (SPIKE, spike_limit)]
        open_windows = [(self._current(caller, span, now), span, limit) for span, limit in kinds if limit > 0]
        if not open_windows:
            return None
        allowed = all(window.used < limit for window, _, limit in open_windows)
        if allowed:
            for window, _, _ in open_windows:
                window.used += 1
        reports = [
            Allowance(allowed, limit, limit - window.used, window.started + span)
            for window, span, limit in open_windows
        ]
        return min(reports, key=lambda report: report.remaining)

    def _current(self, caller: str, span: timedelta, now: datetime) -> _Window:
        window = self._windows.get((caller, span))
        if window is None or not window.started <= now < window.started + span:
            window = self._windows[(caller, span)] = _Window(now)
        return window

    def forget(self) -> None:
        self._windows.clear()

"""Rate limits per company and per company and app (reference 3.1), and the monthly meter of reads (3.5)."""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable
from dataclasses import dataclass, field

from simulators.quickbooks_online.moments import pacific_date
from simulators.quickbooks_online.switches import Switches


class Throttle:
    """Sliding windows over the simulator's clock. A refused request does not count."""

    def __init__(self, switches: Switches) -> None:
        self._switches = switches
        self._windows: dict[Hashable, deque[float]] = {}

    def clear(self) -> None:
        """Forget all calls."""
        self._windows.clear()

    def allows(self, realm_id: str, app_id: str, is_batch: bool, now: float) -> bool:
        """Count a call, or say that it is one too many."""
        switches = self._switches
        limits: list[tuple[Hashable, int, float]] = [
            (("realm", realm_id), switches.realm_per_minute, 60.0),
            (("app", realm_id, app_id), switches.realm_app_per_second, 1.0),
        ]
        if is_batch:
            limits.append((("batch", realm_id, app_id), switches.batch_per_minute, 60.0))
            limits.append((("batch", realm_id), switches.batch_realm_per_minute, 60.0))
        windows = []
        for key, limit, seconds in limits:
            if limit == 0:
                continue
            window = self._windows.setdefault(key, deque())
            while window and not now - seconds < window[0] <= now:
                window.popleft()
            if len(window) >= limit:
                return False
            windows.append(window)
        for window in windows:
            window.append(now)
        return True


@dataclass
class Meter:
    """Successful calls per month: `core` (data in) is free, `coreplus` (data out) is metered."""

    core: int = 0
    coreplus: int = 0
    replays: int = 0
    monthly: dict[str, int] = field(default_factory=dict)

    def count(self, now: float, *, core: int = 0, coreplus: int = 0) -> None:
        """Add successful calls."""
        self.core += core
        self.coreplus += coreplus
        if coreplus:
            month = _month(now)
            self.monthly[month] = self.monthly.get(month, 0) + coreplus

    def blocked(self, now: float, limit: int) -> bool:
        """Reads are used up until next month (limit 0: never)."""
        return bool(limit) and self.monthly.get(_month(now), 0) >= limit


def _month(now: float) -> str:
    return pacific_date(now).strftime("%Y-%m")

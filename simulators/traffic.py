"""What a simulator was asked: a bounded log of requests, and counters that never forget."""

from __future__ import annotations

import dataclasses
from collections import Counter, deque
from typing import Any

from simulators.clock import SimulatorClock

LOG_SIZE = 20_000  # several demo-check runs; older entries fall out, the counters keep counting
_HARMLESS = (None, "delay")


@dataclasses.dataclass(slots=True)
class Exchange:
    """One request as the simulator saw it.

    `status` is what the client was sent (None: nothing, or not yet). `committed`: the application did its
    work and meant to answer below 400, whatever reached the client. Times are the simulator clock's.
    """

    id: int
    method: str
    path: str
    query: str
    started: float
    status: int | None = None
    committed: bool = False
    fault: str | None = None
    label: str | None = None
    finished: float | None = None
    held: bool = False
    client_gone: bool = False


class Traffic:
    """The request log of one simulator."""

    def __init__(self, clock: SimulatorClock) -> None:
        self._clock = clock
        self._entries: deque[Exchange] = deque(maxlen=LOG_SIZE)
        self._last_id = 0
        self.clear()

    def clear(self) -> None:
        """Forget entries and counters; ids go on."""
        self._entries.clear()
        self._total = 0
        self._committed = 0
        self._faults: Counter[str] = Counter()
        self._statuses: Counter[str] = Counter()
        self._labels: Counter[str] = Counter()
        self._committed_labels: Counter[str] = Counter()
        self._lost_labels: Counter[str] = Counter()

    def begin(self, method: str, path: str, query: str) -> Exchange:
        """Open the entry of a request that has just come in."""
        self._last_id += 1
        entry = Exchange(self._last_id, method, path, query, self._clock.timestamp())
        self._entries.append(entry)
        self._total += 1
        return entry

    def finish(self, entry: Exchange) -> None:
        """Close the entry and count it."""
        entry.finished = self._clock.timestamp()
        label = entry.label or entry.method
        self._labels[label] += 1
        self._statuses[str(entry.status) if entry.status is not None else "none"] += 1
        if entry.committed:
            self._committed += 1
            self._committed_labels[label] += 1
            if entry.fault not in _HARMLESS and not (entry.fault == "hold_after" and entry.status is not None):
                self._lost_labels[label] += 1
        if entry.fault:
            self._faults[entry.fault] += 1

    def entries(self, since: int = 0, limit: int = 1000) -> list[dict[str, Any]]:
        """The last `limit` entries with an id above `since`, oldest first."""
        found = [dataclasses.asdict(entry) for entry in self._entries if entry.id > since]
        return found[-limit:]

    def counters(self) -> dict[str, Any]:
        """Totals since the last `clear`: requests, committed, and by label, status sent and fault.

        `lost_by_label` counts committed work whose true answer a fault kept from the client.
        """
        return {
            "requests": self._total,
            "committed": self._committed,
            "by_label": dict(self._labels),
            "committed_by_label": dict(self._committed_labels),
            "lost_by_label": dict(self._lost_labels),
            "by_status": dict(self._statuses),
            "by_fault": dict(self._faults),
        }

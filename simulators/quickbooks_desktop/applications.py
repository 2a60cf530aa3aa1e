"""The list of applications in the Web Connector's window, and its log."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from simulators.clock import SimulatorClock
from simulators.quickbooks_desktop.qwc_file import QwcFile

LOG_SIZE = 2_000


@dataclass
class Application:
    """One row of the window. `next_due` is the simulator clock's; `password` is what the person typed."""

    qwc: QwcFile
    password: str
    every_seconds: int
    auto_run: bool = True
    next_due: float = 0.0
    last_result: str = "Not yet run"
    last_started: float | None = None
    progress: int = 0
    company_file: str = ""
    updates: int = 0

    @property
    def user_name(self) -> str:
        """The key of the row."""
        return self.qwc.user_name

    def as_wire(self) -> dict[str, Any]:
        """For the control API; the password stays out."""
        return {
            "user_name": self.user_name,
            "app_name": self.qwc.app_name,
            "app_url": self.qwc.app_url,
            "owner_id": self.qwc.owner_id,
            "file_id": self.qwc.file_id,
            "every_seconds": self.every_seconds,
            "auto_run": self.auto_run,
            "next_due": self.next_due,
            "last_result": self.last_result,
            "last_started": self.last_started,
            "progress": self.progress,
            "company_file": self.company_file,
            "updates": self.updates,
        }


@dataclass(frozen=True)
class LogLine:
    """One event: a call with what it carried and brought, or something that happened on the PC."""

    at: float
    application: str
    call: str
    sent: str
    brought: str

    def as_wire(self) -> dict[str, Any]:
        """For the control API."""
        moment = datetime.fromtimestamp(self.at, UTC).isoformat()
        return {
            "at": moment,
            "application": self.application,
            "call": self.call,
            "sent": self.sent,
            "brought": self.brought,
        }


@dataclass
class ConnectorLog:
    """QWCLog.txt in its most talkative setting, without passwords."""

    clock: SimulatorClock
    lines: deque[LogLine] = field(default_factory=lambda: deque(maxlen=LOG_SIZE))

    def write(self, application: str, call: str, sent: str = "", brought: str = "") -> None:
        """Add a line, stamped now."""
        self.lines.append(LogLine(self.clock.timestamp(), application, call, sent, brought))

"""Dates and times as QuickBooks Online writes them: with the Pacific offset, wherever the company is."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

PACIFIC = ZoneInfo("America/Los_Angeles")


class PacificWriter:
    """Formats moments; the offset is looked up once per second, since a burst of bills asks thousands of times."""

    def __init__(self) -> None:
        self._second = -1
        self._text = ""
        self._offset = ""

    def seconds(self, timestamp: float) -> str:
        """`2026-11-20T09:14:03-08:00`, as MetaData has it."""
        self._format(timestamp)
        return self._text + self._offset

    def milliseconds(self, timestamp: float) -> str:
        """`2026-11-20T09:14:03.412-08:00`, as the `time` of an answer has it."""
        self._format(timestamp)
        return f"{self._text}.{int(timestamp * 1000) % 1000:03d}{self._offset}"

    def _format(self, timestamp: float) -> None:
        second = int(timestamp)
        if second == self._second:
            return
        moment = datetime.fromtimestamp(second, PACIFIC).isoformat()
        self._second, self._text, self._offset = second, moment[:19], moment[19:]


def pacific_date(timestamp: float) -> date:
    """The server's calendar day, the default TxnDate."""
    return datetime.fromtimestamp(timestamp, PACIFIC).date()


def read_moment(text: str) -> float:
    """Seconds since 1970 of an ISO date or date-time (no offset: Pacific). Raises ValueError."""
    moment = datetime.fromisoformat(text.strip().replace(" ", "+") if "T" in text else text.strip())
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=PACIFIC)
    return moment.astimezone(UTC).timestamp()

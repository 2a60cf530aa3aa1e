"""Times as the customer's PC writes and reads them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from simulators.quickbooks_desktop.switches import Switches


class LocalTime:
    """The clock of one PC: its zone, and QuickBooks' unreliable offsets in summer."""

    def __init__(self, zone: str, switches: Switches) -> None:
        """Raises ZoneInfoNotFoundError for an unknown zone."""
        self._zone = ZoneInfo(zone)
        self._switches = switches

    def written(self, moment: float) -> str:
        """`2026-07-31T16:02:09-04:00`; with `wrong_summer_offset`, in summer, the offset of winter."""
        local = datetime.fromtimestamp(moment, self._zone)
        summer = local.dst() or timedelta(0)
        if not summer or not self._switches.wrong_summer_offset:
            return local.isoformat(timespec="seconds")
        # The wall clock is right, the offset beside it is not.
        winter = ((local.utcoffset() or timedelta(0)) - summer).total_seconds() / 60
        sign = "-" if winter < 0 else "+"
        hours, minutes = divmod(int(abs(winter)), 60)
        return f"{local:%Y-%m-%dT%H:%M:%S}{sign}{hours:02d}:{minutes:02d}"

    def read(self, text: str, *, ends_day: bool = False) -> float:
        """Seconds since 1970 of a DATETIMETYPE; without an offset it is the PC's own time.

        A date alone is midnight; with `ends_day` the last second of that day.
        """
        given = datetime.fromisoformat(text)
        if len(text) == len("2026-01-01") and ends_day:
            given += timedelta(days=1, seconds=-1)
        return (given if given.tzinfo else given.replace(tzinfo=self._zone)).timestamp()

    def today(self, moment: float) -> date:
        """The date on the PC."""
        return datetime.fromtimestamp(moment, UTC).astimezone(self._zone).date()

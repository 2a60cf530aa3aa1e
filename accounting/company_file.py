"""How a company file stands: what its PC last told us, in words for its card and for what waits for it."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

# The Web Connector comes every five minutes unless somebody changed that: this long is no accident.
EVERY = timedelta(minutes=5)
SILENT_AFTER = timedelta(minutes=30)
# A bill is looked for, sent and answered in about this time on a PC of today.
ONE_BILL = timedelta(seconds=2)
WEEKDAY_SAYS_ENOUGH = timedelta(days=6)


class FileState(StrEnum):
    """The words on the card while a company file cannot be worked in."""

    NOT_SEEN = "Not heard from yet"
    SILENT = "PC silent"
    REFUSED = "Password refused"
    QUIET = "Quiet hours"
    TROUBLE = "Needs a hand at the PC"


@dataclass(frozen=True)
class QuietHours:
    """When a company file is left alone, by the clock of its own zone; over midnight where it begins after it ends."""

    begin: time
    end: time
    zone: ZoneInfo

    def ends_at(self, now: datetime) -> datetime | None:
        """When the quiet hours that ``now`` lies in are over; None outside them."""
        local = now.astimezone(self.zone)
        clock = local.time().replace(tzinfo=None)
        is_quiet = self.begin <= clock < self.end if self.begin < self.end else clock >= self.begin or clock < self.end
        if not is_quiet:
            return None
        ends = datetime.combine(local.date(), self.end, self.zone)
        return ends if ends > local else datetime.combine(local.date() + timedelta(days=1), self.end, self.zone)


@dataclass(frozen=True)
class HeardOf:
    """What a company file's Web Connector last told us. Times are UTC.

    ``seen_at`` is its last sign-in, ``refused_at`` the last one with a wrong password since then, ``trouble`` what its
    last session could not get past, in words for the person at the PC.
    """

    seen_at: datetime | None
    refused_at: datetime | None = None
    trouble: str | None = None
    trouble_at: datetime | None = None


@dataclass(frozen=True)
class FileStanding:
    """Why nothing can be written into a company file now, since when, and whether a person has to do something."""

    state: FileState
    sentence: str
    since: datetime | None
    needs_somebody: bool


def file_standing(heard: HeardOf, quiet: QuietHours | None, zone: ZoneInfo, now: datetime) -> FileStanding | None:
    """What keeps a company file from being written into, None while nothing does. Times of day are told in ``zone``."""
    if heard.refused_at is not None:
        said = (
            "The Web Connector signs in with a wrong password. Type the password inBuild showed once more in the Web "
            "Connector, or set a new one here."
        )
        return FileStanding(FileState.REFUSED, said, heard.refused_at, needs_somebody=True)
    if heard.seen_at is None:
        said = "Not heard from yet: the Web Connector has not signed in for this company file."
        return FileStanding(FileState.NOT_SEEN, said, None, needs_somebody=True)
    if now - heard.seen_at >= SILENT_AFTER:
        since = _moment(heard.seen_at, zone, now)
        said = f"Not heard from since {since}: the PC is off or asleep, or the Web Connector is closed."
        return FileStanding(FileState.SILENT, said, heard.seen_at, needs_somebody=False)
    if heard.trouble is not None:
        return FileStanding(FileState.TROUBLE, heard.trouble, heard.trouble_at, needs_somebody=True)
    if quiet is not None and (ends_at := quiet.ends_at(now)) is not None:
        said = f"Quiet hours until {ends_at:%H:%M} {ends_at.tzname()}: the company file is left alone until then."
        return FileStanding(FileState.QUIET, said, None, needs_somebody=False)
    return None


def expected_by(place: int, heard: HeardOf, quiet: QuietHours | None, now: datetime) -> datetime | None:
    """When the bill at this place in line is likely to be in QuickBooks; None while nobody can tell.

    The Web Connector comes again five minutes after it was last there, and one bill takes it about two seconds.
    """
    if heard.refused_at is not None or heard.seen_at is None or heard.trouble is not None:
        return None
    if now - heard.seen_at >= SILENT_AFTER:
        return None
    starts = (quiet.ends_at(now) if quiet is not None else None) or max(heard.seen_at + EVERY, now)
    return starts + ONE_BILL * place


def _moment(at: datetime, zone: ZoneInfo, now: datetime) -> str:
    """``Fri 17:42 EST``, and the date where that was more than six days ago."""
    local = at.astimezone(zone)
    if now - at < WEEKDAY_SAYS_ENOUGH:
        return f"{local:%a %H:%M} {local.tzname()}"
    return f"{local:%b} {local.day}, {local:%H:%M} {local.tzname()}"

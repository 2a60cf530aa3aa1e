"""How a company file stands, in words."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from accounting.company_file import FileStanding, FileState, HeardOf, QuietHours, expected_by, file_standing

NEW_YORK = ZoneInfo("America/New_York")
# A Sunday, 9:00 in New York.
NOW = datetime(2026, 11, 22, 14, 0, tzinfo=UTC)
JUST_NOW = NOW - timedelta(minutes=3)
OFF = ": the PC is off or asleep, or the Web Connector is closed."
DIALOG = "A dialog is open in QuickBooks. Close it, then run the update again."
NIGHT = QuietHours(time(22), time(9, 30), NEW_YORK)


def standing(heard: HeardOf, quiet: QuietHours | None = None) -> FileStanding | None:
    return file_standing(heard, quiet, NEW_YORK, NOW)


@pytest.mark.parametrize(
    ("seen_at", "said"),
    [
        (datetime(2026, 11, 20, 22, 42, tzinfo=UTC), f"Not heard from since Fri 17:42 EST{OFF}"),
        (datetime(2026, 10, 30, 21, 42, tzinfo=UTC), f"Not heard from since Oct 30, 17:42 EDT{OFF}"),
        (NOW - timedelta(minutes=30), f"Not heard from since Sun 08:30 EST{OFF}"),
    ],
)
def test_a_silent_pc_is_named_by_when_it_was_last_there(seen_at: datetime, said: str) -> None:
    told = standing(HeardOf(seen_at))
    assert told == FileStanding(FileState.SILENT, said, seen_at, needs_somebody=False)


@pytest.mark.parametrize(
    ("heard", "quiet", "state"),
    [
        (HeardOf(JUST_NOW), None, None),
        (HeardOf(None), None, FileState.NOT_SEEN),
        (HeardOf(JUST_NOW, trouble=DIALOG), None, FileState.TROUBLE),
        (HeardOf(JUST_NOW), NIGHT, FileState.QUIET),
        # Who cannot sign in is not silent; who is silent is that before all else that was said.
        (HeardOf(None, refused_at=JUST_NOW), None, FileState.REFUSED),
        (HeardOf(NOW - timedelta(days=3), refused_at=JUST_NOW, trouble=DIALOG), NIGHT, FileState.REFUSED),
        (HeardOf(NOW - timedelta(days=3), trouble=DIALOG), NIGHT, FileState.SILENT),
        (HeardOf(JUST_NOW, trouble=DIALOG), NIGHT, FileState.TROUBLE),
    ],
)
def test_what_is_said_first(heard: HeardOf, quiet: QuietHours | None, state: FileState | None) -> None:
    told = standing(heard, quiet)
    assert (told.state if told else None) is state


def test_trouble_is_told_in_the_words_the_web_connector_showed() -> None:
    told = standing(HeardOf(JUST_NOW, trouble=DIALOG, trouble_at=JUST_NOW))
    assert told == FileStanding(FileState.TROUBLE, DIALOG, JUST_NOW, needs_somebody=True)


@pytest.mark.parametrize(
    ("begin", "end", "hour", "ends"),
    [
        (time(22), time(6), 23, "2026-11-23 06:00"),
        (time(22), time(6), 22, "2026-11-23 06:00"),
        (time(22), time(6), 5, "2026-11-22 06:00"),
        (time(22), time(6), 6, None),
        (time(12), time(13), 12, "2026-11-22 13:00"),
        (time(12), time(13), 13, None),
        (time(12), time(13), 11, None),
    ],
)
def test_quiet_hours_go_by_the_clock_of_their_zone(begin: time, end: time, hour: int, ends: str | None) -> None:
    now = datetime(2026, 11, 22, hour, 0, tzinfo=NEW_YORK).astimezone(UTC)
    ends_at = QuietHours(begin, end, NEW_YORK).ends_at(now)
    assert (f"{ends_at:%Y-%m-%d %H:%M}" if ends_at else None) == ends


def test_quiet_hours_say_when_they_end() -> None:
    told = standing(HeardOf(JUST_NOW), NIGHT)
    assert told is not None and told.sentence.startswith("Quiet hours until 09:30 EST:")


@pytest.mark.parametrize(
    ("heard", "quiet", "expected"),
    [
        # The next update comes five minutes after the last, and this bill is the thirtieth.
        (HeardOf(JUST_NOW), None, NOW + timedelta(minutes=3)),
        # It was due by now: from now on.
        (HeardOf(NOW - timedelta(minutes=12)), None, NOW + timedelta(minutes=1)),
        (HeardOf(JUST_NOW), NIGHT, NOW + timedelta(minutes=31)),
        (HeardOf(NOW - timedelta(hours=1)), None, None),
        (HeardOf(JUST_NOW, trouble=DIALOG), None, None),
        (HeardOf(None), None, None),
    ],
)
def test_when_a_bill_is_expected(heard: HeardOf, quiet: QuietHours | None, expected: datetime | None) -> None:
    assert expected_by(30, heard, quiet, NOW) == expected

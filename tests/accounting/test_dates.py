from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from accounting.bill_types import Terms
from accounting.dates import UnknownTimeZone, due_date, local_date, terms_days

LAST_MINUTE_OF_MAY_IN_NEW_YORK = datetime(2026, 6, 1, 3, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("time_zone", "expected"),
    [
        ("America/New_York", date(2026, 5, 31)),
        ("Eastern Time (US & Canada)", date(2026, 5, 31)),
        ("US/Eastern", date(2026, 5, 31)),
        ("America/Halifax", date(2026, 6, 1)),
        ("Atlantic Time (Canada)", date(2026, 6, 1)),
        ("UTC", date(2026, 6, 1)),
        (" Hawaii ", date(2026, 5, 31)),
        ("Guam", date(2026, 6, 1)),
    ],
)
def test_the_same_instant_is_another_day_elsewhere(time_zone: str, expected: date) -> None:
    assert local_date(LAST_MINUTE_OF_MAY_IN_NEW_YORK, time_zone) == expected


@pytest.mark.parametrize(
    ("time_zone", "winter_hour"),
    [
        ("Hawaii", 14),
        ("Alaska", 15),
        ("Pacific Time (US & Canada)", 16),
        ("Mountain Time (US & Canada)", 17),
        ("Arizona", 17),
        ("Central Time (US & Canada)", 18),
        ("Indiana (East)", 19),
        ("Eastern Time (US & Canada)", 19),
        ("Puerto Rico", 20),
        ("US/Michigan", 19),
    ],
)
def test_rails_names_lie_where_rails_puts_them(time_zone: str, winter_hour: int) -> None:
    """Midnight UTC is ``winter_hour`` o'clock there: the day turns exactly that many hours later."""
    turn = datetime(2026, 1, 15, tzinfo=UTC) + timedelta(hours=24 - winter_hour)
    assert local_date(turn - timedelta(seconds=1), time_zone) == date(2026, 1, 14)
    assert local_date(turn, time_zone) == date(2026, 1, 15)


def test_summer_time_moves_the_day_and_arizona_has_none() -> None:
    instant = datetime(2026, 7, 2, 6, 30, tzinfo=UTC)
    assert local_date(instant, "Mountain Time (US & Canada)") == date(2026, 7, 2)
    assert local_date(instant, "Arizona") == date(2026, 7, 1)


def test_an_instant_in_another_offset_is_the_same_instant() -> None:
    in_berlin = LAST_MINUTE_OF_MAY_IN_NEW_YORK.astimezone(timezone(timedelta(hours=2)))
    assert local_date(in_berlin, "America/New_York") == date(2026, 5, 31)


@pytest.mark.parametrize(
    "name", ["", "Atlantis/Capital", "../etc/passwd", "America", "EST\x00", "Mars (East)", "x" * 5000]
)
def test_an_unknown_zone_is_never_taken_for_utc(name: str) -> None:
    with pytest.raises(UnknownTimeZone) as raised:
        local_date(LAST_MINUTE_OF_MAY_IN_NEW_YORK, name)
    assert raised.value.name == name


def test_a_naive_instant_is_our_bug() -> None:
    with pytest.raises(ValueError, match="has no time zone"):
        local_date(datetime(2026, 6, 1), "UTC")  # noqa: DTZ001


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("Net 30", 30),
        ("NET 45 days", 45),
        ("net30", 30),
        ("Net  60 Days.", 60),
        ("30", 30),
        ("30 days", 30),
        ("30 days net", 30),
        ("1 day", 1),
        ("N/30", 30),
        ("n30", 30),
        ("2% 10 Net 30", 30),
        ("2.5% 10, net 30.", 30),
        ("2/10, n/30", 30),
        ("Net 0", 0),
        ("Due on receipt", 0),
        ("DUE UPON RECEIPT", 0),
        ("Upon receipt.", 0),
        ("immediate", 0),
        (None, None),
        ("", None),
        ("Pay when paid", None),
        ("Net 30 EOM", None),
        ("Net thirty", None),
        ("15-30 days", None),
        ("Net 3000", None),
        ("-30", None),
        ("Net 30.5", None),
        ("30 days after approval", None),
        ("10th of next month", None),
    ],
)
def test_terms_people_type(text: str | None, days: int | None) -> None:
    assert terms_days(text) == days


COMMITMENT, VENDOR, DEFAULT = Terms(45), Terms(15, "2"), Terms(30, "3")


@pytest.mark.parametrize(
    ("commitment", "vendor", "due", "terms"),
    [
        (COMMITMENT, VENDOR, date(2026, 8, 14), COMMITMENT),
        (None, VENDOR, date(2026, 7, 15), VENDOR),
        (None, None, date(2026, 7, 30), DEFAULT),
        # Due on receipt is an answer, not a missing one.
        (Terms(0), VENDOR, date(2026, 6, 30), Terms(0)),
    ],
)
def test_the_nearest_terms_decide(commitment: Terms | None, vendor: Terms | None, due: date, terms: Terms) -> None:
    assert due_date(date(2026, 6, 30), commitment, vendor, DEFAULT) == (due, terms)


def test_days_run_over_the_end_of_a_leap_february() -> None:
    assert due_date(date(2028, 1, 31), Terms(30), None, DEFAULT)[0] == date(2028, 3, 1)

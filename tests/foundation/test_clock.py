"""The clocks tell aware UTC instants; the manual one moves only when it is told to."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from foundation.clock import ManualClock, SystemClock


def test_the_system_clock_tells_utc() -> None:
    before = datetime.now(UTC)
    told = SystemClock().now()
    assert before <= told <= datetime.now(UTC)
    assert told.tzinfo is UTC


def test_the_manual_clock_stands_until_it_is_moved() -> None:
    clock = ManualClock(datetime(2026, 6, 1, 6, 0, tzinfo=timezone(timedelta(hours=-6))))
    assert clock.now() == datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
    assert clock.now().tzinfo is UTC
    clock.advance(timedelta(days=101))
    assert clock.now() == datetime(2026, 9, 10, 12, 0, tzinfo=UTC)
    clock.set(datetime(2026, 1, 1, tzinfo=UTC))
    assert clock.now() == datetime(2026, 1, 1, tzinfo=UTC)


def test_a_naive_time_is_refused() -> None:
    naive = datetime(2026, 6, 1)  # noqa: DTZ001 - the offence under test
    with pytest.raises(ValueError, match="names no time zone"):
        ManualClock(naive)
    with pytest.raises(ValueError, match="names no time zone"):
        ManualClock(datetime(2026, 6, 1, tzinfo=UTC)).set(naive)

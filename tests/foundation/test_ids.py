"""Our ids are UUIDv7 of the injected clock's time."""

from datetime import UTC, datetime, timedelta

from foundation.clock import ManualClock
from foundation.ids import new_id

JUNE = datetime(2026, 6, 1, 12, 0, 0, 250_000, tzinfo=UTC)


def test_an_id_carries_the_clocks_time() -> None:
    made = new_id(ManualClock(JUNE))
    assert made.version == 7
    assert made.int >> 80 == int(JUNE.timestamp() * 1000)


def test_ids_sort_by_the_time_they_were_made() -> None:
    clock = ManualClock(JUNE)
    made = []
    for _ in range(50):
        made.append(new_id(clock))
        clock.advance(timedelta(milliseconds=1))
    assert made == sorted(made)


def test_ids_of_one_moment_differ() -> None:
    clock = ManualClock(JUNE)
    assert len({new_id(clock) for _ in range(1000)}) == 1000

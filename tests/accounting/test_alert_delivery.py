"""Sending again after failures, and giving up after days."""

from datetime import UTC, datetime, timedelta

import pytest

from accounting.alert_delivery import is_switched_off, next_try

NOW = datetime(2026, 7, 14, 17, tzinfo=UTC)


@pytest.mark.parametrize(
    ("failures", "age", "pause"),
    [
        (1, timedelta(0), timedelta(seconds=5)),
        (2, timedelta(seconds=5), timedelta(minutes=5)),
        (5, timedelta(hours=3), timedelta(hours=5)),
        (9, timedelta(days=2), timedelta(hours=10)),
        (9, timedelta(days=3), None),
    ],
)
def test_pauses_grow_and_end(failures: int, age: timedelta, pause: timedelta | None) -> None:
    expected = NOW + pause if pause is not None else None
    assert next_try(failures, NOW - age, NOW) == expected


def test_a_webhook_is_switched_off_after_three_days_without_a_success() -> None:
    assert not is_switched_off(None, NOW)
    assert not is_switched_off(NOW - timedelta(days=3) + timedelta(seconds=1), NOW)
    assert is_switched_off(NOW - timedelta(days=3), NOW)

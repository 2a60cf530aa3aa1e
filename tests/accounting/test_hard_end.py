"""Warnings 30, 14 and 3 days before an authorisation's hard end, and looks that come in time for them."""

from datetime import UTC, datetime, timedelta

import pytest

from accounting.hard_end import days_to_warn_of, next_guard_at

NOW = datetime(2026, 11, 22, tzinfo=UTC)
INTERVAL = timedelta(days=20)


@pytest.mark.parametrize(
    ("days_left", "wanted"), [(31, None), (30, 30), (15, 30), (14, 14), (4, 14), (3, 3), (0, 3), (-1, 3)]
)
def test_the_nearest_warning_is_the_one(days_left: int, wanted: int | None) -> None:
    assert days_to_warn_of(NOW + timedelta(days=days_left), NOW) == wanted


def test_an_unknown_end_warns_of_nothing() -> None:
    assert days_to_warn_of(None, NOW) is None
    assert next_guard_at(NOW, None, INTERVAL) == NOW + INTERVAL


@pytest.mark.parametrize(
    ("days_left", "warned", "days_to_look"),
    [(1000, None, 20), (45, None, 15), (30, 30, 16), (20, 30, 6), (14, 14, 11), (3, 3, 3), (1, 3, 1)],
)
def test_the_guardian_looks_when_the_next_warning_or_the_end_is_due(
    days_left: int, warned: int | None, days_to_look: int
) -> None:
    at = next_guard_at(NOW, NOW + timedelta(days=days_left), INTERVAL, warned)
    assert at == NOW + timedelta(days=days_to_look)


@pytest.mark.parametrize(
    ("days_left", "warned"), [(30, None), (20, None), (14, 30), (3, 14), (1, None), (0, 3), (-5, 3), (-5, None)]
)
def test_what_came_due_unseen_is_looked_at_now(days_left: int, warned: int | None) -> None:
    assert next_guard_at(NOW, NOW + timedelta(days=days_left), INTERVAL, warned) == NOW

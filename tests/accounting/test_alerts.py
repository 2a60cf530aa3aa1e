"""One alert for each cause, whatever becomes of it; when people are told, and when again."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from accounting.alerts import AlertKind, Audience, Cause, OpenAlert, reconcile, tell_at, tells_again

NOW = datetime(2026, 7, 14, 17, tzinfo=UTC)
DAY, MINUTES = timedelta(days=1), timedelta(minutes=5)


def cause(key: str, count: int = 1) -> Cause:
    return Cause(
        key, AlertKind.INVOICE_HELD, Audience.ACCOUNTANTS, f"Do {key}", "Because.", "/x", count, Decimal(count * 100)
    )


def alert(of: Cause, told_at: datetime | None = NOW, told_count: int | None = None) -> OpenAlert:
    return OpenAlert(f"id of {of.key}", of, told_at, of.count if told_count is None else told_count, 1)


def test_what_is_new_opens_what_moved_changes_and_what_is_gone_closes() -> None:
    kept = [alert(cause("stays")), alert(cause("grows", 41)), alert(cause("goes"))]
    changes = reconcile(kept, [cause("comes"), cause("grows", 42), cause("stays")])
    assert [one.key for one in changes.opened] == ["comes"]
    assert [(old.cause.count, new.count) for old, new in changes.changed] == [(41, 42)]
    assert [one.cause.key for one in changes.closed] == ["goes"]


def test_nothing_happened() -> None:
    assert not reconcile([alert(cause("stays"))], [cause("stays")])
    assert not reconcile([], [])


def test_a_cause_told_twice_is_one_alert() -> None:
    assert len(reconcile([], [cause("twice"), cause("twice", 2)]).opened) == 1


HELD = cause("held")
EXPIRED = replace(HELD, kind=AlertKind.CONNECTION)


@pytest.mark.parametrize(
    ("of", "told_before", "mailed_at", "due"),
    [
        (HELD, None, None, NOW + MINUTES),
        (HELD, NOW - 2 * DAY, None, NOW + MINUTES),
        (HELD, NOW - DAY, None, NOW + MINUTES),
        (HELD, NOW - timedelta(hours=20), None, NOW + timedelta(hours=4)),
        (EXPIRED, NOW, None, NOW + DAY),
        (HELD, None, NOW - timedelta(minutes=58), NOW + MINUTES),
        (HELD, None, NOW - timedelta(minutes=20), NOW + timedelta(minutes=40)),
        # An hour is long for whoever has to reconnect.
        (EXPIRED, None, NOW - timedelta(minutes=20), NOW + MINUTES),
    ],
)
def test_when_a_person_is_told(
    of: Cause, told_before: datetime | None, mailed_at: datetime | None, due: datetime
) -> None:
    assert tell_at(of, NOW, MINUTES, told_before, mailed_at) == due


@pytest.mark.parametrize(
    ("told_at", "told_count", "again"),
    [
        (None, 0, False),
        (NOW - DAY, 41, True),
        (NOW - DAY, 42, False),
        (NOW - DAY, 50, False),
        (NOW - timedelta(hours=23, minutes=59), 1, False),
    ],
)
def test_they_hear_of_it_again_when_it_has_grown_a_day_later(
    told_at: datetime | None, told_count: int, again: bool
) -> None:
    assert tells_again(alert(cause("held", 42), told_at, told_count), NOW) is again


def test_what_it_holds_in_words() -> None:
    assert cause("held", 1).held == "1 invoice, $100.00"
    assert replace(cause("held", 41), amount=Decimal("1204118.20")).held == "41 invoices, $1,204,118.20"
    assert cause("connection", 0).held == ""

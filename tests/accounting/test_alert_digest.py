"""The morning's digest: when it is due, what is in it for whom, and when there is nothing to tell."""

from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from accounting.alert_digest import Waiting, digest_day, digest_for
from accounting.alert_preferences import AlertChannel, AlertTopic, Choice, Role, preferences
from accounting.alerts import AlertKind, Audience, Cause

CHICAGO = ZoneInfo("America/Chicago")
DAY = date(2026, 7, 14)
NOTHING = (0, Decimal(0))


@pytest.mark.parametrize(
    ("local", "last", "due"),
    [
        ("2026-07-15T06:59", DAY, None),
        ("2026-07-15T07:00", DAY, date(2026, 7, 15)),
        ("2026-07-15T23:30", DAY, date(2026, 7, 15)),
        ("2026-07-15T07:00", date(2026, 7, 15), None),
        # Whatever was missed meanwhile is one digest.
        ("2026-07-20T09:00", DAY, date(2026, 7, 20)),
        # The morning on which the clocks are set forward has its digest too.
        ("2026-03-08T07:00", date(2026, 3, 7), date(2026, 3, 8)),
    ],
)
def test_when_it_is_due(local: str, last: date, due: date | None) -> None:
    assert digest_day(datetime.fromisoformat(local).replace(tzinfo=CHICAGO), CHICAGO, last) == due


def cause(kind: AlertKind, audience: Audience, title: str, count: int = 0, amount: str = "0") -> Cause:
    return Cause(title, kind, audience, title, "", "/", count, Decimal(amount))


CAUSES = [
    cause(AlertKind.INVOICE_HELD, Audience.ACCOUNTANTS, "small", 9, "90"),
    cause(AlertKind.INVOICE_HELD, Audience.ACCOUNTANTS, "large", 1, "1000"),
    cause(AlertKind.CONNECTION, Audience.ADMINS, "expired"),
]
WAITING = (Waiting("Paused", 2, Decimal(20)),)


def needs(role: Role, *choices: Choice) -> list[str]:
    wants = preferences(role, choices)
    return [one.title for one in digest_for(wants, DAY, NOTHING, WAITING, CAUSES).needs]


def test_what_holds_no_invoice_comes_first_then_the_most_money() -> None:
    assert needs(Role.ADMIN) == ["expired", "large", "small"]
    assert needs(Role.ACCOUNTANT) == ["large", "small"]
    assert needs(Role.ACCOUNTANT, Choice(AlertTopic.INVOICE_HELD, AlertChannel.DIGEST, False)) == []
    # Off as a mail of its own, and still in the digest.
    assert needs(Role.ACCOUNTANT, Choice(AlertTopic.INVOICE_HELD, AlertChannel.EMAIL, False)) == ["large", "small"]


def test_the_days_numbers_are_a_choice() -> None:
    off = Choice(AlertTopic.ACTIVITY, AlertChannel.DIGEST, False)
    digest = digest_for(preferences(Role.ADMIN, [off]), DAY, (3, Decimal(30)), WAITING, CAUSES)
    assert digest.posted is None and digest.waiting == ()


@pytest.mark.parametrize(
    ("posted", "waiting", "causes", "headline"),
    [
        (NOTHING, (), [], ""),
        ((1, Decimal("15300")), (), [], "1 bill, $15,300.00"),
        ((30, Decimal("412906.11")), (), CAUSES, "30 bills, $412,906.11 · 3 things need you"),
        (NOTHING, (), CAUSES[:1], "1 thing needs you"),
        (NOTHING, WAITING, [], "2 invoices, $20.00 on the way"),
    ],
)
def test_the_headline_and_a_morning_with_nothing_to_tell(
    posted: tuple[int, Decimal], waiting: tuple[Waiting, ...], causes: list[Cause], headline: str
) -> None:
    digest = digest_for(preferences(Role.ADMIN, ()), DAY, posted, waiting, causes)
    assert digest.headline == headline
    assert digest.is_empty is (headline == "")

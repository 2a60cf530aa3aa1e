"""Alerts: one for each cause that needs a person, open for as long as the cause is there.

However many invoices a cause holds, it is one alert whose count grows. A cause that goes closes its alert, and one that
comes back is a new alert. People are told once it has lasted some minutes, and again on another day only if it grew.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from accounting.money import ZERO, dollars

# Nobody is told of the same cause more often, however often it comes and goes.
QUIET_FOR = timedelta(days=1)
# Nobody gets a mail of every new thing on a busy day: what comes within the hour goes together.
BETWEEN_MAILS = timedelta(hours=1)


class AlertKind(StrEnum):
    """What people choose by. A webhook of ours that was switched off counts as a connection."""

    CONNECTION = "connection"
    INVOICE_HELD = "invoice_held"
    BILL = "bill"


class Audience(StrEnum):
    """Whom a cause concerns: those who can clear it. Company admins can whatever accountants can."""

    ADMINS = "admins"
    ACCOUNTANTS = "accountants"


@dataclass(frozen=True)
class Cause:
    """Something that needs a person now. ``key`` names it within its company and stays while it lasts.

    ``count`` and ``amount`` are the invoices it holds, none for a cause that holds none. ``path`` is the page where it
    is cleared, below the installation's address.
    """

    key: str
    kind: AlertKind
    audience: Audience
    title: str
    sentence: str
    path: str
    count: int = 0
    amount: Decimal = ZERO

    @property
    def held(self) -> str:
        """``41 invoices, $1,204,118.20``; empty for a cause that holds none."""
        return invoices(self.count, self.amount) if self.count else ""


@dataclass(frozen=True)
class OpenAlert:
    """An alert as it is kept. ``told_at`` is when people were last told (None: not yet), ``told_count`` of how many,
    ``occasion`` how often. Its id is text.
    """

    id: str
    cause: Cause
    told_at: datetime | None
    told_count: int
    occasion: int


@dataclass(frozen=True)
class Changes:
    """What a look at the causes means for the alerts. ``changed`` are open ones whose words or numbers moved."""

    opened: tuple[Cause, ...]
    changed: tuple[tuple[OpenAlert, Cause], ...]
    closed: tuple[OpenAlert, ...]

    def __bool__(self) -> bool:
        return bool(self.opened or self.changed or self.closed)


def reconcile(kept: Iterable[OpenAlert], causes: Iterable[Cause]) -> Changes:
    """What has to change so that every cause has exactly one open alert, and nothing else has."""
    now = {cause.key: cause for cause in causes}
    alerts = {alert.cause.key: alert for alert in kept}
    return Changes(
        opened=tuple(cause for key, cause in now.items() if key not in alerts),
        changed=tuple((alert, now[key]) for key, alert in alerts.items() if key in now and now[key] != alert.cause),
        closed=tuple(alert for key, alert in alerts.items() if key not in now),
    )


def tell_at(
    cause: Cause, now: datetime, collect_for: timedelta, told_before: datetime | None, mailed_at: datetime | None
) -> datetime:
    """When a person is told of a new alert: after some minutes in which others may join it, not within a day of the
    last time, and not within an hour of their last mail unless a connection is concerned.

    ``told_before`` is when people were last told of the same cause, by whichever alert; None for never.
    """
    times = [now + collect_for]
    if told_before is not None:
        times.append(told_before + QUIET_FOR)
    if mailed_at is not None and cause.kind is not AlertKind.CONNECTION:
        times.append(mailed_at + BETWEEN_MAILS)
    return max(times)


def tells_again(alert: OpenAlert, now: datetime) -> bool:
    """Whether people who know of an alert hear of it once more: it has grown, and that a day ago at least."""
    return alert.told_at is not None and alert.cause.count > alert.told_count and now - alert.told_at >= QUIET_FOR


def invoices(count: int, amount: Decimal) -> str:
    """``1 invoice, $15,300.00``."""
    return f"{count:,} {'invoice' if count == 1 else 'invoices'}, {dollars(amount)}"

"""What an outgoing webhook says. One event for each alert that opens or closes, one digest a day, and a test."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from accounting.alert_digest import Digest
from accounting.alerts import Cause


class EventType(StrEnum):
    RAISED = "alert.raised"
    CLOSED = "alert.closed"
    DIGEST = "digest.daily"
    TEST = "test"


@dataclass(frozen=True)
class EventCompany:
    id: str
    name: str


@dataclass(frozen=True)
class EventAlert:
    """An alert for programs. ``key`` names its cause, the same each time the cause comes back; money is in dollars."""

    id: str
    key: str
    kind: str
    title: str
    sentence: str
    url: str
    invoices: int
    amount: Decimal


@dataclass(frozen=True)
class AlertData:
    company: EventCompany
    alert: EventAlert


@dataclass(frozen=True)
class EventNeed:
    title: str
    url: str
    invoices: int
    amount: Decimal


@dataclass(frozen=True)
class EventWaiting:
    reason: str
    invoices: int
    amount: Decimal


@dataclass(frozen=True)
class DigestData:
    """``day`` is the day the numbers are of, in the company's own time zone."""

    company: EventCompany
    day: date
    bills: int
    amount: Decimal
    waiting: tuple[EventWaiting, ...]
    needs: tuple[EventNeed, ...]


@dataclass(frozen=True)
class TrialData:
    company: EventCompany
    sentence: str = "This is a test. If you can read this and the signature is right, the webhook works."


@dataclass(frozen=True)
class WebhookEvent:
    """The body of a webhook, in the shape that Standard Webhooks recommends: type, timestamp (UTC), data."""

    type: EventType
    timestamp: datetime
    data: AlertData | DigestData | TrialData


def alert_event(
    kind: EventType, at: datetime, company: EventCompany, alert_id: str, cause: Cause, site: str
) -> WebhookEvent:
    alert = EventAlert(
        alert_id,
        cause.key,
        cause.kind.value,
        cause.title,
        cause.sentence,
        site + cause.path,
        cause.count,
        cause.amount,
    )
    return WebhookEvent(kind, at, AlertData(company, alert))


def digest_event(at: datetime, company: EventCompany, digest: Digest, site: str) -> WebhookEvent:
    count, amount = digest.posted or (0, Decimal(0))
    return WebhookEvent(
        EventType.DIGEST,
        at,
        DigestData(
            company,
            digest.day,
            count,
            amount,
            tuple(EventWaiting(one.words, one.count, one.amount) for one in digest.waiting),
            tuple(EventNeed(one.title, site + one.path, one.count, one.amount) for one in digest.needs),
        ),
    )


def trial_event(at: datetime, company: EventCompany) -> WebhookEvent:
    return WebhookEvent(EventType.TEST, at, TrialData(company))

"""Who is told what, and how: what a person chose, else what their role begins with."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from accounting.alerts import AlertKind, Audience


class AlertChannel(StrEnum):
    """In the app, by e-mail once it has lasted some minutes, and as a part of the morning's digest."""

    IN_APP = "in_app"
    EMAIL = "email"
    DIGEST = "digest"


class AlertTopic(StrEnum):
    """What a person chooses channels for: each kind of alert, and the day's numbers, which only a digest tells."""

    CONNECTION = "connection"
    INVOICE_HELD = "invoice_held"
    BILL = "bill"
    ACTIVITY = "activity"


class Role(StrEnum):
    ADMIN = "admin"
    ACCOUNTANT = "accountant"
    READER = "reader"


TOPIC_OF_KIND = {
    AlertKind.CONNECTION: AlertTopic.CONNECTION,
    AlertKind.INVOICE_HELD: AlertTopic.INVOICE_HELD,
    AlertKind.BILL: AlertTopic.BILL,
}
EVERY_CHANNEL = (AlertChannel.IN_APP, AlertChannel.EMAIL, AlertChannel.DIGEST)
CHANNELS: dict[AlertTopic, tuple[AlertChannel, ...]] = {
    AlertTopic.CONNECTION: EVERY_CHANNEL,
    AlertTopic.INVOICE_HELD: EVERY_CHANNEL,
    AlertTopic.BILL: EVERY_CHANNEL,
    AlertTopic.ACTIVITY: (AlertChannel.DIGEST,),
}
# Whoever can do nothing about a cause is not asked to; the day's numbers are anybody's who reads invoices.
TOPICS: dict[Role, tuple[AlertTopic, ...]] = {
    Role.ADMIN: tuple(AlertTopic),
    Role.ACCOUNTANT: (AlertTopic.INVOICE_HELD, AlertTopic.BILL, AlertTopic.ACTIVITY),
    Role.READER: (AlertTopic.ACTIVITY,),
}


@dataclass(frozen=True)
class Choice:
    """One switch of a person's preferences."""

    topic: AlertTopic
    channel: AlertChannel
    on: bool


@dataclass(frozen=True)
class Preferences:
    """What one person is told, by their role and their own choices."""

    role: Role
    chosen: frozenset[tuple[AlertTopic, AlertChannel]]

    def wants(self, topic: AlertTopic, channel: AlertChannel) -> bool:
        return (topic, channel) in self.chosen

    def wants_alert(self, kind: AlertKind, audience: Audience, channel: AlertChannel) -> bool:
        """Whether an alert of this kind, for this audience, reaches the person this way."""
        return concerns(self.role, audience) and self.wants(TOPIC_OF_KIND[kind], channel)

    @property
    def wants_digest(self) -> bool:
        return any(channel is AlertChannel.DIGEST for _, channel in self.chosen)


def role_of(*, is_company_admin: bool, is_accountant: bool) -> Role:
    if is_company_admin:
        return Role.ADMIN
    return Role.ACCOUNTANT if is_accountant else Role.READER


def concerns(role: Role, audience: Audience) -> bool:
    """Whether an audience's alerts are this role's: a reader has none."""
    return role is Role.ADMIN or (role is Role.ACCOUNTANT and audience is Audience.ACCOUNTANTS)


def preferences(role: Role, choices: Iterable[Choice]) -> Preferences:
    """A person's own choices over what the role begins with; a choice that is none of the role's counts for nothing.

    Admins and accountants begin with everything, readers with nothing.
    """
    on = {(topic, channel): role is not Role.READER for topic in TOPICS[role] for channel in CHANNELS[topic]}
    for choice in choices:
        if (choice.topic, choice.channel) in on:
            on[choice.topic, choice.channel] = choice.on
    return Preferences(role, frozenset(switch for switch, is_on in on.items() if is_on))

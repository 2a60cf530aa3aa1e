"""Who is told what: the role's beginning, a person's own choices, and never what is none of theirs."""

import pytest

from accounting.alert_preferences import (
    CHANNELS,
    TOPIC_OF_KIND,
    TOPICS,
    AlertChannel,
    AlertTopic,
    Choice,
    Role,
    preferences,
    role_of,
)
from accounting.alerts import AlertKind, Audience

EMAIL, APP, DIGEST = AlertChannel.EMAIL, AlertChannel.IN_APP, AlertChannel.DIGEST


@pytest.mark.parametrize(
    ("role", "kind", "audience", "reaches"),
    [
        (Role.ADMIN, AlertKind.CONNECTION, Audience.ADMINS, True),
        (Role.ADMIN, AlertKind.INVOICE_HELD, Audience.ACCOUNTANTS, True),
        (Role.ACCOUNTANT, AlertKind.CONNECTION, Audience.ADMINS, False),
        (Role.ACCOUNTANT, AlertKind.INVOICE_HELD, Audience.ACCOUNTANTS, True),
        (Role.ACCOUNTANT, AlertKind.INVOICE_HELD, Audience.ADMINS, False),
        (Role.ACCOUNTANT, AlertKind.BILL, Audience.ACCOUNTANTS, True),
        (Role.READER, AlertKind.INVOICE_HELD, Audience.ACCOUNTANTS, False),
    ],
)
def test_whom_an_alert_reaches_at_first(role: Role, kind: AlertKind, audience: Audience, reaches: bool) -> None:
    wants = preferences(role, ())
    assert [wants.wants_alert(kind, audience, channel) for channel in AlertChannel] == [reaches] * 3


def test_a_choice_turns_one_switch() -> None:
    wants = preferences(Role.ACCOUNTANT, [Choice(AlertTopic.INVOICE_HELD, EMAIL, False)])
    assert not wants.wants(AlertTopic.INVOICE_HELD, EMAIL)
    assert wants.wants(AlertTopic.INVOICE_HELD, APP) and wants.wants(AlertTopic.BILL, EMAIL)


def test_choices_of_another_role_count_for_nothing() -> None:
    """Whoever was an admin yesterday hears nothing of connections today."""
    wants = preferences(
        Role.READER, [Choice(AlertTopic.CONNECTION, EMAIL, True), Choice(AlertTopic.INVOICE_HELD, APP, True)]
    )
    assert wants.chosen == frozenset() and not wants.wants_digest
    assert preferences(Role.READER, [Choice(AlertTopic.ACTIVITY, DIGEST, True)]).wants_digest


def test_the_digest_goes_to_nobody_who_wants_none_of_it() -> None:
    off = [Choice(topic, DIGEST, False) for topic in AlertTopic]
    assert preferences(Role.ADMIN, ()).wants_digest
    assert not preferences(Role.ADMIN, off).wants_digest


def test_roles() -> None:
    assert role_of(is_company_admin=True, is_accountant=True) is Role.ADMIN
    assert role_of(is_company_admin=False, is_accountant=True) is Role.ACCOUNTANT
    assert role_of(is_company_admin=False, is_accountant=False) is Role.READER


def test_every_kind_and_topic_has_its_switches() -> None:
    assert set(TOPIC_OF_KIND) == set(AlertKind)
    assert set(CHANNELS) == set(AlertTopic)
    # The count in the frame of every page compares the two by their text.
    assert all(topic.value == kind.value for kind, topic in TOPIC_OF_KIND.items())
    assert set(TOPICS) == set(Role)

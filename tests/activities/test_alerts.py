"""Alerts from a look to the people: one per cause, mails over SMTP, no storm, and nothing told twice on purpose."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from uuid import UUID

import pytest_asyncio
from temporalio.client import Client

from accounting.alert_preferences import AlertChannel, AlertTopic, Choice
from accounting.blockers import BlockerReason, Hold
from models.alert_preferences import choose, readers
from models.alerts import ShownAlert, read_alerts, shown_alerts
from models.members import end_membership, switch_feature
from models.tables import ConnectionState, MessageState
from tests.alerting import COLLECTED, NO_CODE, NO_VENDOR, Alerted, alerted_company

ADMIN, ACCOUNTANT = "admin@example.test", "accountant@example.test"
DAY = timedelta(days=1)
# A Tuesday, one o'clock in New York, where the company's oldest project is: no morning comes by accident.
TUESDAY = datetime(2026, 7, 14, 17, tzinfo=UTC)


@pytest_asyncio.fixture
async def company(database_url: str, temporal_client: Client, task_queue: str) -> AsyncIterator[Alerted]:
    async with alerted_company(database_url, temporal_client, task_queue, start=TUESDAY) as opened:
        yield opened


def recipients(company: Alerted) -> list[str]:
    return sorted(address for mail in company.mailbox.mails for address in mail.recipients)


def subjects(company: Alerted, address: str) -> list[str]:
    return [mail.header("Subject").partition(": ")[2] for mail in company.mailbox.to(address)]


async def test_a_thousand_invoices_held_for_one_thing_are_one_alert_and_one_mail_each(company: Alerted) -> None:
    assert await company.waits() == timedelta(hours=1)
    await company.hold(1000)
    # The next look knows of the mail that is being collected.
    assert await company.waits() == COLLECTED
    (alert,) = await company.alerts()
    assert (alert.count, str(alert.amount), alert.title) == (1000, "1000000.00", "Map budget code 03-300")
    assert company.mailbox.mails == []

    sent = await company.after(COLLECTED)
    assert sent is not None and (sent.sent, sent.not_sent, sent.left_over) == (2, 0, False)
    assert recipients(company) == [ACCOUNTANT, ADMIN]
    (mail,) = company.mailbox.to(ADMIN)
    assert mail.header("Subject").endswith(": Map budget code 03-300 (1,000 invoices, $1,000,000.00)")
    assert "http://127.0.0.1:1/invoices?blocker=cost_code_unmapped&subject=code%3A03-300" in mail.body("plain")
    assert "Map budget code 03-300" in mail.body("html")
    assert parsedate_to_datetime(mail.header("Date")) == TUESDAY + COLLECTED

    # It lasts, and it grows: nobody hears of it again on the same day.
    await company.hold(200, first=2001)
    for _ in range(3):
        assert await company.after(timedelta(hours=5)) is None
    assert len(company.mailbox.mails) == 2
    (alert,) = await company.alerts()
    assert alert.count == 1200


async def test_what_comes_within_minutes_is_one_mail_and_what_grew_is_told_a_day_later(company: Alerted) -> None:
    await company.hold(3)
    await company.look()
    await company.hold(2, NO_VENDOR, first=10)
    assert await company.after(timedelta(minutes=3)) is None
    await company.after(timedelta(minutes=2))
    assert subjects(company, ACCOUNTANT) == ["Map budget code 03-300 (3 invoices, $3,000.00) and 1 more"]
    assert "Match vendor Ernie's Electrical - 2 invoices, $2,000.00" in company.mailbox.mails[0].body("plain")
    await company.hold(1, NO_VENDOR, first=20)
    await company.look()
    assert len(company.mailbox.to(ACCOUNTANT)) == 1
    await company.after(DAY)
    await company.after(COLLECTED)
    digest, again = subjects(company, ACCOUNTANT)[1:]
    assert digest == "2 things need you"
    assert again == "Match vendor Ernie's Electrical (3 invoices, $3,000.00)"


async def test_a_cause_that_comes_and_goes_is_told_once_a_day(company: Alerted) -> None:
    await company.expire()
    await company.look()
    await company.expire(ConnectionState.ACTIVE)
    await company.look()
    # Gone before the mail: nobody hears of it, and nothing keeps quiet about the next time.
    assert await company.after(COLLECTED) is None
    for _ in range(2):
        await company.expire()
        await company.look()
        await company.after(COLLECTED)
        await company.expire(ConnectionState.ACTIVE)
        await company.after(COLLECTED)
    assert [alert.closed_at is not None for alert in await company.alerts()] == [True, True, True]
    # The accountant can do nothing about a connection.
    assert recipients(company) == [ADMIN]
    await company.expire()
    await company.look()
    await company.after(DAY)
    expired = "The connection to Hartwell Construction LLC has expired"
    assert subjects(company, ADMIN).count(expired) == 2
    await company.expire(ConnectionState.DISCONNECTED)
    await company.desks.look()
    assert all(alert.closed_at for alert in await company.alerts())


async def test_a_mail_server_in_trouble(company: Alerted) -> None:
    company.mailbox.busy = True
    await company.hold(1)
    await company.look()
    sent = await company.after(COLLECTED)
    # The other mail is not even tried.
    assert sent is not None and (sent.sent, sent.not_sent, sent.left_over) == (0, 1, True)
    before = {message.id for message in await company.messages()}
    assert await company.look() is False
    company.mailbox.busy = False
    company.mailbox.unknown.add(ADMIN)
    await company.after(timedelta(seconds=5))
    (mail,) = company.mailbox.mails
    assert mail.header("Message-ID") in {f"<{one}@inbuild.test>" for one in before}
    states = {message.state: message.said for message in await company.messages()}
    assert states == {
        MessageState.SENT: None,
        MessageState.FAILED: "the mail server answered 550 no such person here",
    }
    company.mailbox.busy = True
    await company.hold(1, NO_VENDOR, first=10)
    await company.look()
    # Within the hour nobody gets a second mail.
    assert await company.after(COLLECTED) is None
    await company.after(timedelta(hours=1))
    # After days in vain nobody tries any longer.
    await company.after(timedelta(days=3))
    await company.look_and_send()
    left = [message for message in await company.messages() if message.subject_key.startswith("alerts:")]
    assert MessageState.PENDING not in {message.state for message in left}
    assert recipients(company) == [ACCOUNTANT]


async def test_who_is_written_to(company: Alerted) -> None:
    await company.add_person("jane.doe", accountant=True)
    await company.add_person("reader@example.test")
    other = await company.add_person("bert@example.test", admin=True)
    async with company.session() as session:
        await choose(session, other, [Choice(AlertTopic.INVOICE_HELD, AlertChannel.EMAIL, False)])
    await company.hold(1)
    await company.look()
    async with company.session() as session:
        await end_membership(session, company.desks.product.admin_id)
    await company.after(COLLECTED)
    assert recipients(company) == [ACCOUNTANT]


async def test_the_digest_comes_in_the_morning_by_money(company: Alerted) -> None:
    await company.look()
    assert await company.after(DAY - timedelta(hours=4)) is None, "nothing to tell"
    await company.hold(1)
    await company.hold(4, NO_VENDOR, first=10)
    await company.look()
    await company.after(COLLECTED)
    company.mailbox.mails.clear()
    # 06:55 in New York, then 07:05.
    company.desks.advance(TUESDAY + timedelta(days=1, hours=17, minutes=55) - company.desks.clock.now())
    assert await company.look_and_send() is None
    sent = await company.after(timedelta(minutes=10))
    assert sent is not None and sent.sent == 2
    assert subjects(company, ACCOUNTANT) == ["2 things need you"]
    text = company.mailbox.mails[0].body("plain")
    assert text.index("Match vendor Ernie's Electrical - 4 invoices, $4,000.00") < text.index("Map budget code 03-300")
    assert "YESTERDAY, JULY 15" in text and "Nothing went to QuickBooks." in text
    assert await company.after(timedelta(hours=10)) is None


async def test_with_the_feature_off_nobody_is_told(company: Alerted) -> None:
    await company.hold(1)
    await company.look()
    async with company.session() as session:
        await switch_feature(session, False)
    await company.hold(1, NO_VENDOR, first=10)
    company.desks.advance(COLLECTED)
    assert await company.waits() == timedelta(hours=1)
    assert len(await company.alerts()) == 1
    async with company.session() as session:
        await switch_feature(session, True)
    await company.look_and_send()
    assert recipients(company) == [ACCOUNTANT, ADMIN]


async def test_everybody_sees_what_concerns_them_and_reads_for_themselves(company: Alerted) -> None:
    # A matter of each invoice: as an alert they are one.
    for number in range(1, 8):
        await company.hold(1, Hold(BlockerReason.LIKELY_DUPLICATE, f"Bill {number}", f"Bill:{number}"), first=number)
    await company.hold(1, NO_CODE, first=100)
    await company.expire()
    await company.look()
    admin_id = company.desks.product.admin_id
    assert {one.title: one.count for one in await _shown(company, admin_id)} == {
        "Likely in QuickBooks already": 7,
        "Map budget code 03-300": 1,
        "The connection to Hartwell Construction LLC has expired": 0,
    }
    async with company.session() as session:
        (admin,) = await readers(session, [admin_id])
        assert await read_alerts(session, admin_id, admin.preferences) == 3
    assert not any(one.is_unread for one in await _shown(company, admin_id))
    shown = await _shown(company, company.accountant_id)
    assert {(one.title, one.is_unread) for one in shown} == {
        ("Likely in QuickBooks already", True),
        ("Map budget code 03-300", True),
    }
    reader = await company.add_person("reader@example.test")
    assert await _shown(company, reader) == []


async def _shown(company: Alerted, user_id: UUID) -> list[ShownAlert]:
    async with company.session() as session:
        (reader,) = await readers(session, [user_id])
        return await shown_alerts(session, user_id, reader.preferences, 50)

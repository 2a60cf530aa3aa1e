"""Outgoing webhooks: signed, repeated under the same id, switched off after days in vain, never with their secret."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest_asyncio
from sqlmodel import select
from temporalio.client import Client

from models.tables import AuditLog, EndpointState, EventLog
from models.webhook_endpoints import endpoints, switch_on
from tests.alerting import COLLECTED, Alerted, Receiver, alerted_company, receiving

TUESDAY = datetime(2026, 7, 14, 17, tzinfo=UTC)


@pytest_asyncio.fixture
async def company(database_url: str, temporal_client: Client, task_queue: str) -> AsyncIterator[Alerted]:
    async with alerted_company(database_url, temporal_client, task_queue, start=TUESDAY) as opened:
        yield opened


@pytest_asyncio.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as opened:
        yield opened


async def test_an_alert_is_told_when_it_opens_and_when_it_closes(company: Alerted, receiver: Receiver) -> None:
    await company.add_webhook(receiver)
    await company.hold(41)
    # Nobody collects for a program.
    await company.look_and_send()
    await company.free()
    await company.look_and_send()
    raised, closed = receiver.events
    assert (raised["type"], closed["type"]) == ("alert.raised", "alert.closed")
    assert raised["timestamp"] == "2026-07-14T17:00:00Z"
    alert = raised["data"]["alert"]
    assert alert["key"] == f"held:cost_code_unmapped:{company.connection_id}:code:03-300"
    assert (alert["invoices"], Decimal(alert["amount"])) == (41, Decimal("41000.00"))
    assert alert["url"] == "http://127.0.0.1:1/invoices?blocker=cost_code_unmapped&subject=code%3A03-300"
    assert closed["data"]["alert"]["id"] == alert["id"]
    assert len(set(receiver.ids)) == 2 and receiver.forged == 0


async def test_a_failure_is_repeated_under_the_same_id_and_told_nowhere_with_its_secret(
    company: Alerted, receiver: Receiver
) -> None:
    await company.add_webhook(receiver)
    receiver.status = 500
    await company.hold(1)
    await company.expire()
    sent = await company.look_and_send()
    # Two are due: once the first has failed, the second is not tried.
    assert receiver.asked == 1 and sent is not None and sent.left_over
    assert await company.look() is False
    receiver.status = 200
    await company.after(timedelta(seconds=5))
    assert sorted(event["type"] for event in receiver.events) == ["alert.raised", "alert.raised"]
    webhooks = [str(one.id) for one in await company.messages() if one.channel.value == "webhook"]
    assert sorted(receiver.ids) == sorted(webhooks)
    assert receiver.forged == 0
    async with company.session() as session:
        written = [*(await session.exec(select(EventLog.data))), *(await session.exec(select(AuditLog.data)))]
        (row,) = await endpoints(session)
    secret = receiver.secret.removeprefix("whsec_")
    assert secret not in repr(written)
    assert secret.encode() not in (row.secret or b"")


async def test_after_three_days_in_vain_it_is_switched_off_and_an_admin_is_told(
    company: Alerted, receiver: Receiver
) -> None:
    await company.add_webhook(receiver)
    receiver.status = 302
    await company.hold(1)
    await company.look_and_send()
    await company.after(timedelta(days=2))
    assert await company.endpoint() == (EndpointState.ACTIVE, None)
    await company.after(timedelta(days=1))
    assert await company.endpoint() == (
        EndpointState.SWITCHED_OFF,
        "It has taken nothing since July 14, 17:00 UTC: answered 302",
    )
    asked = receiver.asked
    await company.after(timedelta(hours=1))
    assert receiver.asked == asked, "nothing is sent to an address that is off"
    (told,) = [alert for alert in await company.alerts() if alert.cause_key.startswith("webhook:")]
    assert told.title == "The webhook to 127.0.0.1 was switched off"
    await company.after(COLLECTED)
    assert any("was switched off" in mail.header("Subject") for mail in company.mailbox.to("admin@example.test"))
    async with company.session() as session:
        (row,) = await endpoints(session)
        switch_on(session, row)
    receiver.status = 200
    await company.look_and_send()
    assert [event["type"] for event in receiver.events] == ["alert.closed"]


async def test_whoever_says_gone_is_asked_no_more(company: Alerted, receiver: Receiver) -> None:
    await company.add_webhook(receiver)
    receiver.status = 410
    await company.hold(1)
    await company.look_and_send()
    assert await company.endpoint() == (EndpointState.SWITCHED_OFF, "The address says it is gone (410).")
    await company.free()
    await company.after(timedelta(hours=1))
    assert receiver.asked == 1


async def test_an_address_that_turned_private_gets_nothing(
    database_url: str, temporal_client: Client, task_queue: str, receiver: Receiver
) -> None:
    opening = alerted_company(database_url, temporal_client, task_queue, start=TUESDAY, alert_webhooks_anywhere=False)
    async with opening as company:
        receiver.url = receiver.url.replace("http://", "https://")
        await company.add_webhook(receiver)
        await company.hold(1)
        await company.look_and_send()
        (message,) = [one for one in await company.messages() if one.channel.value == "webhook"]
    assert message.said == "Webhooks go to public addresses only; this one is inside a private network."
    assert receiver.asked == 0

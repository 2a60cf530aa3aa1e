"""How often QuickBooks Online is asked about payments: reads are metered, so as seldom as nobody notices."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from activities.payment_pull import pull_pace
from contracts.connection import ConnectionRef
from contracts.mirroring import WatchResult
from contracts.payments import PullRequest
from models.database import Actor
from models.inbox import Notice, keep_notices
from models.mappings import connection_settings
from models.tables import ActorKind, InboxSource
from tests.activities.conftest import Opener
from tests.activities.paying import Paying, paying
from tests.activities.test_reconciliation_runs import Run, housekeeping
from tests.desks import as_activity
from tests.small_world import small_world

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
VERIFIED: dict[str, Any] = {"intuit_webhook_verifier": "v-token-6b1f"}


def reads(hands: Paying) -> int:
    """Metered calls so far: everything that is asked of the books."""
    return sum(
        one["method"] == "GET" and "/v3/company/" in one["path"]
        for one in hands.desks.product.quickbooks.traffic.entries(0, 100_000)
    )


async def look_and_pull(hands: Paying) -> bool:
    """What the workflow does with a look; whether the books were asked."""
    found = await hands.desks.look()
    asked = False
    for connection_id in found.pulls if isinstance(found, WatchResult) else ():
        request = PullRequest(company_id=hands.desks.company_id, connection_id=connection_id)
        asked = (await as_activity(hands.desk.pull_payments, request)).asked or asked
    return asked


async def told(hands: Paying, number: int) -> None:
    """Intuit's webhook tells of a change."""
    notice = Notice(f"event-{number}", "billpayment/1/created", hands.connection.quickbooks_company_id)
    database = hands.desks.product.outside.database
    async with database.company(hands.desks.company_id, Actor(ActorKind.PROVIDER, "intuit")) as session:
        await keep_notices(session, InboxSource.INTUIT, [notice])


async def test_an_idle_company_with_webhooks_costs_three_reads_a_day_at_most(open_world: Opener) -> None:
    async with paying(open_world, **VERIFIED) as hands:
        before, days, nights = reads(hands), 3, 0
        ref = ConnectionRef(company_id=hands.desks.company_id, connection_id=hands.connection.id)
        await as_activity(hands.desks.connections.guard_connection, ref)
        for hour in range(1, days * 24 + 1):
            hands.desks.advance(HOUR)
            await look_and_pull(hands)
            if hour % 6 == 0 and len(await housekeeping(hands.desks)) > nights:
                nights += 1
                await Run(hands.desks).make()
        assert nights == days
        # Looks, pulls, the nightly reconciliation and the guardian together.
        assert days <= reads(hands) - before <= 3 * days


async def test_an_active_one_is_asked_every_ten_minutes_at_most_and_hears_of_everything(open_world: Opener) -> None:
    async with paying(open_world, **VERIFIED) as hands:
        (bill,) = await hands.bills()
        asked = 0
        for minute in range(60):
            hands.desks.advance(MINUTE)
            hands.do("pay_bill", id=bill, amount=1, number=f"{minute}")
            await told(hands, minute)
            asked += await look_and_pull(hands)
        assert asked == 6
        # What was told last waits for its turn.
        hands.desks.advance(10 * MINUTE)
        await look_and_pull(hands)
        assert len(await hands.shares()) == 60
        hands.desks.advance(10 * MINUTE)
        assert not await look_and_pull(hands)


async def test_the_first_news_after_a_quiet_time_are_read_once_the_burst_is_over(open_world: Opener) -> None:
    async with paying(open_world, **VERIFIED) as hands:
        hands.desks.advance(HOUR)
        await told(hands, 1)
        assert not await look_and_pull(hands)
        hands.desks.advance(timedelta(seconds=6))
        assert await look_and_pull(hands)


async def test_without_webhooks_it_is_asked_every_hour(open_world: Opener) -> None:
    async with paying(open_world) as hands:
        asked = 0
        for _ in range(12):
            hands.desks.advance(30 * MINUTE)
            asked += await look_and_pull(hands)
        assert asked == 6
        pace = pull_pace(hands.desks.product.outside.settings)
        assert (pace.shortest, pace.longest) == (10 * MINUTE, HOUR)


async def test_books_without_a_bill_of_ours_are_not_asked(open_world: Opener) -> None:
    async with open_world(small_world(1), **VERIFIED) as desks:
        await desks.connect()
        desks.advance(timedelta(days=2))
        found = await desks.look()
        assert not isinstance(found, WatchResult) or found.pulls == []


@pytest.mark.parametrize("paused", [False, True])
async def test_books_are_read_while_posting_is_paused_and_nothing_is_written(open_world: Opener, paused: bool) -> None:
    async with paying(open_world) as hands:
        (bill,) = await hands.bills()
        async with hands.desks.product.session() as session:
            settings = await connection_settings(session, hands.connection.id)
            settings.posting_paused = paused
            session.add(settings)
        hands.do("pay_bill", id=bill, number="1", date="2026-07-15")
        assert await hands.pull()
        assert len(await hands.shares()) == 1
        assert (await hands.follow()).written == (0 if paused else 1)

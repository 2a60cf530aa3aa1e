"""Procore's webhooks make looks come sooner, and only that: with half of them lost or doubled nothing is missed."""

import time
from collections import Counter

from sqlmodel import select
from temporalio.client import Client

from models.tables import HookState, WebhookInbox
from tests.product import Product, eventually
from tests.reachable_product import (
    approve,
    bills,
    disconnect,
    hooks,
    mirrored,
    posted,
    reachable_product,
    requisitions,
    small_world,
    under_review,
)

SECONDS = 20.0


async def hooks_made(product: Product) -> None:
    async def one_each() -> bool:
        made = await hooks(product)
        projects = product.procore.records.projects
        return len(made) == len(projects) and all(hook.state is HookState.ACTIVE for hook in made)

    await eventually(one_each)


async def test_an_approval_is_a_bill_within_seconds_although_looks_are_an_hour_apart(
    database_url: str, temporal_client: Client, task_queue: str
) -> None:
    world = small_world(waiting=3)
    async with reachable_product(
        world, database_url, temporal_client, task_queue, look_interval_seconds=3600
    ) as product:
        connection = await mirrored(product, world)
        await hooks_made(product)
        for requisition in under_review(product):
            approved_at = time.monotonic()
            approve(product, requisition)
            await posted(product, [requisition], SECONDS)
            assert time.monotonic() - approved_at < SECONDS
        assert len(set(bills(product, connection))) == len(bills(product, connection)) == len(requisitions(product))

        async def all_handled() -> bool:
            async with product.session() as session:
                rows = list(await session.exec(select(WebhookInbox)))
            return len(rows) >= 3 and all(row.handled_at is not None for row in rows)

        await eventually(all_handled)


async def test_with_a_third_of_the_events_lost_and_a_fifth_doubled_every_invoice_is_one_bill(
    database_url: str, temporal_client: Client, task_queue: str
) -> None:
    world = small_world(waiting=12)
    async with reachable_product(world, database_url, temporal_client, task_queue, look_interval_seconds=5) as product:
        connection = await mirrored(product, world)
        await hooks_made(product)
        switches = product.procore.switches
        switches.webhook_drop_rate, switches.webhook_duplicate_rate, switches.webhook_reorder = 0.3, 0.2, True
        coming = under_review(product)
        for requisition in coming:
            approve(product, requisition)
        await posted(product, coming)

        assert len(bills(product, connection)) == len(requisitions(product))
        assert max(Counter(bills(product, connection)).values()) == 1
        told = product.procore.events.deliveries
        assert {delivery.status for delivery in told} <= {"success", "dropped", "pending"}
        async with product.session() as session:
            rows = list(await session.exec(select(WebhookInbox)))
        assert len({row.delivery_id for row in rows}) == len(rows) <= len(told)


async def test_an_event_that_comes_during_a_look_is_looked_at_again(
    database_url: str, temporal_client: Client, task_queue: str
) -> None:
    world = small_world(waiting=2)
    async with reachable_product(
        world, database_url, temporal_client, task_queue, look_interval_seconds=3600
    ) as product:
        await mirrored(product, world)
        await hooks_made(product)
        first, second = under_review(product)
        approve(product, first)
        # Close enough that the second event meets the look that the first one began, or its merging.
        approve(product, second)
        await posted(product, [first, second], SECONDS)


async def test_hooks_go_with_the_last_connection(database_url: str, temporal_client: Client, task_queue: str) -> None:
    world = small_world()
    async with reachable_product(
        world, database_url, temporal_client, task_queue, look_interval_seconds=3600
    ) as product:
        connection = await mirrored(product, world)
        await hooks_made(product)
        assert len(product.procore.events.hooks) == len(product.procore.records.projects)
        await disconnect(product, connection)

        async def none_left() -> bool:
            return not product.procore.events.hooks and not await hooks(product)

        await eventually(none_left)

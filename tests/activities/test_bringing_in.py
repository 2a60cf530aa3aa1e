"""Bringing a plan in: its first part is on its way while the rest still comes, and nothing is left out by that."""

import pytest

import activities.bringing_in
from contracts.mirroring import WatchResult
from models.connections import pause_posting
from tests.activities.conftest import Opener
from tests.small_world import small_world

FIRST_PART = 4


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(activities.bringing_in, "CHUNK", FIRST_PART)


async def test_the_first_part_goes_while_the_rest_comes_in(open_world: Opener) -> None:
    async with open_world(small_world(10)) as desks:
        await desks.connect()
        await desks.switch_on()
        first = await desks.look()
        assert isinstance(first, WatchResult)
        assert sum(len(batch.invoice_ids) for batch in first.batches) == FIRST_PART
        assert len(await desks.invoices()) == FIRST_PART
        # The first part is still on its way: this look does not stop half-way.
        await desks.look()
        assert len(await desks.invoices()) == 10
        for batch in first.batches:
            await desks.post(batch)
        assert set((await desks.states()).values()) == {"posted"}
        assert len(desks.product.bills(desks.expected["realm_id"])) == 10


async def test_where_nothing_of_the_first_part_may_go_the_whole_plan_comes_in_at_once(open_world: Opener) -> None:
    async with open_world(small_world(10)) as desks:
        connection = await desks.connect()
        await desks.switch_on()
        async with desks.product.session() as session:
            await pause_posting(session, connection.id, True, desks.product.admin_id)
        await desks.look()
        assert len(await desks.invoices()) == 10

"""Bringing a plan in: its first part is on its way while the rest still comes, and nothing is left out by that."""

import pytest

import activities.bringing_in
from activities.recently_read import RecentlyRead
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


async def test_what_has_come_in_goes_as_long_as_too_little_is_posted(open_world: Opener) -> None:
    async with open_world(small_world(24, projects=12)) as desks:
        await desks.connect()
        await desks.switch_on()
        batches, come_in = [], []
        for _ in range(4):
            found = await desks.look()
            assert isinstance(found, WatchResult)
            batches += found.batches
            come_in.append(len(await desks.invoices()))
        # Parts of two projects each, until more projects are posted than a connection posts side by side: then all.
        assert come_in == [FIRST_PART, 2 * FIRST_PART, 3 * FIRST_PART, 24]
        for batch in batches:
            await desks.post(batch)
        assert set((await desks.states()).values()) == {"posted"}
        assert len(desks.product.bills(desks.expected["realm_id"])) == 24


async def test_what_was_read_for_the_plan_is_not_read_again(
    open_world: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(text: str) -> None:
        raise AssertionError("a text was read again")

    monkeypatch.setattr(activities.bringing_in, "read_requisition", refuse)
    async with open_world(small_world(10)) as desks:
        await desks.connect()
        await desks.switch_on()
        await desks.look()
        await desks.look()
        assert len(await desks.invoices()) == 10


async def test_what_was_read_for_the_plan_is_not_needed_to_bring_it_in(
    open_world: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another worker than the one that made the plan, or the same after a restart, reads the texts itself."""
    async with open_world(small_world(10)) as desks:
        await desks.connect()
        await desks.switch_on()
        monkeypatch.setattr(activities.bringing_in, "RECENTLY_READ", RecentlyRead())
        await desks.look()
        await desks.look()
        assert len(await desks.invoices()) == 10


async def test_where_nothing_of_the_first_part_may_go_the_whole_plan_comes_in_at_once(open_world: Opener) -> None:
    async with open_world(small_world(10)) as desks:
        connection = await desks.connect()
        await desks.switch_on()
        async with desks.product.session() as session:
            await pause_posting(session, connection.id, True, desks.product.admin_id)
        await desks.look()
        assert len(await desks.invoices()) == 10

"""The toggle: what comes in while it is on, what stays out when it is off, and messages that come late or never."""

import asyncio
from uuid import uuid4

import pytest
from temporalio.client import WorkflowExecutionStatus

import contracts.timeouts
from contracts.mirroring import Toggled
from models.tables import ProcoreProject
from models.toggle import switch_on
from simulators.faults import FaultRule
from tests.product import Product, eventually, worker_of
from tests.small_world import small_world
from tests.workflows.conftest import NO_CACHE, Runner
from tests.workflows.life import say_paused
from tests.workflows.stories import (
    SETTLED,
    all_in,
    becomes,
    bills_of,
    connected,
    details,
    going,
    mirroring,
    planned,
    states,
    wanted_bills,
)


@pytest.mark.parametrize("cached", [1000, NO_CACHE], ids=["cached workflows", "no cache"])
async def test_what_was_approved_and_what_is_approved_later_become_bills(run_world: Runner, cached: int) -> None:
    documents = small_world(4, 2, waiting=1)
    async with run_world(documents, cached_workflows=cached) as product:
        await going(product, documents)
        await all_in(product, "posted", 4)
        assert bills_of(product, documents) == wanted_bills(documents)
        product.change(waiting_one(product), status="approved")
        await all_in(product, "posted", 5)
        assert len(bills_of(product, documents)) == 5


def waiting_one(product: Product) -> str:
    return next(str(one.id) for one in product.procore.records.requisitions.values() if not one.is_approved)


async def test_off_stops_imports_and_what_was_imported_goes_on(run_world: Runner) -> None:
    documents = small_world(2, waiting=1)
    async with run_world(documents) as product:
        connection = await product.connect(documents.expected["realm_id"])
        await product.switch_on(await planned(product, documents))
        # Without an account chosen nothing can go yet.
        await all_in(product, "needs_you", 2)
        await product.switch_off()
        product.change(waiting_one(product), status="approved")
        await product.sync_now()
        await asyncio.sleep(SETTLED.total_seconds())
        assert len(await states(product)) == 2
        expected = documents.expected
        await product.choose_accounts(connection, expected["expense_account"], expected["retainage_account"])
        await product.wake("accounts were chosen")
        await all_in(product, "posted", 2)
        assert bills_of(product, documents) == wanted_bills(documents)


async def test_a_look_held_before_its_commit_while_the_toggle_goes_off_commits_nothing(run_world: Runner) -> None:
    documents = small_world(1, waiting=1)
    async with run_world(documents) as product:
        await going(product, documents)
        await all_in(product, "posted", 1)
        late = waiting_one(product)
        held = FaultRule(effect="hold_after", method="GET", path=r"/requisitions$", count=1)
        product.procore.plan.add(held)
        product.change(late, status="approved")

        async def is_held() -> bool:
            return bool(product.procore.plan.describe()["held"])

        await eventually(is_held)
        watermark = (await only_project(product)).watermark
        await product.switch_off()
        product.procore.plan.release()
        await asyncio.sleep(SETTLED.total_seconds())
        assert late not in await states(product)
        assert (await only_project(product)).watermark == watermark
        # On again it comes in: nothing was lost, it only was not wanted.
        await product.switch_on(await planned(product, documents))
        await all_in(product, "posted", 2)


async def only_project(product: Product) -> ProcoreProject:
    from models.projects import visible_projects

    async with product.session() as session:
        (project,) = await visible_projects(session)
        return project


async def test_late_and_repeated_messages_change_nothing(run_world: Runner) -> None:
    documents = small_world(1, waiting=1)
    async with run_world(documents) as product:
        await going(product, documents)
        await all_in(product, "posted", 1)
        await product.switch_off()

        async def says_off() -> bool:
            return "Mirroring: off (version 2, admin)" in await details(mirroring(product))

        await eventually(says_off)
        for on, version in ((True, 1), (True, 1), (False, 2), (True, 0), (True, 2)):
            late = Toggled(on=on, version=version, actor="a message from the past")
            await product.outside.workflows.toggle_mirroring(product.company_id, product.company_name, late)
        product.change(waiting_one(product), status="approved")
        await product.sync_now()
        await asyncio.sleep(SETTLED.total_seconds())
        assert len(await states(product)) == 1
        assert await says_off()


async def test_messages_before_the_first_task_are_heard_and_the_highest_version_wins(run_world: Runner) -> None:
    documents = small_world(1)
    one, another = uuid4(), uuid4()
    async with run_world(documents, with_worker=False) as product:
        # Nobody runs the workflow yet: the first message starts it, the others wait with it.
        for on, version in ((False, 4), (True, 7), (False, 6), (True, 5)):
            await send(product, on, version)
            await say_paused(product, one, on, version)
        await say_paused(product, another, False, 2)
        async with worker_of(product, cached_workflows=NO_CACHE):
            await becomes(mirroring(product), WorkflowExecutionStatus.COMPLETED)
            told = await details(mirroring(product))
            assert "Mirroring: on (version 7, admin 7)" in told
            assert "Books: posting paused (version 7, admin 7)" in told
            assert "Books: posting resumed (version 2, admin 2)" in told


async def test_the_version_outlives_the_run_and_late_messages_change_no_later_one(
    run_world: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The workflow's module is read anew for each run, so it takes this number from the patched one.
    monkeypatch.setattr(contracts.timeouts, "RENEW_AT_EVENTS", 30)
    documents = small_world(1, waiting=1)
    async with run_world(documents) as product:
        connection = await going(product, documents)
        await all_in(product, "posted", 1)
        first_run = (await mirroring(product).describe()).run_id
        await send(product, True, 9)
        await say_paused(product, connection.id, False, 9)

        async def renewed() -> bool:
            # Wakes and repeated messages fill the history; none of them says anything new.
            for version in (8, 9, 9, 1):
                await send(product, False, version)
                await say_paused(product, connection.id, True, version)
            now, told = await mirroring(product).describe(), await details(mirroring(product))
            kept = "Mirroring: on (version 9, admin 9)" in told and "posting resumed (version 9, admin 9)" in told
            return now.run_id != first_run and kept

        await eventually(renewed)
        # A late message that says "paused" holds nothing up: the row says otherwise.
        product.change(waiting_one(product), status="approved")
        await product.sync_now()
        await all_in(product, "posted", 2)


async def send(product: Product, on: bool, version: int) -> None:
    told = Toggled(on=on, version=version, actor=f"admin {version}")
    await product.outside.workflows.toggle_mirroring(product.company_id, product.company_name, told)


async def test_a_message_that_got_lost_heals_because_the_row_is_read(run_world: Runner) -> None:
    documents = small_world(1)
    async with run_world(documents) as product:
        await connected(product, documents)
        plan = await planned(product, documents)
        async with product.session() as session:
            await switch_on(session, plan.id, plan.hash or "", product.admin_id)
        await product.wake("anything at all")
        await all_in(product, "posted", 1)

"""Looking after Procore's webhooks: one hook a project, whatever an earlier attempt or somebody else left behind."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import pytest
import pytest_asyncio
from temporalio.client import Client
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.hooks import HookDesk
from activities.reading_procore import CompanyReader
from contracts.hooks import HooksKept, HooksRequest
from foundation.clock import ManualClock
from models.allowance import allowance, note_calls
from models.connections import connection_by_id
from models.mirroring import company_rules
from models.projects import store_projects
from models.tables import ConnectionState, HookState, ProcoreHook
from simulators.procore.requisition_book import Actor
from simulators.procore.webhook_events import Hook as PlacedHook
from tests.api.seeding import add_connection
from tests.product import Product
from tests.reachable_product import PROJECTS, hooks, reachable_product, small_world

TOLD = {("Draw Requests", event) for event in ("create", "update", "delete")}


@dataclass
class Keeper:
    """A company with a connection and its projects read, and the activities called by hand."""

    product: Product
    clock: ManualClock
    connection_id: Any

    async def keep(self) -> HooksKept:
        desk = HookDesk(self.product.outside)
        request = HooksRequest(company_id=self.product.company_id)
        return await ActivityEnvironment().run(desk.keep_procore_hooks, request)

    async def remove(self) -> HooksKept:
        desk = HookDesk(self.product.outside)
        request = HooksRequest(company_id=self.product.company_id)
        return await ActivityEnvironment().run(desk.remove_procore_hooks, request)

    async def read_projects(self) -> None:
        async with self.product.session() as session:
            reader = CompanyReader(self.product.outside, (await company_rules(session)).procore_company_id)
        projects = await reader.projects()
        async with self.product.session() as session:
            await store_projects(session, projects)

    async def disconnected(self) -> None:
        async with self.product.session() as session:
            row = await connection_by_id(session, self.connection_id, lock=True)
            assert row is not None
            row.state = ConnectionState.DISCONNECTED
            session.add(row)

    @property
    def placed(self) -> list[PlacedHook]:
        return list(self.product.procore.events.hooks.values())

    async def rows(self) -> dict[str, ProcoreHook]:
        return {hook.project_id: hook for hook in await hooks(self.product)}

    async def fault(self, **rule: Any) -> None:
        async with httpx.AsyncClient(base_url=self.product.procore_url) as control:
            (await control.post("/control/faults", json=rule)).raise_for_status()

    async def forget_faults(self) -> None:
        async with httpx.AsyncClient(base_url=self.product.procore_url) as control:
            (await control.delete("/control/faults")).raise_for_status()

    async def agree(self) -> None:
        """Each project has one hook of ours, told apart by its address, that tells everything."""
        rows = await self.rows()
        assert {hook.state for hook in rows.values()} == {HookState.ACTIVE}
        address = f"{self.product.outside.settings.public_base_url}/webhooks/procore/"
        assert {(str(hook.project_id), hook.destination_url) for hook in self.placed} == {
            (project_id, address + str(row.id)) for project_id, row in rows.items()
        }
        assert len(self.placed) == len(rows) == PROJECTS
        for hook in self.placed:
            assert {(trigger.resource_name, trigger.event_type) for trigger in hook.triggers} == TOLD
        assert {str(hook.id) for hook in self.placed} == {row.hook_id for row in rows.values()}


@pytest_asyncio.fixture
async def keeper(
    database_url: str, temporal_client: Client, task_queue: str, clock: ManualClock
) -> AsyncIterator[Keeper]:
    world = small_world()
    async with reachable_product(
        world, database_url, temporal_client, task_queue, clock=clock, with_worker=False
    ) as product:
        async with product.session() as session:
            connection_id = await add_connection(session, product.admin_id)
        keeper = Keeper(product, clock, connection_id)
        await keeper.read_projects()
        yield keeper


async def test_every_project_gets_one_hook_with_a_secret_of_its_own(keeper: Keeper) -> None:
    kept = await keeper.keep()
    assert (kept.made, kept.removed, kept.left_over, kept.in_trouble) == (PROJECTS, 0, 0, 0)
    await keeper.agree()
    secrets = {hook.authorization for hook in keeper.placed}
    assert len(secrets) == PROJECTS
    assert all(secret is not None and len(secret) >= len("Bearer ") + 43 for secret in secrets)
    short = keeper.product.company_id.hex[-12:]
    assert {hook.namespace for hook in keeper.placed} == {f"inbuild-sync-{short}"}


async def test_no_row_holds_a_secret(keeper: Keeper) -> None:
    await keeper.keep()
    stored = str([row.model_dump() for row in (await keeper.rows()).values()])
    for hook in keeper.placed:
        assert (hook.authorization or "").removeprefix("Bearer ") not in stored


async def test_keeping_again_makes_nothing_and_asks_little(keeper: Keeper) -> None:
    await keeper.keep()
    before = {hook.id for hook in keeper.placed}
    keeper.product.procore.calls.clear()
    kept = await keeper.keep()
    assert (kept.made, kept.removed) == (0, 0)
    assert not [call for calls in keeper.product.procore.calls.values() for call in calls if "webhooks" in call]
    assert {hook.id for hook in keeper.placed} == before


async def test_the_calls_are_on_the_companys_account(keeper: Keeper) -> None:
    async with keeper.product.session() as session:
        before = (await allowance(session)).used
    keeper.product.procore.calls.clear()
    await keeper.keep()
    made = sum(sum(calls.values()) for calls in keeper.product.procore.calls.values())
    async with keeper.product.session() as session:
        assert (await allowance(session)).used - before == made


@pytest.mark.parametrize(
    "fault",
    [
        {"effect": "drop_after", "method": "POST", "path": "/hooks$"},
        {"effect": "drop_after", "method": "POST", "path": "/triggers$", "after": 1},
        {"effect": "after_status", "status": 500, "method": "POST", "path": "/hooks$"},
        {"effect": "truncate", "method": "POST", "path": "/hooks$"},
        {"effect": "html", "method": "POST", "path": "/hooks$"},
        {"effect": "drop_before", "method": "POST", "path": "/hooks$"},
        {"effect": "status", "status": 429, "method": "GET", "path": "/hooks$"},
        {"effect": "drop_before", "method": "GET", "path": "/resources$"},
    ],
    ids=["answer lost", "trigger's answer lost", "500 after", "cut", "HTML", "never arrived", "429", "no resources"],
)
async def test_a_lost_or_broken_answer_leaves_one_hook_after_the_retry(keeper: Keeper, fault: dict[str, Any]) -> None:
    await keeper.fault(**fault, count=1)
    with pytest.raises(ApplicationError) as failed:
        await keeper.keep()
    assert not failed.value.non_retryable
    await keeper.keep()
    await keeper.agree()


async def test_two_attempts_at_once_end_in_one_hook_a_project(keeper: Keeper) -> None:
    await asyncio.gather(keeper.keep(), keeper.keep(), return_exceptions=True)
    keeper.clock.advance(timedelta(days=1))
    await keeper.keep()
    await keeper.agree()


async def test_leftovers_of_our_namespace_are_removed_and_others_hooks_are_not_touched(keeper: Keeper) -> None:
    board = keeper.product.procore.events
    project = next(iter(keeper.product.procore.records.projects))
    namespace = f"inbuild-sync-{keeper.product.company_id.hex[-12:]}"
    ours = PlacedHook(board.new_id(), "v4.0", namespace, "http://127.0.0.1:9/old", "x", 4907, project, 1)
    theirs = PlacedHook(board.new_id(), "v4.0", "another-app", "http://127.0.0.1:9/theirs", "x", 4907, project, 1)
    board.add(ours)
    board.add(theirs)
    await keeper.keep()
    assert ours not in keeper.placed
    assert theirs in keeper.placed
    board.remove(theirs)
    await keeper.agree()


async def test_a_new_project_gets_its_hook_and_a_hidden_one_loses_it(keeper: Keeper) -> None:
    await keeper.keep()
    records = keeper.product.procore.records
    first = next(iter(records.projects.values()))
    first["permitted"] = False
    await keeper.read_projects()
    kept = await keeper.keep()
    assert kept.removed == 1
    assert str(first["id"]) not in await keeper.rows()
    first["permitted"] = True
    await keeper.read_projects()
    assert (await keeper.keep()).made == 1
    # The hook that nobody could remove while the project was hidden went as a leftover.
    await keeper.agree()


async def test_a_hook_that_procore_switched_off_or_lost_is_made_anew(keeper: Keeper) -> None:
    await keeper.keep()
    off, lost, *_ = keeper.placed
    off.status = "disabled"
    keeper.product.procore.events.remove(lost)
    keeper.clock.advance(timedelta(days=1))
    assert (await keeper.keep()).made == 2
    await keeper.agree()
    assert {hook.status for hook in keeper.placed} == {"active"}


async def test_notices_that_procore_gave_up_on_are_shown_with_the_hook(keeper: Keeper) -> None:
    await keeper.keep()
    product = keeper.product
    product.procore.switches.webhook_drop_rate = 1.0
    requisition = next(iter(product.procore.records.requisitions.values()))
    actor = Actor(next(iter(product.procore.records.users.values())))
    product.procore.book.change(requisition, {"status": "approved"}, actor, force=True)
    keeper.clock.advance(timedelta(days=1))
    kept = await keeper.keep()
    assert kept.in_trouble == 1
    told = {project: hook.trouble for project, hook in (await keeper.rows()).items()}
    assert "Procore gave up on 1 notices" in (told.pop(str(requisition.project_id)) or "")
    assert set(told.values()) == {None}


async def test_without_the_permission_the_project_says_so_and_the_others_go_on(keeper: Keeper) -> None:
    project = next(iter(keeper.product.procore.records.projects))
    await keeper.fault(effect="status", status=403, path=f"/projects/{project}/webhooks", body={"errors": "No access"})
    kept = await keeper.keep()
    assert (kept.made, kept.in_trouble) == (PROJECTS - 1, 1)
    refused = (await keeper.rows())[str(project)]
    assert refused.state is HookState.REFUSED
    assert (
        refused.trouble == "Procore allows no webhook in this project (No access); inBuild looks by the clock instead."
    )
    await keeper.forget_faults()
    keeper.clock.advance(timedelta(days=1))
    await keeper.keep()
    await keeper.agree()


async def test_an_account_that_offers_no_such_resource_gets_no_hook(
    keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simulators.procore.webhooks_v2.PROJECT_RESOURCES", ("RFIs", "Documents"))
    assert (await keeper.keep()).in_trouble == PROJECTS
    assert keeper.placed == []
    assert {hook.state for hook in (await keeper.rows()).values()} == {HookState.REFUSED}


@pytest.mark.parametrize("name", ["Requisitions", "Subcontractor Invoices"])
async def test_the_other_names_of_the_resource_are_taken_too(
    keeper: Keeper, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr("simulators.procore.webhooks_v2.PROJECT_RESOURCES", ("RFIs", name))
    monkeypatch.setattr("simulators.procore.webhooks.PROJECT_RESOURCES", ("RFIs", name))
    await keeper.keep()
    assert Counter(row.resource_name for row in (await keeper.rows()).values()) == {name: PROJECTS}


async def test_an_uninstalled_app_ends_the_run_without_a_retry(keeper: Keeper) -> None:
    next(iter(keeper.product.procore.records.companies.values()))["app_installed"] = False
    kept = await keeper.keep()
    assert (kept.made, kept.left_over) == (0, PROJECTS)


async def test_a_small_allowance_is_spread_over_hours(keeper: Keeper) -> None:
    async with keeper.product.session() as session:
        used = (await allowance(session)).used
        await note_calls(session, 30 - used, 60)
    # The looks have had their half of the hour.
    assert (await keeper.keep()).left_over == PROJECTS
    assert not keeper.placed
    keeper.clock.advance(timedelta(hours=1))
    kept = await keeper.keep()
    assert 0 < kept.made < PROJECTS and kept.left_over == PROJECTS - kept.made
    for _ in range(PROJECTS):
        keeper.clock.advance(timedelta(hours=1))
        await keeper.keep()
    await keeper.agree()


async def test_hooks_stay_while_anything_is_connected(keeper: Keeper) -> None:
    await keeper.keep()
    assert (await keeper.remove()).removed == 0
    await keeper.agree()


async def test_removing_goes_on_after_procore_was_down(keeper: Keeper) -> None:
    await keeper.keep()
    await keeper.disconnected()
    await keeper.fault(effect="status", status=503, method="DELETE", path="/hooks/", after=1, count=1)
    with pytest.raises(ApplicationError):
        await keeper.remove()
    assert len(await keeper.rows()) == PROJECTS - 1
    assert (await keeper.remove()).removed == PROJECTS - 1
    assert (keeper.placed, await keeper.rows()) == ([], {})
    assert (await keeper.remove()).removed == 0


async def test_a_hook_whose_making_was_not_heard_of_is_removed_as_well(keeper: Keeper) -> None:
    await keeper.fault(effect="drop_after", method="POST", path="/hooks$", count=1)
    with pytest.raises(ApplicationError):
        await keeper.keep()
    assert len(keeper.placed) == 1
    await keeper.disconnected()
    await keeper.remove()
    assert (keeper.placed, await keeper.rows()) == ([], {})


async def test_where_we_may_not_go_any_more_hooks_are_forgotten(keeper: Keeper) -> None:
    await keeper.keep()
    await keeper.disconnected()
    next(iter(keeper.product.procore.records.companies.values()))["app_installed"] = False
    await keeper.remove()
    assert await keeper.rows() == {}

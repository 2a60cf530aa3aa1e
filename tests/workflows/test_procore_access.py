"""Procore's own authorisation, lost and given back: named for what it is, never taken for deleted data."""

from collections.abc import Callable
from uuid import UUID

import pytest
from sqlmodel import select
from temporalio.api.sdk.v1 import WorkflowMetadata
from temporalio.client import Client

from accounting.blockers import BlockerReason
from accounting.procore_access import PROJECT_GONE, ProcoreAccess, company_access, company_sentence
from contracts.names import mirroring_workflow_id
from models.events import timeline
from models.mappings import connection_settings
from models.mirroring import mirroring_row
from models.procore_access import AccessView, procore_access
from models.tables import ProcoreProject
from tests.product import Product, eventually
from tests.reachable_product import (
    approve,
    blockers,
    mirrored,
    posted,
    reachable_product,
    small_world,
    under_review,
)

HIDDEN = {BlockerReason.PROJECT_NOT_VISIBLE}


async def access(product: Product) -> AccessView:
    async with product.session() as session:
        return await procore_access(session)


async def has_access(product: Product, state: ProcoreAccess) -> None:
    async def so() -> bool:
        return (await access(product)).state is state

    await eventually(so)


async def details(product: Product) -> str:
    """What the company's workflow says of itself in the Web UI."""
    handle = product.temporal.get_workflow_handle(mirroring_workflow_id(product.company_id))
    described: WorkflowMetadata = await handle.query("__temporal_workflow_metadata", result_type=WorkflowMetadata)
    return described.current_details


async def reads_projects_again(product: Product) -> None:
    """As an hour later: the list of projects is due, and every project is."""
    async with product.session() as session:
        (await mirroring_row(session)).projects_read_at = None
    await product.sync_now()


async def project(product: Product, project_id: int) -> ProcoreProject:
    async with product.session() as session:
        found = await session.exec(select(ProcoreProject).where(ProcoreProject.project_id == str(project_id)))
        row: ProcoreProject = found.one()
    return row


async def nothing_withdrawn(product: Product) -> None:
    assert not [row.source_id for row in (await product.invoices()).values() if row.approval_withdrawn]


def lose_installation(product: Product) -> Callable[[], None]:
    company = next(iter(product.procore.records.companies.values()))
    company["app_installed"] = False
    return lambda: company.update(app_installed=True)


def lose_installation_by_401(product: Product) -> Callable[[], None]:
    product.procore.switches.not_connected_status = 401
    return lose_installation(product)


def lose_permission(product: Product) -> Callable[[], None]:
    account = product.procore.records.service_account
    company_id = str(next(iter(product.procore.records.companies)))
    account["companies"] = {company_id: {"permissions": {"commitments": "None"}}}
    return lambda: account.update(companies={})


def lose_every_project(product: Product) -> Callable[[], None]:
    projects = product.procore.records.projects.values()
    for one in projects:
        one["permitted"] = False

    def give_back() -> None:
        for one in projects:
            one["permitted"] = True

    return give_back


def lose_our_secret(product: Product) -> Callable[[], None]:
    callbacks = ["http://127.0.0.1:1/sign-in/callback"]
    product.procore.register_client("procore-client", "changed", callbacks)
    for grant in product.procore.oauth.store.grants:
        grant.revoked = True
    return lambda: product.procore.register_client("procore-client", "procore-secret", callbacks)


LOSSES: dict[str, tuple[Callable[[Product], Callable[[], None]], ProcoreAccess]] = {
    "app uninstalled": (lose_installation, ProcoreAccess.APP_NOT_INSTALLED),
    "app uninstalled, told with 401": (lose_installation_by_401, ProcoreAccess.APP_NOT_INSTALLED),
    "permission withdrawn": (lose_permission, ProcoreAccess.PERMISSION_MISSING),
    "no project permitted": (lose_every_project, ProcoreAccess.PERMISSION_MISSING),
    "our secret refused": (lose_our_secret, ProcoreAccess.CLIENT_REFUSED),
}


@pytest.mark.parametrize("name", LOSSES)
async def test_lost_access_is_named_holds_what_waits_and_heals_by_itself(
    name: str, database_url: str, temporal_client: Client, task_queue: str
) -> None:
    lose, state = LOSSES[name]
    world = small_world(waiting=2)
    async with reachable_product(
        world, database_url, temporal_client, task_queue, look_interval_seconds=3600, procore_webhooks=False
    ) as product:
        await mirrored(product, world)
        assert (await access(product)).state is ProcoreAccess.OK
        give_back = lose(product)
        await reads_projects_again(product)
        await has_access(product, state)

        async def told() -> bool:
            return company_sentence(state) in await details(product)

        await eventually(told)
        coming = under_review(product)
        for requisition in coming:
            approve(product, requisition)
        await product.sync_now()
        await nothing_withdrawn(product)

        give_back()
        await product.sync_now()
        await has_access(product, ProcoreAccess.OK)
        await product.sync_now()
        await posted(product, coming)
        await nothing_withdrawn(product)
        assert "open to inBuild" in await details(product)
        async with product.session() as session:
            kinds = [event.kind for event in await timeline(session, "procore", product.company_id)]
        assert kinds == [f"procore_access_{state}", "procore_access_ok"]


@pytest.mark.parametrize(
    "name", ["app uninstalled", "no project permitted", "permission withdrawn", "our secret refused"]
)
async def test_an_invoice_about_to_be_posted_waits_with_the_reason_and_goes_on(
    name: str, database_url: str, temporal_client: Client, task_queue: str
) -> None:
    lose, _ = LOSSES[name]
    world = small_world(waiting=1)
    async with reachable_product(
        world, database_url, temporal_client, task_queue, look_interval_seconds=3600, procore_webhooks=False
    ) as product:
        connection = await mirrored(product, world)
        await paused(product, connection.id, True)
        (requisition,) = under_review(product)
        approve(product, requisition)
        await product.sync_now()

        async def imported() -> bool:
            return str(requisition.id) in await product.invoices()

        await eventually(imported)
        give_back = lose(product)
        await paused(product, connection.id, False)
        await product.wake("posting goes on")

        async def held() -> bool:
            reasons = (await blockers(product)).get(str(requisition.id), [])
            return {one.reason for one in reasons} == HIDDEN

        await eventually(held)
        await nothing_withdrawn(product)
        give_back()
        await reads_projects_again(product)
        await posted(product, [requisition])
        assert not await blockers(product)


async def test_one_project_that_vanishes_is_that_projects_trouble(
    database_url: str, temporal_client: Client, task_queue: str
) -> None:
    world = small_world(waiting=1)
    async with reachable_product(
        world, database_url, temporal_client, task_queue, look_interval_seconds=3600, procore_webhooks=False
    ) as product:
        await mirrored(product, world)
        (requisition,) = under_review(product)
        wire = product.procore.records.projects[requisition.project_id]
        wire["permitted"] = False
        await product.sync_now()

        async def refused() -> bool:
            return "permitted projects" in ((await project(product, wire["id"])).trouble or "")

        await eventually(refused)
        await reads_projects_again(product)

        async def hidden() -> bool:
            row = await project(product, wire["id"])
            return not row.is_visible and row.trouble == PROJECT_GONE

        await eventually(hidden)
        approve(product, requisition)
        await product.sync_now()
        assert (await access(product)).state is ProcoreAccess.OK
        await nothing_withdrawn(product)

        wire["permitted"] = True
        await reads_projects_again(product)
        await posted(product, [requisition])
        row = await project(product, wire["id"])
        assert row.is_visible and row.trouble is None
        await nothing_withdrawn(product)


async def test_a_deleted_project_says_so_and_stops_nobody(
    database_url: str, temporal_client: Client, task_queue: str
) -> None:
    world = small_world(waiting=2)
    async with reachable_product(
        world, database_url, temporal_client, task_queue, look_interval_seconds=3600, procore_webhooks=False
    ) as product:
        await mirrored(product, world)
        records = product.procore.records
        other = next(one for one in records.projects.values() if one["id"] != under_review(product)[0].project_id)
        records.projects_by_company[other["company_id"]].remove(other)
        del records.projects[other["id"]]
        await reads_projects_again(product)

        async def gone() -> bool:
            return (await project(product, other["id"])).trouble == PROJECT_GONE

        await eventually(gone)
        coming = [one for one in under_review(product) if one.project_id != other["id"]]
        for requisition in coming:
            approve(product, requisition)
        await product.sync_now()
        await posted(product, coming, 30)
        await nothing_withdrawn(product)


async def paused(product: Product, connection_id: UUID, on: bool) -> None:
    async with product.session() as session:
        settings = await connection_settings(session, connection_id)
        settings.posting_paused = on
        session.add(settings)


def test_what_the_projects_tell_about_the_company() -> None:
    told: dict[tuple[int, int, int], ProcoreAccess] = {
        (0, 0, 0): ProcoreAccess.OK,
        (0, 0, 3): ProcoreAccess.PERMISSION_MISSING,
        (4, 0, 0): ProcoreAccess.OK,
        (4, 3, 2): ProcoreAccess.OK,
        (4, 4, 0): ProcoreAccess.PERMISSION_MISSING,
        (1, 1, 0): ProcoreAccess.PERMISSION_MISSING,
    }
    assert {counts: company_access(*counts) for counts in told} == told

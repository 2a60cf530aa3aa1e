"""Data mapping: search, filter, paging, and a bulk save that saves all or nothing and lets what waited go on."""

from uuid import UUID, uuid4

import httpx
import pytest_asyncio

from accounting.blockers import BlockerReason, Hold
from models.database import Actor
from models.mappings import live_mappings
from models.projects import SeenProject, store_projects
from models.reference_lists import ListEntry, store_list
from models.tables import ActorKind, MappingKind
from tests.api.conftest import Office
from tests.api.seeding import EXPENSE, add_connection, add_invoice, add_projects
from tests.companies import add_company

VENDORS = (
    ListEntry("Vendor", "v1", "Ernie Electrical LLC", "Ernie Electrical LLC", True),
    ListEntry("Vendor", "v2", "Twin Pines", "Twin Pines", True),
    ListEntry("Vendor", "v3", "twin pines", "twin  pines", True),
    ListEntry("Vendor", "v4", "Closed Shop", "Closed Shop", False),
)
CUSTOMERS = (ListEntry("Customer", "c1", "Tower", "Harbor Point LLC:Tower", True),)


@pytest_asyncio.fixture
async def connection_id(office: Office) -> UUID:
    async with office.database.company(office.company_id, office.actor) as session:
        connection_id = await add_connection(session, office.admin_id)
        await store_list(session, connection_id, "Vendor", VENDORS, session.now)
        await store_list(session, connection_id, "Customer", CUSTOMERS, session.now)
        await add_projects(session)
        hold = Hold(BlockerReason.VENDOR_UNMAPPED, "Ernie's Electrical", "8881")
        await add_invoice(session, "INV-1", connection_id=connection_id, source_id="1", holds=(hold,))
        await add_invoice(session, "INV-2", connection_id=connection_id, source_id="2", holds=(hold,))
        return connection_id


def page(connection_id: UUID) -> str:
    return f"/settings/accounting-integrations/{connection_id}/mapping"


def row(procore_id: str, target: str, *, was: str = "", version: int = 0) -> dict[str, str]:
    return {
        f"name.{procore_id}": "Ernie's Electrical",
        f"version.{procore_id}": str(version),
        f"was.{procore_id}": was,
        f"target.{procore_id}": target,
    }


async def stored(office: Office, connection_id: UUID, kind: MappingKind, procore_id: str) -> str | None:
    async with office.database.company(office.company_id, office.actor) as session:
        found = await live_mappings(session, connection_id, kinds=[kind], procore_ids=[procore_id])
    return found[0].target_id if found else None


async def save(office: Office, connection_id: UUID, *rows: dict[str, str], kind: str = "vendor") -> httpx.Response:
    form = {"kind": kind}
    for one in rows:
        form |= one
    return await office.admin.post(page(connection_id), data=form)


async def test_the_page_says_what_is_not_mapped_and_what_waits(office: Office, connection_id: UUID) -> None:
    html = (await office.admin.get(page(connection_id))).text
    assert "Ernie&#39;s Electrical" in html and "Not mapped (1)" in html
    assert '<td data-label="Waiting" class="num">2</td>' in html


async def test_a_saved_mapping_is_kept_and_frees_what_waited(office: Office, connection_id: UUID) -> None:
    answer = await save(office, connection_id, row("8881", "ernie electrical llc"))
    assert answer.status_code == 303, answer.text
    assert await stored(office, connection_id, MappingKind.VENDOR, "8881") == "v1"
    listed = (await office.admin.get("/api/v1/invoices")).json()["invoices"]
    assert {one["badge"] for one in listed} == {"Waiting"}
    html = (await office.admin.get(f"{page(connection_id)}?show=mapped")).text
    assert 'value="Ernie Electrical LLC"' in html and "By a person" in html


async def test_a_mapping_is_changed_and_ended_with_its_history_kept(office: Office, connection_id: UUID) -> None:
    await save(office, connection_id, row("9001", "Harbor Point LLC:Tower"), kind="project")
    assert await stored(office, connection_id, MappingKind.PROJECT, "9001") == "c1"
    ended = row("9001", "", was="Harbor Point LLC:Tower", version=1)
    assert (await save(office, connection_id, ended, kind="project")).status_code == 303
    assert await stored(office, connection_id, MappingKind.PROJECT, "9001") is None
    again = await save(office, connection_id, row("9001", "Harbor Point LLC:Tower"), kind="project")
    assert again.status_code == 303
    assert await stored(office, connection_id, MappingKind.PROJECT, "9001") == "c1"


async def test_a_wrong_name_saves_nothing_of_the_page(office: Office, connection_id: UUID) -> None:
    answer = await save(office, connection_id, row("8881", "Ernie Electrical LLC"), row("8882", "Nobody Inc."))
    assert answer.status_code == 422
    assert "Nothing was saved: one row needs another look." in answer.text
    assert await stored(office, connection_id, MappingKind.VENDOR, "8881") is None


async def test_a_wrong_row_says_what_is_wrong_and_keeps_what_was_typed(office: Office, connection_id: UUID) -> None:
    answer = await save(office, connection_id, row("8881", "Nobody Inc."))
    assert "QuickBooks has no active vendor called “Nobody Inc.”." in answer.text
    assert 'value="Nobody Inc."' in answer.text
    assert "no active vendor called" in (await save(office, connection_id, row("8881", "Closed Shop"))).text
    assert (
        "QuickBooks has 2 active vendors called" in (await save(office, connection_id, row("8881", "Twin Pines"))).text
    )


async def test_a_cost_code_is_not_mapped_to_an_account_that_no_cost_goes_to(
    office: Office, connection_id: UUID
) -> None:
    answer = await save(office, connection_id, row("2158", "Checking"), kind="cost_code")
    assert answer.status_code == 422 and "is a bank or card account" in answer.text
    assert (await save(office, connection_id, row("2158", "Job Costs:Subcontractors"), kind="cost_code")).is_redirect


async def test_an_older_form_overwrites_nothing(office: Office, connection_id: UUID) -> None:
    await save(office, connection_id, row("8881", "Ernie Electrical LLC"))
    late = await save(office, connection_id, row("8881", "", was="Something else", version=0))
    # Told who did what: Ada, and what it points to now.
    said = "Ada Hartwell has changed this to “Ernie Electrical LLC” meanwhile."
    assert late.status_code == 422 and said in late.text
    assert await stored(office, connection_id, MappingKind.VENDOR, "8881") == "v1"
    await save(office, connection_id, row("8881", "", was="Ernie Electrical LLC", version=1))
    late = await save(office, connection_id, row("8881", "Closed Shop", was="Ernie Electrical LLC", version=1))
    assert late.status_code == 422 and "Ada Hartwell has removed this mapping meanwhile." in late.text


async def test_the_same_form_sent_twice_does_nothing_twice(office: Office, connection_id: UUID) -> None:
    form = row("8881", "Ernie Electrical LLC")
    await save(office, connection_id, form)
    again = await save(office, connection_id, form)
    # The second one is told that the row is no longer what it saw; the mapping stays at its first version.
    assert again.status_code == 422
    html = (await office.admin.get(page(connection_id))).text
    assert 'name="version.8881" value="1"' in html


async def test_search_looks_into_both_sides(office: Office, connection_id: UUID) -> None:
    await save(office, connection_id, row("9001", "Harbor Point LLC:Tower"), kind="project")
    for search, found in (("harbor point llc", True), ("harbor point tower", True), ("100%", False)):
        html = (await office.admin.get(page(connection_id), params={"kind": "project", "search": search})).text
        assert ('name="target.9001"' in html) is found, search


async def test_the_list_to_choose_from_follows_what_is_typed(office: Office, connection_id: UUID) -> None:
    params = {"kind": "vendor", "row": "8881", "target.8881": "ernie"}
    options = (await office.admin.get(f"{page(connection_id)}/targets", params=params)).text
    assert "Ernie Electrical LLC" in options and "Twin" not in options and "Closed Shop" not in options


async def test_a_page_holds_25_names(office: Office, connection_id: UUID) -> None:
    async with office.database.company(office.company_id, office.actor) as session:
        await store_projects(
            session, [SeenProject(str(9100 + n), f"Project {n:02}", "America/New_York", True) for n in range(40)]
        )
    first = (await office.admin.get(f"{page(connection_id)}?kind=project")).text
    second = (await office.admin.get(f"{page(connection_id)}?kind=project&page=2")).text
    assert first.count('name="target.') == 25 and "Page 1 of 2" in first
    assert second.count('name="target.') == 15


async def test_unknown_and_foreign_connections_are_the_same_404(office: Office, connection_id: UUID) -> None:
    other = await add_company(office.database, "Cascade")
    async with office.database.company(other, Actor(ActorKind.COMMAND, "test")) as session:
        foreign = await add_connection(session, office.admin_id, realm_id="9130350000000002")
    told = set()
    for one in (uuid4(), foreign):
        root = f"/settings/accounting-integrations/{one}"
        answers = [await office.admin.get(root + path) for path in ("", "/mapping", "/projects", "/mapping/targets")]
        answers.append(await office.admin.post(page(one), data={"kind": "vendor", **row("8881", "Twin Pines")}))
        answers.append(await office.admin.post(root, data={}))
        assert [answer.status_code for answer in answers] == [404] * 6
        told |= {
            answer.text.replace(answer.request.url.path, "") for answer in answers if answer.request.method == "GET"
        }
    assert len(told) == 1


async def test_a_mapped_cost_code_is_what_the_bill_posts_to(office: Office, connection_id: UUID) -> None:
    await save(office, connection_id, row("2158", "Job Costs:Subcontractors"), kind="cost_code")
    assert await stored(office, connection_id, MappingKind.COST_CODE, "2158") == EXPENSE

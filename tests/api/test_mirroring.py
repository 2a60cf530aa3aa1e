"""The toggle: a plan first, on by its hash, off by a word, and a version for every change."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio
from sqlmodel import select
from temporalio.client import Client

from contracts.names import mirroring_workflow_id
from models.gaps import resume_mirroring, suspend_mirroring
from models.projects import SeenProject, store_projects, visible_projects
from models.requisitions import SeenRequisition, fingerprint, store_requisitions
from models.tables import (
    Mirroring,
    MirroringInterval,
    MirroringPlan,
    PlanState,
    QuickBooksKind,
    RequisitionVerdict,
)
from tests.api.conftest import Office, SignIn, code_of
from tests.api.seeding import PROJECT, add_connection, add_invoice, add_projects, make_plan_ready
from tests.api.world import MARISOL, TOM

HASH = "a" * 64


@pytest_asyncio.fixture
async def connected(office: Office) -> Office:
    async with office.database.company(office.company_id, office.actor) as session:
        await add_connection(session, office.admin_id)
        await add_projects(session)
    return office


async def plan(office: Office, plan_hash: str = HASH) -> str:
    """A plan that the worker has made."""
    asked = await office.admin.post("/api/v1/mirroring/plans", json={"start_date": "2026-06-01"})
    assert asked.status_code == 202, asked.text
    async with office.database.company(office.company_id, office.actor) as session:
        await make_plan_ready(session, UUID(asked.json()["plan_id"]), plan_hash)
    return str(asked.json()["plan_id"])


async def turn_on(office: Office, plan_id: str, plan_hash: str = HASH) -> Any:
    return await office.admin.put("/api/v1/mirroring", json={"on": True, "plan_id": plan_id, "plan_hash": plan_hash})


async def test_a_plan_is_asked_for_and_the_company_woken(connected: Office, temporal_client: Client) -> None:
    asked = await connected.admin.post("/api/v1/mirroring/plans", json={"start_date": "2026-06-01"})
    shown = (await connected.admin.get(f"/api/v1/mirroring/plans/{asked.json()['plan_id']}")).json()
    assert (shown["state"], shown["hash"], shown["sentence"]) == ("requested", None, None)
    history = await temporal_client.get_workflow_handle(mirroring_workflow_id(connected.company_id)).fetch_history()
    assert "a plan was asked for" in str(history.to_json_dict()) or history.events


async def test_a_ready_plan_says_the_sentence_of_the_start_dialog(connected: Office) -> None:
    shown = (await connected.admin.get(f"/api/v1/mirroring/plans/{await plan(connected)}")).json()
    assert shown["sentence"] == (
        "Bring in invoices first approved on or after June 1, 2026. 38 would post ($412,906.11), 3 need you. "
        "Earlier ones stay out."
    )
    assert [entry["verdict"] for entry in shown["entries"]] == ["create", "ask", "link", "skip"]
    assert shown["create_sum"] == "412906.11"


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago"])
async def test_a_start_date_in_the_future_is_refused_by_the_companys_own_calendar(connected: Office, zone: str) -> None:
    """Whatever the hour, it is another day in one of the two than by UTC."""
    async with connected.database.company(connected.company_id, connected.actor) as session:
        await store_projects(session, [SeenProject(one, one, zone, is_active=True) for one in (PROJECT, "9002")])
    today = connected.services.clock.now().astimezone(ZoneInfo(zone)).date()
    wanted = {"start_date": (today + timedelta(days=1)).isoformat()}
    answer = await connected.admin.post("/api/v1/mirroring/plans", json=wanted)
    assert (answer.status_code, code_of(answer)) == (422, "start_date_in_future")
    answer = await connected.admin.post("/api/v1/mirroring/plans", json={"start_date": today.isoformat()})
    assert answer.status_code == 202


async def test_a_start_date_beyond_the_copy_of_a_company_file_is_refused(office: Office) -> None:
    async with office.database.company(office.company_id, office.actor) as session:
        await add_connection(session, office.admin_id, kind=QuickBooksKind.DESKTOP)
    earliest = (office.services.clock.now() - timedelta(days=730 - 45)).date()

    async def asked(start: date) -> Any:
        return await office.admin.post("/api/v1/mirroring/plans", json={"start_date": start.isoformat()})

    refused = await asked(earliest - timedelta(days=1))
    assert (refused.status_code, code_of(refused)) == (422, "start_date_beyond_copy")
    assert (
        f"Choose {earliest:%B} {earliest.day}, {earliest.year} or a later date." in refused.json()["error"]["message"]
    )
    assert (await asked(earliest)).status_code == 202


@pytest.mark.parametrize("body", [{"start_date": "June"}, {"start_date": 20260601.5}, {}, {"start_date": None}])
async def test_a_start_date_of_the_wrong_type_is_refused(connected: Office, body: dict[str, Any]) -> None:
    answer = await connected.admin.post("/api/v1/mirroring/plans", json=body)
    assert (answer.status_code, code_of(answer)) == (422, "invalid_input")


async def test_without_a_connection_there_is_no_plan(office: Office) -> None:
    answer = await office.admin.post("/api/v1/mirroring/plans", json={"start_date": "2026-06-01"})
    assert (answer.status_code, code_of(answer)) == (409, "nothing_connected")


async def test_turning_on_and_off_writes_intervals_and_versions(connected: Office, temporal_client: Client) -> None:
    plan_id = await plan(connected)
    answer = await turn_on(connected, plan_id)
    assert (answer.status_code, answer.json()) == (200, {"on": True, "version": 1})
    view = (await connected.admin.get("/api/v1/mirroring")).json()
    assert (view["on"], view["start_date"], view["version"]) == (True, "2026-06-01", 1)
    assert (await connected.admin.put("/api/v1/mirroring", json={"on": False})).json() == {"on": False, "version": 2}
    async with connected.database.company(connected.company_id, connected.actor) as session:
        toggle = (await session.exec(select(Mirroring))).one()
        interval = (await session.exec(select(MirroringInterval))).one()
        accepted = (await session.exec(select(MirroringPlan))).one()
    assert (toggle.is_on, toggle.version, toggle.plan_imported) == (False, 2, False)
    assert (str(interval.plan_id), interval.version, interval.off_at) == (plan_id, 1, connected.services.clock.now())
    assert accepted.state is PlanState.ACCEPTED
    history = await temporal_client.get_workflow_handle(mirroring_workflow_id(connected.company_id)).fetch_history()
    signals = [
        event.workflow_execution_signaled_event_attributes.signal_name
        for event in history.events
        if event.HasField("workflow_execution_signaled_event_attributes")
    ]
    assert signals.count("toggle") == 2


async def test_turned_off_while_nothing_is_connected_it_stays_off(connected: Office) -> None:
    await turn_on(connected, await plan(connected))
    async with connected.database.company(connected.company_id, connected.actor) as session:
        assert await suspend_mirroring(session)
    for _ in range(2):
        off = await connected.admin.put("/api/v1/mirroring", json={"on": False})
        assert off.json() == {"on": False, "version": 3}
    async with connected.database.company(connected.company_id, connected.actor) as session:
        assert await resume_mirroring(session, connected.admin_id) is None
        toggle = (await session.exec(select(Mirroring))).one()
    assert (toggle.is_on, toggle.version, toggle.changed_by) == (False, 3, connected.admin_id)


async def test_an_outdated_hash_turns_nothing_on(connected: Office) -> None:
    plan_id = await plan(connected)
    answer = await turn_on(connected, plan_id, "b" * 64)
    assert (answer.status_code, code_of(answer)) == (409, "plan_outdated")
    assert (await connected.admin.get("/api/v1/mirroring")).json()["on"] is False


async def test_a_plan_replaced_by_a_newer_one_is_outdated(connected: Office) -> None:
    old = await plan(connected)
    await plan(connected)
    answer = await turn_on(connected, old)
    assert (answer.status_code, code_of(answer)) == (409, "plan_outdated")


async def test_a_plan_that_is_not_made_yet_cannot_be_accepted(connected: Office) -> None:
    asked = await connected.admin.post("/api/v1/mirroring/plans", json={"start_date": "2026-06-01"})
    answer = await turn_on(connected, asked.json()["plan_id"])
    assert (answer.status_code, code_of(answer)) == (409, "plan_not_ready")


async def test_an_unknown_plan_is_refused(connected: Office) -> None:
    assert (await connected.admin.get(f"/api/v1/mirroring/plans/{uuid4()}")).status_code == 404
    answer = await turn_on(connected, str(uuid4()))
    assert (answer.status_code, code_of(answer)) == (409, "plan_outdated")


async def test_turning_on_needs_a_plan(connected: Office) -> None:
    answer = await connected.admin.put("/api/v1/mirroring", json={"on": True})
    assert (answer.status_code, code_of(answer)) == (422, "plan_needed")


async def test_doing_it_twice_does_it_once(connected: Office) -> None:
    plan_id = await plan(connected)
    await turn_on(connected, plan_id)
    assert (await turn_on(connected, plan_id)).json() == {"on": True, "version": 1}
    await connected.admin.put("/api/v1/mirroring", json={"on": False})
    assert (await connected.admin.put("/api/v1/mirroring", json={"on": False})).json()["version"] == 2


async def test_another_start_date_needs_turning_off_first(connected: Office) -> None:
    await turn_on(connected, await plan(connected))
    answer = await turn_on(connected, await plan(connected))
    assert (answer.status_code, code_of(answer)) == (409, "already_on")


async def test_the_off_dialog_counts_what_still_goes(connected: Office) -> None:
    async with connected.database.company(connected.company_id, connected.actor) as session:
        for number in ("1", "2"):
            await add_invoice(session, f"INV-{number}", connection_id=None, source_id=number)
    view = (await connected.admin.get("/api/v1/mirroring")).json()
    assert view["off_sentence"] == (
        "No new invoices will be imported. 2 already imported ($30,600.00) will still go to QuickBooks. "
        "To stop those too, use Pause posting."
    )
    assert (view["still_going_count"], view["still_going_total"]) == (2, "30600.00")


async def test_a_reader_sees_the_toggle_and_cannot_change_it(connected: Office, sign_in: SignIn) -> None:
    tom = await sign_in(TOM)
    assert (await tom.get("/api/v1/mirroring")).json()["available"] is True
    answer = await tom.put("/api/v1/mirroring", json={"on": False})
    assert (answer.status_code, code_of(answer)) == (403, "not_admin")
    page = (await tom.get("/settings/procore")).text
    assert "Only company admins can change this." in page
    assert 'role="switch"' in page and "disabled" in page


async def test_sync_now_makes_every_project_due(connected: Office) -> None:
    connected.now.advance(timedelta(hours=1))
    assert (await connected.admin.post("/api/v1/sync-now")).status_code == 202
    async with connected.database.company(connected.company_id, connected.actor) as session:
        due = {project.next_look_at for project in await visible_projects(session)}
    assert due == {connected.services.clock.now()}


async def test_sync_now_is_not_for_readers_nor_without_a_connection(office: Office, sign_in: SignIn) -> None:
    for user in (TOM, MARISOL):
        answer = await (await sign_in(user)).post("/api/v1/sync-now")
        assert (answer.status_code, code_of(answer)) == (403, "not_accountant")
    answer = await office.admin.post("/api/v1/sync-now")
    assert (answer.status_code, code_of(answer)) == (409, "nothing_connected")


async def test_what_was_left_out_is_listed_with_its_reason(connected: Office) -> None:
    def seen(requisition_id: str, verdict: RequisitionVerdict, reason: str | None) -> SeenRequisition:
        return SeenRequisition(
            requisition_id=requisition_id,
            project_id=PROJECT,
            commitment_id="701",
            vendor_id="8881",
            vendor_name="Ernie's Electrical",
            number=f"INV-{requisition_id}",
            normalised_number=f"inv{requisition_id}",
            status="approved",
            created_at=connected.services.clock.now(),
            updated_at=connected.services.clock.now(),
            raw="{}",
            raw_sha256=fingerprint("{}"),
            unreadable=None,
            is_approved=True,
            verdict=verdict,
            verdict_reason=reason,
        )

    rows = [
        seen("1", RequisitionVerdict.NOT_IMPORTED, "before_start"),
        seen("2", RequisitionVerdict.NOT_IMPORTED, "not_approved"),
        seen("3", RequisitionVerdict.IMPORTED, None),
        seen("4", RequisitionVerdict.NEEDS_PERSON, "approval_date_unknown"),
    ]
    async with connected.database.company(connected.company_id, connected.actor) as session:
        await store_requisitions(session, rows)
    listed = (await connected.admin.get("/api/v1/requisitions/not-imported")).json()
    assert listed["total"] == 2
    sentences = {row["requisition_id"]: row["sentence"] for row in listed["requisitions"]}
    assert sentences["1"] == "First approved before the start date."
    assert sentences["4"].startswith("Approval date unknown")
    assert listed["requisitions"][0]["project_name"] == "Harbor Point Tower"
    assert "First approved before the start date." in (await connected.admin.get("/settings/procore")).text


async def test_the_pages_walk_the_two_steps(connected: Office) -> None:
    page = connected.admin
    assert "Start date" in (await page.get("/settings/procore?dialog=start")).text
    future = (connected.services.clock.now() + timedelta(days=2)).date().isoformat()
    refused = await page.post("/settings/procore/plans", data={"start_date": future})
    assert refused.status_code == 422 and "lies in the future" in refused.text
    asked = await page.post("/settings/procore/plans", data={"start_date": "2026-06-01"})
    assert asked.status_code == 303
    plan_id = asked.headers["location"].split("plan=")[1]
    assert "Looking at every requisition" in (await page.get(asked.headers["location"])).text
    async with connected.database.company(connected.company_id, connected.actor) as session:
        await make_plan_ready(session, UUID(plan_id), HASH)
    assert "38 would post ($412,906.11), 3 need you." in (await page.get(asked.headers["location"])).text
    wrong = await page.post("/settings/procore/on", data={"plan_id": plan_id, "plan_hash": "b" * 64})
    assert wrong.status_code == 409 and "has changed since you saw it" in wrong.text
    on = await page.post("/settings/procore/on", data={"plan_id": plan_id, "plan_hash": HASH})
    assert on.status_code == 303
    assert 'aria-checked="true"' in (await page.get("/settings/procore")).text
    assert "No new invoices will be imported." in (await page.get("/settings/procore?dialog=off")).text
    assert (await page.post("/settings/procore/off")).status_code == 303
    assert 'aria-checked="false"' in (await page.get("/settings/procore")).text

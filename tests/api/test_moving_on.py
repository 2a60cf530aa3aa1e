"""What waits and where it goes: pause, other books, projects' books, and the list of a gap."""

import asyncio
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import httpx
import pytest
from sqlmodel import select

from accounting.blockers import BlockerReason, Hold
from accounting.connection_states import ConnectionState
from accounting.eligibility import NotImportedReason
from models.events import timeline
from models.mappings import connection_settings
from models.requisitions import SeenRequisition, fingerprint, store_requisitions
from models.tables import (
    AuditLog,
    InvoiceRow,
    MirroringGap,
    MirroringPlan,
    PlanState,
    QuickBooksKind,
    RequisitionVerdict,
)
from tests.api.conftest import Office, SignIn, code_of
from tests.api.seeding import PROJECT, add_connection, add_invoice, add_projects
from tests.api.world import TOM

NOBODYS = "5f0c1c52-6c1e-4f7e-9a55-0d6b3d1f2a11"

PAGE = "/settings/accounting-integrations"


async def connection(office: Office, **values: object) -> UUID:
    async with office.database.company(office.company_id, office.actor) as session:
        return await add_connection(session, office.admin_id, **values)  # type: ignore[arg-type]


async def invoice(office: Office, number: str, connection_id: UUID | None, **values: object) -> UUID:
    async with office.database.company(office.company_id, office.actor) as session:
        return await add_invoice(session, number, connection_id=connection_id, source_id=number, **values)  # type: ignore[arg-type]


async def stored(office: Office, invoice_id: UUID) -> InvoiceRow:
    async with office.database.company(office.company_id, office.actor) as session:
        found = await session.exec(select(InvoiceRow).where(InvoiceRow.id == invoice_id))
        return found.one()


async def test_pausing_shows_what_resuming_would_send(office: Office) -> None:
    connection_id = await connection(office)
    invoice_id = await invoice(office, "INV-1", connection_id)
    await invoice(office, "INV-2", connection_id, holds=(Hold(BlockerReason.VENDOR_UNMAPPED, "Ernie's", "8881"),))
    path = f"/api/v1/connections/{connection_id}/pause"
    answer = await office.admin.put(path, json={"on": True})
    assert answer.json() == {
        "on": True,
        "version": 1,
        "waiting_count": 1,
        "waiting_total": "15300.00",
        "sentence": "Posting is paused; imports go on. Resuming sends 1 ($15,300.00) to QuickBooks.",
    }
    assert (await office.admin.put(path, json={"on": True})).json()["version"] == 1
    shown = (await office.admin.get(f"/api/v1/invoices/{invoice_id}")).json()
    assert [one["reason"] for one in shown["reasons"]] == ["paused"]
    page = (await office.admin.get(PAGE)).text
    assert "Resume posting" in page and "Resuming sends 1 ($15,300.00)" in page
    assert (await office.admin.put(path, json={"on": False})).json()["on"] is False
    assert (await office.admin.get(f"/api/v1/invoices/{invoice_id}")).json()["reasons"] == []


@pytest.mark.parametrize(
    ("state", "reason", "words"),
    [
        (ConnectionState.EXPIRED, "connection_expired", "The connection to Hartwell Construction LLC has expired."),
        (ConnectionState.DISCONNECTED, "no_quickbooks", "No QuickBooks connected."),
    ],
)
async def test_every_page_names_what_an_invoice_waits_for(
    office: Office, state: ConnectionState, reason: str, words: str
) -> None:
    invoice_id = await invoice(office, "INV-1", await connection(office, state=state))
    shown = (await office.admin.get(f"/api/v1/invoices/{invoice_id}")).json()
    assert (shown["badge"], [one["reason"] for one in shown["reasons"]]) == ("Waiting", [reason])
    listed = (await office.admin.get("/api/v1/invoices")).json()["invoices"][0]
    assert listed["reason"].startswith(words)
    for path in ("/invoices", f"/invoices/{invoice_id}"):
        assert words in (await office.admin.get(path)).text


async def test_waiting_invoices_move_by_their_hash_all_or_none(office: Office) -> None:
    old = await connection(office, state=ConnectionState.DISCONNECTED, realm_id="1")
    new = await connection(office, realm_id="2")
    mine, waiting = await invoice(office, "MINE", new), await invoice(office, "INV-1", old)
    uploaded = await invoice(office, "INV-2", None, holds=(Hold(BlockerReason.NO_QUICKBOOKS),))
    path = f"/api/v1/connections/{new}/waiting-invoices"
    shown = (await office.admin.get(path)).json()
    assert (shown["count"], shown["total"]) == (2, "30600.00")
    stale = await office.admin.post(path, json={"hash": "0" * 64})
    assert (stale.status_code, code_of(stale)) == (409, "waiting_list_outdated")
    assert (await stored(office, waiting)).connection_id == old
    assert (await office.admin.post(path, json={"hash": shown["hash"]})).status_code == 200
    for one in (mine, waiting, uploaded):
        row = await stored(office, one)
        assert (row.connection_id, row.state) == (new, "imported")
    assert (await office.admin.get(path)).json()["count"] == 0
    told = (await office.admin.get(f"/api/v1/invoices/{waiting}")).json()["timeline"]
    assert told[-1]["kind"] == "moved_to_other_books"


async def test_nothing_moves_to_a_disconnected_company(office: Office) -> None:
    old = await connection(office, state=ConnectionState.DISCONNECTED)
    answer = await office.admin.get(f"/api/v1/connections/{old}/waiting-invoices")
    assert (answer.status_code, code_of(answer)) == (409, "disconnected")


async def test_an_admin_chooses_a_projects_books(office: Office) -> None:
    connection_id = await connection(office)
    async with office.database.company(office.company_id, office.actor) as session:
        await add_projects(session)
    held = await invoice(office, "INV-1", None, holds=(Hold(BlockerReason.PROJECT_UNROUTED, "Tower", PROJECT),))
    listed = (await office.admin.get("/api/v1/project-routes")).json()["projects"]
    (tower,) = [one for one in listed if one["project_id"] == PROJECT]
    assert (tower["chosen"], tower["in_books"], tower["waiting_count"]) == (False, True, 1)
    path = f"/api/v1/project-routes/{PROJECT}"
    answer = await office.admin.put(path, json={"connection_id": str(connection_id)})
    assert answer.json() == {"freed": 1}
    row = await stored(office, held)
    assert (row.connection_id, row.state) == (connection_id, "imported")
    assert (await office.admin.put(path, json={"connection_id": None})).json() == {"freed": 0}
    listed = (await office.admin.get("/api/v1/project-routes")).json()["projects"]
    (tower,) = [one for one in listed if one["project_id"] == PROJECT]
    assert (tower["chosen"], tower["in_books"], tower["connection_id"]) == (True, False, None)
    # What went to its books before stays there.
    assert (await stored(office, held)).connection_id == connection_id
    unknown = await office.admin.put("/api/v1/project-routes/404404", json={"connection_id": None})
    assert unknown.status_code == 404


async def test_a_projects_books_clear_only_what_their_absence_held(office: Office) -> None:
    connection_id = await connection(office)
    async with office.database.company(office.company_id, office.actor) as session:
        await add_projects(session)
    unrouted, undated = (
        Hold(BlockerReason.PROJECT_UNROUTED, "Tower", PROJECT),
        Hold(BlockerReason.APPROVAL_DATE_UNKNOWN),
    )
    held = await invoice(office, "INV-1", None, holds=(unrouted, undated))
    uploaded = await invoice(office, "INV-2", None, holds=(Hold(BlockerReason.NO_QUICKBOOKS),))
    path = f"/api/v1/project-routes/{PROJECT}"
    assert (await office.admin.put(path, json={"connection_id": str(connection_id)})).json() == {"freed": 2}
    shown = (await office.admin.get(f"/api/v1/invoices/{held}")).json()
    assert [one["reason"] for one in shown["reasons"]] == ["approval_date_unknown"]
    assert (await stored(office, held)).state == "needs_you"
    assert (await office.admin.get(f"/api/v1/invoices/{uploaded}")).json()["reasons"] == []
    assert (await stored(office, uploaded)).state == "imported"


async def files(office: Office) -> tuple[UUID, UUID]:
    """Two company files as connecting makes them: the first takes all projects, the second only routed ones."""
    first = await connection(office, kind=QuickBooksKind.DESKTOP, realm_id="{east}", name="Hartwell East")
    second = await connection(office, kind=QuickBooksKind.DESKTOP, realm_id="{west}", name="Hartwell West")
    await say_all_projects(office, second, False)
    return first, second


async def say_all_projects(office: Office, connection_id: UUID, on: bool) -> None:
    async with office.database.company(office.company_id, office.actor) as session:
        (await connection_settings(session, connection_id)).all_projects = on


def all_projects_of(connection_id: UUID) -> str:
    return f"/api/v1/connections/{connection_id}/all-projects"


async def test_one_connection_takes_all_projects_and_another_is_refused_by_name(office: Office) -> None:
    first, second = await files(office)
    shown = (await office.admin.get(all_projects_of(first))).json()
    assert (shown["on"], shown["rivals"], shown["version"]) == (True, [], 1)
    refused = await office.admin.put(all_projects_of(second), json={"on": True})
    assert (refused.status_code, code_of(refused)) == (409, "all_projects_taken")
    assert refused.json()["error"]["message"].startswith("Hartwell East takes all projects already.")
    assert (await office.admin.get(all_projects_of(second))).json()["on"] is False
    assert (await office.admin.put(all_projects_of(first), json={"on": False})).json()["version"] == 2
    assert (await office.admin.put(all_projects_of(second), json={"on": True})).json()["on"] is True
    again = (await office.admin.put(all_projects_of(second), json={"on": True})).json()
    assert (again["version"], again["freed"]) == (2, 0)


async def test_taking_all_projects_is_told_and_audited_with_who(office: Office) -> None:
    first, _ = await files(office)
    await office.admin.put(all_projects_of(first), json={"on": False})
    async with office.database.company(office.company_id, office.actor) as session:
        (told,) = await timeline(session, "connection", first)
        changes = select(AuditLog).where(AuditLog.action == "connection_settings_changed")
        (audited,) = (await session.exec(changes)).all()
        settings = await connection_settings(session, first)
    assert (told.kind, told.data, told.actor_id) == (
        "settings_changed",
        {"changed": {"all_projects": [True, False]}},
        str(office.admin_id),
    )
    assert (audited.data["changed"], audited.actor_id) == (told.data["changed"], str(office.admin_id))
    assert settings.updated_by == office.admin_id


async def test_what_waited_for_a_choice_goes_to_the_books_that_take_all_projects(office: Office) -> None:
    first, second = await files(office)
    await office.admin.put(all_projects_of(first), json={"on": False})
    async with office.database.company(office.company_id, office.actor) as session:
        await add_projects(session)
    unrouted = Hold(BlockerReason.PROJECT_UNROUTED, "Tower", PROJECT)
    held = await invoice(office, "INV-1", None, holds=(unrouted,))
    undated = await invoice(office, "INV-2", None, holds=(unrouted, Hold(BlockerReason.APPROVAL_DATE_UNKNOWN)))
    elsewhere = await invoice(office, "INV-3", first)
    shown = (await office.admin.get(all_projects_of(second))).json()
    assert (shown["waiting_count"], shown["waiting_total"]) == (2, "30600.00")
    assert "Taking all projects sends 2 waiting invoices ($30,600.00) here." in shown["sentence"]
    assert (await office.admin.put(all_projects_of(second), json={"on": True})).json()["freed"] == 2
    found = [await stored(office, one) for one in (held, undated, elsewhere)]
    assert [row.connection_id for row in found] == [second, second, first]
    assert [row.state for row in found] == ["imported", "needs_you", "imported"]


async def test_two_that_take_all_projects_are_shown_and_the_first_to_let_go_frees_what_waited(office: Office) -> None:
    first, second = await files(office)
    # A company file that was disconnected comes back with its settings, beside one that took over meanwhile.
    await say_all_projects(office, second, True)
    held = await invoice(office, "INV-1", None, holds=(Hold(BlockerReason.PROJECT_UNROUTED, "Tower", PROJECT),))
    for one, rival in ((first, "Hartwell West"), (second, "Hartwell East")):
        shown = (await office.admin.get(all_projects_of(one))).json()
        assert (shown["on"], shown["rivals"], shown["waiting_count"]) == (True, [rival], 1)
        assert shown["sentence"].startswith(f"{rival} takes all projects too")
    assert (await office.admin.put(all_projects_of(first), json={"on": False})).json()["freed"] == 1
    assert (await stored(office, held)).connection_id == second


async def test_the_settings_page_lets_one_take_all_projects_and_shows_a_clash(office: Office) -> None:
    first, second = await files(office)
    page = {one: f"/settings/accounting-integrations/{one}" for one in (first, second)}
    answer = await office.admin.post(page[second], data={"all_projects": "true", "default_terms_days": "20"})
    assert answer.status_code == 409
    assert "Hartwell East takes all projects already. Turn that off there first" in answer.text
    assert 'value="20"' in answer.text
    assert (await office.admin.get(all_projects_of(second))).json()["on"] is False
    await say_all_projects(office, second, True)
    held = await invoice(office, "INV-1", None, holds=(Hold(BlockerReason.PROJECT_UNROUTED, "Tower", PROJECT),))
    assert "Hartwell West takes all projects too" in (await office.admin.get(page[first])).text
    stale = {"all_projects": "false", "default_terms_days": "20", "version": "7"}
    assert "since you opened them" in (await office.admin.post(page[first], data=stale)).text
    assert (await office.admin.post(page[first], data={**stale, "version": "1"})).status_code == 303
    assert (await stored(office, held)).connection_id == second
    shown = (await office.admin.get(f"/api/v1/connections/{first}/settings")).json()
    assert (shown["all_projects"], shown["default_terms_days"]) == (False, 20)
    assert "takes all projects too" not in (await office.admin.get(page[second])).text


async def test_two_admins_who_race_leave_one_that_takes_all_projects(office: Office) -> None:
    first, second = await files(office)
    await office.admin.put(all_projects_of(first), json={"on": False})
    answers = await asyncio.gather(
        *(office.admin.put(all_projects_of(one), json={"on": True}) for one in (first, second))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409]


async def test_a_disconnected_company_takes_no_projects(office: Office) -> None:
    old = await connection(office, state=ConnectionState.DISCONNECTED)
    answer = await office.admin.put(all_projects_of(old), json={"on": False})
    assert (answer.status_code, code_of(answer)) == (409, "disconnected")


async def gap(office: Office) -> None:
    now = datetime(2026, 7, 20, tzinfo=UTC)
    async with office.database.company(office.company_id, office.actor) as session:
        session.add(
            MirroringGap(company_id=session.company_id, id=session.new_id(), since=now - timedelta(days=5), until=now)
        )
        await store_requisitions(
            session,
            [
                SeenRequisition(
                    requisition_id=str(number),
                    project_id=PROJECT,
                    raw="{}",
                    raw_sha256=fingerprint("{}"),
                    number=f"INV-{number}",
                    vendor_name="Ernie's Electrical",
                    status="approved",
                    is_approved=True,
                    verdict=RequisitionVerdict.NOT_IMPORTED,
                    verdict_reason=NotImportedReason.WHILE_DISCONNECTED,
                    due=Decimal("100.00"),
                )
                for number in range(3)
            ],
        )


async def test_what_was_approved_in_a_gap_is_offered_and_accepted_by_its_hash(office: Office) -> None:
    await connection(office)
    assert (await office.admin.get("/api/v1/mirroring/gap")).json() is None
    await gap(office)
    shown = (await office.admin.get("/api/v1/mirroring/gap")).json()
    assert (shown["count"], shown["total"], shown["start_date"]) == (3, "300.00", "2026-07-15")
    assert len(shown["entries"]) == 3
    page = (await office.admin.get("/settings/procore")).text
    assert "Approved while no QuickBooks was connected" in page and "3 would post ($300.00)" in page
    stale = await office.admin.post("/api/v1/mirroring/gap", json={"hash": "0" * 64})
    assert (stale.status_code, code_of(stale)) == (409, "plan_outdated")
    accepted = await office.admin.post("/api/v1/mirroring/gap", json={"hash": shown["hash"]})
    assert accepted.status_code == 202
    async with office.database.company(office.company_id, office.actor) as session:
        plan = (await session.exec(select(MirroringPlan))).one()
    assert (str(plan.id), plan.state, plan.fills_gap) == (accepted.json()["plan_id"], PlanState.ACCEPTED, True)


async def test_the_gaps_list_needs_a_connection(office: Office) -> None:
    await gap(office)
    answer = await office.admin.post("/api/v1/mirroring/gap", json={"hash": "0" * 64})
    assert (answer.status_code, code_of(answer)) == (409, "nothing_connected")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", f"/api/v1/connections/{NOBODYS}/pause", None),
        ("PUT", f"/api/v1/connections/{NOBODYS}/pause", {"on": True}),
        ("GET", f"/api/v1/connections/{NOBODYS}/waiting-invoices", None),
        ("POST", f"/api/v1/connections/{NOBODYS}/waiting-invoices", {"hash": "0"}),
        ("GET", f"/api/v1/connections/{NOBODYS}/all-projects", None),
        ("PUT", f"/api/v1/connections/{NOBODYS}/all-projects", {"on": True}),
        ("GET", "/api/v1/project-routes", None),
        ("PUT", "/api/v1/project-routes/1", {"connection_id": None}),
        ("GET", "/api/v1/mirroring/gap", None),
        ("POST", "/api/v1/mirroring/gap", {"hash": "0"}),
        ("GET", "/api/v1/company-files", None),
        ("GET", f"/api/v1/connection-attempts/{NOBODYS}/web-connector-file", None),
        ("POST", f"/api/v1/connection-attempts/{NOBODYS}/password", None),
        ("GET", f"/api/v1/connections/{NOBODYS}/web-connector-file", None),
        ("POST", f"/api/v1/connections/{NOBODYS}/password", None),
    ],
)
async def test_only_admins_of_the_company_get_there(
    office: Office, sign_in: SignIn, anonymous: httpx.AsyncClient, method: str, path: str, body: object
) -> None:
    tom = await sign_in(TOM)
    refused = await tom.request(method, path, json=body)
    assert (refused.status_code, code_of(refused)) == (403, "not_admin")
    assert (await anonymous.request(method, path, json=body)).status_code == 401
    assert (await office.admin.request(method, path, json=body)).status_code in (200, 404, 409)

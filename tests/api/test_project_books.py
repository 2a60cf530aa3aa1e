"""Projects' books in bulk: nothing that waits moves without count and total, and no older form overwrites a choice."""

import re
from decimal import Decimal
from uuid import UUID

import httpx
import pytest_asyncio
from sqlmodel import select

from accounting.blockers import BlockerReason, Hold
from models.connection_settings import change_settings, choices_of
from models.mappings import connection_settings
from models.tables import AuditLog, ProjectSettings
from tests.api.conftest import Office
from tests.api.seeding import PROJECT, add_connection, add_invoice, add_projects

SCHOOL = "9002"


@pytest_asyncio.fixture
async def connection_id(office: Office) -> UUID:
    """A connection that takes only what an admin routes to it, and two invoices that wait for such a choice."""
    async with office.database.company(office.company_id, office.actor) as session:
        connection_id = await add_connection(session, office.admin_id)
        choices = choices_of(await connection_settings(session, connection_id))
        await change_settings(
            session, connection_id, type(choices)(**{**choices.__dict__, "all_projects": False}), None, office.admin_id
        )
        await add_projects(session)
        hold = Hold(BlockerReason.PROJECT_UNROUTED, "Harbor Point Tower", PROJECT)
        for number, due in (("1", "15300.00"), ("2", "4700.50")):
            await add_invoice(
                session, f"INV-{number}", connection_id=None, source_id=number, due=Decimal(due), holds=(hold,)
            )
        return connection_id


def page(connection_id: UUID) -> str:
    return f"/settings/accounting-integrations/{connection_id}/projects"


async def save(office: Office, connection_id: UUID, **form: str) -> httpx.Response:
    return await office.admin.post(page(connection_id), data={name.replace("__", "."): form[name] for name in form})


async def books(office: Office) -> dict[str, tuple[str | None, bool]]:
    listed = (await office.admin.get("/api/v1/project-routes")).json()["projects"]
    return {one["project_id"]: (one["connection_id"], one["in_books"]) for one in listed}


async def test_the_page_says_what_waits_for_a_choice(office: Office, connection_id: UUID) -> None:
    html = (await office.admin.get(page(connection_id))).text
    assert "Not chosen yet: invoices wait" in html and "2 · $20,000.50" in html


async def test_waiting_invoices_move_only_after_count_and_total_were_seen(office: Office, connection_id: UUID) -> None:
    choice = {f"books__{PROJECT}": str(connection_id), f"was__{PROJECT}": ""}
    asked = await save(office, connection_id, **choice)
    assert asked.status_code == 200
    assert "2 waiting invoices ($20,000.50) will go to Hartwell Construction LLC." in asked.text
    assert (await books(office))[PROJECT] == (None, True)
    confirmed = re.search(r'name="confirmed" value="([0-9a-f]{64})"', asked.text)
    assert confirmed
    answer = await save(office, connection_id, **choice, confirmed=confirmed[1])
    assert answer.status_code == 303, answer.text
    assert (await books(office))[PROJECT] == (str(connection_id), True)
    listed = (await office.admin.get("/api/v1/invoices")).json()["invoices"]
    assert {one["badge"] for one in listed} == {"Waiting"}


async def test_another_total_by_then_is_asked_again(office: Office, connection_id: UUID) -> None:
    choice = {f"books__{PROJECT}": "out", f"was__{PROJECT}": ""}
    asked = await save(office, connection_id, **choice)
    assert "2 waiting invoices ($20,000.50) will be marked Don&#39;t post." in asked.text
    confirmed = re.search(r'name="confirmed" value="([0-9a-f]{64})"', asked.text)
    assert confirmed
    async with office.database.company(office.company_id, office.actor) as session:
        await add_invoice(session, "INV-3", connection_id=None, source_id="3", due=Decimal("1.00"))
    again = await save(office, connection_id, **choice, confirmed=confirmed[1])
    assert again.status_code == 200 and "3 waiting invoices ($20,001.50)" in again.text
    assert (await books(office))[PROJECT] == (None, True)


async def test_many_at_once_and_nothing_asked_where_nothing_waits(office: Office, connection_id: UUID) -> None:
    answer = await save(
        office,
        connection_id,
        **{
            f"books__{SCHOOL}": "out",
            f"was__{SCHOOL}": "",
            f"paid_was__{SCHOOL}": "false",
            f"paid__{SCHOOL}": "true",
            f"books__{PROJECT}": "",
            f"was__{PROJECT}": "",
            f"paid_was__{PROJECT}": "false",
            f"paid__{PROJECT}": "true",
        },
    )
    assert answer.status_code == 303, answer.text
    assert (await books(office))[SCHOOL] == (None, False)
    async with office.database.company(office.company_id, office.actor) as session:
        paid = await session.exec(select(ProjectSettings.project_id).where(ProjectSettings.pay_when_paid))
        audited = await session.exec(select(AuditLog.action))
        assert set(paid) == {SCHOOL, PROJECT}
        assert {"pay_when_paid_changed", "project_routed"} < set(audited)


async def test_an_older_form_overwrites_nothing(office: Office, connection_id: UUID) -> None:
    await save(office, connection_id, **{f"books__{SCHOOL}": "out", f"was__{SCHOOL}": ""})
    late = await save(office, connection_id, **{f"books__{SCHOOL}": str(connection_id), f"was__{SCHOOL}": ""})
    assert late.status_code == 409
    assert "Somebody else has changed Mill Street School since you opened this page." in late.text
    assert (await books(office))[SCHOOL] == (None, False)
    # The same choice again is no other choice: a double click changes nothing and is no conflict.
    twice = await save(office, connection_id, **{f"books__{SCHOOL}": "out", f"was__{SCHOOL}": ""})
    assert twice.status_code == 303


async def test_books_that_are_not_the_companys_are_refused(office: Office, connection_id: UUID) -> None:
    for wanted in ("01890000-0000-7000-8000-000000000000", "nonsense"):
        answer = await save(office, connection_id, **{f"books__{SCHOOL}": wanted, f"was__{SCHOOL}": ""})
        assert answer.status_code == 422 and "Choose one of the connected companies" in answer.text
    assert (await books(office))[SCHOOL] == (None, True)

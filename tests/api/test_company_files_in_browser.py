"""Connecting a company file as an admin sees it: the steps go on by themselves while somebody is busy at the PC."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from playwright.async_api import expect

from models import web_connector
from models.attempts import newest_attempt
from models.connections import connection_by_id
from models.desktop_readings import ensure_readings
from models.members import switch_feature
from models.tables import QuickBooksKind, WebConnectorLogin
from tests.api.browsing import Site, sign_in
from tests.api.checked_pages import findings, invalid_html
from tests.api.seeding import add_connection, add_invoice, add_projects
from tests.api.world import ADA

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.async_api import Page

    from models.database import Actor, CompanySession

ROOT = "/settings/accounting-integrations"
DIALOG = "A dialog is open in QuickBooks. Close it, then run the update again."


async def pending_login(session: CompanySession) -> WebConnectorLogin:
    attempt = await newest_attempt(session)
    assert attempt is not None and attempt.login_id is not None
    return await web_connector.locked_login(session, attempt.login_id)


async def allowed_admin(page: Page, site: Site) -> tuple[UUID, Actor]:
    await sign_in(page, site, ADA)
    company_id, actor = await site.company(page)
    async with site.database.company(company_id, actor) as session:
        await switch_feature(session, True)
    await page.goto(site.url + ROOT)
    return company_id, actor


async def test_the_steps_go_on_while_somebody_is_at_the_pc(
    page: Page, site: Site, complaints: list[str], tmp_path: Path
) -> None:
    company_id, actor = await allowed_admin(page, site)
    await page.get_by_role("article", name="QuickBooks Desktop").get_by_role("button", name="Connect").click()
    await expect(page.get_by_text("It is not shown again")).to_be_visible()
    password = await page.locator("dd .once").nth(1).inner_text()
    done = page.locator(".steps li.done")
    await expect(done).to_have_count(0)
    wrong = await findings(page)

    async with page.expect_download() as file:
        await page.get_by_role("link", name="Download").click()
    assert (await file.value).suggested_filename.endswith(".qwc")
    await expect(done).to_have_count(1)
    async with site.database.company(company_id, actor) as session:
        web_connector.note_signed_in(session, await pending_login(session))
    await expect(done).to_have_count(2)
    # The password stands beside the steps, so it survives their going on.
    await expect(page.get_by_text(password)).to_be_visible()

    answer = await page.goto(site.url + ROOT)
    assert answer is not None
    (tmp_path / "steps.html").write_text(await answer.text())
    await expect(page.get_by_text(password)).to_have_count(0)
    await page.get_by_role("button", name="Set a new password").click()
    await expect(page.get_by_text("It is not shown again")).to_be_visible()
    assert wrong + await findings(page) == []
    assert invalid_html(tmp_path) == []
    assert complaints == []


async def test_the_card_says_what_keeps_the_file_from_being_worked_in(
    page: Page, site: Site, complaints: list[str], tmp_path: Path
) -> None:
    company_id, actor = await allowed_admin(page, site)
    async with site.database.company(company_id, actor) as session:
        connection_id = await add_connection(session, UUID(actor.id or ""), kind=QuickBooksKind.DESKTOP)
        login = await web_connector.make_login(session, "inbuild-0a1b2c3d4e5f", "hash", "{file}")
        await web_connector.file_was_seen(session, login.id, connection_id, "C:\\Books\\Hartwell.qbw")
        login_id = login.id
        await ensure_readings(session, connection_id)
        await add_projects(session)
        await add_invoice(session, "INV-1042", connection_id=connection_id, source_id="1")
    wrong: list[str] = []

    async def told(pill: str, sentence: str) -> None:
        answer = await page.goto(site.url + ROOT)
        assert answer is not None
        (tmp_path / f"{pill.split()[0].lower()}.html").write_text(await answer.text())
        await expect(page.locator(".connection .pill").first).to_have_text(pill)
        await expect(page.get_by_text(sentence).first).to_be_visible()
        wrong.extend(f"{pill}: {one}" for one in await findings(page))

    await told("Not heard from yet", "has not signed in for this company file")
    await told("Not heard from yet", "Reading this company file: 0 of 13 lists.")
    async with site.database.company(company_id, actor) as session:
        row = await web_connector.locked_login(session, login_id)
        row.seen_at = session.now - timedelta(days=2)
        connection = await connection_by_id(session, connection_id)
        assert connection is not None
        connection.transactions_read_at = session.now
        session.add_all((row, connection))
    await told("PC silent", "the PC is off or asleep, or the Web Connector is closed.")
    await expect(page.get_by_text("1 bill, once the company file can be worked in")).to_be_visible()
    async with site.database.company(company_id, actor) as session:
        row = await web_connector.locked_login(session, login_id)
        web_connector.note_signed_in(session, row)
        web_connector.note_trouble(session, row, DIALOG)
    await told("Needs a hand at the PC", DIALOG)

    await page.get_by_role("button", name="New password").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog).to_contain_text("The password on the PC stops working.")
    wrong.extend(await findings(page))
    await dialog.get_by_role("button", name="Set a new password").click()
    await expect(page.get_by_text("New password of")).to_be_visible()
    assert wrong == []
    assert invalid_html(tmp_path) == []
    assert complaints == []

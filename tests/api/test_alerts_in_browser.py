"""The bell, the list, preferences and webhooks in a real browser, also without scripts; accessible in every size."""

from __future__ import annotations

import asyncio
import itertools
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from playwright.async_api import expect

from accounting.blockers import BlockerReason, Hold
from activities.alerts import AlertKeeping
from models.freeing import Resolved, free
from models.members import switch_feature
from tests.api.browsing import Site, sign_in
from tests.api.checked_pages import findings, invalid_html
from tests.api.conftest import APP
from tests.api.seeding import add_connection, add_invoice, add_projects
from tests.api.world import ADA, TOM
from tests.product import settings_for

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.async_api import Browser, Page, Route

    from models.database import CompanySession

CODE = Hold(BlockerReason.COST_CODE_UNMAPPED, "03-300", "code:03-300")


@pytest.fixture(autouse=True)
def _mail_is_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMTP_HOST", "mail.test")
    monkeypatch.setenv("ALERT_WEBHOOKS_ANYWHERE", "true")


async def _look(session: CompanySession) -> None:
    settings = settings_for("postgresql+psycopg://nobody@nowhere/none", APP, APP, "none")
    await AlertKeeping(session, settings, "Hartwell Construction").keep()


async def _trouble(site: Site, page: Page) -> UUID:
    company_id, actor = await site.company(page)
    async with site.database.company(company_id, actor) as session:
        await switch_feature(session, True)
        connection_id = await add_connection(session, UUID(actor.id or ""))
        await add_projects(session)
        vendor = Hold(BlockerReason.VENDOR_UNMAPPED, "Long & Longer " * 6, "8881")
        for number, hold in enumerate((CODE, CODE, CODE, vendor)):
            await add_invoice(
                session, f"INV-{number}", connection_id=connection_id, source_id=str(number), holds=(hold,)
            )
        await _look(session)
    return connection_id


async def _keep(site: Site, page: Page, folder: Path, *paths: str) -> None:
    """The pages as they are sent, for the validator."""
    for path in paths:
        answer = await page.request.get(site.url + path)
        (folder / f"{path.strip('/').replace('/', '-')}.html").write_text(await answer.text())


async def test_the_bell_rings_is_read_and_rests(page: Page, site: Site, complaints: list[str], tmp_path: Path) -> None:
    await sign_in(page, site, ADA)
    bell = page.locator("#bell")
    await expect(bell).to_have_accessible_name("Alerts")
    connection_id = await _trouble(site, page)
    # Nobody reloads.
    await expect(bell).to_have_accessible_name("Alerts, 2 unread", timeout=30_000)
    await bell.click()
    first = page.get_by_role("listitem").filter(has_text="Map budget code 03-300")
    await expect(first).to_contain_text("3 invoices")
    await expect(first).to_contain_text("$45,900.00")
    wrong = await findings(page)
    await _keep(site, page, tmp_path, "/alerts", "/alerts/preferences", "/settings/webhooks")
    await page.get_by_role("button", name="Mark as read: Map budget code 03-300").click()
    await expect(bell).to_have_accessible_name("Alerts, 1 unread")
    await page.get_by_role("button", name="Mark all as read").click()
    await expect(page.get_by_role("status")).to_contain_text("All alerts are read.")
    await expect(bell).to_have_accessible_name("Alerts")
    await page.get_by_role("link", name="Map budget code 03-300").click()
    await expect(page.get_by_role("heading", name="Invoices")).to_be_visible()

    company_id, actor = await site.company(page)
    async with site.database.company(company_id, actor) as session:
        await free(session, Resolved((CODE.reason,), (CODE.subject_key,), connection_id))
        await _look(session)
    await page.goto(f"{site.url}/alerts")
    over = page.get_by_role("row").filter(has_text="Map budget code 03-300")
    await expect(over).to_be_visible()
    wrong += await findings(page)
    assert wrong == []
    assert invalid_html(tmp_path) == []
    assert complaints == []


async def test_a_slow_network_keeps_no_page_from_listening(page: Page, site: Site) -> None:
    late = itertools.count()

    async def slowly(route: Route) -> None:
        await asyncio.sleep(0.4 * next(late))
        await route.continue_()

    await page.route("**/static/**/*.js", slowly)
    async with page.expect_request("**/live?since=*"):
        await sign_in(page, site, ADA)


async def test_preferences_and_webhooks(page: Page, site: Site, complaints: list[str]) -> None:
    await sign_in(page, site, ADA)
    await _trouble(site, page)
    await page.goto(f"{site.url}/alerts")
    await page.get_by_role("link", name="What you are told").click()
    held = page.get_by_role("region", name="Invoices are held for a person")
    email = held.get_by_role("switch", name="By e-mail")
    await expect(email).to_be_checked()
    wrong = await findings(page)
    await email.uncheck()
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("status")).to_contain_text("Saved")
    await expect(email).not_to_be_checked()
    await expect(held.get_by_role("switch", name="In the app")).to_be_checked()
    await page.get_by_role("button", name="Send me my digest now").click()
    await expect(page.get_by_role("status")).to_contain_text("Your digest is on its way.")

    await page.get_by_role("link", name="Webhooks").click()
    await expect(page.get_by_text("No webhook yet")).to_be_visible()
    wrong += await findings(page)
    await page.get_by_label("Address").fill("https://user:secret@127.0.0.1/hook")
    await page.get_by_role("button", name="Add webhook").click()
    await expect(page.get_by_role("alert")).to_contain_text("Leave user name and password out")
    complaints.clear()  # The browser says that the answer was a 422.
    await page.get_by_label("Address").fill("http://127.0.0.1:1/hook")
    await page.get_by_role("button", name="Add webhook").click()
    secret = await page.locator(".once").inner_text()
    assert secret.startswith("whsec_")
    wrong += await findings(page)
    await page.get_by_role("button", name="Send a test to").click()
    await expect(page.get_by_role("status").first).to_contain_text("A test is on its way.")
    assert secret not in await page.content()
    await page.get_by_role("button", name="Remove http").click()
    dialog = page.get_by_role("dialog")
    wrong += await findings(page)
    await dialog.get_by_role("button", name="Remove").click()
    await expect(page.get_by_text("No webhook yet")).to_be_visible()
    assert wrong == []
    assert complaints == []


async def test_it_works_without_scripts_and_a_reader_has_the_digest(browser: Browser, site: Site) -> None:
    context = await browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
    try:
        page = await context.new_page()
        await sign_in(page, site, ADA)
        await _trouble(site, page)
        await page.goto(site.url)
        await page.get_by_role("link", name="Alerts, 2 unread").click()
        await page.get_by_role("button", name="Mark all as read").click()
        await expect(page.get_by_role("link", name="Alerts", exact=True).first).to_be_visible()
        await context.clear_cookies()
        await sign_in(page, site, TOM)
        await page.goto(f"{site.url}/alerts")
        await expect(page.get_by_text("Nothing needs you")).to_be_visible()
        await page.goto(f"{site.url}/alerts/preferences")
        digest = page.get_by_role("switch")
        await expect(digest).to_have_count(1)
        await digest.check()
        await page.get_by_role("button", name="Save").click()
        await expect(digest).to_be_checked()
    finally:
        await context.close()

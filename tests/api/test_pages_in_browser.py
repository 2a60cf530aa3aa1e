"""The pages in a real browser: connect, refuse, choose accounts, switch on and off, also without scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest
from playwright.async_api import expect

from models.members import switch_feature
from tests.api.browsing import Site, sign_in
from tests.api.seeding import EXPENSE, add_connection, add_invoice, add_projects, make_plan_ready
from tests.api.world import ADA, TOM

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

FEATURE_OFF = "This feature is not available yet."
NOT_ADMIN = "Only admin users can access accounting integrations."


async def test_an_admin_goes_from_nothing_to_on(page: Page, site: Site, complaints: list[str]) -> None:
    await sign_in(page, site, ADA)
    await expect(page.get_by_text(FEATURE_OFF)).to_be_visible()
    await expect(page.get_by_role("link", name="Accounting Integrations")).to_have_count(0)
    company_id, actor = await site.company(page)
    async with site.database.company(company_id, actor) as session:
        await switch_feature(session, True)

    await page.goto(site.url)
    await page.get_by_role("link", name="Accounting Integrations").click()
    await expect(page.get_by_role("heading", name="QuickBooks Online")).to_be_visible()
    await expect(page.get_by_role("heading", name="QuickBooks Desktop")).to_be_visible()

    # The person says no on Intuit's page.
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/intuit?" in request.url else None)
    await page.get_by_role("button", name="Connect").first.click()
    await page.wait_for_url("**/intuit?**")
    state = parse_qs(urlsplit(asked[0]).query)["state"][0]
    await page.goto(f"{site.url}/quickbooks/callback?error=access_denied&state={state}")
    await expect(page.get_by_role("alert")).to_contain_text("Connection Failed")
    complaints.clear()  # The address that stands for Intuit here has no page: the browser says so.

    async with site.database.company(company_id, actor) as session:
        connection_id = await add_connection(session, UUID(actor.id or ""))
        await add_projects(session)
        await add_invoice(session, "INV-1042", connection_id=connection_id, source_id="1")
    await page.goto(f"{site.url}/settings/accounting-integrations")
    await expect(page.get_by_text("Connected", exact=True).first).to_be_visible()
    await expect(page.get_by_role("heading", name="QuickBooks Desktop")).to_have_count(0)

    await page.get_by_role("link", name="Settings", exact=True).click()
    await page.get_by_label("Category (account) for costs").select_option(EXPENSE)
    await page.get_by_role("button", name="Save settings").click()
    await expect(page.get_by_role("status")).to_contain_text("Settings saved")

    await page.get_by_role("link", name="Procore").click()
    toggle = page.get_by_role("switch", name="Sync invoices approved in Procore to QuickBooks")
    await expect(toggle).to_have_attribute("aria-checked", "false")
    await toggle.click()
    await page.get_by_label("Start date").fill("2026-06-01")
    await page.get_by_role("button", name="Show what would come in").click()
    await expect(page.get_by_text("Looking at every requisition in Procore…")).to_be_visible()
    plan_id = UUID(parse_qs(urlsplit(page.url).query)["plan"][0])
    async with site.database.company(company_id, actor) as session:
        await make_plan_ready(session, plan_id, "a" * 64)
    # The dialog fills by itself: nobody reloads.
    await expect(page.get_by_text("38 would post ($412,906.11), 3 need you.")).to_be_visible(timeout=10_000)
    await page.get_by_role("button", name="Turn on").click()
    await expect(toggle).to_have_attribute("aria-checked", "true")

    await toggle.click()
    await expect(page.get_by_role("dialog")).to_contain_text(
        "No new invoices will be imported. 1 already imported ($15,300.00) will still go to QuickBooks. "
        "To stop those too, use Pause posting."
    )
    await page.get_by_role("button", name="Turn off").click()
    await expect(toggle).to_have_attribute("aria-checked", "false")

    await page.get_by_role("link", name="Invoices").click()
    await page.get_by_role("link", name="INV-1042").click()
    await expect(page.get_by_role("heading", name="INV-1042")).to_be_visible()
    await expect(page.get_by_text("Brought into inBuild")).to_be_visible()
    assert complaints == []


async def test_a_reader_is_told_and_shown_no_link(page: Page, site: Site) -> None:
    await sign_in(page, site, TOM)
    company_id, actor = await site.company(page)
    async with site.database.company(company_id, actor) as session:
        await switch_feature(session, True)
    await page.goto(site.url)
    await expect(page.get_by_role("link", name="Accounting Integrations")).to_have_count(0)
    answer = await page.goto(f"{site.url}/settings/accounting-integrations")
    assert answer is not None and answer.status == 403
    await expect(page.get_by_role("alert")).to_have_text(NOT_ADMIN)


async def test_it_works_without_scripts(browser: Browser, site: Site) -> None:
    context = await browser.new_context(java_script_enabled=False)
    try:
        page = await context.new_page()
        await sign_in(page, site, ADA)
        company_id, actor = await site.company(page)
        async with site.database.company(company_id, actor) as session:
            await switch_feature(session, True)
            await add_connection(session, UUID(actor.id or ""))
        await page.goto(f"{site.url}/settings/procore")
        await page.get_by_role("switch").click()
        await page.get_by_label("Start date").fill("2026-06-01")
        await page.get_by_role("button", name="Show what would come in").click()
        plan_id = UUID(parse_qs(urlsplit(page.url).query)["plan"][0])
        async with site.database.company(company_id, actor) as session:
            await make_plan_ready(session, plan_id, "a" * 64)
        await page.reload()
        await page.get_by_role("button", name="Turn on").click()
        await expect(page.get_by_role("switch")).to_have_attribute("aria-checked", "true")
        await page.get_by_text("Ada Hartwell").click()
        await page.get_by_role("button", name="Sign out").click()
        await expect(page.get_by_role("link", name="Sign in with Procore")).to_be_visible()
    finally:
        await context.close()


@pytest.mark.parametrize("width", [1440, 390])
async def test_no_page_is_wider_than_the_window(page: Page, site: Site, width: int) -> None:
    await page.set_viewport_size({"width": width, "height": 844})
    await sign_in(page, site, ADA)
    company_id, actor = await site.company(page)
    async with site.database.company(company_id, actor) as session:
        await switch_feature(session, True)
        connection_id = await add_connection(session, UUID(actor.id or ""))
        await add_projects(session)
        invoice_id = await add_invoice(
            session, "INV-" + "9" * 40, connection_id=connection_id, source_id="1", vendor="Long & Longer " * 6
        )
    settings = "/settings/accounting-integrations"
    for path in (
        "/",
        "/invoices",
        f"/invoices/{invoice_id}",
        settings,
        f"{settings}/{connection_id}",
        f"{settings}?disconnect={connection_id}",
        "/settings/procore",
        "/settings/procore?dialog=start",
    ):
        await page.goto(site.url + path)
        assert await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path

"""The rules of who sees and may do what, walked in a real browser: hidden links and direct addresses alike."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from playwright.async_api import expect
from sqlmodel import select

from models.company_settings import name_accountant
from models.connections import connection_by_id, move_connection
from models.directory import grant_support
from models.mappings import connection_settings
from models.members import switch_feature
from models.mirroring import mirroring_row
from models.tables import AuditLog, ConnectionState, QuickBooksKind
from models.toggle import request_plan
from tests.api.browsing import Site, sign_in, sign_in_by_hand
from tests.api.seeding import EXPENSE, add_connection, add_invoice, add_projects, make_plan_ready
from tests.api.world import ADA, MARISOL, NOBODY, RAY, TOM

if TYPE_CHECKING:
    from playwright.async_api import Page

    from models.database import Actor

Form = dict[str, str | float | bool]

ROOT = "/settings/accounting-integrations"
FEATURE_OFF = "This feature is not available yet."
NOT_ADMIN = "Only admin users can access accounting integrations."
HASH = "a" * 64
TOGGLE = "Sync invoices approved in Procore to QuickBooks"


async def hartwell(page: Page, site: Site) -> tuple[UUID, Actor]:
    """Ada at her company with the feature on."""
    await sign_in(page, site, ADA)
    company_id, actor = await site.company(page)
    async with site.database.company(company_id, actor) as session:
        await switch_feature(session, True)
    return company_id, actor


async def instead(page: Page, site: Site, user_id: int) -> None:
    await page.context.clear_cookies()
    await sign_in(page, site, user_id)


async def refused(page: Page, site: Site, path: str, words: str, status: int = 403) -> None:
    answer = await page.goto(site.url + path)
    assert answer is not None and answer.status == status
    await expect(page.get_by_role("alert")).to_have_text(words)


async def test_the_feature_is_off(page: Page, site: Site) -> None:
    await sign_in(page, site, ADA)
    await expect(page.get_by_role("link", name="Accounting Integrations")).to_have_count(0)
    await refused(page, site, ROOT, FEATURE_OFF)
    company_id, actor = await site.company(page)
    async with site.database.company(company_id, actor) as session:
        connection_id = await add_connection(session, UUID(actor.id or ""))
    # Off wins over everything else that could be said, also to somebody who is no admin.
    for path in (f"{ROOT}/{connection_id}", f"{ROOT}/{connection_id}/mapping"):
        await refused(page, site, path, FEATURE_OFF)
    await page.goto(f"{site.url}/settings/procore")
    await expect(page.get_by_role("switch", name=TOGGLE)).to_be_disabled()
    await expect(page.get_by_text(FEATURE_OFF)).to_be_visible()
    await instead(page, site, TOM)
    await refused(page, site, ROOT, FEATURE_OFF)


async def test_readers_and_accountants(page: Page, site: Site) -> None:
    company_id, actor = await hartwell(page, site)
    async with site.database.company(company_id, actor) as session:
        connection_id = await add_connection(session, UUID(actor.id or ""))
    await instead(page, site, MARISOL)
    _, marisol = await site.company(page)
    async with site.database.company(company_id, actor) as session:
        await name_accountant(session, UUID(marisol.id or ""), True)
    for user_id, role in ((MARISOL, "Accountant"), (TOM, "Reader")):
        await instead(page, site, user_id)
        await expect(page.get_by_text(role, exact=True)).to_be_visible()
        await expect(page.get_by_role("link", name="Accounting Integrations")).to_have_count(0)
        for path in (ROOT, f"{ROOT}/{connection_id}", f"{ROOT}/{connection_id}/mapping"):
            await refused(page, site, path, NOT_ADMIN)
        await page.goto(f"{site.url}/settings/procore")
        await expect(page.get_by_role("switch", name=TOGGLE)).to_be_disabled()
        await expect(page.get_by_text("Only company admins can change this.")).to_be_visible()
        # The dialog's own address shows no dialog to them.
        await page.goto(f"{site.url}/settings/procore?dialog=start")
        await expect(page.get_by_role("dialog")).to_have_count(0)
        await page.goto(f"{site.url}/settings/company")
        await expect(page.get_by_role("button", name="Name accountant")).to_have_count(0)
        # Whoever posts what no page of theirs offers is refused with the same words.
        me = (await (await page.request.get(f"{site.url}/api/v1/me")).json())["id"]
        withheld: list[tuple[str, Form]] = [
            (f"{ROOT}/{connection_id}/pause", {"on": "true"}),
            (f"/settings/company/people/{me}", {"accountant": "true"}),
            ("/settings/procore/off", {}),
        ]
        for path, form in withheld:
            posted = await page.request.post(site.url + path, form=form)
            assert posted.status == 403 and NOT_ADMIN in await posted.text(), path
    async with site.database.company(company_id, actor) as session:
        assert not (await connection_settings(session, connection_id)).posting_paused


async def test_an_admin_names_an_accountant_with_a_click(page: Page, site: Site) -> None:
    await hartwell(page, site)
    await instead(page, site, MARISOL)
    await instead(page, site, ADA)
    await page.get_by_role("link", name="Company", exact=True).click()
    await page.get_by_role("button", name="Name accountant: Marisol Vega").click()
    await expect(page.get_by_role("status")).to_contain_text("Named accountant.")
    await expect(page.get_by_role("row", name="Marisol Vega")).to_contain_text("Accountant")


async def test_one_card_while_one_kind_is_connected(page: Page, site: Site) -> None:
    company_id, actor = await hartwell(page, site)
    online, desktop = (page.get_by_role("heading", name=f"QuickBooks {kind}") for kind in ("Online", "Desktop"))
    await page.goto(site.url + ROOT)
    await expect(online).to_be_visible()
    await expect(desktop).to_be_visible()
    async with site.database.company(company_id, actor) as session:
        file = await add_connection(session, UUID(actor.id or ""), kind=QuickBooksKind.DESKTOP)
    await page.goto(site.url + ROOT)
    await expect(online).to_have_count(0)
    await expect(page.get_by_role("button", name="Add Connection")).to_be_visible()
    await page.get_by_role("link", name="Settings", exact=True).click()
    await expect(page.get_by_label("Items tab")).to_be_visible()
    await expect(page.get_by_role("heading", name="Quiet hours")).to_be_visible()
    async with site.database.company(company_id, actor) as session:
        row = await connection_by_id(session, file)
        assert row is not None
        move_connection(session, row, ConnectionState.DISCONNECTED, "asked")
        await add_connection(session, UUID(actor.id or ""))
    await page.goto(site.url + ROOT)
    await expect(desktop).to_have_count(0)
    await expect(page.get_by_role("heading", name="Disconnected earlier")).to_be_visible()


async def test_expired_then_connected_again_everything_is_in_place(page: Page, site: Site) -> None:
    company_id, actor = await hartwell(page, site)
    async with site.database.company(company_id, actor) as session:
        connection_id = await add_connection(session, UUID(actor.id or ""))
    await page.goto(f"{site.url}{ROOT}/{connection_id}")
    await page.get_by_label("Category (account) for costs").select_option(EXPENSE)
    await page.get_by_role("button", name="Save settings").click()
    await page.goto(site.url + ROOT)
    for state, reason in ((ConnectionState.EXPIRED, "refresh_refused"), (ConnectionState.ACTIVE, None)):
        async with site.database.company(company_id, actor) as session:
            row = await connection_by_id(session, connection_id)
            assert row is not None
            move_connection(session, row, state, reason)
        # Told to the open page: nobody reloads.
        await expect(page.get_by_role("button", name="Reconnect")).to_have_count(1 if reason else 0)
    await page.get_by_role("link", name="Settings", exact=True).click()
    await expect(page.get_by_label("Category (account) for costs")).to_have_value(EXPENSE)


async def test_pausing_and_resuming_say_count_and_total(page: Page, site: Site) -> None:
    company_id, actor = await hartwell(page, site)
    async with site.database.company(company_id, actor) as session:
        connection_id = await add_connection(session, UUID(actor.id or ""))
        await add_projects(session)
        await add_invoice(session, "INV-1", connection_id=connection_id, source_id="1")
    await page.goto(site.url + ROOT)
    await page.get_by_role("button", name="Pause posting").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog).to_contain_text("Pausing keeps 1 ($15,300.00) from QuickBooks until somebody resumes.")
    await page.keyboard.press("Escape")
    await expect(dialog).to_have_count(0)
    await page.get_by_role("button", name="Pause posting").click()
    await dialog.get_by_role("button", name="Pause posting").click()
    await expect(page.get_by_role("status").first).to_contain_text("Posting is paused. Imports go on.")
    await page.get_by_role("button", name="Resume posting").click()
    await expect(dialog).to_contain_text("Resuming sends 1 ($15,300.00) to QuickBooks.")
    await dialog.get_by_role("button", name="Resume posting").click()
    await expect(page.get_by_role("button", name="Pause posting")).to_be_visible()


async def test_two_companies_one_person(page: Page, site: Site) -> None:
    company_id, actor = await hartwell(page, site)
    async with site.database.company(company_id, actor) as session:
        connection_id = await add_connection(session, UUID(actor.id or ""))
        await add_projects(session)
        invoice_id = await add_invoice(session, "INV-1", connection_id=connection_id, source_id="1")
        plan_id = await request_plan(session, date(2026, 6, 1), UUID(actor.id or ""))
        await session.flush()
        await make_plan_ready(session, plan_id, HASH)
    await instead(page, site, RAY)
    await page.get_by_text("Ray Duarte").click()
    switch = page.get_by_role("button", name="Hartwell Construction")
    if await switch.count():
        await switch.click()
        await expect(page.locator(".who-company")).to_have_text("Hartwell Construction")
        await page.get_by_text("Ray Duarte").click()
    await page.goto(f"{site.url}/invoices")
    await expect(page.get_by_role("link", name="INV-1")).to_be_visible()
    await page.get_by_text("Ray Duarte").click()
    await page.get_by_role("button", name="Cascade Tenant Improvements").click()
    await expect(page.locator(".who-company")).to_have_text("Cascade Tenant Improvements")
    # What is the other company's does not exist here, whether read or written to: Ray is an admin of this one.
    cascade_id, ray = await site.company(page)
    async with site.database.company(cascade_id, ray) as session:
        await switch_feature(session, True)
    answer = await page.goto(f"{site.url}/invoices/{invoice_id}")
    assert answer is not None and answer.status == 404
    there = f"{ROOT}/{connection_id}"
    foreign: list[tuple[str, Form]] = [
        (f"/invoices/{invoice_id}/approve", {}),
        (f"/invoices/{invoice_id}/match", {"reason": "vendor_unmapped", "subject": "8881", "name": "Ernie"}),
        (there, {"line_grouping": "budget_code"}),
        (f"{there}/mapping", {"kind": "vendor", "name.8881": "Ernie", "target.8881": "Ernies Electric LLC"}),
        (f"{there}/pause", {"on": "true"}),
        (f"{there}/disconnect", {}),
    ]
    for path, form in foreign:
        forged = await page.request.post(site.url + path, form=form)
        assert forged.status == 404, f"{path}: {forged.status}"
    # The toggle's form names a plan: one of another company's turns nothing on, here or there.
    await page.request.post(f"{site.url}/settings/procore/on", form={"plan_id": str(plan_id), "plan_hash": HASH})
    async with site.database.company(cascade_id, ray) as session:
        assert not (await mirroring_row(session)).is_on
    async with site.database.company(company_id, actor) as session:
        row = await connection_by_id(session, connection_id)
        assert row is not None and row.state is ConnectionState.ACTIVE and row.disconnect_wanted_at is None
        assert not (await connection_settings(session, connection_id)).posting_paused
        assert not (await mirroring_row(session)).is_on
    # A form of another site is refused before anybody looks at who sent it.
    forged = await page.request.post(
        f"{site.url}/settings/company", form={"approved_as_noted": "false"}, headers={"sec-fetch-site": "cross-site"}
    )
    assert forged.status == 403
    assert "another site" in await forged.text()


async def test_support_finds_a_company_and_turns_the_feature_on(page: Page, site: Site) -> None:
    await sign_in(page, site, ADA)
    company_id, actor = await site.company(page)
    await page.context.clear_cookies()
    await sign_in_by_hand(page, site, NOBODY)
    async with site.database.directory() as session:
        assert await grant_support(session, "simulated", "nora@example.test", True)
    await page.goto(f"{site.url}/support")
    await page.get_by_role("searchbox").fill("hartwell constr")
    await page.keyboard.press("Enter")
    await page.get_by_role("link", name="Hartwell Construction").first.click()
    await page.get_by_role("button", name="Enable the feature").click()
    await expect(page.get_by_role("status")).to_contain_text("The feature is on for this company.")
    async with site.database.company(company_id, actor) as session:
        found = await session.exec(select(AuditLog).where(AuditLog.actor_kind == "support"))
        assert {"support_lookup", "support_viewed", "feature_enabled"} <= {one.action for one in found}
    # Support reads and enables; a company's own pages are closed to it.
    assert (await page.request.get(f"{site.url}{ROOT}")).status == 403
    await instead(page, site, ADA)
    await expect(page.get_by_role("link", name="Accounting Integrations")).to_be_visible()


async def test_the_appearance_is_kept(page: Page, site: Site) -> None:
    await sign_in(page, site, ADA)
    await page.get_by_text("Ada Hartwell").click()
    await page.get_by_role("button", name="Dark").click()
    await expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    await page.goto(f"{site.url}/invoices")
    await expect(page.locator("html")).to_have_attribute("data-theme", "dark")


async def test_a_person_maps_by_typing_and_choosing(page: Page, site: Site) -> None:
    company_id, actor = await hartwell(page, site)
    async with site.database.company(company_id, actor) as session:
        connection_id = await add_connection(session, UUID(actor.id or ""))
        await add_projects(session)
        await add_invoice(session, "INV-1", connection_id=connection_id, source_id="1")
    await page.goto(f"{site.url}{ROOT}/{connection_id}/mapping?kind=cost_code")
    field = page.get_by_role("combobox", name="26-050.S")
    await field.press_sequentially("Subcon")
    await expect(page.locator("#targets option")).to_have_count(1)
    await field.fill("Job Costs:Subcontractors")
    await page.get_by_role("button", name="Save mappings").click()
    await expect(page.get_by_role("status")).to_contain_text("Mappings saved.")
    await expect(field).to_have_value("Job Costs:Subcontractors")

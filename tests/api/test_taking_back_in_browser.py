"""Taking back in a real browser: the question, how it goes without reloading, what was refused, and Post again."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

import pytest_asyncio
from playwright.async_api import expect

from models.taking_back import is_taken_back, stays_there, waiting_item
from tests.api.browsing import Site
from tests.api.checked_pages import findings
from tests.api.test_invoices_in_browser import WORKER, Desk, sit_down
from tests.api.test_taking_back import link_bill

if TYPE_CHECKING:
    from playwright.async_api import Page


@pytest_asyncio.fixture
async def desk(page: Page, site: Site) -> Desk:
    made = await sit_down(page, site)
    for number in ("INV-1", "INV-2"):
        async with site.database.company(made.company_id, WORKER) as session:
            await link_bill(session, made.ids[number], made.connection_id)
    return made


async def settle(desk: Desk, invoice_id: UUID, refused: str = "") -> None:
    async with desk.site.database.company(desk.company_id, WORKER) as session:
        item = await waiting_item(session, invoice_id)
        assert item is not None
        if refused:
            await stays_there(session, item, refused, may_reverse=True)
        else:
            await is_taken_back(session, item, "Deleted in QuickBooks.")


async def test_one_bill_is_taken_back_and_posted_again(desk: Desk, complaints: list[str]) -> None:
    page, one = desk.page, desk.ids["INV-1"]
    await desk.open(f"/invoices/{one}")
    await page.get_by_role("link", name="Take back").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog).to_contain_text("1 bill ($15,300.00) will be taken out of QuickBooks, newest first")
    assert await findings(page) == []
    await dialog.get_by_role("button", name="Take back 1").click()
    await expect(page.get_by_text("Waiting for QuickBooks")).to_be_visible()
    await desk.stays()
    await settle(desk, one)
    await expect(page.get_by_text("Deleted in QuickBooks.")).to_be_visible(timeout=10_000)
    assert await desk.stayed()
    assert await findings(page) == []

    await page.get_by_role("link", name="INV-1", exact=True).click()
    await expect(page.get_by_role("heading", name="INV-1")).to_contain_text("Taken back")
    await page.get_by_role("button", name="Post again").click()
    await expect(page.get_by_role("status").first).to_contain_text("The invoice is posted again, as a new bill.")
    assert await desk.happened("INV-1", "post_again") == 1
    assert complaints == []


async def test_what_was_refused_says_why_and_offers_the_way_left(desk: Desk) -> None:
    page, one, two = desk.page, desk.ids["INV-1"], desk.ids["INV-2"]
    await desk.open("/invoices")
    await page.get_by_label("All invoices of this page").check()
    await page.get_by_role("button", name="Take back…").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog).to_contain_text("2 bills ($15,550.00)")
    await expect(dialog).to_contain_text("1 of the chosen invoices cannot be taken back")
    await dialog.get_by_role("button", name="Take back 2").click()
    await settle(desk, two)
    await settle(desk, one, refused="$100.00 of it is paid or settled by credit.")
    await expect(page.get_by_text("1 taken back")).to_be_visible(timeout=10_000)
    await expect(page.get_by_text("0 waiting · 1 stays in QuickBooks")).to_be_visible()
    await expect(page.get_by_text("$100.00 of it is paid or settled by credit.")).to_be_visible()

    await desk.open(f"/invoices/{one}")
    await expect(page.get_by_text("Not taken back", exact=True)).to_be_visible()
    assert await findings(page) == []
    await page.get_by_role("link", name="Reverse with a vendor credit").click()
    await expect(page.get_by_role("dialog")).to_contain_text("a vendor credit of today's date is made against it")
    await page.get_by_role("button", name="Make the vendor credit").click()
    await expect(page.get_by_text("Waiting for QuickBooks")).to_be_visible()
    await desk.open(f"/invoices/{one}")
    await expect(page.get_by_text("Being taken back", exact=True)).to_be_visible()

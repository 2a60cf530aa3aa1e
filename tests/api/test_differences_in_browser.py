"""What differs between an invoice and its bill, side by side in a real browser, and the buttons beside it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING
from uuid import UUID

from playwright.async_api import expect

from models.members import switch_feature
from tests.api import posted
from tests.api.browsing import Site, sign_in
from tests.api.checked_pages import findings
from tests.api.posted import BILLED_MORE, found
from tests.api.seeding import add_connection, add_invoice, add_projects
from tests.api.world import ADA

if TYPE_CHECKING:
    from playwright.async_api import Page


async def test_side_by_side_and_its_buttons(page: Page, site: Site) -> None:
    await sign_in(page, site, ADA)
    company_id, actor = await site.company(page)
    async with site.database.company(company_id, actor) as session:
        await switch_feature(session, True)
        connection_id = await add_connection(session, UUID(actor.id or ""))
        await add_projects(session)
        ids = [
            await add_invoice(session, f"INV-000{place}", connection_id=connection_id, source_id=f"5820{place}")
            for place in (1, 2)
        ]
        await posted.post(session, ids[0], connection_id)
        await posted.note(session, ids[0], found(procore=BILLED_MORE))
    changed = f"{site.url}/invoices/{ids[0]}"

    await page.goto(changed)
    await expect(page.get_by_text("Changed after posting")).to_be_visible()
    table = page.get_by_role("region", name="Invoice and bill differ")
    row = table.get_by_role("row").nth(1)
    await expect(row.get_by_role("cell")).to_contain_text(["Total", "$15,300.00", "$16,300.00", "$15,300.00"])
    assert await findings(page) == []
    if folder := os.environ.get("SCREENSHOTS"):
        for width in (1440, 390):
            await page.set_viewport_size({"width": width, "height": 900})
            await page.screenshot(path=f"{folder}/differences-{width}.png", full_page=True)
        await page.set_viewport_size({"width": 1440, "height": 900})

    await page.get_by_label("Why it is right as it is").fill("Agreed with the vendor")
    await page.get_by_role("button", name="Keep as it is").click()
    await expect(page.get_by_role("status").first).to_contain_text("Kept as it is")
    await expect(page.get_by_text("Agreed with the vendor").first).to_be_visible()
    await expect(page.get_by_text("Changed after posting")).to_have_count(0)
    await expect(page.get_by_role("button", name="Keep as it is")).to_have_count(0)

    await page.get_by_role("button", name="Update the bill").click()
    await expect(page.get_by_role("status").first).to_contain_text("The bill is updated")
    await expect(page.get_by_text("Being updated")).to_be_visible()

    async with site.database.company(company_id, actor) as session:
        await posted.note(session, ids[0], found(is_deleted=True))
    await page.goto(changed)
    await expect(page.get_by_text("Removed in QuickBooks").first).to_be_visible()
    await page.get_by_role("button", name="Post again").click()
    await expect(page.get_by_role("status").first).to_contain_text("posted again")
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Waiting")

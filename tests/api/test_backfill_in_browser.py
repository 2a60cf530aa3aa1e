"""Signing a backfill off in a real browser: four piles, the invoices in each, and the statement that adds up."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID

from playwright.async_api import expect

from accounting.plan import DraftTotals, PlanEntry, PlannedOutcome, PlanTotals, PlanVerdict, plan_hash
from models.database import CompanySession
from models.members import switch_feature
from models.plans import plan_made, write_entries
from models.toggle import request_plan
from tests.api.browsing import Site, sign_in
from tests.api.checked_pages import findings
from tests.api.seeding import PROJECT, add_connection, add_projects
from tests.api.world import ADA

if TYPE_CHECKING:
    from playwright.async_api import Page

START = date(2026, 6, 1)
UNMAPPED = "Vendor Apex Glass is not matched to a QuickBooks vendor. Match it, or create it in QuickBooks."
BILL = "bill INV-7 of June 30, 2026, $700.00"


def entry(number: int, verdict: PlanVerdict, reason: str = "", transaction: str = "") -> PlanEntry:
    return PlanEntry(
        requisition_id=str(5_800 + number),
        verdict=verdict,
        reason=reason,
        number=f"INV-{number}",
        vendor_name="Ernie's Electrical",
        project_id=PROJECT,
        due=Decimal(100 * number),
        transaction_key="Bill:145" if transaction else "",
        transaction=transaction,
    )


ENTRIES = [
    *(entry(number, PlanVerdict.CREATE) for number in range(1, 61)),
    entry(61, PlanVerdict.LINK, transaction=BILL),
    entry(62, PlanVerdict.ASK, "likely_duplicate", BILL),
    entry(63, PlanVerdict.SKIP, "before_start"),
]
DRAFTED = {one.requisition_id: PlannedOutcome(posts=one.due) for one in ENTRIES[:58]} | {
    one.requisition_id: PlannedOutcome(held_because=UNMAPPED) for one in ENTRIES[58:60]
}


async def make_ready(session: CompanySession, plan_id: UUID) -> None:
    """As the worker does once it has listed every requisition and looked into the books."""
    drafted = DraftTotals.of((one, DRAFTED[one.requisition_id]) for one in ENTRIES if one.requisition_id in DRAFTED)
    await write_entries(session, plan_id, ENTRIES, DRAFTED)
    await plan_made(session, plan_id, PlanTotals.of(ENTRIES), drafted, plan_hash(START, ENTRIES))


async def test_a_backfill_is_signed_off_by_its_piles(page: Page, site: Site) -> None:
    await sign_in(page, site, ADA)
    company_id, actor = await site.company(page)
    async with site.database.company(company_id, actor) as session:
        await switch_feature(session, True)
        await add_connection(session, UUID(actor.id or ""))
        await add_projects(session)
        plan_id = await request_plan(session, START, UUID(actor.id or ""))
        await session.flush()
        await make_ready(session, plan_id)
    await page.goto(f"{site.url}/settings/procore?plan={plan_id}")
    dialog = page.get_by_role("dialog")
    await expect(dialog).to_contain_text(
        "58 would post ($171,100.00), 3 need you. 1 is in QuickBooks already and is linked"
    )
    await expect(dialog).to_contain_text(f"posts 58 bills, $171,100.00; 2 would be held, because: {UNMAPPED[:-1]} (2).")
    piles = dialog.locator("#piles")
    await expect(piles.locator("tbody tr")).to_have_count(4)
    await expect(piles.locator("tfoot")).to_contain_text("63")
    await expect(piles.locator("tfoot")).to_contain_text("$201,600.00")

    await piles.get_by_role("link", name="Create").click()
    await expect(dialog.get_by_text("Page 1 of 2")).to_be_visible()
    await dialog.get_by_role("link", name="Next").click()
    await expect(dialog.get_by_text("Page 2 of 2")).to_be_visible()
    await expect(dialog.get_by_text("INV-1", exact=True)).to_be_visible()
    await dialog.locator("#piles").get_by_role("link", name="Link").click()
    await expect(dialog.get_by_text(BILL)).to_be_visible()
    await expect(dialog.locator("#piles a[aria-current]")).to_have_text("Link")
    assert await findings(page) == []

    await dialog.get_by_role("button", name="Sign off and turn on").click()
    await expect(page.get_by_role("switch")).to_have_attribute("aria-checked", "true")
    statement = page.locator("#statement")
    await expect(statement).to_contain_text("On its way")
    await expect(page.get_by_text("62 still on their way.")).to_be_visible()
    await expect(statement.locator("tfoot")).to_contain_text("Signed off, to the cent")
    assert await findings(page) == []

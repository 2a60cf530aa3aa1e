"""What an accountant decides on an invoice's page, in a real browser: preview, review, look-alikes, exits, and why."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID

import pytest_asyncio
from playwright.async_api import expect

from accounting.blockers import BlockerReason, Hold
from models.connection_cards import AccountChoices, choose_accounts
from models.mappings import MappingKey, MappingTarget, save_mapping
from models.members import switch_feature
from models.new_vendors import vendor_refused, vendors_to_create
from models.reference_lists import ListEntry, store_list
from models.tables import InvoiceRow, MappingAuthor, MappingKind
from tests.api.booked import CUSTOMERS, VENDORS, transaction
from tests.api.browsing import Site, sign_in
from tests.api.checked_pages import findings
from tests.api.seeding import EXPENSE, PAYABLE, RETAINAGE, add_connection, add_invoice, add_projects
from tests.api.world import ADA, TOM

if TYPE_CHECKING:
    from playwright.async_api import Page

    from models.database import Actor

R = BlockerReason
DUPLICATE = Hold(R.LIKELY_DUPLICATE, "bill INV-1 of June 28, 2026, $15,300.00", "Bill:145")


@dataclass
class Desk:
    """Ada, whose books have everything but what a test takes away."""

    page: Page
    site: Site
    company_id: UUID
    actor: Actor
    connection_id: UUID

    async def invoice(self, number: str, *holds: Hold, due: str = "15300.00") -> UUID:
        async with self.site.database.company(self.company_id, self.actor) as session:
            return await add_invoice(
                session, number, connection_id=self.connection_id, source_id=number, holds=holds, due=Decimal(due)
            )

    async def open(self, invoice_id: UUID) -> None:
        await self.page.goto(f"{self.site.url}/invoices/{invoice_id}")

    async def says(self, words: str) -> None:
        await expect(self.page.get_by_role("status").first).to_contain_text(words)

    async def state(self, invoice_id: UUID) -> str:
        async with self.site.database.company(self.company_id, self.actor) as session:
            row = await session.get(InvoiceRow, (self.company_id, invoice_id))
            assert row is not None
            return row.state.value

    async def settings(self, **changes: object) -> None:
        path = f"{self.site.url}/api/v1/connections/{self.connection_id}/settings"
        answer = await self.page.request.put(path, data=changes)
        assert answer.ok, await answer.text()


@pytest_asyncio.fixture
async def desk(page: Page, site: Site) -> Desk:
    await sign_in(page, site, ADA)
    company_id, actor = await site.company(page)
    admin_id = UUID(actor.id or "")
    async with site.database.company(company_id, actor) as session:
        await switch_feature(session, True)
        connection_id = await add_connection(session, admin_id)
        await add_projects(session)
        for entity, entries in (("Vendor", VENDORS), ("Customer", CUSTOMERS)):
            await store_list(session, connection_id, entity, entries, session.now)
        await choose_accounts(session, connection_id, AccountChoices(EXPENSE, RETAINAGE, PAYABLE, 30), admin_id)
        await save_mapping(
            session, connection_id, MappingKey(MappingKind.VENDOR, "8881"), "Ernie's Electrical",
            MappingTarget("Vendor", "56"), author=MappingAuthor.PERSON, author_id=admin_id,
        )  # fmt: skip
    return Desk(page, site, company_id, actor, connection_id)


async def test_a_preview_is_shown_and_exactly_the_shown_hash_is_approved(desk: Desk, complaints: list[str]) -> None:
    page = desk.page
    await desk.settings(review_before_posting=True)
    invoice_id = await desk.invoice("INV-1", Hold(R.REVIEW, "$15,300.00, INV-1", "review"))
    await desk.open(invoice_id)
    card = page.get_by_role("region", name="Review before posting")
    await expect(card).to_contain_text("Ernies Electric LLC")
    await expect(card.get_by_role("row", name="Retainage withheld, 701 #3")).to_contain_text("-$100.00")
    await expect(card.get_by_role("row", name="Total")).to_contain_text("$15,300.00")
    assert await findings(page) == []
    # Somebody changes where the vendor points to: what is shown is not what would be posted any more.
    async with desk.site.database.company(desk.company_id, desk.actor) as session:
        await save_mapping(
            session, desk.connection_id, MappingKey(MappingKind.VENDOR, "8881"), "Ernie's Electrical",
            MappingTarget("Vendor", "57"), author=MappingAuthor.PERSON, author_id=UUID(desk.actor.id or ""),
        )  # fmt: skip
    await card.get_by_role("button", name="Approve exactly this").click()
    await expect(page.get_by_role("alert")).to_contain_text("The bill has changed since you saw it.")
    assert await desk.state(invoice_id) == "needs_you"
    await expect(card).to_contain_text("Harbor Steel")
    await card.get_by_role("button", name="Approve exactly this").click()
    await desk.says("Approved. Exactly this bill goes to QuickBooks by itself.")
    assert await desk.state(invoice_id) == "imported"
    assert [one for one in complaints if "409" not in one] == []


async def test_a_look_alike_is_used_and_unlinked_or_another_one(desk: Desk) -> None:
    page = desk.page
    used, another = [await desk.invoice(number, DUPLICATE) for number in ("INV-1", "INV-2")]
    async with desk.site.database.company(desk.company_id, desk.actor) as session:
        await transaction(session, desk.connection_id, "145", "INV-1", "15300.00")
    await desk.open(used)
    assert await findings(page) == []
    await page.get_by_role("button", name="Use this bill").click()
    await desk.says("Linked. Nothing is posted for this invoice.")
    assert await desk.state(used) == "linked"
    await page.get_by_role("button", name="Unlink this bill").click()
    await desk.says("Unlinked.")
    await desk.open(another)
    await page.get_by_role("button", name="Post as a new bill").click()
    await desk.says("Kept. The invoice goes on by itself")
    assert await desk.state(another) == "imported"


async def test_dont_post_with_a_word_why_and_back(desk: Desk) -> None:
    page = desk.page
    invoice_id = await desk.invoice("INV-1")
    await desk.open(invoice_id)
    await page.get_by_text("Don't post this invoice").click()
    await page.get_by_label("Why not").fill("paid by card")
    await page.get_by_role("button", name="Don't post", exact=True).click()
    await desk.says("This invoice stays out of QuickBooks.")
    await expect(page.get_by_role("region", name="Timeline")).to_contain_text("paid by card")
    await page.get_by_role("button", name="Post after all").click()
    await desk.says("The invoice goes on by itself.")
    assert await desk.state(invoice_id) == "imported"


async def test_a_negative_invoice_is_posted_as_a_vendor_credit(desk: Desk) -> None:
    page = desk.page
    invoice_id = await desk.invoice("INV-1", Hold(R.NEGATIVE_TOTAL, "-$500.00"), due="-500.00")
    await desk.open(invoice_id)
    await expect(page.get_by_text("Choose Post as vendor credit on the invoice's page")).to_be_visible()
    await page.get_by_role("button", name="Post as vendor credit").click()
    await desk.says("Kept. The invoice goes on by itself")
    await expect(page.get_by_role("region", name="What would be posted")).to_contain_text("As a vendor credit")
    assert await desk.state(invoice_id) == "imported"


async def test_one_line_of_this_invoice_goes_elsewhere_and_comes_back(desk: Desk) -> None:
    page = desk.page
    materials = ListEntry("Account", "40", "Materials", "Job Costs:Materials", True, "Cost of Goods Sold", "Other")
    async with desk.site.database.company(desk.company_id, desk.actor) as session:
        await store_list(session, desk.connection_id, "Account", [materials], session.now, whole=False)
    invoice_id = await desk.invoice("INV-1")
    await desk.open(invoice_id)
    card = page.get_by_role("region", name="For this invoice only")
    await card.get_by_text("Choose another account or item").click()
    assert await findings(page) == []
    await card.get_by_label("Line").select_option("1 · Rough-in, floors 3 to 6 · 26-050.S")
    await card.get_by_label("Category (account) in QuickBooks").fill("Job Costs:Materials")
    await card.get_by_role("button", name="Use for this line").click()
    await desk.says("Kept, for this invoice only.")
    chosen = card.get_by_role("list", name="Chosen for this invoice only")
    await expect(chosen).to_contain_text("Job Costs:Materials")
    await expect(page.get_by_role("region", name="What would be posted")).to_contain_text("Job Costs:Materials")
    assert await findings(page) == []
    await chosen.get_by_role("button", name="Take back").click()
    await desk.says("Taken back. Data mapping decides again.")
    await expect(page.get_by_role("region", name="What would be posted")).not_to_contain_text("Job Costs:Materials")


async def test_a_closed_period_takes_another_date(desk: Desk) -> None:
    page = desk.page
    await desk.settings(lock_date="2026-06-30")
    invoice_id = await desk.invoice("INV-1", Hold(R.LOCK_DATE, "June 30, 2026"))
    await desk.open(invoice_id)
    await page.get_by_label("Bill date").fill("2026-06-15")
    await page.get_by_role("button", name="Choose date").click()
    await expect(page.get_by_role("alert")).to_contain_text("June 15, 2026 is closed too.")
    await page.get_by_label("Bill date").fill("2026-07-01")
    await page.get_by_role("button", name="Choose date").click()
    await desk.says("Kept.")
    await expect(page.get_by_role("region", name="What would be posted")).to_contain_text("Jul 1, 2026")


async def test_a_missing_vendor_is_created_from_the_invoice(desk: Desk) -> None:
    page = desk.page
    async with desk.site.database.company(desk.company_id, desk.actor) as session:
        invoice_id = await add_invoice(
            session, "INV-1", connection_id=desk.connection_id, source_id="1", vendor="Harbor Point Tower",
            holds=(Hold(R.VENDOR_UNMAPPED, "Harbor Point Tower", "8881"),),
        )  # fmt: skip
        await session.do("DELETE FROM mapping WHERE company_id = %(company_id)s")
    await desk.open(invoice_id)
    # Its name is a customer's in QuickBooks, where names are unique.
    name = page.get_by_label("Or create it in QuickBooks as")
    await expect(name).to_have_value("Harbor Point Tower (Vendor)")
    await name.fill("Harbor Point Tower")
    await page.get_by_role("button", name="Create in QuickBooks").click()
    await expect(page.get_by_role("alert")).to_contain_text("“Harbor Point Tower” is a customer in QuickBooks")
    await page.get_by_role("button", name="Create in QuickBooks").click()
    await desk.says("The vendor is being created in QuickBooks.")
    await expect(page.get_by_text("is being created in QuickBooks. The invoice goes on")).to_be_visible()
    async with desk.site.database.company(desk.company_id, desk.actor) as session:
        (wanted,) = await vendors_to_create(session)
        await vendor_refused(session, wanted, "QuickBooks already uses the name.")
    await desk.open(invoice_id)
    await expect(page.get_by_text("QuickBooks already uses the name.")).to_be_visible()
    assert await findings(page) == []


async def test_why_it_is_not_in_quickbooks(desk: Desk) -> None:
    page = desk.page
    invoice_id = await desk.invoice("INV-7", DUPLICATE)
    await page.get_by_role("link", name="Why not posted?").click()
    assert await findings(page) == []
    await page.get_by_label("Number, id or address").fill("INV-7")
    await page.get_by_role("button", name="Tell me why").click()
    answer = page.get_by_role("region", name="INV-7")
    await expect(answer).to_contain_text("already holds something that looks like this invoice")
    await expect(answer).to_contain_text("For: accountant")
    assert await findings(page) == []
    await answer.get_by_role("link", name="Compare").click()
    await page.wait_for_url(f"**/invoices/{invoice_id}")
    await page.goto(f"{desk.site.url}/why?of=INV-7&at=soon")
    await expect(page.get_by_role("alert")).to_contain_text("That is no date and time.")


async def test_month_end_and_its_csv(desk: Desk) -> None:
    page = desk.page
    await desk.invoice("INV-1")
    await page.get_by_role("link", name="Month end").click()
    await page.get_by_label("As of").fill("2030-01-31")
    await page.get_by_role("button", name="Show").click()
    row = page.get_by_role("row", name="Harbor Point Tower")
    await expect(row).to_contain_text("Job Costs:Subcontractors")
    await expect(row).to_contain_text("$15,400.00")
    assert await findings(page) == []
    async with page.expect_download() as download:
        await page.get_by_role("link", name="Download CSV").click()
    text = (await (await download.value).path()).read_text(encoding="utf-8-sig")
    assert "Harbor Point Tower,Job Costs:Subcontractors,1,15400.00,100.00,15300.00" in text


async def test_month_end_tells_one_reason_and_the_others_on_demand(desk: Desk) -> None:
    page = desk.page
    currency, tax = Hold(R.CURRENCY, "CAD"), Hold(R.TAX, "$1.00")
    await desk.invoice("INV-1", tax)
    await desk.invoice("INV-2", currency)
    await page.goto(f"{desk.site.url}/month-end?as_of=2030-01-31")
    row = page.get_by_role("row", name="Harbor Point Tower")
    await expect(row.get_by_text(currency.sentence)).to_be_visible()
    await expect(row.get_by_text(tax.sentence)).to_be_hidden()
    await row.get_by_text("and 1 more reason", exact=True).click()
    await expect(row.get_by_text(tax.sentence)).to_be_visible()
    assert await findings(page) == []


async def test_a_reader_sees_no_way_to_decide(desk: Desk) -> None:
    page = desk.page
    invoice_id = await desk.invoice("INV-1", DUPLICATE)
    await page.context.clear_cookies()
    await sign_in(page, desk.site, TOM)
    await desk.open(invoice_id)
    await expect(page.get_by_text("already holds something that looks like")).to_be_visible()
    for name in ("Use this bill", "Post as a new bill", "Don't post"):
        await expect(page.get_by_role("button", name=name)).to_have_count(0)
    await expect(page.get_by_role("link", name="Month end")).to_have_count(0)
    answer = await page.goto(f"{desk.site.url}/month-end")
    assert answer is not None and answer.status == 403

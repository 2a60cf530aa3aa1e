"""The invoice pages in a real browser: addresses, news without reloading, many at once, uploads, what goes wrong."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest
import pytest_asyncio
from playwright.async_api import expect
from sqlmodel import col, select

from accounting.blockers import BlockerReason, Hold
from models.database import Actor
from models.events import record_event, timeline
from models.members import switch_feature
from models.mirroring import mirroring_row
from models.tables import ActorKind, InvoiceRow, ProcoreProject
from simulators.faults import FaultRule
from tests.api.browsing import Site, sign_in
from tests.api.seeding import add_connection, add_invoice, add_projects
from tests.api.world import ADA

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

    from foundation.clock import ManualClock
    from tests.api.conftest import Procore

APEX = Hold(BlockerReason.VENDOR_UNMAPPED, "Apex Glass", "8890")
REFUSED = Hold(BlockerReason.REFUSED_BY_QUICKBOOKS, "Business validation error (code 6000)", "6000")
WORKER = Actor(ActorKind.WORKFLOW)
PDF = b"%PDF-1.7 an invoice"


class Desk:
    """Ada's desk: her browser signed in, and a company with three invoices."""

    def __init__(self, page: Page, site: Site, company_id: UUID, actor: Actor) -> None:
        self.page = page
        self.site = site
        self.company_id = company_id
        self.actor = actor
        self.connection_id = UUID(int=0)
        self.ids: dict[str, UUID] = {}

    async def open(self, path: str) -> None:
        await self.page.goto(self.site.url + path)

    async def add(self, number: str, *holds: Hold, vendor: str = "Ernie's Electrical", due: str = "15300.00") -> UUID:
        """As the worker brings one in."""
        async with self.site.database.company(self.company_id, WORKER) as session:
            self.ids[number] = await add_invoice(
                session,
                number,
                connection_id=self.connection_id,
                source_id=number,
                due=Decimal(due),
                vendor=vendor,
                holds=holds,
            )
        return self.ids[number]

    async def happened(self, number: str, kind: str) -> int:
        async with self.site.database.company(self.company_id, WORKER) as session:
            return [event.kind for event in await timeline(session, "invoice", self.ids[number])].count(kind)

    async def stays(self) -> None:
        """Mark the document, so that a later look tells whether it was loaded anew."""
        await self.page.evaluate("window.same = true")

    async def stayed(self) -> bool:
        return bool(await self.page.evaluate("window.same === true"))


@pytest_asyncio.fixture
async def desk(page: Page, site: Site) -> Desk:
    return await sit_down(page, site)


async def sit_down(page: Page, site: Site) -> Desk:
    await sign_in(page, site, ADA)
    company_id, actor = await site.company(page)
    made = Desk(page, site, company_id, actor)
    async with site.database.company(company_id, actor) as session:
        await switch_feature(session, True)
        made.connection_id = await add_connection(session, UUID(actor.id or ""))
        await add_projects(session)
    await made.add("INV-1")
    await made.add("INV-2", APEX, vendor="Apex Glass", due="250.00")
    await made.add("INV-3", REFUSED, due="75.50")
    return made


def asked(page: Page) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}


async def numbers(page: Page) -> list[str]:
    return await page.locator("#list td[data-label=Number] a").all_inner_texts()


async def test_the_filter_is_in_the_address_and_comes_back_with_it(desk: Desk, complaints: list[str]) -> None:
    page = desk.page
    await desk.open("/")
    await page.get_by_role("link", name="Invoices", exact=True).click()
    assert await numbers(page) == ["INV-3", "INV-2", "INV-1"]
    await page.get_by_label("Search").fill("inv")
    await page.get_by_label("Project").select_option(label="Harbor Point Tower")
    await page.get_by_label("Source").select_option(label="Procore")
    await page.get_by_role("button", name="Filter").click()
    await page.get_by_role("link", name=re.compile("^Needs you")).click()
    await page.get_by_role("link", name="Amount").click()
    assert {name: value for name, value in asked(page).items() if value} == {
        "status": "Needs you",
        "project": "9001",
        "source": "procore",
        "search": "inv",
        "sort": "due",
    }
    assert await numbers(page) == ["INV-3", "INV-2"]
    await page.get_by_role("link", name="Amount").click()
    assert await numbers(page) == ["INV-2", "INV-3"]
    address = page.url
    await desk.open("/")
    await page.goto(address)
    assert await numbers(page) == ["INV-2", "INV-3"]
    await expect(page.get_by_label("Search")).to_have_value("inv")
    await expect(page.get_by_text("2 invoices · $325.50")).to_be_visible()
    await page.locator("[name=vendor]").select_option(label="Ernie's Electrical")
    await page.locator("[name=blocker]").select_option(label="Refused by QuickBooks")
    await page.get_by_role("button", name="Filter").click()
    assert await numbers(page) == ["INV-3"]
    await page.get_by_role("link", name="Clear").click()
    assert len(await numbers(page)) == 3
    assert complaints == []


async def test_news_reaches_open_pages_without_reloading(desk: Desk, complaints: list[str]) -> None:
    page = desk.page
    await desk.open("/invoices")
    await desk.stays()
    await page.get_by_label("Choose INV-2 of Apex Glass").check()
    await desk.add("INV-4", APEX, vendor="Apex Glass", due="1000.00")
    await expect(page.get_by_role("link", name="INV-4")).to_be_visible()
    await expect(page.get_by_text("4 invoices · $16,625.50")).to_be_visible()
    # What the person was about to do is still so.
    await expect(page.get_by_label("Choose INV-2 of Apex Glass")).to_be_checked()
    await expect(page.get_by_label("Choose INV-4 of Apex Glass")).not_to_be_checked()
    assert await desk.stayed()

    await desk.open(f"/invoices/{desk.ids['INV-1']}")
    await desk.stays()
    async with desk.site.database.company(desk.company_id, WORKER) as session:
        record_event(session, "invoice", desk.ids["INV-1"], "changed_in_procore", number="INV-1")
    await expect(page.get_by_text("Changed in Procore; read again")).to_be_visible()
    assert await desk.stayed()

    await desk.open("/")
    await desk.stays()
    await expect(page.get_by_role("cell", name="$1,250.00", exact=True)).to_be_visible()
    await desk.add("INV-5", APEX, vendor="Apex Glass", due="2000.00")
    await expect(page.get_by_role("cell", name="$3,250.00", exact=True)).to_be_visible()
    assert await desk.stayed()
    assert complaints == []


async def test_many_at_once_and_a_double_click_is_one(desk: Desk, complaints: list[str]) -> None:
    page = desk.page
    await desk.open("/invoices?sort=-due")
    await page.get_by_label("All invoices of this page").check()
    await expect(page.get_by_label("Choose INV-3 of Ernie's Electrical")).to_be_checked()
    await page.get_by_role("button", name="Try again").dblclick()
    await expect(page.get_by_role("status").first).to_contain_text("2 invoices tried again")
    assert asked(page)["sort"] == "-due"
    assert await desk.happened("INV-3", "tried_again") == 1
    await expect(page.get_by_role("link", name=re.compile("^Needs you"))).to_have_count(0)
    assert complaints == []


async def test_the_invoice_says_what_it_waits_for_and_offers_the_way_on(desk: Desk, complaints: list[str]) -> None:
    page = desk.page
    await desk.open("/invoices")
    await page.get_by_role("link", name="INV-3").click()
    await expect(page.get_by_role("heading", name="INV-3")).to_be_visible()
    await expect(page.get_by_text("QuickBooks refused the bill: Business validation error (code 6000)")).to_be_visible()
    await page.get_by_role("button", name="Try again").dblclick()
    await expect(page.get_by_role("status").first).to_contain_text("The invoice is tried again.")
    await expect(page.get_by_text("Tried again", exact=True)).to_have_count(1)
    assert complaints == []


async def fill_in(page: Page, *, total: str, amount: str, number: str = "INV-2001") -> None:
    await page.get_by_label("Project").select_option(label="Harbor Point Tower")
    await page.get_by_label("Vendor").fill("Ernie's Electrical")
    await page.get_by_label("Invoice number").fill(number)
    await page.get_by_label("Billing date").fill("2026-06-30")
    await page.get_by_label("Amount due").fill(total)
    await page.get_by_label("Description of line 1").fill("Rough-in")
    await page.get_by_label("Amount of line 1 this period").fill(amount)


async def drop(page: Page, name: str, content: bytes) -> None:
    """Drag a file from the desktop onto the form."""
    data = await page.evaluate_handle(
        """([name, text]) => {
            const data = new DataTransfer();
            data.items.add(new File([text], name, { type: "application/pdf" }));
            return data;
        }""",
        [name, content.decode()],
    )
    await page.dispatch_event(".drop", "drop", {"dataTransfer": data})


async def test_an_upload_from_drop_to_approval(desk: Desk, complaints: list[str]) -> None:
    page = desk.page
    await desk.open("/invoices")
    await page.get_by_role("link", name="Upload an invoice").click()
    await drop(page, "invoice.pdf", PDF)
    await fill_in(page, total="1,950.00", amount="2,000.00")
    await expect(page.get_by_text("-$50.00 between the lines and the amount due.")).to_be_visible()
    await page.get_by_role("button", name="Upload").click()
    # Wrong: said at the top, and nothing typed or chosen is lost.
    await expect(page.get_by_role("alert").first).to_contain_text(
        "The lines add up to 2,000.00, the total says 1,950.00."
    )
    await expect(page.get_by_label("Invoice number")).to_have_value("INV-2001")
    assert await page.evaluate("document.getElementById('document').files.length") == 1
    for _ in range(2):
        await page.get_by_role("button", name="Add a line").click()
    last = await page.locator("#entries tr").count()
    await page.get_by_label(f"Description of line {last}").fill("Retainage")
    await page.get_by_label(f"Retainage of line {last}").fill("-50")
    await expect(page.get_by_text("The lines add up to the amount due.")).to_be_visible()
    complaints.clear()  # The browser notes every answer of 422.
    await page.get_by_role("button", name="Upload").dblclick()
    await expect(page.get_by_role("heading", name="INV-2001")).to_be_visible()
    await expect(page.get_by_text("invoice.pdf")).to_be_visible()
    await page.get_by_role("button", name="Approve").dblclick()
    await expect(page.get_by_text("Approved in inBuild")).to_have_count(1)
    async with desk.site.database.company(desk.company_id, desk.actor) as session:
        found = await session.exec(select(InvoiceRow).where(col(InvoiceRow.number) == "INV-2001"))
        assert [(row.due, row.approved_at is not None) for row in found] == [(Decimal("1950.00"), True)]
    assert complaints == []


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("invoice.gif", b"GIF89a", "The file is not a PDF. Choose the invoice as a PDF"),
        ("invoice.pdf", b"%PDF-" + bytes(26 * 1024 * 1024), "The PDF is larger than 25 MB."),
    ],
    ids=["by its name", "too large"],
)
async def test_a_file_that_would_be_refused_is_not_even_sent(desk: Desk, name: str, content: bytes, said: str) -> None:
    await desk.open("/invoices/upload")
    await desk.page.set_input_files("#document", {"name": name, "mimeType": "application/pdf", "buffer": content})
    await expect(desk.page.get_by_text(said)).to_be_visible()
    assert await desk.page.evaluate("document.getElementById('document').files.length") == 0


async def test_uploading_works_without_scripts(browser: Browser, site: Site) -> None:
    context = await browser.new_context(java_script_enabled=False)
    try:
        page = await context.new_page()
        desk = await sit_down(page, site)
        await desk.open("/invoices/upload")
        await fill_in(page, total="100.005", amount="100.00")
        await page.set_input_files("#document", {"name": "i.pdf", "mimeType": "application/pdf", "buffer": b"GIF89a"})
        await page.get_by_role("button", name="Upload").click()
        await expect(page.get_by_role("alert").first).to_contain_text("The file is not a PDF.")
        await page.get_by_role("button", name="Upload").click()
        await expect(page.get_by_role("alert").first).to_contain_text("An amount has a fraction of a cent")
        await page.get_by_label("Amount due").fill("100.00")
        await page.get_by_role("button", name="Upload").click()
        await expect(page.get_by_role("heading", name="INV-2001")).to_be_visible()
        await desk.open("/invoices?search=inv-2")
        await page.get_by_label("Choose INV-2001 of Ernie's Electrical").check()
        await page.get_by_role("button", name="Approve uploads").click()
        await expect(page.get_by_role("status").first).to_contain_text("1 invoice approved")
        assert asked(page)["search"] == "inv-2"
    finally:
        await context.close()


async def test_a_session_that_ends_leads_back_to_where_the_person_was(desk: Desk) -> None:
    page = desk.page
    await desk.open("/invoices?status=Needs+you&sort=-due")
    await page.context.clear_cookies()
    await page.reload()
    await expect(page.get_by_role("alert")).to_have_text("Sign in with Procore to go on.")
    await page.get_by_role("link", name="Sign in with Procore").click()
    await page.locator(f"[name=user_id][value='{ADA}']").click()
    await page.wait_for_url(f"{desk.site.url}/**")
    assert asked(page) == {"status": "Needs you", "sort": "-due"}
    assert await numbers(page) == ["INV-2", "INV-3"]


async def test_an_open_list_survives_the_end_of_its_session(desk: Desk) -> None:
    page = desk.page
    await desk.open("/invoices")
    # The stream stays open: the next piece of news finds nobody signed in.
    await page.context.clear_cookies()
    async with page.expect_response(lambda answer: answer.status == 401) as answered:
        await desk.add("INV-4")
    await (await answered.value).finished()
    await page.evaluate("new Promise(requestAnimationFrame)")
    assert await numbers(page) == ["INV-3", "INV-2", "INV-1"]


async def test_the_pages_go_on_while_procore_is_down_and_say_how_old_they_are(
    desk: Desk, procore: Procore, clock: ManualClock, complaints: list[str]
) -> None:
    async with desk.site.database.company(desk.company_id, WORKER) as session:
        (await mirroring_row(session)).is_on = True
        for project in await session.exec(select(ProcoreProject)):
            project.last_looked_at = session.now
            session.add(project)
    procore.simulator.plan.add(FaultRule(effect="status", status=503))
    # So much later that Procore would have been looked at three times, and is asked again who this person is.
    clock.set(clock.now() + timedelta(minutes=20))
    for path in ("/", "/invoices"):
        await desk.open(path)
        told = "Procore was last read 20 minutes ago; what you see is inBuild's own copy. inBuild keeps trying."
        await expect(desk.page.get_by_text(told)).to_be_visible()
    assert await numbers(desk.page) == ["INV-3", "INV-2", "INV-1"]
    await desk.page.get_by_role("link", name="INV-3").click()
    await desk.page.get_by_role("button", name="Try again").click()
    await expect(desk.page.get_by_role("status").first).to_contain_text("The invoice is tried again.")
    assert complaints == []


async def test_unknown_and_foreign_invoices_look_the_same(desk: Desk) -> None:
    for path in (f"/invoices/{UUID(int=7)}", "/invoices/not-an-id"):
        answer = await desk.page.goto(desk.site.url + path)
        assert answer is not None and answer.status == 404
        await expect(desk.page.get_by_role("heading", name="Not found")).to_be_visible()


@pytest.mark.parametrize("width", [1440, 1024, 390])
async def test_no_invoice_page_is_wider_than_the_window(desk: Desk, width: int) -> None:
    await desk.page.set_viewport_size({"width": width, "height": 844})
    long_name = await desk.add("INV-" + "9" * 40, APEX, vendor="Long & Longer " * 6)
    for path in ("/", "/invoices", f"/invoices/{long_name}", "/invoices/upload", "/invoices?search=nothing"):
        await desk.open(path)
        assert await desk.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path

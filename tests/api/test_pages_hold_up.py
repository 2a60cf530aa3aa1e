"""Every page, for everybody who sees it differently: accessible, valid, and quiet in the browser's console."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from playwright.async_api import expect

from accounting.blockers import BlockerReason, Hold
from api.intents.company_files import SUPPORT_PATH
from api.temporal_links import EXPIRED
from models.attempts import fail_attempt, start_attempt
from models.company_settings import name_accountant
from models.connections import connection_by_id, locked_attempt, move_connection, pause_posting
from models.directory import grant_support
from models.events import timeline
from models.members import switch_feature
from models.reference_lists import ListEntry, store_list
from models.tables import ConnectionState, QuickBooksKind, TakeBackWay
from models.taking_back import ask, stays_there, waiting_item
from models.toggle import request_plan, switch_on
from tests.api.browsing import Site, sign_in, sign_in_by_hand
from tests.api.checked_pages import findings, invalid_html
from tests.api.seeding import add_connection, add_invoice, add_projects, make_plan_ready
from tests.api.test_taking_back import link_bill
from tests.api.world import ADA, MARISOL, NOBODY, RAY, TOM

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.async_api import Page

    from models.database import CompanySession

ROOT = "/settings/accounting-integrations"


class Visits:
    """Pages as they are visited: what was wrong with each, and its HTML for the validator."""

    def __init__(self, page: Page, site: Site, folder: Path) -> None:
        self.page, self.site, self.folder = page, site, folder
        self.wrong: list[str] = []
        self._count = 0

    async def to(self, *paths: str, broken: bool = False) -> None:
        for path in paths:
            answer = await self.page.goto(self.site.url + path)
            assert answer is not None and (answer.status >= 500) is broken, path
            self._count += 1
            name = f"{self._count:02}{path.split('?')[0].replace('/', '-')}.html"
            (self.folder / name).write_text(await answer.text())
            self.wrong += [f"{path}: {found}" for found in await findings(self.page)]

    def nothing_wrong(self) -> None:
        assert not self.wrong, "\n".join(self.wrong)
        invalid = invalid_html(self.folder)
        assert invalid == []


@pytest.fixture
def visits(page: Page, site: Site, tmp_path: Path) -> Visits:
    return Visits(page, site, tmp_path)


async def _books(session: CompanySession, admin_id: UUID) -> tuple[UUID, UUID]:
    """A connection with projects, vendors and invoices in several states; its id, and that of one invoice."""
    connection_id = await add_connection(session, admin_id)
    await add_projects(session)
    vendors = (ListEntry("Vendor", "v1", "Ernie Electrical LLC", "Ernie Electrical LLC", True),)
    await store_list(session, connection_id, "Vendor", vendors, session.now)
    hold = Hold(BlockerReason.VENDOR_UNMAPPED, "Ernie's Electrical", "8881")
    invoice_id = await add_invoice(session, "INV-1042", connection_id=connection_id, source_id="1", holds=(hold,))
    await add_invoice(session, "INV-1043", connection_id=connection_id, source_id="2")
    return connection_id, invoice_id


async def test_for_a_company_that_begins(visits: Visits, complaints: list[str]) -> None:
    await visits.to("/")
    await sign_in(visits.page, visits.site, ADA)
    company_id, actor = await visits.site.company(visits.page)
    # The feature is off.
    await visits.to("/", "/settings/procore", "/settings/company")
    async with visits.site.database.company(company_id, actor) as session:
        await switch_feature(session, True)
    await visits.to("/", "/invoices", ROOT, "/settings/procore")
    async with visits.site.database.company(company_id, actor) as session:
        begun = await start_attempt(session, QuickBooksKind.ONLINE, UUID(actor.id or ""), "state", session.now)
        attempt = await locked_attempt(session, begun.attempt_id)
        assert attempt is not None
        fail_attempt(session, attempt, "Access to QuickBooks was not granted on Intuit's page.")
    await visits.to(ROOT)
    assert await visits.page.get_by_text("Connection Failed").count() == 1
    await visits.page.get_by_role("button", name="Connect", exact=True).nth(1).click()
    await expect(visits.page.get_by_role("region", name="Password of this company file")).to_be_visible(timeout=30_000)
    visits.wrong += await findings(visits.page)
    await visits.to(SUPPORT_PATH)
    visits.nothing_wrong()
    assert complaints == []


async def test_for_an_admin_of_a_connected_company(visits: Visits, complaints: list[str]) -> None:
    await sign_in(visits.page, visits.site, ADA)
    company_id, actor = await visits.site.company(visits.page)
    admin_id = UUID(actor.id or "")
    async with visits.site.database.company(company_id, actor) as session:
        await switch_feature(session, True)
        connection_id, invoice_id = await _books(session, admin_id)
        plan_id = await request_plan(session, session.now.date(), admin_id)
    await visits.to(f"/settings/procore?plan={plan_id}")
    async with visits.site.database.company(company_id, actor) as session:
        await make_plan_ready(session, plan_id, "a" * 64)
    here = f"{ROOT}/{connection_id}"
    await visits.to(
        "/",
        "/invoices",
        f"/invoices/{invoice_id}",
        "/invoices/upload",
        ROOT,
        f"{ROOT}?disconnect={connection_id}",
        f"{ROOT}?pause={connection_id}",
        here,
        f"{here}/mapping",
        f"{here}/mapping?kind=project&show=missing",
        f"{here}/mapping?kind=cost_code",
        f"{here}/projects",
        "/settings/company",
        "/settings/procore",
        "/settings/procore?dialog=start",
        f"/settings/procore?plan={plan_id}",
    )
    async with visits.site.database.company(company_id, actor) as session:
        await pause_posting(session, connection_id, True, admin_id)
        row = await connection_by_id(session, connection_id)
        assert row is not None
        move_connection(session, row, ConnectionState.EXPIRED, "refresh_refused")
    await visits.to("/", ROOT, f"{ROOT}?pause={connection_id}")
    assert await visits.page.get_by_role("button", name="Reconnect").count() == 1
    visits.nothing_wrong()
    assert complaints == []


async def test_for_an_admin_who_backfills_and_takes_back(visits: Visits, complaints: list[str]) -> None:
    await sign_in(visits.page, visits.site, ADA)
    company_id, actor = await visits.site.company(visits.page)
    admin_id = UUID(actor.id or "")
    async with visits.site.database.company(company_id, actor) as session:
        await switch_feature(session, True)
        connection_id, invoice_id = await _books(session, admin_id)
        plan_id = await request_plan(session, session.now.date(), admin_id)
        await make_plan_ready(session, plan_id, "a" * 64)
        await link_bill(session, invoice_id, connection_id)
    await visits.to(f"/settings/procore?plan={plan_id}&pile=create", f"/invoices/{invoice_id}/take-back")
    async with visits.site.database.company(company_id, actor) as session:
        await switch_on(session, plan_id, "a" * 64, admin_id)
        asked = await ask(session, [invoice_id], TakeBackWay.REMOVE, admin_id)
    await visits.to("/settings/procore", f"/takings-back/{asked.id}", f"/invoices/{invoice_id}")
    async with visits.site.database.company(company_id, actor) as session:
        item = await waiting_item(session, invoice_id)
        assert item is not None
        await stays_there(session, item, "It is paid.", may_reverse=True)
    await visits.to(f"/takings-back/{asked.id}", f"/invoices/{invoice_id}/take-back?way=reverse")
    # Nothing left to take back: the question says so.
    async with visits.site.database.company(company_id, actor) as session:
        await ask(session, [invoice_id], TakeBackWay.REMOVE, admin_id)
    await visits.to(f"/invoices/{invoice_id}/take-back")
    visits.nothing_wrong()
    assert complaints == []


async def test_for_readers_accountants_and_support(
    visits: Visits, site: Site, complaints: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    page = visits.page
    await sign_in(page, site, ADA)
    company_id, actor = await site.company(page)
    async with site.database.company(company_id, actor) as session:
        await switch_feature(session, True)
        _, invoice_id = await _books(session, UUID(actor.id or ""))
    await page.context.clear_cookies()
    await sign_in(page, site, MARISOL)
    _, accountant = await site.company(page)
    async with site.database.company(company_id, actor) as session:
        await name_accountant(session, UUID(accountant.id or ""), True)
    await visits.to("/", f"/invoices/{invoice_id}")
    await page.context.clear_cookies()
    await sign_in(page, site, TOM)
    await visits.to("/", "/invoices", "/settings/procore", "/settings/company")
    assert complaints == []
    await visits.to("/nowhere", ROOT, f"/invoices/{invoice_id}/history?event=1")
    monkeypatch.setattr("api.pages.why.why_of", unexpected)
    await visits.to("/why?of=INV-1042", broken=True)
    # The browser says so itself where an answer is 404, 403 or 500, and nothing else.
    assert [said.rpartition("status of ")[2][:3] for said in complaints] == ["404", "403", "403", "500"]
    complaints.clear()
    # The sidebar's own menu, and the narrow window's.
    await page.get_by_text("Tom Okafor").click()
    visits.wrong += await findings(page)
    await page.set_viewport_size({"width": 390, "height": 844})
    await page.get_by_role("button", name="Menu").click()
    await expect(page.get_by_role("link", name="Invoices")).to_be_visible()
    await page.set_viewport_size({"width": 1440, "height": 900})
    await page.context.clear_cookies()
    await sign_in(page, site, RAY)
    await page.get_by_text("Ray Duarte").click()
    await expect(page.get_by_role("button", name="Cascade Tenant Improvements")).to_be_visible()
    visits.wrong += await findings(page)
    await page.context.clear_cookies()
    await sign_in_by_hand(page, site, NOBODY)
    async with site.database.directory() as directory:
        await grant_support(directory, "simulated", "nora@example.test", True)
    seen = f"/support/companies/{company_id}/invoices/{invoice_id}"
    await visits.to(
        "/",
        "/support?text=hartwell",
        "/support?text=nothing-like-it",
        f"/support/companies/{company_id}",
        f"{seen}",
    )
    async with site.database.company(company_id, actor) as session:
        first = (await timeline(session, "invoice", invoice_id))[0].seq
    monkeypatch.setattr("api.pages.support.temporal_address", expired)
    await visits.to(f"{seen}/history?event={first}")
    visits.nothing_wrong()
    # Signing in at a company that has not installed the app is refused on the way, and a history had expired.
    assert [said for said in complaints if "status of 403" not in said and "status of 410" not in said] == []


async def unexpected(*_: object) -> None:
    raise RuntimeError("planted")


async def expired(*_: object) -> str:
    raise EXPIRED

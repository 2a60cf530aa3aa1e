"""The reconciliation in a real browser: read, explained, run again, printed; accessible, valid, never too wide."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.async_api import expect

from models.events import record_event
from models.members import switch_feature
from models.reconciliation_runs import run_under_way
from tests.api.browsing import Site, sign_in
from tests.api.checked_pages import findings, invalid_html
from tests.api.world import ADA, TOM
from tests.linked_company import LinkedCompany, linked_company, make_run, reconcile

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.async_api import Page


async def _company(page: Page, site: Site) -> LinkedCompany:
    """Twelve linked pairs, reconciled twice; three of them differ now."""
    company_id, actor = await site.company(page)
    async with site.database.company(company_id, actor) as session:
        await switch_feature(session, True)
    company = await linked_company(site.database, company_id, 12)
    await reconcile(company)
    await company.edit_in_quickbooks({1: lambda bill: bill.update(DocNumber="OTHER")})
    await company.delete_in_quickbooks(2)
    await company.edit_in_procore({3: lambda told: told.update(status="revise_and_resubmit")})
    await reconcile(company)
    return company


async def test_an_admin_explains_and_runs_it_again(
    page: Page, site: Site, complaints: list[str], tmp_path: Path
) -> None:
    await sign_in(page, site, ADA)
    company = await _company(page, site)
    await page.goto(site.url)
    await page.get_by_role("link", name="Reconciliation", exact=True).click()
    await expect(page.get_by_text("Ties to the cent")).to_be_visible()
    await expect(page.get_by_text("3 open", exact=True)).to_be_visible()

    row = page.get_by_role("row").filter(has_text="INV-00001")
    await expect(row).to_contain_text("Changed in QuickBooks")
    await row.get_by_placeholder("Why it is right").fill("The vendor renumbered it.")
    await row.get_by_role("button", name="Explain").click()
    await expect(page.get_by_role("status").first).to_contain_text("Explained.")
    await expect(page.get_by_role("row").filter(has_text="INV-00001")).to_contain_text("Ada Hartwell")
    await expect(page.get_by_text("2 open", exact=True)).to_be_visible()

    await page.get_by_role("button", name="Run now").click()
    await expect(page.get_by_text("Comparing every linked bill since")).to_be_visible()
    await company.edit_in_quickbooks({1: lambda bill: bill.update(DocNumber="INV-00001")})
    async with company.session() as session:
        run = await run_under_way(session)
        assert run is not None
    await make_run(company, run.id)
    async with company.session() as session:
        record_event(session, "reconciliation", run.id, "reconciled", open_differences=2)
    # Nobody reloads: the run's end is news.
    await expect(page.get_by_text("Comparing every linked bill since")).to_have_count(0, timeout=10_000)

    await page.get_by_role("combobox", name="Project").select_option(label="Mill Street School")
    await page.get_by_role("button", name="Filter").click()
    await expect(page).to_have_url(f"{site.url}/reconciliation?project=9002&connection=&from=&to=")
    await expect(page.get_by_text("Ties to the cent")).to_be_visible()

    wrong = []
    for name, path in (("page", "/reconciliation"), ("report", "/reconciliation/report")):
        answer = await page.goto(site.url + path)
        assert answer is not None
        (tmp_path / f"{name}.html").write_text(await answer.text())
        wrong += await findings(page)
    assert (wrong, invalid_html(tmp_path)) == ([], [])
    # On paper there is nothing but the report.
    await page.emulate_media(media="print")
    await expect(page.get_by_role("navigation", name="Main")).to_be_hidden()
    await expect(page.get_by_text("Prepared by")).to_be_visible()
    assert complaints == []


async def test_a_reader_reads_it_without_a_button(page: Page, site: Site) -> None:
    await sign_in(page, site, TOM)
    await _company(page, site)
    await page.goto(f"{site.url}/reconciliation")
    await expect(page.get_by_text("Ties to the cent")).to_be_visible()
    await expect(page.get_by_role("row").filter(has_text="INV-00001")).to_be_visible()
    for button in ("Run now", "Explain", "Open again"):
        await expect(page.get_by_role("button", name=button)).to_have_count(0)
    assert await findings(page) == []

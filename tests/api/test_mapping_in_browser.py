"""Mapping in a real browser: suggestions confirmed at once, pairs, the CSV sheet, history, new vendors, retainage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.async_api import expect

from accounting.blockers import BlockerReason, Hold
from tests.api.checked_pages import findings
from tests.api.test_deciding_in_browser import Desk, desk

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["desk"]

R = BlockerReason


def root(desk: Desk) -> str:
    return f"{desk.site.url}/settings/accounting-integrations/{desk.connection_id}"


async def unmapped(desk: Desk) -> None:
    async with desk.site.database.company(desk.company_id, desk.actor) as session:
        await session.do("DELETE FROM mapping WHERE company_id = %(company_id)s")


async def test_suggestions_are_confirmed_many_at_once(desk: Desk) -> None:
    page = desk.page
    await unmapped(desk)
    invoice_id = await desk.invoice("INV-1", Hold(R.VENDOR_UNMAPPED, "Ernie's Electrical", "8881"))
    await page.goto(f"{root(desk)}/mapping")
    await page.get_by_role("link", name="Suggestions").click()
    assert await findings(page) == []
    row = page.get_by_role("row", name="Ernie's Electrical")
    await row.get_by_label("Ernies Electric LLC").check()
    await page.get_by_role("button", name="Confirm chosen").click()
    await desk.says("1 matched. 1 invoices go on by themselves.")
    assert await desk.state(invoice_id) == "imported"
    kinds = page.get_by_role("navigation", name="What to match")
    await kinds.get_by_role("link", name="Projects").click()
    # An exact name is chosen already: a person only has to say yes.
    exact = page.get_by_role("row", name="Harbor Point Tower").get_by_role("checkbox").first
    await expect(exact).to_be_checked()


async def test_a_pair_of_cost_code_and_type_has_an_account_of_its_own(desk: Desk) -> None:
    page = desk.page
    await desk.invoice("INV-1")
    await page.goto(f"{root(desk)}/mapping/suggestions?kind=budget_code")
    choice = page.get_by_role("row", name="26-050.S").get_by_role("combobox")
    await choice.select_option(label="Job Costs:Subcontractors")
    assert await findings(page) == []
    await page.get_by_role("button", name="Confirm chosen").click()
    await desk.says("1 matched.")
    await page.goto(f"{root(desk)}/mapping/history?kind=budget_code&procore_id=26-050.s")
    await expect(page.get_by_role("row", name="Job Costs:Subcontractors")).to_contain_text("In force")
    # One project may have an account of its own, and goes back to the common one.
    await page.goto(f"{root(desk)}/mapping/suggestions?kind=budget_code")
    await page.get_by_label("Where it holds").select_option(label="Harbor Point Tower")
    await page.get_by_role("button", name="Show").click()
    choice = page.get_by_role("row", name="26-050.S").get_by_role("combobox")
    assert await findings(page) == []
    for chosen in ("Job Costs:Subcontractors", "As everywhere"):
        await choice.select_option(label=chosen)
        await page.get_by_role("button", name="Confirm chosen").click()
        await desk.says("1 matched.")
        await expect(choice.locator("option:checked")).to_have_text(chosen)
    await page.get_by_role("navigation", name="What to match").get_by_role("link", name="Payment terms").click()
    await expect(page.get_by_label("Where it holds")).to_have_value("project:9001")


async def test_a_sheet_is_tried_before_it_is_saved(desk: Desk, tmp_path: Path) -> None:
    page = desk.page
    await page.goto(f"{root(desk)}/mapping")
    await page.get_by_role("link", name="CSV").click()
    assert await findings(page) == []
    async with page.expect_download() as download:
        await page.get_by_role("link", name="Download CSV").click()
    text = (await (await download.value).path()).read_text(encoding="utf-8-sig")
    sheet = tmp_path / "mappings.csv"

    async def check(content: str) -> None:
        sheet.write_text(content, encoding="utf-8-sig")
        await page.get_by_label("CSV file").set_input_files(sheet)
        await page.get_by_role("button", name="Check the sheet").click()

    await check("name,account\n")
    await expect(page.get_by_role("alert")).to_contain_text("The first line must name the columns kind, scope")
    await check(text + "vendor,,1,Nobody,Vendor,58,\n=1+1,,2,x,Vendor,57,\n")
    trial = page.get_by_role("region", name="What the sheet would do")
    await expect(trial).to_contain_text("0 new · 0 changed · 1 unchanged · 2 with errors. Nothing has been saved.")
    await expect(trial.get_by_role("row", name="Nobody")).to_contain_text("Old Vendor is inactive in QuickBooks.")
    assert await findings(page) == []
    await check(text.replace(",56,Ernies Electric LLC", ",57,Harbor Steel"))
    await expect(trial).to_contain_text("1 changed")
    await page.get_by_role("button", name="Save 1 mappings").click()
    await desk.says("1 mappings saved.")


async def test_a_version_is_put_in_force_again(desk: Desk) -> None:
    page = desk.page
    await desk.invoice("INV-1")
    await page.goto(f"{root(desk)}/mapping")
    field = page.get_by_role("combobox", name="Ernie's Electrical")
    await field.fill("Harbor Steel")
    await page.get_by_role("button", name="Save mappings").click()
    await page.get_by_role("link", name="History of Ernie's Electrical").click()
    assert await findings(page) == []
    await expect(page.get_by_role("row", name="Harbor Steel")).to_contain_text("In force")
    await page.get_by_role("button", name="Put in force again version 1").click()
    await desk.says("Put in force again, as a new version.")
    await expect(page.get_by_role("row", name="Ernies Electric LLC").first).to_contain_text("In force")


async def test_a_missing_vendor_is_created_from_the_mapping(desk: Desk) -> None:
    page = desk.page
    await unmapped(desk)
    await desk.invoice("INV-1", Hold(R.VENDOR_UNMAPPED, "Ernie's Electrical", "8881"))
    await page.goto(f"{root(desk)}/mapping")
    await page.get_by_role("combobox", name="Ernie's Electrical").fill("Harbor Steel")
    await page.get_by_role("button", name="Create in QuickBooks for Ernie's Electrical").click()
    await expect(page.get_by_text("QuickBooks has a vendor called “Harbor Steel” already.")).to_be_visible()
    await page.get_by_role("combobox", name="Ernie's Electrical").fill("")
    await page.get_by_role("button", name="Create in QuickBooks for Ernie's Electrical").click()
    await desk.says("The vendor is being created in QuickBooks.")


async def test_opening_balances_are_confirmed_by_commitment(desk: Desk) -> None:
    page = desk.page
    hold = Hold(R.RETAINAGE_OPENING_BALANCE, "SC-001", "701")
    invoice_id = await desk.invoice("INV-1", hold)
    async with desk.site.database.company(desk.company_id, desk.actor) as session:
        await session.do(
            "INSERT INTO procore_requisition (company_id, id, requisition_id, project_id, commitment_id, vendor_name, "
            "status, raw, raw_sha256, first_seen_at, seen_at, verdict) VALUES (%(company_id)s, gen_random_uuid(), "
            "'INV-1', '9001', '701', 'Ernie''s Electrical', 'approved', "
            """'{"number": 1, "summary": {"total_retainage": "900.00"}}', '', %(now)s, %(now)s, 'not_imported'), """
            "(%(company_id)s, gen_random_uuid(), '0', '9001', '701', 'Ernie''s Electrical', 'approved', "
            """'{"number": 0, "summary": {"total_retainage": "750.00"}}', '', %(now)s, %(now)s, 'not_imported')""",
            now=session.now,
        )
    await page.goto(f"{root(desk)}/retainage")
    assert await findings(page) == []
    row = page.get_by_role("row", name="701")
    await expect(row).to_contain_text("Withheld in Procore before: $750.00")
    field = row.get_by_role("textbox")
    await field.fill("lots")
    await page.get_by_role("button", name="Confirm opening balances").click()
    await expect(page.get_by_role("alert")).to_contain_text("“lots” is no amount.")
    await field.fill("750.00")
    await page.get_by_role("button", name="Confirm opening balances").click()
    await desk.says("Opening balances kept.")
    await expect(field).to_have_value("750.00")
    assert await desk.state(invoice_id) == "imported"

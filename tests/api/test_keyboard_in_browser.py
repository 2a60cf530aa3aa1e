"""The main path with the keyboard alone: from signing in to a resolved invoice, the focus always to be seen."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from playwright.async_api import expect

from accounting.blockers import BlockerReason, Hold
from models.members import switch_feature
from models.reference_lists import store_list
from tests.api.booked import VENDORS
from tests.api.browsing import Site
from tests.api.seeding import add_connection, add_invoice, add_projects
from tests.api.world import ADA

if TYPE_CHECKING:
    from playwright.async_api import Locator, Page

TOGGLE = "Sync invoices approved in Procore to QuickBooks"
UNMATCHED = Hold(BlockerReason.VENDOR_UNMAPPED, "Ernie's Electrical", "8881")
# More controls than any of these pages has before the one that is looked for.
MOST = 80
# Name and ring of what has the focus.
FOCUSED = """() => {
    const at = document.activeElement;
    const style = getComputedStyle(at);
    const outlined = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
    return {
        name: `${at.tagName} ${at.getAttribute('name') ?? ''} ${at.textContent.trim().slice(0, 40)}`,
        ringed: at === document.body || outlined,
        inDialog: at.closest('dialog') !== null || at === document.body,
    };
}"""


class Keyboard:
    """Hands that never touch a mouse; on our own pages nothing may have the focus unseen."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self.unseen: list[str] = []

    async def to(self, control: Locator, key: str = "Tab") -> None:
        """Press until the control has the focus."""
        for _ in range(MOST):
            await self._page.keyboard.press(key)
            focused = await self._page.evaluate(FOCUSED)
            if not focused["ringed"]:
                self.unseen.append(focused["name"])
            if await control.evaluate("element => element === document.activeElement"):
                return
        raise AssertionError(f"{control} is out of the keyboard's reach")

    async def press(self, control: Locator, key: str = "Enter") -> None:
        await self.to(control)
        await self._page.keyboard.press(key)

    async def stays_in_dialog(self) -> bool:
        """Whether going once round, either way, never leads out of the open dialog."""
        inside = []
        for key in ["Tab"] * 8 + ["Shift+Tab"] * 8:
            await self._page.keyboard.press(key)
            inside.append((await self._page.evaluate(FOCUSED))["inDialog"])
        return all(inside)


async def test_the_main_path_by_keyboard_alone(page: Page, site: Site, complaints: list[str]) -> None:
    keys = Keyboard(page)
    await page.goto(site.url)
    await keys.press(page.get_by_role("link", name="Sign in with Procore"))
    ada = page.locator(f"[name=user_id][value='{ADA}']")
    await expect(ada).to_be_visible()
    elsewhere = Keyboard(page)
    await elsewhere.press(ada)
    await page.wait_for_url(f"{site.url}/**")
    company_id, actor = await site.company(page)
    async with site.database.company(company_id, actor) as session:
        await switch_feature(session, True)
        connection_id = await add_connection(session, UUID(actor.id or ""))
        await add_projects(session)
        await store_list(session, connection_id, "Vendor", VENDORS, session.now)
        for number in ("INV-1", "INV-2"):
            await add_invoice(
                session,
                number,
                connection_id=connection_id,
                source_id=number,
                holds=(UNMATCHED,),
                vendor="Ernie's Electrical",
            )
    await page.goto(site.url)

    # Past the sidebar at once.
    await keys.press(page.get_by_role("link", name="Skip to content"))
    await page.keyboard.press("Tab")
    assert await page.evaluate("document.activeElement.closest('main') !== null")

    # Procore's page: the toggle asks, the question keeps the focus, Escape gives it back.
    await page.reload()
    await keys.press(page.get_by_role("navigation", name="Main").get_by_role("link", name="Procore"))
    toggle = page.get_by_role("switch", name=TOGGLE)
    await expect(toggle).to_be_visible()
    dialog = page.get_by_role("dialog", name="Turn on QuickBooks Sync")
    for leave in ("Escape", "Cancel"):
        if leave == "Escape":
            await keys.to(toggle)
        await page.keyboard.press("Space")
        await expect(dialog).to_be_visible()
        await expect(page.get_by_label("Start date")).to_be_focused()
        assert await keys.stays_in_dialog()
        if leave == "Escape":
            await page.keyboard.press("Escape")
        else:
            await keys.press(dialog.get_by_role("link", name="Cancel"))
        await expect(dialog).to_have_count(0)
        await expect(toggle).to_be_focused()
        assert (await page.evaluate(FOCUSED))["ringed"], "the focus comes back to be seen"
    assert page.url == f"{site.url}/settings/procore"

    # The list, narrowed, and one invoice of it.
    await keys.to(page.get_by_role("link", name="Invoices"), "Shift+Tab")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Invoices")).to_be_visible()
    await keys.to(page.get_by_role("searchbox", name="Search"))
    await page.keyboard.type("INV-2")
    await keys.press(page.get_by_role("button", name="Filter"))
    await page.wait_for_url("**search=INV-2**")
    await expect(page.get_by_role("link", name="INV-1")).to_have_count(0)
    await keys.press(page.get_by_role("link", name="INV-2"))

    # What holds it is resolved where it is said.
    await expect(page.get_by_role("heading", name="INV-2")).to_be_visible()
    await keys.to(page.get_by_label("Vendor in QuickBooks").first)
    await page.keyboard.type("Harbor Steel")
    await keys.press(page.get_by_role("button", name="Match vendor"))
    await expect(page.get_by_role("status").first).to_contain_text("Matched.")

    # A part that is folded away opens and closes with Space.
    await keys.press(page.get_by_text("Don't post this invoice"), "Space")
    await expect(page.get_by_label("Why not")).to_be_visible()
    await page.keyboard.press("Space")
    await expect(page.get_by_label("Why not")).to_be_hidden()
    assert keys.unseen == []
    assert complaints == []

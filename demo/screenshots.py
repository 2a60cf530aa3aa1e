"""`make screenshots`: every page of the demo's company into docs/screenshots/, at two widths, light and dark."""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from playwright.async_api import Browser, Page, async_playwright

from demo.browser import LAUNCH_ARGUMENTS, NoBrowser, chromium_path
from demo.desktop_person import somebody_with_desktop
from demo.outside_control import control_of
from demo.person import NotDone, Person, Plan, eventually, somebody_at
from demo.processes import DidNotStart
from demo.setting_up import NotGranted, Seed, connect, welcome_admin, welcome_desktop_admin, welcome_support
from demo.small_png import smaller
from demo.stack import Stack, running_stack
from foundation.processes import leave
from simulators.world.demo import demo_world

ROOT = Path(__file__).resolve().parent.parent
SHOTS = ROOT / "docs" / "screenshots"
SIZES = {1440: 900, 390: 844}
SCHEMES = ("light", "dark")
PC = "office"
INTEGRATIONS = "/settings/accounting-integrations"
# Live parts settle and fonts load within this time, in milliseconds.
SETTLE = 250


class Camera:
    """A browser that is one person at a time."""

    def __init__(self, browser: Browser, blank: Page, app_url: str) -> None:
        self._browser, self._blank, self._app_url = browser, blank, app_url

    async def take(self, user_id: int | None, pages: Iterable[tuple[str, str]]) -> None:
        """A picture of each (name, path), the whole page at each width and in each scheme; None is somebody not
        signed in.
        """
        context = await self._browser.new_context(locale="en-US", reduced_motion="reduce")
        try:
            page = await context.new_page()
            if user_id is not None:
                await page.goto(f"{self._app_url}/sign-in")
                await page.locator(f"[name=user_id][value='{user_id}']").click()
                await page.wait_for_url(f"{self._app_url}/**")
            for name, path in pages:
                await self._one(page, name, path)
        finally:
            await context.close()

    async def _one(self, page: Page, name: str, path: str) -> None:
        for width, height in SIZES.items():
            await page.set_viewport_size({"width": width, "height": height})
            for scheme in SCHEMES:
                await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
                await page.goto(path if "://" in path else self._app_url + path)
                # In a window as tall as the page, what sticks to the window's edge hides nothing of it.
                tall = await page.evaluate("document.documentElement.scrollHeight")
                await page.set_viewport_size({"width": width, "height": max(height, tall)})
                await page.wait_for_timeout(SETTLE)
                picture = await smaller(self._blank, await page.screenshot(full_page=True))
                await page.set_viewport_size({"width": width, "height": height})
                (SHOTS / f"{name}-{width}-{scheme}.png").write_bytes(picture)


async def main() -> int:
    documents = demo_world()
    seed = Seed.of(documents.procore, documents.expected)
    users = {user["persona"]: user["id"] for user in documents.procore["users"]}
    SHOTS.mkdir(parents=True, exist_ok=True)
    try:
        async with (
            running_stack(ROOT / ".run" / "screenshots" / "stack", documents) as stack,
            somebody_at(stack.app_url) as admin,
            async_playwright() as playwright,
        ):
            browser = await playwright.chromium.launch(executable_path=chromium_path(), args=LAUNCH_ARGUMENTS)
            camera = Camera(browser, await browser.new_page(), stack.app_url)
            await _all(stack, camera, admin, seed, users, documents.procore["users"])
            await browser.close()
    except (DidNotStart, NoBrowser, NotDone, NotGranted) as failed:
        sys.stderr.write(f"screenshots: {failed}\n")
        return 1
    sys.stdout.write(f"{len(list(SHOTS.glob('*.png')))} pictures are in {SHOTS.relative_to(ROOT)}\n")
    return 0


async def _all(
    stack: Stack, camera: Camera, admin: Person, seed: Seed, users: dict[str, int], people: list[dict[str, object]]
) -> None:
    ada, tom = users["Company admin"], users["Plain user"]
    await welcome_admin(stack, admin, seed)
    await welcome_support(stack, people)
    await camera.take(None, [("sign-in", "/")])
    await camera.take(
        ada, [("home-new", "/"), ("integrations-new", INTEGRATIONS), ("procore-new", "/settings/procore")]
    )
    await connect(admin, seed)
    await camera.take(ada, [("procore-start", "/settings/procore?dialog=start")])
    plan = await admin.make_plan(seed.start_date)
    await camera.take(ada, [("procore-plan", f"/settings/procore?plan={plan.id}")])
    await admin.turn_on(plan)
    await eventually("every invoice has come to rest", lambda: _at_rest(admin, plan))
    for persona in ("Project accountant", "Plain user"):
        async with somebody_at(stack.app_url) as person:
            await person.sign_in(users[persona])
    connection = (await admin.connections())[0]["id"]
    waiting = await admin.invoices(badge="Needs you", limit=1)
    posted = (await admin.invoices(badge="Posted", limit=200))["invoices"]
    changed, taken = await _changed(stack, admin, posted), posted[-1]["id"]
    mapped = (await admin.ask(f"/connections/{connection}/mappings"))["mappings"][0]
    here = f"{INTEGRATIONS}/{connection}"
    await admin.reconcile()
    await camera.take(
        ada,
        [
            ("home", "/"),
            ("invoices", "/invoices"),
            ("invoice", f"/invoices/{posted[0]['id']}"),
            ("invoice-needs-you", f"/invoices/{waiting['invoices'][0]['id']}"),
            ("differences", f"/invoices/{changed}"),
            ("take-back", f"/invoices/{taken}/take-back"),
            ("reconciliation", "/reconciliation"),
            ("reconciliation-report", "/reconciliation/report"),
            ("upload", "/invoices/upload"),
            ("integrations", INTEGRATIONS),
            ("disconnect", f"{INTEGRATIONS}?disconnect={connection}"),
            ("connection-settings", here),
            ("mapping", f"{here}/mapping"),
            ("mapping-missing", f"{here}/mapping?show=missing"),
            ("mapping-suggestions", f"{here}/mapping/suggestions"),
            ("mapping-pairs", f"{here}/mapping/suggestions?kind=budget_code"),
            ("mapping-sheet", f"{here}/mapping/sheet"),
            (
                "mapping-history",
                f"{here}/mapping/history?{urlencode({name: mapped[name] for name in ('kind', 'procore_id')})}",
            ),
            ("retainage", f"{here}/retainage"),
            ("why", f"/why?of={waiting['invoices'][0]['number']}"),
            ("month-end", "/month-end"),
            ("projects", f"{here}/projects"),
            ("procore", "/settings/procore"),
            ("procore-off", "/settings/procore?dialog=off"),
            ("company", "/settings/company"),
            ("alerts", "/alerts"),
            ("alert-preferences", "/alerts/preferences"),
            ("webhooks", "/settings/webhooks"),
        ],
    )
    taking = await admin.send("POST", "/takings-back", invoice_ids=[taken], way="remove")
    await camera.take(ada, [("taking-back", f"/takings-back/{taking['id']}")])
    await camera.take(tom, [("not-admin", INTEGRATIONS), ("not-found", "/nowhere")])
    company = (await admin.me())["company"]["id"]
    await camera.take(
        users["inBuild support"],
        [
            ("support", "/support?text=halvorsen"),
            ("support-company", f"/support/companies/{company}"),
            ("support-invoice", f"/support/companies/{company}/invoices/{posted[0]['id']}"),
        ],
    )
    await _desktop(stack, camera, seed)


async def _changed(stack: Stack, admin: Person, posted: list[dict[str, Any]]) -> str:
    """Somebody gives a posted requisition another number in Procore; the invoice, once it shows what differs."""
    for listed in posted[1:-1]:
        one = await admin.invoice(listed["id"])
        if one["source"] != "procore_requisition":
            continue
        async with control_of(stack.procore_url) as procore:
            await procore.edit_requisition(int(one["source_id"]), invoice_number=f"{one['number']}-B")
        await admin.sync_now()

        async def named(invoice_id: str = one["id"]) -> bool:
            return bool((await admin.differences(invoice_id))["differences"])

        await eventually("what differs is named", named)
        return str(one["id"])
    raise NotDone("no posted invoice came from Procore")


async def _desktop(stack: Stack, camera: Camera, seed: Seed) -> None:
    """A company file being connected: the admin's card, the page that its .qwc names, and the PC itself."""
    await welcome_desktop_admin(stack, seed)
    async with somebody_with_desktop(stack.app_url) as person:
        await person.sign_in(seed.desktop_admin_user_id)
        await person.choose_company(seed.desktop_company_id)
        begun = await person.begin_file()
    async with control_of(stack.quickbooks_desktop_url) as desk:
        await desk.press(PC, "add_application", qwc=begun.qwc, password=begun.password)
    await camera.take(
        seed.desktop_admin_user_id,
        [
            ("desktop-card", INTEGRATIONS),
            ("desktop-support", "/quickbooks-desktop/support"),
            ("desktop-pc", f"{stack.quickbooks_desktop_url}/pcs/{PC}"),
        ],
    )


async def _at_rest(admin: Person, plan: Plan) -> bool:
    everything, waiting = await admin.invoices(limit=1), await admin.invoices(badge="Waiting", limit=1)
    return int(everything["total"]) >= plan.create_count and int(waiting["total"]) == 0


if __name__ == "__main__":
    leave(main())

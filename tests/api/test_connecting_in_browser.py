"""Connecting as an admin does it, through Intuit's pages and with the worker running: nothing is lost on the way."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from playwright.async_api import expect

from models.connections import connected
from tests.product import Product, eventually
from tests.reachable_product import approve, reachable_product, requisitions, small_world, under_review
from tests.workflows.stories import SETTLED

if TYPE_CHECKING:
    from playwright.async_api import Locator, Page
    from temporalio.client import Client

ROOT = "/settings/accounting-integrations"
SECONDS = 60_000


async def consent(page: Page, realm_id: str) -> None:
    """Intuit's page: choose the company and say yes."""
    await page.wait_for_url("**/connect/oauth2?**")
    await page.locator(f"[name=realm_id][value='{realm_id}']").check()
    await page.get_by_role("button", name="Connect", exact=True).click()


def cost_account(page: Page) -> Locator:
    return page.get_by_label("Category (account) for costs")


def first_target(page: Page) -> Locator:
    return page.locator("[name^='target.']").first


@pytest.mark.timeout(300)
async def test_refused_connected_expired_and_connected_again(
    page: Page, database_url: str, temporal_client: Client, task_queue: str
) -> None:
    documents = small_world(waiting=1)
    realm_id: str = documents.expected["realm_id"]
    admin: dict[str, Any] = next(user for user in documents.procore["users"] if user["persona"] == "Company admin")
    async with reachable_product(documents, database_url, temporal_client, task_queue) as product:
        url = product.outside.settings.public_base_url
        product.procore.register_client("procore-client", "procore-secret", [f"{url}/sign-in/callback"])
        await page.goto(url + ROOT)
        await page.get_by_role("link", name="Sign in with Procore").click()
        await page.locator(f"[name=user_id][value='{admin['id']}']").click()
        # Back on the page that asked to sign in.
        await expect(page.get_by_role("heading", name="Accounting Integrations")).to_be_visible()

        await page.get_by_role("button", name="Connect", exact=True).first.click()
        await page.wait_for_url("**/connect/oauth2?**")
        await page.get_by_role("button", name="No thanks").click()
        await expect(page.get_by_role("alert").first).to_contain_text("Connection Failed")
        await expect(page.get_by_role("heading", name="QuickBooks Desktop")).to_be_visible()

        await page.get_by_role("button", name="Connect", exact=True).first.click()
        await consent(page, realm_id)
        # The card fills by itself once the worker has read the company.
        await expect(page.get_by_text("Connected", exact=True).first).to_be_visible(timeout=SECONDS)
        await expect(page.get_by_role("heading", name="QuickBooks Desktop")).to_have_count(0)
        await expect(page.get_by_text("Connection Failed")).to_have_count(0)

        await page.get_by_role("link", name="Settings", exact=True).click()
        await expect(cost_account(page).locator("option")).not_to_have_count(1, timeout=SECONDS)
        chosen = await cost_account(page).locator("option").nth(1).get_attribute("value")
        await cost_account(page).select_option(chosen)
        await page.get_by_role("button", name="Save settings").click()
        await expect(page.get_by_role("status").first).to_contain_text("Settings saved")

        async with product.session() as session:
            [connection] = await connected(session)
        await on_and_off(page, product, documents.expected["start_date"])
        mapping = f"{url}{ROOT}/{connection.id}/mapping?kind=vendor"
        await page.goto(mapping)
        vendors = product.quickbooks.companies[realm_id].entities["Vendor"].values()
        vendor = next(one["DisplayName"] for one in vendors if one.get("Active", True))
        await first_target(page).fill(vendor)
        await page.get_by_role("button", name="Save mappings").click()
        await expect(page.get_by_role("status").first).to_contain_text("Mappings saved.")

        await page.goto(url + ROOT)
        await product.expire(connection)
        await expect(page.get_by_role("button", name="Reconnect")).to_be_visible(timeout=SECONDS)
        await page.get_by_role("button", name="Reconnect").click()
        await consent(page, realm_id)
        await expect(page.get_by_text("Connected", exact=True).first).to_be_visible(timeout=SECONDS)
        await page.goto(mapping)
        await expect(first_target(page)).to_have_value(vendor)

        await page.goto(url + ROOT)
        await page.get_by_role("button", name="Disconnect").click()
        dialog = page.get_by_role("dialog")
        await expect(dialog).to_contain_text("Kept: settings, mappings, and the links between invoices and bills.")
        await dialog.get_by_role("button", name="Disconnect").click()
        await expect(page.get_by_role("heading", name="Disconnected earlier")).to_be_visible(timeout=SECONDS)
        await page.get_by_role("button", name="Connect", exact=True).first.click()
        await consent(page, realm_id)
        await expect(page.get_by_text("Connected", exact=True).first).to_be_visible(timeout=SECONDS)
        await page.get_by_role("link", name="Settings", exact=True).click()
        await expect(cost_account(page)).to_have_value(chosen or "")
        await page.goto(mapping)
        await expect(first_target(page)).to_have_value(vendor)


async def on_and_off(page: Page, product: Product, start_date: str) -> None:
    """On, what is approved comes in; off, what is approved from then on stays out."""
    await page.goto(f"{product.outside.settings.public_base_url}/settings/procore")
    toggle = page.get_by_role("switch", name="Sync invoices approved in Procore to QuickBooks")
    await toggle.click()
    await page.get_by_label("Start date").fill(start_date)
    await page.get_by_role("button", name="Show what would come in").click()
    await page.get_by_role("button", name="Sign off and turn on").click(timeout=SECONDS)
    approved = {str(one.id) for one in requisitions(product) if one.wire["status"] == "approved"}

    async def came_in() -> bool:
        return set(await product.invoices()) == approved

    await eventually(came_in)
    await toggle.click()
    await page.get_by_role("button", name="Turn off").click()
    await expect(toggle).to_have_attribute("aria-checked", "false")
    (late,) = under_review(product)
    approve(product, late)
    await product.sync_now()
    await asyncio.sleep(SETTLED.total_seconds())
    assert await came_in()

"""Attempts to connect that come to nothing, as the admin sees them: too late, with a wrong state, somebody else's."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest_asyncio
from playwright.async_api import expect

from accounting.connection_states import TIMED_OUT
from models.attempts import fail_attempt, newest_attempt
from models.connections import locked_attempt
from models.members import switch_feature
from tests.api.browsing import Site, sign_in
from tests.api.world import ADA, BERT

if TYPE_CHECKING:
    from uuid import UUID

    from playwright.async_api import Page

    from foundation.clock import ManualClock
    from models.database import Actor

ROOT = "/settings/accounting-integrations"


@pytest_asyncio.fixture
async def hartwell(page: Page, site: Site) -> tuple[UUID, Actor]:
    """Ada at her company, the feature on, nothing connected."""
    await sign_in(page, site, ADA)
    company_id, actor = await site.company(page)
    async with site.database.company(company_id, actor) as session:
        await switch_feature(session, True)
    return company_id, actor


async def begin(page: Page, site: Site) -> str:
    """Click Connect, as far as Intuit's page; the state that Intuit was given."""
    await page.goto(site.url + ROOT)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/intuit?" in request.url else None)
    await page.get_by_role("button", name="Connect", exact=True).first.click()
    await page.wait_for_url("**/intuit?**")
    return parse_qs(urlsplit(asked[-1]).query)["state"][0]


def callback(site: Site, state: str) -> str:
    return f"{site.url}/quickbooks/callback?code=a-code&realmId=9130350000000001&state={state}"


async def test_whoever_comes_back_too_late_is_told_so(
    page: Page, site: Site, hartwell: tuple[UUID, Actor], clock: ManualClock
) -> None:
    state = await begin(page, site)
    clock.advance(timedelta(minutes=16))
    await page.goto(callback(site, state))
    banner = page.get_by_role("alert").first
    await expect(banner).to_contain_text("Connection Failed")
    await expect(banner).to_contain_text(f"{TIMED_OUT} If it fails again, contact inBuild support.")
    await expect(page.get_by_role("button", name="Connect", exact=True).first).to_be_visible()


async def test_whoever_never_comes_back_finds_it_on_the_open_page(
    page: Page, site: Site, hartwell: tuple[UUID, Actor]
) -> None:
    await begin(page, site)
    await page.goto(site.url + ROOT)
    await expect(page.get_by_text("An attempt to connect is open until")).to_be_visible()
    company_id, actor = hartwell
    async with site.database.company(company_id, actor) as session:
        newest = await newest_attempt(session)
        assert newest is not None
        attempt = await locked_attempt(session, newest.id)
        assert attempt is not None
        fail_attempt(session, attempt, TIMED_OUT)
    # Told to the open page: nobody reloads.
    await expect(page.get_by_role("alert").first).to_contain_text(TIMED_OUT)
    await expect(page.get_by_text("An attempt to connect is open until")).to_have_count(0)


async def test_a_wrong_state_connects_nothing_and_ends_nothing(
    page: Page, site: Site, hartwell: tuple[UUID, Actor]
) -> None:
    await begin(page, site)
    for state in ("forged", ""):
        answer = await page.goto(callback(site, state))
        assert answer is not None and answer.status == 400
        await expect(page.get_by_role("alert")).to_contain_text("Nothing was connected")
        await expect(page.get_by_role("alert")).to_contain_text("start again from Accounting Integrations")
    await page.goto(site.url + ROOT)
    # The attempt of the admin's own is still open.
    await expect(page.get_by_text("An attempt to connect is open until")).to_be_visible()
    await expect(page.get_by_text("Connection Failed")).to_have_count(0)


async def test_the_answer_to_somebody_elses_attempt_is_refused_by_name(
    page: Page, site: Site, hartwell: tuple[UUID, Actor]
) -> None:
    state = await begin(page, site)
    await page.context.clear_cookies()
    await sign_in(page, site, BERT)
    answer = await page.goto(callback(site, state))
    assert answer is not None and answer.status == 403
    await expect(page.get_by_role("alert")).to_contain_text("Somebody else started this connection.")
    await page.goto(site.url + ROOT)
    await expect(page.get_by_text("An attempt to connect is open until")).to_be_visible()

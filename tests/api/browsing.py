"""The app served for a real browser, and a person signing in at it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from models.database import Actor, Database
from models.tables import ActorKind

if TYPE_CHECKING:
    from playwright.async_api import Page


@dataclass(frozen=True)
class Site:
    url: str
    database: Database

    async def company(self, page: Page) -> tuple[UUID, Actor]:
        answer = await page.request.get(f"{self.url}/api/v1/me")
        me = await answer.json()
        return UUID(me["company"]["id"]), Actor(ActorKind.USER, me["id"])


async def sign_in(page: Page, site: Site, user_id: int) -> None:
    """The browser of somebody who has chosen that person on Procore's page."""
    asked = await page.request.get(f"{site.url}/sign-in")
    decided = await page.request.post(asked.url, form={"user_id": str(user_id)})
    assert decided.ok, decided.status
    await page.goto(site.url)


async def sign_in_by_hand(page: Page, site: Site, user_id: int) -> None:
    """The same, click by click: three pages more."""
    await page.goto(site.url)
    await page.get_by_role("link", name="Sign in with Procore").click()
    await page.locator(f"[name=user_id][value='{user_id}']").click()
    await page.wait_for_url(f"{site.url}/**")

"""A person whose books are in QuickBooks Desktop: connects company files, matches names, routes projects."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

from demo.person import NotDone, Person


@dataclass(frozen=True)
class BegunFile:
    """An attempt to connect a company file: what the person carries to the PC."""

    attempt_id: str
    user_name: str
    qwc: str
    password: str = field(repr=False)


class DesktopPerson(Person):
    """One signed-in person. Make one with ``somebody_with_desktop``."""

    async def begin_file(self) -> BegunFile:
        """Press *Connect* or *Add Connection*, and download the Web Connector file."""
        begun = await self._api("POST", "/connections/desktop")
        answer = await self._browser.get(f"{self._app_url}{begun['web_connector_file']}")
        if answer.status_code != 200:
            raise NotDone(f"the Web Connector file answered {answer.status_code}")
        return BegunFile(begun["attempt_id"], begun["user_name"], answer.text, begun["password"])

    async def connected_file(self, begun: BegunFile) -> str | None:
        """The connection of an attempt, once its lists are read; None until then. Raises NotDone where it failed."""
        attempt = await self._api("GET", f"/connection-attempts/{begun.attempt_id}")
        if attempt["outcome"] == "failed":
            raise NotDone(f"connecting the company file failed: {attempt['reason']}")
        if attempt["outcome"] == "pending":
            return None
        card = next(one for one in await self.connections() if one["id"] == attempt["connection_id"])
        return str(card["id"]) if card["lists_read_at"] is not None else None

    async def take_no_project_unasked(self, connection_id: str) -> None:
        """Only projects somebody picks post to these books."""
        await self._api("PUT", f"/connections/{connection_id}/all-projects", json={"on": False})

    async def route(self, project_id: int, connection_id: str) -> None:
        await self._api("PUT", f"/project-routes/{project_id}", json={"connection_id": connection_id})

    async def match_vendors(self, connection_id: str, among: frozenset[str]) -> int:
        """Take the first suggestion for each vendor that has one among these names; how many were matched."""
        path = f"/connections/{connection_id}"
        found = await self._api("GET", f"{path}/mapping-subjects", params={"kind": "vendor", "limit": 500})
        matched: list[dict[str, Any]] = [
            {
                "kind": "vendor",
                "procore_id": subject["procore_id"],
                "procore_name": subject["name"],
                "quickbooks_list": subject["suggestions"][0]["quickbooks_list"],
                "quickbooks_id": subject["suggestions"][0]["quickbooks_id"],
            }
            for subject in found["subjects"]
            if subject["mapping"] is None and subject["suggestions"] and subject["suggestions"][0]["name"] in among
        ]
        if matched:
            await self._api("PUT", f"{path}/mappings", json={"mappings": matched})
        return len(matched)


@asynccontextmanager
async def somebody_with_desktop(app_url: str) -> AsyncIterator[DesktopPerson]:
    """A person with a fresh browser at the app, not signed in."""
    headers = {"accept": "text/html,application/json"}
    async with httpx.AsyncClient(timeout=30.0, headers=headers, trust_env=False) as browser:
        yield DesktopPerson(app_url, browser)


__all__ = ["BegunFile", "DesktopPerson", "somebody_with_desktop"]

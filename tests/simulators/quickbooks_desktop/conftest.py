"""The simulator, really listening, with one PC on which the Web Connector knows one scripted service."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx
import pytest

from simulators.quickbooks_desktop.app import create_app
from simulators.quickbooks_desktop.company_file import CompanyFile
from simulators.quickbooks_desktop.pc import Pc
from simulators.quickbooks_desktop.processor import Ticket, process
from simulators.quickbooks_desktop.simulation import Simulation
from simulators.server import serve
from tests.exchanges.matching import FOLDER
from tests.simulators.quickbooks_desktop.service import PASSWORD, Service, qwc

APPLICATION = "acme-books"


@dataclass
class Office:
    """The customer as a test sees it."""

    simulation: Simulation
    http: httpx.AsyncClient
    service: Service
    service_url: str

    @property
    def pc(self) -> Pc:
        return self.simulation.pcs["office"]

    @property
    def file(self) -> CompanyFile:
        return self.simulation.file("acme")

    async def control(self, method: str, path: str, content: Any = None, status: int = 200) -> Any:
        """One call of the control API, expecting `status`."""
        answer = await self.http.request(method, f"/control/{path}", json=content)
        assert answer.status_code == status, answer.text
        return answer.json() if status != 422 else answer.text

    async def desk(self, action: str, status: int = 200, **fields: Any) -> Any:
        """A person does something at the PC."""
        return await self.control("POST", "pcs/office/actions", {"action": action, **fields}, status)

    async def person(self, action: str, status: int = 200, **fields: Any) -> Any:
        """A person does something in QuickBooks."""
        return await self.control("POST", "files/acme/actions", {"action": action, **fields}, status)

    async def trouble(self, arrow: str, effect: str, **fields: Any) -> None:
        """Order a trouble."""
        await self.control("POST", "troubles", {"arrow": arrow, "effect": effect, **fields}, 201)

    async def add(self, permission: str = "always", **changes: str | None) -> None:
        """Hand the service's .qwc to the Web Connector."""
        text = qwc(self.service_url, **changes)
        await self.desk("add_application", qwc=text, password=PASSWORD, permission=permission)

    async def update(self) -> str:
        """Sync now; what the window shows afterwards."""
        done = await self.control("POST", "pcs/office/update", {"application": APPLICATION})
        return str(done["result"])

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait for what happens on the simulator's own time."""
        async with asyncio.timeout(20):
            while not holds():  # noqa: ASYNC110 (nothing tells when it has happened)
                await asyncio.sleep(0.01)

    def ask(self, document: str) -> str:
        """qbXML to the company file, past the Web Connector."""
        return process(Ticket(self.file, ""), document)

    def numbers(self) -> list[str]:
        """The numbers of all bills but the one of the world document."""
        bills = self.file.books.transactions["Bill"].values()
        return [str(bill["RefNumber"]) for bill in bills if bill["RefNumber"] != "INV-900"]


@pytest.fixture(scope="session")
async def listening() -> AsyncIterator[Office]:
    """One simulator and one service for all tests of this directory."""
    simulation, service = Simulation(), Service()
    async with (
        serve(service.app()) as service_url,
        serve(create_app(simulation)) as url,
        httpx.AsyncClient(base_url=url, timeout=20) as http,
    ):
        yield Office(simulation, http, service, service_url)


@pytest.fixture
def office(listening: Office) -> Office:
    """A fresh customer on 2026-02-02 10:00 in New York, time standing still."""
    simulation = listening.simulation
    listening.service.forget()
    simulation.reset()
    simulation.clock.set(datetime.fromisoformat("2026-02-02T10:00:00-05:00"), stopped=True)
    simulation.change_switches({"noop_seconds": 0})
    simulation.load(json.loads((FOLDER / "quickbooks_desktop_world.json").read_text("utf-8")))
    return listening

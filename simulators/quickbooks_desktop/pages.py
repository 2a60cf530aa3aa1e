"""The pages of the customer's office: PCs with their buttons."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from simulators.oauth_request import read_form
from simulators.quickbooks_desktop.desk import DeskAction, Refused, do
from simulators.quickbooks_desktop.file_pages import FilePages
from simulators.quickbooks_desktop.pc import Pc
from simulators.quickbooks_desktop.simulation import Simulation
from simulators.quickbooks_desktop.templates import render

LOG_SHOWN = 60
_LARGEST_QWC = 100_000


class Pages:
    """The simulator's own website."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation
        self._updates: set[asyncio.Task[str]] = set()

    def routes(self) -> list[Route]:
        """`/`, everything below /pcs and /files."""
        return [
            Route("/", self.home),
            Route("/pcs/{pc}", self.pc, methods=["GET"]),
            Route("/pcs/{pc}", self.press, methods=["POST"]),
            Route("/pcs/{pc}/update", self.update, methods=["POST"]),
            Route("/pcs/{pc}/applications", self.add_application, methods=["POST"]),
            *FilePages(self._simulation).routes(),
        ]

    async def home(self, _: Request) -> Response:
        """All PCs and company files."""
        rows = []
        for file in self._simulation.files.values():
            bills = file.books.transactions["Bill"].values()
            rows.append(
                {
                    "file": file,
                    "bills": len(bills),
                    "open": sum((file.open_amount(bill) for bill in bills), Decimal(0)),
                }
            )
        return render("home.html", pcs=list(self._simulation.pcs.values()), rows=rows)

    async def pc(self, request: Request) -> Response:
        """One PC."""
        return self._show(self._pc(request), None)

    async def press(self, request: Request) -> Response:
        """One of the PC's buttons."""
        given: dict[str, Any] = dict(await read_form(request))
        return await self._do(request, DeskAction.model_validate(given))

    async def add_application(self, request: Request) -> Response:
        """Hand the .qwc file to the Web Connector."""
        async with request.form(max_part_size=_LARGEST_QWC) as form:
            handed = form.get("qwc")
            text = (await handed.read()).decode(errors="replace") if isinstance(handed, UploadFile) else str(handed)
            asked = DeskAction.model_validate(
                {
                    "action": "add_application",
                    "qwc": text,
                    "password": str(form.get("password", "")),
                    "permission": str(form.get("permission", "always")),
                }
            )
        return await self._do(request, asked)

    async def update(self, request: Request) -> Response:
        """Sync now; the page shows how far it is."""
        pc = self._pc(request)
        name = dict(await read_form(request)).get("application", "")
        if name not in pc.applications:
            raise HTTPException(404, "No such application.")
        task = asyncio.create_task(pc.update(name))
        self._updates.add(task)
        task.add_done_callback(self._updates.discard)
        await asyncio.sleep(0)
        return RedirectResponse(f"/pcs/{pc.name}", status_code=303)

    async def _do(self, request: Request, asked: DeskAction) -> Response:
        pc = self._pc(request)
        try:
            await do(self._simulation, pc, asked)
        except Refused as refused:
            return self._show(pc, f"{refused.text} ({refused.code})")
        return RedirectResponse(f"/pcs/{pc.name}", status_code=303)

    def _show(self, pc: Pc, problem: str | None) -> Response:
        files = list(self._simulation.files.values())
        opened = self._simulation.files.get(pc.quickbooks.open_path or "")
        log = list(pc.log.lines)[: -LOG_SHOWN - 1 : -1]
        status = 400 if problem else 200
        return render("pc.html", status, pc=pc, files=files, open_file=opened, log=log, problem=problem)

    def _pc(self, request: Request) -> Pc:
        pc = self._simulation.pcs.get(request.path_params["pc"])
        if pc is None:
            raise HTTPException(404, "No such PC.")
        return pc

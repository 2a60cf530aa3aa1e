"""The control API of this simulator: load, state, switches, troubles, PCs, and a person's actions in QuickBooks."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from simulators.control import control_routes, read_model
from simulators.quickbooks_desktop.books import TRANSACTIONS
from simulators.quickbooks_desktop.company_file import CompanyFile
from simulators.quickbooks_desktop.desk import DeskAction, Refused, do
from simulators.quickbooks_desktop.hresults import QuickBooksError
from simulators.quickbooks_desktop.pc import Pc
from simulators.quickbooks_desktop.people import Action, act
from simulators.quickbooks_desktop.processor import Ticket, process
from simulators.quickbooks_desktop.refusals import Refusal
from simulators.quickbooks_desktop.sheets import bill_sheet, payment_sheet
from simulators.quickbooks_desktop.simulation import Simulation
from simulators.quickbooks_desktop.troubles import ARROWS, Trouble


class NewPc(BaseModel):
    """Body of POST /control/pcs."""

    model_config = ConfigDict(extra="forbid")

    name: str


class Update(BaseModel):
    """Body of POST /control/pcs/{pc}/update."""

    model_config = ConfigDict(extra="forbid")

    application: str


def desktop_control(simulation: Simulation) -> list[Route]:
    """/control/... and /healthz."""

    async def load(request: Request) -> Response:
        try:
            simulation.load(json.loads(await request.body(), parse_float=Decimal))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise HTTPException(422, f"no world document: {error!r}") from None
        return JSONResponse({"company_files": sorted(file.key for file in simulation.files.values())})

    async def reset(_: Request) -> Response:
        simulation.reset()
        return JSONResponse({"company_files": []})

    async def state(_: Request) -> Response:
        return _exact(
            {
                "pcs": [pc_state(pc) for pc in simulation.pcs.values()],
                "company_files": [file_state(file) for file in simulation.files.values()],
            }
        )

    async def show_switches(_: Request) -> Response:
        return JSONResponse(simulation.switches.model_dump())

    async def set_switches(request: Request) -> Response:
        try:
            simulation.change_switches(await request.json())
        except (ValidationError, TypeError, ValueError) as error:
            raise HTTPException(422, str(error)) from None
        return JSONResponse(simulation.switches.model_dump())

    async def troubles(request: Request) -> Response:
        if request.method == "POST":
            sent: Any = await request.json()
            try:
                checked = [Trouble.model_validate(each) for each in (sent if isinstance(sent, list) else [sent])]
            except ValidationError as error:
                raise HTTPException(422, str(error)) from None
            return JSONResponse({"ids": [simulation.troubles.add(each) for each in checked]}, status_code=201)
        if request.method == "DELETE":
            simulation.troubles.clear()
        return JSONResponse({"arrows": ARROWS, "troubles": simulation.troubles.describe()})

    async def add_pc(request: Request) -> Response:
        asked = await read_model(request, NewPc)
        return _exact(pc_state(simulation.add_pc(asked.name)))

    async def act_on_pc(request: Request) -> Response:
        asked = await read_model(request, DeskAction)
        try:
            await do(simulation, _pc(simulation, request), asked)
        except Refused as refused:
            return JSONResponse({"code": refused.code, "text": refused.text}, status_code=409)
        return _exact(pc_state(_pc(simulation, request)))

    async def update(request: Request) -> Response:
        asked, pc = await read_model(request, Update), _pc(simulation, request)
        if asked.application not in pc.applications:
            raise HTTPException(404, f"no application {asked.application}")
        return JSONResponse({"result": await pc.update(asked.application)})

    async def log(request: Request) -> Response:
        since = int(request.query_params.get("since", "0"))
        lines = list(_pc(simulation, request).log.lines)
        return JSONResponse({"lines": [line.as_wire() for line in lines[since:]], "next": len(lines)})

    async def show_file(request: Request) -> Response:
        return _exact(file_state(_file(simulation, request)))

    async def show_bills(request: Request) -> Response:
        return JSONResponse(bill_sheet(_file(simulation, request)))

    async def show_payments(request: Request) -> Response:
        return JSONResponse(payment_sheet(_file(simulation, request)))

    async def act_on_file(request: Request) -> Response:
        try:
            asked = Action.model_validate(json.loads(await request.body(), parse_float=Decimal))
        except (ValidationError, ValueError) as error:
            raise HTTPException(422, str(error)) from None
        try:
            return _exact(act(_file(simulation, request), asked))
        except Refusal as refusal:
            return JSONResponse({"code": refusal.code, "text": refusal.text}, status_code=409)

    async def ask_file(request: Request) -> Response:
        """qbXML in, qbXML out: the file itself, without PC and Web Connector."""
        try:
            answer = process(Ticket(_file(simulation, request), ""), (await request.body()).decode())
        except QuickBooksError as error:
            return JSONResponse({"code": error.hresult, "text": error.text, "detail": error.detail}, status_code=409)
        return Response(answer, media_type="text/xml")

    routes: list[tuple[str, str, Callable[[Request], Awaitable[Response]]]] = [
        ("POST", "load", load),
        ("POST", "reset", reset),
        ("GET", "state", state),
        ("GET", "switches", show_switches),
        ("POST", "switches", set_switches),
        ("GET", "troubles", troubles),
        ("POST", "troubles", troubles),
        ("DELETE", "troubles", troubles),
        ("POST", "pcs", add_pc),
        ("POST", "pcs/{pc}/actions", act_on_pc),
        ("POST", "pcs/{pc}/update", update),
        ("GET", "pcs/{pc}/log", log),
        ("GET", "files/{file}", show_file),
        ("GET", "files/{file}/bills", show_bills),
        ("GET", "files/{file}/payments", show_payments),
        ("POST", "files/{file}/actions", act_on_file),
        ("POST", "files/{file}/qbxml", ask_file),
    ]
    return [
        *control_routes(simulation.clock, simulation.faults, simulation.traffic, simulation.counters),
        *(Route(f"/control/{path}", handler, methods=[method]) for method, path, handler in routes),
    ]


def pc_state(pc: Pc) -> dict[str, Any]:
    """A PC with its applications, for the control API."""
    return {
        "name": pc.name,
        "on": pc.is_on,
        "asleep": pc.is_asleep,
        "connector_runs": pc.connector_runs,
        "updating": pc.updating,
        "open_file": pc.quickbooks.open_path,
        "dialog": pc.quickbooks.dialog,
        "applications": [application.as_wire() for application in pc.applications.values()],
    }


def file_state(file: CompanyFile) -> dict[str, Any]:
    """A company file: its lists by kind, and its transactions with what is open."""
    books = file.books
    transactions: dict[str, Any] = {}
    for kind in TRANSACTIONS:
        transactions[kind] = [dict(each) for each in books.transactions[kind].values()]
    for bill in transactions["Bill"]:
        bill["OpenAmount"] = file.open_amount(bill)
    return {
        "key": file.key,
        "path": file.path,
        "company": books.company,
        "preferences": books.preferences,
        "stamps": books.stamps,
        **{kind: list(entries.values()) for kind, entries in books.lists.items()},
        **transactions,
        "settlements": [vars(each) for each in books.settlements],
        "deleted": [vars(each) for each in books.deleted_transactions],
        "message_sets": list(books.message_sets),
    }


def _pc(simulation: Simulation, request: Request) -> Pc:
    pc = simulation.pcs.get(request.path_params["pc"])
    if pc is None:
        raise HTTPException(404, f"no PC {request.path_params['pc']}")
    return pc


def _file(simulation: Simulation, request: Request) -> CompanyFile:
    try:
        return simulation.file(request.path_params["file"])
    except KeyError:
        raise HTTPException(404, f"no company file {request.path_params['file']}") from None


def _exact(content: Any) -> Response:
    """JSON in which amounts are text with all their digits."""
    return Response(json.dumps(content, default=str), media_type="application/json")

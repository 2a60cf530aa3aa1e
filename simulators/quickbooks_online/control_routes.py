"""The control API of this simulator: load, state, switches, apps, webhooks, and a person's actions."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from simulators.control import control_routes, read_model
from simulators.quickbooks_online.people import Action, act
from simulators.quickbooks_online.refusals import Refusal
from simulators.quickbooks_online.simulation import Simulation
from simulators.quickbooks_online.wire import read_json, write_json


class AppRegistration(BaseModel):
    """Body of POST /control/apps."""

    model_config = ConfigDict(extra="forbid")

    client_id: str
    client_secret: str
    redirect_uris: list[str]
    name: str = ""


class WebhookSetting(BaseModel):
    """Body of POST /control/webhooks; `url` null ends deliveries."""

    model_config = ConfigDict(extra="forbid")

    url: str | None
    verifier: str = ""
    kinds: list[str] | None = None


class Realm(BaseModel):
    """Body of POST /control/disconnect."""

    model_config = ConfigDict(extra="forbid")

    realm: str


def quickbooks_control(simulation: Simulation) -> list[Route]:
    """/control/... and /healthz."""

    async def load(request: Request) -> Response:
        try:
            simulation.load(read_json(await request.body()))
        except (ValueError, KeyError, TypeError) as error:
            raise HTTPException(422, f"no world document: {error!r}") from None
        return JSONResponse({"companies": sorted(simulation.companies)})

    async def reset(_: Request) -> Response:
        simulation.reset()
        return JSONResponse({"companies": []})

    async def state(_: Request) -> Response:
        return _exact(simulation.state())

    async def show_switches(_: Request) -> Response:
        return JSONResponse(simulation.switches.model_dump())

    async def set_switches(request: Request) -> Response:
        try:
            simulation.change_switches(await request.json())
        except (ValidationError, TypeError, ValueError) as error:
            raise HTTPException(422, str(error)) from None
        return JSONResponse(simulation.switches.model_dump())

    async def register(request: Request) -> Response:
        app = await read_model(request, AppRegistration)
        simulation.register_app(app.client_id, app.client_secret, app.redirect_uris, app.name)
        return JSONResponse({"client_id": app.client_id}, status_code=201)

    async def webhooks(request: Request) -> Response:
        if request.method == "POST":
            setting = await read_model(request, WebhookSetting)
            simulation.webhooks.configure(setting.url, setting.verifier, setting.kinds)
        return JSONResponse(simulation.webhooks.describe())

    async def disconnect(request: Request) -> Response:
        asked = await read_model(request, Realm)
        return JSONResponse({"ended": simulation.disconnect(asked.realm)})

    async def action(request: Request) -> Response:
        try:
            asked = Action.model_validate(read_json(await request.body()))
        except (ValidationError, ValueError) as error:
            raise HTTPException(422, str(error)) from None
        books = simulation.companies.get(asked.realm)
        if books is None:
            raise HTTPException(404, f"no company {asked.realm}")
        try:
            return _exact(act(books, asked))
        except Refusal as refusal:
            return JSONResponse({"Fault": refusal.fault()}, status_code=refusal.status)

    return [
        *control_routes(simulation.clock, simulation.faults, simulation.traffic, simulation.counters),
        Route("/control/load", load, methods=["POST"]),
        Route("/control/reset", reset, methods=["POST"]),
        Route("/control/state", state, methods=["GET"]),
        Route("/control/switches", show_switches, methods=["GET"]),
        Route("/control/switches", set_switches, methods=["POST"]),
        Route("/control/apps", register, methods=["POST"]),
        Route("/control/webhooks", webhooks, methods=["GET", "POST"]),
        Route("/control/disconnect", disconnect, methods=["POST"]),
        Route("/control/actions", action, methods=["POST"]),
    ]


def _exact(content: Any) -> Response:
    return Response(write_json(content), media_type="application/json")

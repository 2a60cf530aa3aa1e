"""The simulator as an ASGI application: API, OAuth, pages and control behind the fault layer."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from starlette.applications import Starlette
from starlette.routing import Route

from simulators.dated import Dated
from simulators.fault_middleware import FaultMiddleware
from simulators.quickbooks_online.api import Api
from simulators.quickbooks_online.connect_pages import connect_routes
from simulators.quickbooks_online.control_routes import quickbooks_control
from simulators.quickbooks_online.pages import Pages
from simulators.quickbooks_online.simulation import Simulation


def create_app(simulation: Simulation) -> FaultMiddleware:
    """Everything on one port, as ASGI; serve it with `simulators.server.serve`."""

    @contextlib.asynccontextmanager
    async def webhooks(_: Starlette) -> AsyncIterator[None]:
        sending = asyncio.create_task(simulation.webhooks.deliver_for_ever())
        try:
            yield
        finally:
            simulation.faults.release(drop=True)
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)

    routes = [
        *_api_routes(Api(simulation)),
        *connect_routes(simulation),
        *quickbooks_control(simulation),
        *Pages(simulation).routes(),
    ]
    app = Dated(Starlette(routes=routes, lifespan=webhooks), simulation.clock)
    return FaultMiddleware(app, simulation.faults, simulation.traffic)


def _api_routes(api: Api) -> list[Route]:
    company = "/v3/company/{realm}"
    return [
        Route(company + "/batch", api.batch, methods=["POST"]),
        Route(company + "/query", api.query, methods=["GET", "POST"]),
        Route(company + "/cdc", api.cdc, methods=["GET"]),
        Route(company + "/upload", api.upload, methods=["POST"]),
        Route(company + "/preferences", api.preferences, methods=["GET"]),
        Route(company + "/{entity}", api.entity, methods=["POST"]),
        Route(company + "/download/{id}", api.download_link, methods=["GET"]),
        Route(company + "/{entity}/{id}", api.read, methods=["GET"]),
        Route(company + "/{rest:path}", api.unsupported),
    ]

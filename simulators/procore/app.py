"""The simulator's HTTP face: one ASGI app for the API host, one for the login host, or both in one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Literal

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from simulators.control import control_routes
from simulators.dated import Dated
from simulators.fault_middleware import FaultMiddleware
from simulators.procore import (
    attachments,
    commitments,
    control,
    directory,
    pages,
    payments,
    requisitions,
    sign_in,
    webhooks,
    webhooks_v2,
)
from simulators.procore.calls import Call, Endpoint, respond
from simulators.procore.errors import not_found
from simulators.procore.simulator import ProcoreSimulator

Surface = Literal["api", "login", "both"]


def _nothing_here(call: Call) -> Response:
    raise not_found()


ENDPOINTS: tuple[Endpoint, ...] = (
    *requisitions.ENDPOINTS,
    *directory.ENDPOINTS,
    *commitments.ENDPOINTS,
    *payments.ENDPOINTS,
    *webhooks.ENDPOINTS,
    *webhooks_v2.ENDPOINTS,
)


def create_app(simulator: ProcoreSimulator, surface: Surface = "both") -> FaultMiddleware:
    """The ASGI app; `login` serves OAuth only, `api` all but OAuth. The control routes are on both."""
    routes: list[BaseRoute] = [
        *control_routes(simulator.clock, simulator.plan, simulator.traffic),
        *control.routes(simulator),
    ]
    if surface != "login":
        routes += [_rest(simulator, endpoint) for endpoint in ENDPOINTS]
        routes += [_unknown(simulator), *_files(simulator), *pages.routes(simulator)]
    if surface != "api":
        routes += _oauth(simulator)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        await simulator.delivery.close()

    app = Dated(Starlette(routes=routes, lifespan=lifespan), simulator.clock)
    return FaultMiddleware(app, simulator.plan, simulator.traffic)


def _rest(simulator: ProcoreSimulator, endpoint: Endpoint) -> Route:
    async def answer(request: Request) -> Response:
        return await respond(simulator, endpoint, request)

    return Route(endpoint.path, answer, methods=[endpoint.method])


def _unknown(simulator: ProcoreSimulator) -> Route:
    async def answer(request: Request) -> Response:
        endpoint = Endpoint(request.method, "/rest/{path}", _nothing_here, company_optional=True)
        return await respond(simulator, endpoint, request)

    return Route("/rest/{path:path}", answer, methods=["GET", "POST", "PATCH", "PUT", "DELETE"])


def _files(simulator: ProcoreSimulator) -> list[BaseRoute]:
    async def file(request: Request) -> Response:
        return attachments.file(simulator, request)

    async def stored(request: Request) -> Response:
        return attachments.stored(simulator, request)

    return [Route("/files/{id}", file), Route("/storage/{key}", stored)]


def _oauth(simulator: ProcoreSimulator) -> list[BaseRoute]:
    def labelled(answer: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
        async def answered(request: Request) -> Response:
            request.state.exchange.label = f"{request.method} {request.url.path}"
            return await answer(request)

        return answered

    async def authorize(request: Request) -> Response:
        return await sign_in.authorize(simulator, request)

    async def token(request: Request) -> Response:
        return await simulator.oauth.token(request)

    async def token_info(request: Request) -> Response:
        return sign_in.token_info(simulator, request)

    async def revoke(request: Request) -> Response:
        return await simulator.oauth.revoke(request)

    return [
        Route("/oauth/authorize", labelled(authorize), methods=["GET", "POST"]),
        Route("/oauth/token", labelled(token), methods=["POST"]),
        Route("/oauth/token/info", labelled(token_info)),
        Route("/oauth/revoke", labelled(revoke), methods=["POST"]),
    ]

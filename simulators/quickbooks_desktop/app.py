"""The simulator as an ASGI application: pages and control, and the Web Connectors' timers behind them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from starlette.applications import Starlette

from simulators.fault_middleware import FaultMiddleware
from simulators.quickbooks_desktop.control_routes import desktop_control
from simulators.quickbooks_desktop.pages import Pages
from simulators.quickbooks_desktop.simulation import Simulation


def create_app(simulation: Simulation) -> FaultMiddleware:
    """Everything on one port, as ASGI; serve it with `simulators.server.serve`."""

    @contextlib.asynccontextmanager
    async def timers(_: Starlette) -> AsyncIterator[None]:
        running = asyncio.create_task(simulation.run_timers())
        try:
            yield
        finally:
            simulation.faults.release(drop=True)
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    routes = [*desktop_control(simulation), *Pages(simulation).routes()]
    return FaultMiddleware(Starlette(routes=routes, lifespan=timers), simulation.faults, simulation.traffic)

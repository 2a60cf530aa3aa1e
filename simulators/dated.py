"""The Date header of every answer, by the simulator's own clock: the time that it believes in."""

from __future__ import annotations

from email.utils import format_datetime

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from simulators.clock import SimulatorClock


class Dated:
    """Adds the header (RFC 9110, 6.6.1) in whole seconds."""

    def __init__(self, app: ASGIApp, clock: SimulatorClock) -> None:
        self._app = app
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def dated(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["date"] = format_datetime(self._clock.now(), usegmt=True)
            await send(message)

        await self._app(scope, receive, dated if scope["type"] == "http" else send)

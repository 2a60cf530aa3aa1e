"""Running a simulator: uvicorn inside the caller's event loop, on a port of its own."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
from collections.abc import AsyncIterator, Iterator
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol


class AbortableH11Protocol(H11Protocol):
    """uvicorn's HTTP/1.1, which also lets the application cut the line.

    A lost answer is a socket that closes without a byte; ASGI has no message for that, so each request finds
    `abort_connection` in its state (see `simulators.faults`).
    """

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Give the requests of this connection the means to end it."""
        super().connection_made(transport)
        self.app_state = {**self.app_state, "abort_connection": transport.abort}


class QuietServer(uvicorn.Server):
    """A uvicorn server that leaves the process's signals alone, and that stops when it is asked to, not at a tick."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._stop = asyncio.Event()

    def stop(self) -> None:
        """Let `serve` end."""
        self.should_exit = True
        self._stop.set()

    async def main_loop(self) -> None:
        """The first tick prepares the headers of every answer; no later one has anything to do here."""
        await self.on_tick(0)
        await self._stop.wait()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals belong to whoever runs the event loop."""
        yield


@contextlib.asynccontextmanager
async def serve(app: Any, port: int = 0, host: str = "127.0.0.1") -> AsyncIterator[str]:
    """Serve `app` while the block runs; yields its base URL (`http://127.0.0.1:45123`, no slash at the end).

    Port 0 takes a free one. Raises OSError when the port is taken.
    """
    # With the protocol named, asyncio switches Nagle's algorithm off; without, every answer waits 40 ms.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError:
        listener.close()
        raise
    bound_host, bound_port = listener.getsockname()
    config = uvicorn.Config(
        app,
        http=AbortableH11Protocol,
        ws="none",
        lifespan="on",
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=1,
        timeout_keep_alive=75,
        server_header=False,
        # A simulator dates its answers by its own clock.
        date_header=False,
    )
    server = QuietServer(config)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        while not server.started:
            if task.done():
                await task
                raise RuntimeError("the server ended while starting")
            await asyncio.sleep(0.005)
        shown_host = "127.0.0.1" if bound_host == "0.0.0.0" else bound_host  # noqa: S104 (a name, no bind)
        yield f"http://{shown_host}:{bound_port}"
    finally:
        server.stop()
        await task
        listener.close()


async def wait_for_stop() -> None:
    """Return when the process is asked to end (SIGTERM or Ctrl-C)."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await stop.wait()

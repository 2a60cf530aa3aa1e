"""`python -m api --port 8000`: the API and its pages as a process of their own."""

import argparse
import asyncio
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from uvloop import new_event_loop

from api.app import create_app
from api.services import open_services
from foundation.logs import configure_logs
from foundation.processes import leave, settle_in
from foundation.settings import load_settings
from foundation.telemetry import start_telemetry

# Seconds that open requests get to finish when the process is asked to stop.
GRACE = 5


class Serving(uvicorn.Server):
    """uvicorn, except that being asked to stop is no way to die: our services are closed after it, in order."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        for name in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(name, self.handle_exit, name, None)
        yield


async def main() -> int:
    parser = argparse.ArgumentParser(prog="api", description="Serve the API and the pages.")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--host", default="127.0.0.1")
    wanted = parser.parse_args()
    settings = load_settings("database_url", "temporal_address")
    configure_logs(settings.log_format)
    start_telemetry("inbuild-sync-api")
    try:
        async with open_services(settings) as services:
            config = uvicorn.Config(
                create_app(services),
                host=wanted.host,
                port=wanted.port,
                access_log=False,
                server_header=False,
                log_config=None,
                timeout_graceful_shutdown=GRACE,
            )
            settle_in()
            await Serving(config).serve()
    except RuntimeError as wrong:
        sys.stderr.write(f"api: {wrong}\n")
        return 1
    return 0


if __name__ == "__main__":
    leave(main(), new_event_loop)

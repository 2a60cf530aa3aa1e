"""`python -m api --port 8000`: the API and its pages as a process of their own."""

import argparse
import asyncio
import logging
import os
import sys
import time

import uvicorn

from api.app import create_app
from api.services import open_services
from foundation.settings import Settings, load_settings
from foundation.telemetry import start_telemetry

# Seconds that open requests get to finish when the process is asked to stop.
GRACE = 5


async def serve(settings: Settings, host: str, port: int) -> None:
    """Serve until the process is asked to stop."""
    async with open_services(settings) as services:
        config = uvicorn.Config(
            create_app(services),
            host=host,
            port=port,
            access_log=False,
            server_header=False,
            log_config=None,
            timeout_graceful_shutdown=GRACE,
        )
        await uvicorn.Server(config).serve()


def main() -> int:
    parser = argparse.ArgumentParser(prog="api", description="Serve the API and the pages.")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--host", default="127.0.0.1")
    wanted = parser.parse_args()
    settings = load_settings()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    start_telemetry("inbuild-sync-api")
    try:
        asyncio.run(serve(settings, wanted.host, wanted.port))
    except RuntimeError as wrong:
        sys.stderr.write(f"api: {wrong}\n")
        return 1
    return 0


if __name__ == "__main__":
    try:
        code = main()
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 1
    # A process that used a Temporal client may be killed while Python shuts down (temporalio/sdk-python issue 300).
    sys.stdout.flush()
    sys.stderr.flush()
    time.sleep(0.3)
    os._exit(code)

"""`python -m simulators.procore`: serve a simulated Procore until SIGTERM, and say where in one line of JSON."""

from __future__ import annotations

import argparse
import asyncio
import json
from contextlib import AsyncExitStack
from pathlib import Path

from simulators.procore.app import create_app
from simulators.procore.simulator import ProcoreSettings, ProcoreSimulator
from simulators.server import serve, wait_for_stop


def arguments() -> argparse.ArgumentParser:
    """The command line; every option has a working default."""
    parser = argparse.ArgumentParser(prog="python -m simulators.procore", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=0, help="port of the API; 0 takes a free one")
    parser.add_argument(
        "--login-port", type=int, help="port of a separate login host (0: a free one); without it one port does both"
    )
    parser.add_argument("--load", type=Path, help="world document to start with")
    parser.add_argument("--public-url", default="", help="API base as clients see it")
    parser.add_argument("--storage-url", default="", help="base of the storage host that attachments redirect to")
    parser.add_argument("--client-id", default="procore-client")
    parser.add_argument("--client-secret", default="procore-secret")
    parser.add_argument("--redirect-uri", action="append", default=[], help="registered redirect address; repeatable")
    parser.add_argument("--webhook-host", action="append", default=[], help="further host that webhooks may go to")
    parser.add_argument("--canary", default="", help="word inside every token, code and PDF")
    parser.add_argument("--hourly-limit", type=int, default=0, help="calls per hour and caller; 0 is off")
    parser.add_argument("--spike-limit", type=int, default=0, help="calls per 10 seconds and caller; 0 is off")
    return parser


async def run(options: argparse.Namespace) -> None:
    """Serve until the process is told to stop."""
    simulator = ProcoreSimulator(
        ProcoreSettings(
            client_id=options.client_id,
            client_secret=options.client_secret,
            redirect_uris=tuple(options.redirect_uri),
            public_url=options.public_url.rstrip("/"),
            storage_url=options.storage_url.rstrip("/"),
            canary=options.canary,
            webhook_hosts=frozenset({"127.0.0.1", "localhost", *options.webhook_host}),
        ),
        switches={"hourly_limit": options.hourly_limit, "spike_limit": options.spike_limit},
    )
    if options.load is not None:
        simulator.load(json.loads(options.load.read_text()))
    async with AsyncExitStack() as stack:
        separate = options.login_port is not None
        app = create_app(simulator, "api" if separate else "both")
        api = await stack.enter_async_context(serve(app, options.port, options.host))
        login = api
        if separate:
            login_app = create_app(simulator, "login")
            login = await stack.enter_async_context(serve(login_app, options.login_port, options.host))
        print(json.dumps({"name": "procore", "api": api, "login": login, "page": f"{api}/"}), flush=True)
        await wait_for_stop()


if __name__ == "__main__":
    asyncio.run(run(arguments().parse_args()))

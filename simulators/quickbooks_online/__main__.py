"""`python -m simulators.quickbooks_online`: serve the simulator until asked to stop."""

from __future__ import annotations

import argparse
import asyncio
import json
from pathlib import Path

from simulators.quickbooks_online.app import create_app
from simulators.quickbooks_online.simulation import Simulation
from simulators.quickbooks_online.wire import read_json
from simulators.server import serve, wait_for_stop


def arguments(given: list[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="simulators.quickbooks_online", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--load", type=Path, help="world document (quickbooks_online.json)")
    parser.add_argument("--public-url", default="", help="how browsers reach this server")
    parser.add_argument("--canary", default="", help="word that every issued token and code carries")
    parser.add_argument("--client-id", default="qbo-client")
    parser.add_argument("--client-secret", default="qbo-secret")
    parser.add_argument("--client-name", default="inBuild Sync")
    parser.add_argument("--redirect-uri", action="append", default=[], help="may be repeated")
    parser.add_argument("--switch", action="append", default=[], metavar="NAME=VALUE", help="may be repeated")
    return parser.parse_args(given)


async def run(options: argparse.Namespace) -> None:
    """Serve; prints one line of JSON with the URL when ready."""
    simulation = Simulation(canary=options.canary, public_url=options.public_url)
    simulation.register_app(options.client_id, options.client_secret, options.redirect_uri, options.client_name)
    simulation.change_switches(dict(pair.split("=", 1) for pair in options.switch))
    if options.load is not None:
        simulation.load(read_json(options.load.read_bytes()))
    async with serve(create_app(simulation), options.port, options.host) as url:
        simulation.public_url = simulation.public_url or url
        print(json.dumps({"url": url, "companies": sorted(simulation.companies)}), flush=True)
        await wait_for_stop()


if __name__ == "__main__":
    asyncio.run(run(arguments()))

"""`python -m simulators.quickbooks_desktop`: serve the simulated customer until asked to stop."""

from __future__ import annotations

import argparse
import asyncio
import json
from decimal import Decimal
from pathlib import Path

from simulators.quickbooks_desktop.app import create_app
from simulators.quickbooks_desktop.simulation import Simulation
from simulators.server import serve, wait_for_stop


def arguments(given: list[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="simulators.quickbooks_desktop", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--load", type=Path, help="world document (quickbooks_desktop.json)")
    parser.add_argument("--switch", action="append", default=[], metavar="NAME=VALUE", help="may be repeated")
    return parser.parse_args(given)


async def run(options: argparse.Namespace) -> None:
    """Serve; prints one line of JSON with the URL when ready."""
    simulation = Simulation()
    simulation.change_switches(dict(pair.split("=", 1) for pair in options.switch))
    if options.load is not None:
        simulation.load(json.loads(options.load.read_bytes(), parse_float=Decimal))
    async with serve(create_app(simulation), options.port, options.host) as url:
        print(json.dumps({"url": url, "company_files": [file.key for file in simulation.files.values()]}), flush=True)
        await wait_for_stop()


if __name__ == "__main__":
    asyncio.run(run(arguments()))

"""`make demo`: the whole product on this machine, until Ctrl-C.

DEMO_START=empty leaves the company signed in but unconnected, to walk the whole way by hand.
"""

import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any

from demo.outside_control import control_of
from demo.person import NotDone, somebody_at
from demo.processes import DidNotStart
from demo.setting_up import (
    NotGranted,
    Seed,
    connect,
    turn_on,
    welcome_accountant,
    welcome_admin,
    welcome_desktop_admin,
    welcome_support,
)
from demo.stack import Ports, Stack, running_stack
from demo.welcome import addresses, what_to_try
from foundation.processes import leave
from simulators.world.demo import demo_world

FOLDER = Path(__file__).resolve().parent.parent / ".run" / "demo"
FRIENDLY = Ports(
    app=8000, temporal_ui=8233, procore=8100, procore_login=8101, quickbooks=8200, quickbooks_desktop=8300, mail=8400
)
LOOK_SECONDS = 2
# Nobody in a demo waits ten minutes for a payment, or a day for one of which no webhook told.
PAYMENTS = {"PAYMENT_PULL_SECONDS": "5", "PAYMENT_SWEEP_SECONDS": "60"}
WORKER_RESTART_PAUSE = 1.0


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def friendly_ports() -> Ports:
    """The ports people can remember; where one is taken, a free one, and that is said."""
    chosen: dict[str, int] = {}
    for port in fields(Ports):
        wanted = getattr(FRIENDLY, port.name)
        if wanted and not _is_free(wanted):
            say(f"port {wanted} is taken: {port.name.replace('_', ' ')} gets a free one")
            wanted = 0
        chosen[port.name] = wanted
    return Ports(**chosen)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


async def run() -> None:
    """Start, set up, and keep going until cancelled."""
    say("starting PostgreSQL, Temporal, the simulators, the app and the worker ...")
    documents = demo_world()
    seed = Seed.of(documents.procore, documents.expected)
    async with running_stack(
        FOLDER / "stack",
        documents,
        ports=friendly_ports(),
        look_interval=LOOK_SECONDS,
        extra_environment=PAYMENTS,
    ) as stack:
        async with control_of(stack.quickbooks_url) as quickbooks:
            verifier = stack.environment["INTUIT_WEBHOOK_VERIFIER"]
            await quickbooks.tell_webhooks(f"{stack.app_url}/webhooks/intuit", verifier)
        say(addresses(stack, documents.procore["users"]))
        async with _kept_alive(stack):
            if await _set_up(stack, seed, documents.procore["users"]):
                say(what_to_try(stack, documents.expected, documents.procore["users"]))
            await asyncio.Event().wait()


async def _set_up(stack: Stack, seed: Seed, users: list[dict[str, Any]]) -> bool:
    """Whether the company is connected afterwards."""
    async with somebody_at(stack.app_url) as admin:
        await welcome_admin(stack, admin, seed)
        await welcome_accountant(stack, admin, users)
        await welcome_support(stack, users)
        await welcome_desktop_admin(stack, seed)
        if os.environ.get("DEMO_START") == "empty":
            say("nothing is connected (DEMO_START=empty): Settings, Accounting Integrations is where to begin")
            return False
        say("connecting QuickBooks Online and listing what is approved in Procore ...")
        await connect(admin, seed)
        plan = await turn_on(admin, seed)
        say(f"mirroring is on. {plan.sentence}")
        return True


@asynccontextmanager
async def _kept_alive(stack: Stack) -> AsyncIterator[None]:
    async def watch() -> None:
        while True:
            await stack.worker.process.wait()
            say(f"the worker ended (see {stack.worker.log}); starting it again")
            await asyncio.sleep(WORKER_RESTART_PAUSE)
            await stack.start_worker()

    watching = asyncio.create_task(watch())
    try:
        yield
    finally:
        watching.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await watching


async def main() -> int:
    running = asyncio.create_task(run())
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, running.cancel)
    try:
        await running
    except asyncio.CancelledError:
        say("\nstopped")
    except (DidNotStart, NotGranted, NotDone) as failed:
        say(f"demo: {failed}")
        return 1
    return 0


if __name__ == "__main__":
    leave(main())

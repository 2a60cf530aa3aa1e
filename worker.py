"""Registers workflows and activities; nothing else."""

import asyncio
import signal
from datetime import timedelta

from temporalio.worker import Worker
from uvloop import new_event_loop

from activities.outside import open_outside
from activities.wiring import activities
from contracts.starts import Workflows
from foundation.logs import configure_logs
from foundation.processes import leave, settle_in
from foundation.settings import Settings, load_settings
from foundation.shared_clock import SharedClock
from foundation.telemetry import start_telemetry
from foundation.temporal import connect
from workflows import WORKFLOWS

# A restart lets a write to QuickBooks finish (its answer comes within 2 minutes) before it is cut off.
GRACE = timedelta(seconds=130)


async def run(settings: Settings, stop: asyncio.Event) -> None:
    """Work until ``stop`` is set, then let running activities end."""
    client = await connect(settings)
    workflows = Workflows(client, settings.temporal_task_queue)
    async with open_outside(settings, SharedClock(), workflows) as outside:
        worker = Worker(
            client,
            task_queue=settings.temporal_task_queue,
            workflows=WORKFLOWS,
            activities=activities(outside),
            graceful_shutdown_timeout=GRACE,
            # Else whoever runs a company's workflow would do all of its activities, and other workers none.
            disable_eager_activity_execution=True,
        )
        settle_in()
        async with worker:
            await stop.wait()


async def main() -> None:
    settings = load_settings("database_url", "temporal_address")
    configure_logs(settings.log_format)
    start_telemetry("inbuild-sync-worker")
    stop = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    await run(settings, stop)


if __name__ == "__main__":
    leave(main(), new_event_loop)

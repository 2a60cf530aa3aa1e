"""The worker's health check sees whether this host's worker asks Temporal for work."""

import asyncio
import socket

from temporalio import activity
from temporalio.client import Client
from temporalio.worker import Worker

from docker.worker_health import is_polling


@activity.defn
async def nothing() -> None:
    """Gives the worker an activity queue to poll."""


async def test_a_queue_nobody_polls_is_not_healthy(temporal_client: Client, task_queue: str) -> None:
    assert not await is_polling(temporal_client, task_queue, socket.gethostname())


async def test_a_worker_of_this_host_is_seen_and_another_hosts_is_not(temporal_client: Client, task_queue: str) -> None:
    async with Worker(temporal_client, task_queue=task_queue, activities=[nothing]):
        for _ in range(100):
            if await is_polling(temporal_client, task_queue, socket.gethostname()):
                break
            await asyncio.sleep(0.1)
        assert await is_polling(temporal_client, task_queue, socket.gethostname())
        assert not await is_polling(temporal_client, task_queue, "another-host")

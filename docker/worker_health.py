"""`python -m docker.worker_health`: whether the worker of this container asks Temporal for work. Exit code 0 or 1."""

import socket
import sys
from datetime import timedelta

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client

from foundation.processes import leave
from foundation.settings import load_settings
from foundation.temporal import connect

# Below the health check's own time-out in docker-compose.temporal.yml.
PATIENCE = timedelta(seconds=4)


async def is_polling(client: Client, task_queue: str, host: str) -> bool:
    """Whether a worker on ``host`` polled the queue lately: Temporal forgets one after five minutes of silence."""
    described = await client.workflow_service.describe_task_queue(
        DescribeTaskQueueRequest(
            namespace=client.namespace,
            task_queue=TaskQueue(name=task_queue),
            task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY,
        ),
        timeout=PATIENCE,
    )
    # The SDK calls a worker <process id>@<host name>.
    return any(poller.identity.endswith(f"@{host}") for poller in described.pollers)


async def main() -> int:
    settings = load_settings("temporal_address")
    client = await connect(settings)
    if await is_polling(client, settings.temporal_task_queue, socket.gethostname()):
        return 0
    sys.stderr.write(f"worker_health: nobody on this host polls {settings.temporal_task_queue}\n")
    return 1


if __name__ == "__main__":
    leave(main())

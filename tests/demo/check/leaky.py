"""A workflow that lets a secret out in each way a workflow can."""

from datetime import timedelta

from temporalio import activity, workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError


@activity.defn
async def take(secret: str) -> None:
    """Gets it as an argument."""


@activity.defn
async def complain(secret: str) -> None:
    """Tells it in an error; the argument itself is harmless."""
    raise ValueError("".join(reversed(secret)))


@workflow.defn(sandboxed=False)
class Leaky:
    @workflow.run
    async def run(self, way: str, secret: str) -> None:
        quickly = timedelta(seconds=10)
        if way == "argument":
            await workflow.execute_activity(take, secret, start_to_close_timeout=quickly)
        if way == "error":
            try:
                await workflow.execute_activity(
                    complain, secret, start_to_close_timeout=quickly, retry_policy=RetryPolicy(maximum_attempts=1)
                )
            except ActivityError:
                return

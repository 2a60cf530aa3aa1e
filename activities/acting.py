"""Who an activity acts as, and its signs of life."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace
from uuid import UUID

from temporalio import activity

from foundation.telemetry import current_traceparent
from models.database import Actor
from models.tables import ActorKind

# A third of the shortest heartbeat time-out (10 s), so that one late beat is no death.
BEAT_SECONDS = 3.0


def acting() -> Actor:
    """The running activity as the actor of every event it writes."""
    info = activity.info()
    return Actor(
        kind=ActorKind.WORKFLOW,
        id=info.workflow_id,
        workflow_id=info.workflow_id,
        run_id=info.workflow_run_id,
        activity_id=info.activity_id,
        traceparent=current_traceparent(),
    )


def is_first_attempt() -> bool:
    """Whether no earlier attempt of the running activity can have left anything behind."""
    return activity.info().attempt == 1


def acting_for(user_id: UUID) -> Actor:
    """The running activity on behalf of the person who asked for what it does: the events name that person."""
    return replace(acting(), kind=ActorKind.USER, id=str(user_id))


@contextlib.asynccontextmanager
async def heartbeating() -> AsyncIterator[None]:
    """Give a sign of life for as long as the block runs."""
    beating = asyncio.create_task(_beat())
    try:
        yield
    finally:
        beating.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await beating


async def _beat() -> None:
    # The first beat comes late: one that reaches the server is a billed action, and most activities are over by then.
    while True:
        await asyncio.sleep(BEAT_SECONDS)
        activity.heartbeat()

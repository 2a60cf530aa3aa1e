"""Doing several things at once, a few at a time."""

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Any, TypeVar

T = TypeVar("T")


async def side_by_side(jobs: Iterable[Coroutine[Any, Any, T]], at_once: int) -> list[T]:
    """The results in the order of the jobs. The first exception is raised once every other job is cancelled."""
    lanes = asyncio.Semaphore(at_once)

    async def in_a_lane(job: Coroutine[Any, Any, T]) -> T:
        async with lanes:
            return await job

    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(in_a_lane(job)) for job in jobs]
    except BaseExceptionGroup as several:
        raise several.exceptions[0] from None
    return [task.result() for task in tasks]

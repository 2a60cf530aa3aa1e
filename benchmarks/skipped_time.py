"""One time for everybody while Temporal's time-skipping server runs ahead: its clock is the activities' clock."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC
from pathlib import Path
from typing import Any
from uuid import UUID

from temporalio import activity
from temporalio.api.enums.v1 import EventType, IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest
from temporalio.client import WorkflowHandle
from temporalio.service import RPCError, RPCStatusCode
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

from benchmarks.admin import eventually
from contracts.names import SEARCH_ATTRIBUTES, mirroring_workflow_id
from contracts.starts import Workflows
from foundation.clock import ManualClock
from foundation.temporal import DATA_CONVERTER

TASK_EVENTS = (EventType.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED, EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED)


@asynccontextmanager
async def time_skipping_server(binary: Path) -> AsyncIterator[WorkflowEnvironment]:
    """The test server at ``binary``, with our search attributes: it registers them and lists none."""
    environment = await WorkflowEnvironment.start_time_skipping(
        test_server_existing_path=str(binary), data_converter=DATA_CONVERTER
    )
    async with environment:
        client = environment.client
        await client.operator_service.add_search_attributes(
            AddSearchAttributesRequest(
                namespace=client.namespace,
                search_attributes={
                    attribute.name: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD for attribute in SEARCH_ATTRIBUTES
                },
            )
        )
        yield environment


class OneAfterTheOther(Workflows):
    """No message meets a look under way: this server forgets an activity that fails while its end is asked for."""

    async def _mirroring(self, company_id: UUID, *told: Any, **named: Any) -> None:
        handle = self._client.get_workflow_handle(mirroring_workflow_id(company_id))
        if activity.in_activity() and activity.info().workflow_id == handle.id:
            # An activity of its own would wait for itself; the day has looks enough.
            return

        async def looks_no_more() -> bool | None:
            return await waits(handle) or None

        await eventually("the end of a look", looks_no_more)
        await super()._mirroring(company_id, *told, **named)


async def waits(handle: WorkflowHandle[Any, Any]) -> bool:
    """Whether a workflow has ended, or waits for time to pass: for a timer, or an activity's next attempt."""
    try:
        told = [event.event_type async for event in handle.fetch_history_events()]
    except RPCError as unknown:
        if unknown.status is not RPCStatusCode.NOT_FOUND:
            raise
        return True
    tasks = [one for one in told if one in TASK_EVENTS]
    # This server tells of an activity between two attempts only by the end of the last one.
    between = [
        one.HasField("last_attempt_complete_time")
        and one.last_attempt_complete_time.ToDatetime() >= one.last_started_time.ToDatetime()
        for one in (await handle.describe()).raw_description.pending_activities
    ]
    return tasks[-1] == EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED and all(between)


class ServerTime(Interceptor):
    """Sets ``clock`` to the server's time before each activity; it stands still until the next one begins."""

    def __init__(self, environment: WorkflowEnvironment, clock: ManualClock) -> None:
        self._environment = environment
        self._clock = clock

    async def follow(self) -> None:
        """Bring the clock up to the server's time."""
        self._clock.set((await self._environment.get_current_time()).astimezone(UTC))

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:
        return _FollowFirst(next, self)


class _FollowFirst(ActivityInboundInterceptor):
    def __init__(self, following: ActivityInboundInterceptor, server_time: ServerTime) -> None:
        super().__init__(following)
        self._server_time = server_time

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:
        await self._server_time.follow()
        return await super().execute_activity(input)

"""One time for everybody while Temporal's time-skipping server runs ahead: its clock is the activities' clock."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC
from pathlib import Path
from typing import Any

from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

from contracts.names import SEARCH_ATTRIBUTES
from foundation.clock import ManualClock
from foundation.temporal import DATA_CONVERTER


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

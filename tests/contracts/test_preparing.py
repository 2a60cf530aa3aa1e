"""Setting Temporal up, as often as somebody likes: namespace with 30 days of retention, search attributes, Schedule."""

from datetime import timedelta
from uuid import uuid4

from google.protobuf.duration_pb2 import Duration
from temporalio.api.namespace.v1 import NamespaceConfig
from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest, UpdateNamespaceRequest
from temporalio.client import Client, ScheduleActionStartWorkflow, ScheduleOverlapPolicy

from contracts import names
from contracts.preparing import prepare_namespace, prepare_search_attribute
from contracts.starts import Workflows
from foundation.temporal import DATA_CONVERTER

A_DAY = Duration(seconds=24 * 3600)


async def test_a_fresh_namespace_has_all_it_needs_and_a_second_time_changes_nothing_else(
    temporal_client: Client,
) -> None:
    namespace = f"sync-{uuid4().hex}"
    target = temporal_client.service_client.config.target_host
    client = await Client.connect(target, namespace=namespace, data_converter=DATA_CONVERTER)

    async def set_up() -> None:
        await prepare_namespace(temporal_client, namespace)
        await prepare_search_attribute(client, namespace)
        await Workflows(client, "sync-queue").ensure_schedules()

    async def retention() -> timedelta:
        request = DescribeNamespaceRequest(namespace=namespace)
        told = (await client.workflow_service.describe_namespace(request)).config.workflow_execution_retention_ttl
        return told.ToTimedelta()

    await set_up()
    assert await retention() == timedelta(days=30)
    config = NamespaceConfig(workflow_execution_retention_ttl=A_DAY)
    await client.workflow_service.update_namespace(UpdateNamespaceRequest(namespace=namespace, config=config))
    assert await retention() == timedelta(days=1)
    await set_up()
    assert await retention() == timedelta(days=30)

    listed = await client.operator_service.list_search_attributes(ListSearchAttributesRequest(namespace=namespace))
    assert {one.name for one in names.SEARCH_ATTRIBUTES} <= set(listed.custom_attributes)
    schedule = (await client.get_schedule_handle(names.RESTART_MISSING_SCHEDULE).describe()).schedule
    assert [interval.every for interval in schedule.spec.intervals] == [timedelta(minutes=5)]
    assert schedule.policy.overlap is ScheduleOverlapPolicy.SKIP
    assert not schedule.state.paused
    assert isinstance(schedule.action, ScheduleActionStartWorkflow)
    assert (schedule.action.workflow, schedule.action.task_queue) == (names.RESTART_MISSING, "sync-queue")

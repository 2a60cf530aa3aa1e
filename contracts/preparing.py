"""What a Temporal server must have before the product runs on it: namespace, retention, search attribute."""

from datetime import timedelta

from google.protobuf.duration_pb2 import Duration
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.namespace.v1 import NamespaceConfig
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest, ListSearchAttributesRequest
from temporalio.api.workflowservice.v1 import RegisterNamespaceRequest, UpdateNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from contracts.names import SEARCH_ATTRIBUTES

# Support can open the history of anything that happened in the last month; past it the timeline still tells.
RETENTION = timedelta(days=30)


async def prepare_namespace(client: Client, namespace: str) -> None:
    """Make the namespace, or bring the retention of one that is there to 30 days."""
    retention = Duration()
    retention.FromTimedelta(RETENTION)
    try:
        await client.workflow_service.register_namespace(
            RegisterNamespaceRequest(namespace=namespace, workflow_execution_retention_period=retention)
        )
    except RPCError as known:
        if known.status is not RPCStatusCode.ALREADY_EXISTS:
            raise
        await client.workflow_service.update_namespace(
            UpdateNamespaceRequest(
                namespace=namespace, config=NamespaceConfig(workflow_execution_retention_ttl=retention)
            )
        )


async def prepare_search_attribute(client: Client, namespace: str) -> None:
    """Register what support searches by; starting a workflow fails without it."""
    listed = await client.operator_service.list_search_attributes(ListSearchAttributesRequest(namespace=namespace))
    missing = [one.name for one in SEARCH_ATTRIBUTES if one.name not in listed.custom_attributes]
    if missing:
        await client.operator_service.add_search_attributes(
            AddSearchAttributesRequest(
                namespace=namespace,
                search_attributes=dict.fromkeys(missing, IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD),
            )
        )

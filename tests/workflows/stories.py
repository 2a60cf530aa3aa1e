"""What several stories of a running product have in common: getting it going, and waiting for what must come of it."""

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from temporalio.api.sdk.v1 import WorkflowMetadata
from temporalio.client import WorkflowExecutionStatus, WorkflowHandle

from contracts.names import connection_workflow_id, mirroring_workflow_id
from models.tables import Connection, MirroringPlan
from simulators.world.documents import Documents
from tests.product import Product, eventually

# Longer than a look's interval (1 s in tests), the merging of wakes (2 s) and a look: what has not come by then does
# not come.
SETTLED = timedelta(seconds=4)


async def connected(product: Product, documents: Documents) -> Connection:
    """QuickBooks connected, its accounts chosen."""
    expected = documents.expected
    connection = await product.connect(expected["realm_id"])
    await product.choose_accounts(connection, expected["expense_account"], expected["retainage_account"])
    return connection


async def planned(product: Product, documents: Documents) -> MirroringPlan:
    return await product.plan(date.fromisoformat(documents.expected["start_date"]))


async def going(product: Product, documents: Documents) -> Connection:
    """Connected and switched on."""
    connection = await connected(product, documents)
    await product.switch_on(await planned(product, documents))
    return connection


async def states(product: Product) -> dict[str, str]:
    return {number: row.state.value for number, row in (await product.invoices()).items()}


async def all_in(product: Product, state: str, count: int) -> None:
    """Wait until exactly ``count`` invoices are known and all are in this state."""

    async def reached() -> bool:
        return Counter((await states(product)).values()) == {state: count}

    await eventually(reached)


def bills_of(product: Product, documents: Documents) -> Counter[tuple[str, Decimal]]:
    found = product.bills(documents.expected["realm_id"])
    return Counter((bill["DocNumber"], Decimal(bill["TotalAmt"])) for bill in found)


def wanted_bills(documents: Documents) -> Counter[tuple[str, Decimal]]:
    rows = [one["bill"] for one in documents.expected["requisitions"].values() if one["verdict"] == "bill"]
    return Counter((bill["number"], Decimal(bill["total"])) for bill in rows)


def mirroring(product: Product) -> WorkflowHandle[Any, Any]:
    return product.temporal.get_workflow_handle(mirroring_workflow_id(product.company_id))


def connection_workflow(product: Product, connection: Connection) -> WorkflowHandle[Any, Any]:
    return product.temporal.get_workflow_handle(connection_workflow_id(connection.id))


async def status(handle: WorkflowHandle[Any, Any]) -> WorkflowExecutionStatus | None:
    return (await handle.describe()).status


async def becomes(handle: WorkflowHandle[Any, Any], wanted: WorkflowExecutionStatus) -> None:
    async def reached() -> bool:
        return await status(handle) is wanted

    await eventually(reached)


async def details(handle: WorkflowHandle[Any, Any]) -> str:
    """What the Web UI shows of a workflow in words."""
    answer = await handle.query("__temporal_workflow_metadata", result_type=WorkflowMetadata)
    return str(answer.current_details)

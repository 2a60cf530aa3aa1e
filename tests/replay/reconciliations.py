"""Reconciliation: one run of a company with one set of books."""

from temporalio.client import WorkflowExecutionStatus

from contracts.names import reconciliation_workflow_id
from models.reconciliation_runs import ask_for_run
from tests.replay.keeping import World, keep
from tests.small_world import small_world
from tests.workflows.stories import all_in, becomes, going


async def run(world: World) -> None:
    """Two bills are compared, and everything is accounted for."""
    documents = small_world(2)
    async with world(documents) as product:
        await going(product, documents)
        await all_in(product, "posted", 2)
        async with product.session() as session:
            asked = await ask_for_run(session, product.admin_id, reread=False)
        await product.outside.workflows.reconcile(product.company_id, asked.id, product.company_name)
        handle = product.temporal.get_workflow_handle(reconciliation_workflow_id(product.company_id))
        await becomes(handle, WorkflowExecutionStatus.COMPLETED)
        await keep("reconciliation-run", handle)

"""Paperwork: the files of a posted bill, one of which Procore gives only later."""

from temporalio.client import WorkflowExecutionStatus

from contracts.names import paperwork_workflow_id
from simulators.faults import FaultRule
from tests.product import eventually
from tests.replay.keeping import World, keep
from tests.small_world import small_world
from tests.workflows.stories import all_in, connected, planned, status

# The file that was not there is asked for again after two minutes, in seconds.
LONGEST = 240.0


async def files_of_a_bill(world: World) -> None:
    """Attached while more is asked for, with a wait in between."""
    documents = small_world(1)
    (requisition,) = documents.procore["requisitions"]
    names = ("Pay application 1.pdf", "Lien waiver.pdf")
    requisition["attachments"] = [
        {"id": 5300 + place, "url": "x", "filename": name, "content_type": "application/pdf"}
        for place, name in enumerate(names)
    ]
    async with world(documents) as product:
        rule = FaultRule(effect="status", status=503, method="GET", path="/files/5300$", count=1)
        product.procore.plan.add(rule)
        await connected(product, documents)
        await product.switch_on(await planned(product, documents))
        await all_in(product, "posted", 1)
        workflow = product.temporal.get_workflow_handle(paperwork_workflow_id(product.company_id))

        async def is_over() -> bool:
            return await status(workflow) is WorkflowExecutionStatus.COMPLETED

        await eventually(is_over, LONGEST)
        await keep("paperwork-files-of-a-bill", workflow)

"""A reconciliation as it runs: asked for, made by the worker, told, and started again where nobody could be told."""

from uuid import UUID

from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.testing import ActivityEnvironment

from activities.connection import Housekeeping
from contracts.names import reconciliation_workflow_id
from models.bill_differences import DifferenceFilter, standing_differences
from models.events import timeline
from models.reconciliation_runs import Selection, ask_for_run, newest_run, statement_by_project
from models.tables import RunState
from simulators.quickbooks_online.people import Action, act
from tests.product import Product, eventually, running_product
from tests.small_world import small_world
from tests.workflows.stories import all_in, becomes, going


async def ask(product: Product) -> UUID:
    async with product.session() as session:
        run = await ask_for_run(session, product.admin_id, reread=True)
    await product.outside.workflows.reconcile(product.company_id, run.id, product.company_name)
    return UUID(str(run.id))


async def test_a_run_ends_with_a_statement_its_differences_and_news_for_the_page(
    database_url: str, temporal_client: Client, task_queue: str
) -> None:
    documents = small_world(3, waiting=1)
    async with running_product(documents, database_url, temporal_client, task_queue) as product:
        connection = await going(product, documents)
        await all_in(product, "posted", 3)
        books = product.quickbooks.companies[connection.quickbooks_company_id]
        bill = next(one for one in books.entities["Bill"].values() if "inBuild" in one.get("PrivateNote", ""))
        edit = {"action": "edit", "realm": connection.quickbooks_company_id, "id": bill["Id"]}
        act(books, Action.model_validate({**edit, "fields": {"DocNumber": "OTHER"}}))

        run_id = await ask(product)
        handle = product.temporal.get_workflow_handle(reconciliation_workflow_id(product.company_id))
        await becomes(handle, WorkflowExecutionStatus.COMPLETED)
        async with product.session() as session:
            run = await newest_run(session)
            assert run is not None and (run.id, run.state) == (run_id, RunState.DONE)
            of = [row for project in await statement_by_project(session, run_id, Selection()) for row in project.rows]
            (difference,) = await standing_differences(session, DifferenceFilter(), 10)
            told = await timeline(session, "reconciliation", run_id)
        assert (difference.field, difference.in_quickbooks) == ("number", "OTHER")
        assert {row.name: row.invoices for row in of} == {"Approved in Procore now": 3, "Posted and linked bills": 3}
        assert [one.kind for one in told] == ["reconciliation_asked_for", "reconciled"]
        history = await handle.fetch_history()
        # Four steps, whatever is compared: a night adds a short history of its own.
        assert len(history.events) < 40


async def test_what_the_worker_left_undone_is_started_again(
    database_url: str, temporal_client: Client, task_queue: str
) -> None:
    documents = small_world(1)
    async with running_product(documents, database_url, temporal_client, task_queue) as product:
        await going(product, documents)
        await all_in(product, "posted", 1)
        # Committed, and then nobody could be told.
        async with product.session() as session:
            run = await ask_for_run(session, product.admin_id, reread=False)
        await ActivityEnvironment().run(Housekeeping(product.outside).restart_missing)

        async def done() -> bool:
            async with product.session() as session:
                newest = await newest_run(session)
            return newest is not None and newest.id == run.id

        await eventually(done)

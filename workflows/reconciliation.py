"""One reconciliation of a company: refresh the copy of its books, compare every linked pair, add everything up.

A workflow of its own and no part of mirroring's: a run a night keeps that history free of it, and a comparison that
takes long, or fails, holds up no invoice. Books that cannot be read are compared with the copy as it is.
"""

import asyncio

from temporalio import workflow
from temporalio.exceptions import ActivityError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from contracts.names import RECONCILIATION
    from contracts.reconciliation import (
        BooksToCompare,
        Compared,
        ReconciliationActivities,
        ReconciliationFailure,
        ReconciliationInput,
        ReconciliationPlan,
    )
    from contracts.timeouts import COMPARE, DATABASE, REREAD
    from workflows.calling import options


@workflow.defn(name=RECONCILIATION)
class ReconciliationWorkflow:
    @workflow.run
    async def run(self, start: ReconciliationInput) -> None:
        plan: ReconciliationPlan = await workflow.execute_activity_method(
            ReconciliationActivities.begin_reconciliation, start, **options(DATABASE, "which books are compared")
        )
        await asyncio.gather(*(self._compare(books) for books in plan.books))
        try:
            await workflow.execute_activity_method(
                ReconciliationActivities.close_reconciliation,
                start,
                **options(COMPARE, "account for everything approved to date"),
            )
        except ActivityError as ended:
            _unless_cancelled(ended)
            workflow.logger.warning("the statement could not be made: %s", ended.cause)
            await workflow.execute_activity_method(
                ReconciliationActivities.fail_reconciliation,
                ReconciliationFailure(company_id=start.company_id, run_id=start.run_id),
                **options(DATABASE, "say that it did not succeed"),
            )

    async def _compare(self, books: BooksToCompare) -> None:
        """One set of books; whatever befalls it, the others and the statement go on."""
        try:
            await workflow.execute_activity_method(
                ReconciliationActivities.refresh_linked_bills,
                books,
                **options(REREAD, f"bring the copy of {books.name} up to date"),
            )
        except ActivityError as ended:
            # QuickBooks is away: what we have of it is compared, and the page says so.
            _unless_cancelled(ended)
        try:
            compared: Compared = await workflow.execute_activity_method(
                ReconciliationActivities.compare_linked_bills,
                books,
                **options(COMPARE, f"compare every linked bill of {books.name}"),
            )
            workflow.logger.info("%s: %s pairs, %s open differences", books.name, compared.pairs, compared.open)
        except ActivityError as ended:
            # The page shows that these books were not compared to their end.
            _unless_cancelled(ended)
            workflow.logger.warning("%s was not compared to its end: %s", books.name, ended.cause)


def _unless_cancelled(ended: ActivityError) -> None:
    if is_cancelled_exception(ended):
        raise ended

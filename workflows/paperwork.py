"""One company's paperwork in QuickBooks: vendors that people asked for, and the files of bills. Ends when none is due.

It runs beside the mirroring and never holds it up. What goes wrong with one file or vendor is a row in our tables.
"""

import asyncio
from contextlib import suppress

from temporalio import workflow
from temporalio.exceptions import ActivityError

with workflow.unsafe.imports_passed_through():
    from contracts.names import PAPERWORK
    from contracts.paperwork import PaperworkActivities, PaperworkInput, PaperworkRequest
    from contracts.timeouts import PAPERWORK as TIMING
    from contracts.timeouts import RENEW_AT_EVENTS
    from workflows.calling import options


@workflow.defn(name=PAPERWORK)
class PaperworkWorkflow:
    def __init__(self) -> None:
        self._more = False

    @workflow.signal(name="more")
    def more(self) -> None:
        """Something was added, perhaps after the running activity looked."""
        self._more = True

    @workflow.run
    async def run(self, start: PaperworkInput) -> None:
        while True:
            self._more = False
            try:
                done = await workflow.execute_activity_method(
                    PaperworkActivities.do_paperwork,
                    PaperworkRequest(company_id=start.company_id),
                    **options(TIMING, f"{start.company_name}: create vendors, attach files"),
                )
            except ActivityError as ended:
                # The regular check starts what is still due again.
                workflow.logger.warning("paperwork ended: %s", ended.cause)
                return
            if done.again_in is None and not self._more:
                return
            if done.again_in:
                with suppress(asyncio.TimeoutError):
                    await workflow.wait_condition(
                        lambda: self._more, timeout=done.again_in, timeout_summary="a file is tried again"
                    )
            if workflow.info().get_current_history_length() >= RENEW_AT_EVENTS:
                workflow.continue_as_new(start)

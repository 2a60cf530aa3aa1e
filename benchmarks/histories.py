"""What a workflow costs in Temporal: history events, and the actions that Temporal Cloud would bill.

Actions after Temporal's own list (documentation: evaluate/cloud/actions): 1 each for a start, a continue-as-new, a
signal, a timer, an activity and each of its retries. Not in a history and so left out: heartbeats that reach the
server (ours give none in an activity's first three seconds) and queries of the Web UI.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client, WorkflowExecutionDescription
from temporalio.service import RPCError, RPCStatusCode

# A run continued as new begins with a start event too: the one action both are billed as.
ACTION_EVENTS = frozenset(
    {
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED,
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED,
        EventType.EVENT_TYPE_TIMER_STARTED,
        EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED,
    }
)


@dataclass(frozen=True)
class Cost:
    """Events written and actions billed."""

    events: int = 0
    actions: int = 0

    def __add__(self, other: "Cost") -> "Cost":
        return Cost(self.events + other.events, self.actions + other.actions)

    def __sub__(self, before: "Cost") -> "Cost":
        return Cost(self.events - before.events, self.actions - before.actions)


async def cost_of(client: Client, workflow_id: str) -> Cost:
    """One workflow's cost so far, over all its runs; nothing for one that never ran.

    The retries of a cancelled activity leave no trace: estimated.
    """
    total = Cost()
    async for description, history in _runs(client, workflow_id):
        actions = sum(event.event_type in ACTION_EVENTS for event in history)
        actions += sum(
            event.activity_task_started_event_attributes.attempt - 1
            for event in history
            if event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_STARTED
        )
        # A look that waits for its next attempt has no event yet; the server counts its attempts.
        actions += sum(max(one.attempt - 1, 0) for one in description.raw_description.pending_activities)
        total += Cost(len(history), actions)
    return total


async def _runs(
    client: Client, workflow_id: str
) -> AsyncIterator[tuple[WorkflowExecutionDescription, list[HistoryEvent]]]:
    """The runs of a workflow, the latest first: each start names the run it continues."""
    run_id: str | None = None
    while True:
        handle = client.get_workflow_handle(workflow_id, run_id=run_id)
        try:
            description = await handle.describe()
        except RPCError as missing:
            if run_id is None and missing.status is RPCStatusCode.NOT_FOUND:
                return
            raise
        history = list((await handle.fetch_history()).events)
        yield description, history
        run_id = history[0].workflow_execution_started_event_attributes.continued_execution_run_id
        if not run_id:
            return

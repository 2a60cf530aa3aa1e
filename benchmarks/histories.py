"""What a workflow costs in Temporal: history events, and the actions that Temporal Cloud would bill.

Actions after Temporal's own list (documentation: evaluate/cloud/actions): 1 each for a start, a continue-as-new, a
signal, a timer, an activity and each of its retries. Not in a history and so left out: heartbeats that reach the
server (ours give none in an activity's first three seconds) and queries of the Web UI.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime

from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client, WorkflowExecutionDescription

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
    """Events written and actions billed, between two instants."""

    events: int
    actions: int

    def __add__(self, other: "Cost") -> "Cost":
        return Cost(self.events + other.events, self.actions + other.actions)


async def cost_of(client: Client, workflow_id: str, since: datetime, until: datetime) -> Cost:
    """One workflow's cost over all its runs, counting what happened from ``since`` to ``until`` (UTC)."""
    events = actions = 0
    async for description, history in _runs(client, workflow_id):
        inside = [event for event in history if since <= event.event_time.ToDatetime(UTC) <= until]
        events += len(inside)
        # A run continued as new begins with a start event too: the one action both are billed as.
        actions += sum(event.event_type in ACTION_EVENTS for event in inside)
        actions += sum(
            event.activity_task_started_event_attributes.attempt - 1
            for event in inside
            if event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_STARTED
        )
        # A look that waits for its next attempt has no event yet; its attempts are counted by the server.
        actions += sum(max(one.attempt - 1, 0) for one in description.raw_description.pending_activities)
    return Cost(events, actions)


async def _runs(
    client: Client, workflow_id: str
) -> AsyncIterator[tuple[WorkflowExecutionDescription, list[HistoryEvent]]]:
    """The runs of a workflow, the latest first: each start names the run it continues."""
    run_id: str | None = None
    while True:
        handle = client.get_workflow_handle(workflow_id, run_id=run_id)
        description = await handle.describe()
        history = list((await handle.fetch_history()).events)
        yield description, history
        run_id = history[0].workflow_execution_started_event_attributes.continued_execution_run_id
        if not run_id:
            return

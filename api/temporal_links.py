"""From an event of ours to the same moment in the Temporal Web UI, looked up when somebody clicks."""

from urllib.parse import quote

from api.problems import Problem
from api.services import Services
from contracts.starts import HistoryExpired
from models.tables import EventLog

EXPIRED = Problem(
    410,
    "history_expired",
    "history expired: Temporal keeps a finished run's history for 30 days. The timeline itself is kept.",
)


async def temporal_address(services: Services, event: EventLog) -> str:
    """Where the Web UI shows the event's run, at the very activity that wrote it.

    Raises Problem 404 for an event that no workflow wrote or without a Web UI, and 410 past the retention.
    """
    base = services.settings.temporal_ui_url
    if base is None or not event.workflow_id or not event.run_id:
        raise Problem(404, "no_history", "This event has no workflow history to show. Go back to the invoice.")
    try:
        number = await services.workflows.event_of_activity(event.workflow_id, event.run_id, event.activity_id or "")
    except HistoryExpired:
        raise EXPIRED from None
    namespace, workflow, run = (
        quote(part, safe="") for part in (services.settings.temporal_namespace, event.workflow_id, event.run_id)
    )
    history = f"{base}/namespaces/{namespace}/workflows/{workflow}/{run}/history"
    return f"{history}/events/{number}" if number is not None else history


def workflow_address(services: Services, workflow_id: str) -> str | None:
    """Where the Web UI shows a workflow's newest run; None without a Web UI."""
    base = services.settings.temporal_ui_url
    if base is None:
        return None
    namespace, workflow = (quote(part, safe="") for part in (services.settings.temporal_namespace, workflow_id))
    return f"{base}/namespaces/{namespace}/workflows/{workflow}"

"""The one module that starts and signals workflows. Starting is idempotent: what runs already is only signalled."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleSpec,
)
from temporalio.common import SearchAttributePair, TypedSearchAttributes, WorkflowIDConflictPolicy
from temporalio.service import RPCError, RPCStatusCode

from contracts import names
from contracts.connection import (
    AttemptInput,
    AttemptRefused,
    CallbackReceived,
    CompanyFileIdentity,
    CompanyFileVerified,
    Connected,
    ConnectionInput,
    DisconnectWanted,
    Expired,
)
from contracts.mirroring import MirroringInput, Paused, Toggled, Wake
from contracts.paperwork import PaperworkInput
from contracts.reconciliation import ReconciliationInput
from contracts.timeouts import RESTART_MISSING_EVERY

# A support page does not wait longer for the server than people do.
ANSWER_WITHIN = timedelta(seconds=3)


class HistoryExpired(Exception):
    """The server keeps the history of this run no longer: its retention is over."""


@dataclass(frozen=True)
class WorkflowStanding:
    """One run as the server tells it; ``pending`` are the activities it waits for, each with its attempt."""

    state: str
    started_at: datetime
    history_events: int
    pending: tuple[str, ...]


class Workflows:
    """Starts and signals the product's workflows on one task queue."""

    def __init__(self, client: Client, task_queue: str) -> None:
        self._client = client
        self._task_queue = task_queue

    async def wake_company(self, company_id: UUID, company_name: str, reason: str) -> None:
        await self._mirroring(company_id, company_name, "wake", Wake(reason=reason))

    async def ensure_company(self, company_id: UUID, company_name: str) -> None:
        """Start a company's mirroring where it does not run; a run that exists does not notice."""
        await self._mirroring(company_id, company_name)

    async def toggle_mirroring(self, company_id: UUID, company_name: str, toggled: Toggled) -> None:
        await self._mirroring(company_id, company_name, "toggle", toggled)

    async def pause_posting(self, company_id: UUID, company_name: str, paused: Paused) -> None:
        await self._mirroring(company_id, company_name, "pause", paused)

    async def _mirroring(
        self,
        company_id: UUID,
        company_name: str,
        signal: str | None = None,
        message: Wake | Toggled | Paused | None = None,
    ) -> None:
        await self._client.start_workflow(
            names.MIRRORING,
            MirroringInput(company_id=company_id, company_name=company_name),
            id=names.mirroring_workflow_id(company_id),
            task_queue=self._task_queue,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            start_signal=signal,
            start_signal_args=[message] if message else [],
            static_summary=f"{company_name}: Procore approvals to QuickBooks bills",
            search_attributes=_of_company(company_id),
        )

    async def do_paperwork(self, company_id: UUID, company_name: str) -> None:
        """Have files attached and vendors created; what runs already is told that there may be more."""
        await self._client.start_workflow(
            names.PAPERWORK,
            PaperworkInput(company_id=company_id, company_name=company_name),
            id=names.paperwork_workflow_id(company_id),
            task_queue=self._task_queue,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            start_signal="more",
            static_summary=f"{company_name}: files to attach and vendors to create in QuickBooks",
            search_attributes=_of_company(company_id),
        )

    async def reconcile(self, company_id: UUID, run_id: UUID, company_name: str) -> None:
        """Start a reconciliation run; the one that runs already is left alone."""
        await self._client.start_workflow(
            names.RECONCILIATION,
            ReconciliationInput(company_id=company_id, run_id=run_id),
            id=names.reconciliation_workflow_id(company_id),
            task_queue=self._task_queue,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            static_summary=f"{company_name}: every linked bill compared, everything approved accounted for",
            search_attributes=_of_company(company_id),
        )

    async def start_attempt(
        self, company_id: UUID, attempt_id: UUID, kind: str, deadline: datetime, now: datetime | None = None
    ) -> None:
        """``now`` is the caller's time, by which the deadline was set; None: it is Temporal's own."""
        open_for = deadline - now if now is not None else None
        await self._client.start_workflow(
            names.CONNECTION_ATTEMPT,
            AttemptInput(company_id=company_id, attempt_id=attempt_id, kind=kind, deadline=deadline, open_for=open_for),
            id=names.attempt_workflow_id(attempt_id),
            task_queue=self._task_queue,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            static_summary=f"Connect QuickBooks {kind.capitalize()}, open until {deadline:%Y-%m-%d %H:%M} UTC",
            search_attributes=_of_company(company_id),
        )

    async def callback_received(self, attempt_id: UUID, received_at: datetime) -> None:
        await self._signal(
            names.attempt_workflow_id(attempt_id), "callback_received", CallbackReceived(received_at=received_at)
        )

    async def refuse_attempt(self, attempt_id: UUID, reason: str) -> None:
        await self._signal(names.attempt_workflow_id(attempt_id), "refuse", AttemptRefused(reason=reason))

    async def company_file_verified(self, attempt_id: UUID, file: CompanyFileIdentity) -> None:
        await self._signal(
            names.attempt_workflow_id(attempt_id), "company_file_verified", CompanyFileVerified(file=file)
        )

    async def connected(self, company_id: UUID, connection_id: UUID, quickbooks_company: str, attempt_id: UUID) -> None:
        await self._connection(
            company_id, connection_id, quickbooks_company, "connected", Connected(attempt_id=attempt_id)
        )

    async def expired(self, company_id: UUID, connection_id: UUID, quickbooks_company: str, reason: str) -> None:
        await self._connection(company_id, connection_id, quickbooks_company, "expired", Expired(reason=reason))

    async def disconnect(
        self,
        company_id: UUID,
        connection_id: UUID,
        quickbooks_company: str,
        actor: str,
        asked_at: datetime | None = None,
    ) -> None:
        wanted = DisconnectWanted(actor=actor, asked_at=asked_at)
        await self._connection(company_id, connection_id, quickbooks_company, "disconnect", wanted)

    async def ensure_connection(self, company_id: UUID, connection_id: UUID, quickbooks_company: str) -> None:
        """Start a connection's workflow where it does not run; a run that exists does not notice."""
        await self._connection(company_id, connection_id, quickbooks_company)

    async def _connection(
        self,
        company_id: UUID,
        connection_id: UUID,
        quickbooks_company: str,
        signal: str | None = None,
        message: Connected | Expired | DisconnectWanted | None = None,
    ) -> None:
        await self._client.start_workflow(
            names.CONNECTION,
            ConnectionInput(company_id=company_id, connection_id=connection_id, quickbooks_company=quickbooks_company),
            id=names.connection_workflow_id(connection_id),
            task_queue=self._task_queue,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            start_signal=signal,
            start_signal_args=[message] if message else [],
            static_summary=f"Connection to {quickbooks_company}",
            search_attributes=_of_company(company_id),
        )

    async def event_of_activity(self, workflow_id: str, run_id: str, activity_id: str) -> int | None:
        """The history event that scheduled an activity; None when the run has no such activity.

        Raises HistoryExpired when the server keeps the run's history no longer.
        """
        handle = self._client.get_workflow_handle(workflow_id, run_id=run_id)
        try:
            async for event in handle.fetch_history_events():
                scheduled = event.activity_task_scheduled_event_attributes
                if scheduled.activity_type.name and scheduled.activity_id == activity_id:
                    return event.event_id
        except RPCError as refused:
            if refused.status is RPCStatusCode.NOT_FOUND:
                raise HistoryExpired from None
            raise
        return None

    async def standing(self, workflow_id: str) -> WorkflowStanding | None:
        """How a workflow's newest run stands; None for one that never ran, or whose retention is over."""
        try:
            told = await self._client.get_workflow_handle(workflow_id).describe(rpc_timeout=ANSWER_WITHIN)
        except RPCError as refused:
            if refused.status is RPCStatusCode.NOT_FOUND:
                return None
            raise
        return WorkflowStanding(
            state=told.status.name.replace("_", " ").capitalize() if told.status else "Unknown",
            started_at=told.start_time,
            history_events=told.history_length,
            pending=tuple(
                f"{one.activity_type.name}, attempt {one.attempt}" for one in told.raw_description.pending_activities
            ),
        )

    async def _signal(
        self, workflow_id: str, signal: str, message: CallbackReceived | AttemptRefused | CompanyFileVerified
    ) -> None:
        # A workflow that has ended has nothing left to hear: the attempt's row tells the page how it ended.
        try:
            await self._client.get_workflow_handle(workflow_id).signal(signal, message)
        except RPCError as refused:
            if refused.status != RPCStatusCode.NOT_FOUND:
                raise

    async def ensure_schedules(self) -> None:
        """Create the Schedule that restarts what is missing; one that exists is left as it is."""
        try:
            await self._client.create_schedule(
                names.RESTART_MISSING_SCHEDULE,
                Schedule(
                    action=ScheduleActionStartWorkflow(
                        names.RESTART_MISSING,
                        id=names.RESTART_MISSING_SCHEDULE,
                        task_queue=self._task_queue,
                        static_summary="Start every workflow our tables say should run",
                    ),
                    spec=ScheduleSpec(intervals=[ScheduleIntervalSpec(every=RESTART_MISSING_EVERY)]),
                    policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP),
                ),
            )
        except ScheduleAlreadyRunningError:
            return


def _of_company(company_id: UUID) -> TypedSearchAttributes:
    return TypedSearchAttributes([SearchAttributePair(names.COMPANY_ATTRIBUTE, str(company_id))])


__all__ = ["HistoryExpired", "WorkflowStanding", "Workflows"]

"""The activities of the connection workflows; each hands over to the module that tells its story."""

from temporalio import activity

from activities.acting import acting
from activities.connecting import ConnectingSteps
from activities.connection_status import status_now
from activities.disconnecting import Disconnecting
from activities.guarding import Guarding
from activities.outside import Outside
from activities.reading_books import BooksReading
from activities.revoking import revoke
from contracts.connection import (
    AttemptEnded,
    AttemptFailure,
    AttemptRef,
    CompanyFileRequest,
    ConnectionActivities,
    ConnectionRef,
    ConnectionStatus,
    DisconnectRequest,
    HousekeepingActivities,
    StepResult,
)
from models.directory import (
    RunningCompany,
    attempts_to_run,
    companies_to_run,
    companies_with_paperwork,
    connections_to_run,
)
from models.reconciliation_runs import begin_nightly, run_under_way


class ConnectionDesk(ConnectionActivities):
    """Implements what ``contracts/connection.py`` declares."""

    def __init__(self, outside: Outside) -> None:
        self._outside = outside

    @activity.defn(name="exchange_code")
    async def exchange_code(self, request: AttemptRef) -> StepResult:
        return await self._steps(request).exchange()

    @activity.defn(name="establish_connection")
    async def establish_connection(self, request: AttemptRef) -> StepResult:
        return await self._steps(request).establish()

    @activity.defn(name="establish_desktop_connection")
    async def establish_desktop_connection(self, request: CompanyFileRequest) -> StepResult:
        steps = ConnectingSteps(self._outside, request.company_id, request.attempt_id)
        return await steps.establish_company_file(request.file)

    @activity.defn(name="fail_attempt")
    async def fail_attempt(self, request: AttemptFailure) -> AttemptEnded:
        steps = ConnectingSteps(self._outside, request.company_id, request.attempt_id)
        return await steps.fail(request)

    @activity.defn(name="revoke_attempt_tokens")
    async def revoke_attempt_tokens(self, request: AttemptRef) -> None:
        await revoke(self._outside, request.company_id, attempt_id=request.attempt_id)

    @activity.defn(name="read_books")
    async def read_books(self, request: ConnectionRef) -> ConnectionStatus:
        return await BooksReading(self._outside, request).read()

    @activity.defn(name="connection_status")
    async def connection_status(self, request: ConnectionRef) -> ConnectionStatus:
        return await status_now(self._outside, request)

    @activity.defn(name="guard_connection")
    async def guard_connection(self, request: ConnectionRef) -> ConnectionStatus:
        return await Guarding(self._outside, request).guard()

    @activity.defn(name="disconnect")
    async def disconnect(self, request: DisconnectRequest) -> ConnectionStatus:
        return await Disconnecting(self._outside, request).disconnect()

    @activity.defn(name="revoke_tokens")
    async def revoke_tokens(self, request: ConnectionRef) -> None:
        await revoke(self._outside, request.company_id, connection_id=request.connection_id)

    def _steps(self, request: AttemptRef) -> ConnectingSteps:
        return ConnectingSteps(self._outside, request.company_id, request.attempt_id)


class Housekeeping(HousekeepingActivities):
    def __init__(self, outside: Outside) -> None:
        self._outside = outside

    @activity.defn(name="restart_missing")
    async def restart_missing(self) -> int:
        """Start what does not run. What runs is not even signalled: the Schedule fires for ever."""
        async with self._outside.database.directory() as session:
            companies = await companies_to_run(session)
            connections = await connections_to_run(session)
            attempts = await attempts_to_run(session)
            paperwork = await companies_with_paperwork(session)
        workflows = self._outside.workflows
        for company in companies:
            await workflows.ensure_company(company.company_id, company.name)
        for one in connections:
            if one.wanted_by is not None:
                await workflows.disconnect(one.company_id, one.connection_id, one.quickbooks_company, "regular check")
            else:
                await workflows.ensure_connection(one.company_id, one.connection_id, one.quickbooks_company)
        for company in paperwork:
            await workflows.do_paperwork(company.company_id, company.name)
        for attempt in attempts:
            await workflows.start_attempt(
                attempt.company_id,
                attempt.attempt_id,
                attempt.kind.value,
                attempt.deadline,
                self._outside.clock.now(),
            )
            if attempt.called_back:
                await workflows.callback_received(attempt.attempt_id, self._outside.clock.now())
        runs = await self._reconciliations(companies)
        return len(companies) + len(connections) + len(attempts) + len(paperwork) + runs

    async def _reconciliations(self, companies: list[RunningCompany]) -> int:
        """Start the reconciliation of each company whose night has come, and any that was cut off."""
        started = 0
        for company in companies:
            async with self._outside.database.company(company.company_id, acting()) as session:
                run = await run_under_way(session) or await begin_nightly(session)
            if run is not None:
                await self._outside.workflows.reconcile(company.company_id, run.id, company.name)
                started += 1
        return started

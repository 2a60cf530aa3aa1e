"""One attempt to connect or reconnect a QuickBooks company: wait for the person, then trade, look and establish."""

from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError

with workflow.unsafe.imports_passed_through():
    from accounting.connection_states import TIMED_OUT
    from contracts.connection import (
        AttemptFailure,
        AttemptInput,
        AttemptRef,
        AttemptRefused,
        CallbackReceived,
        CompanyFileIdentity,
        CompanyFileRequest,
        CompanyFileVerified,
        ConnectionActivities,
        StepResult,
    )
    from contracts.names import CONNECTION_ATTEMPT
    from contracts.timeouts import DATABASE, ONE_SHOT, PROVIDER_READ, REVOKE
    from workflows.calling import options

EXCHANGE_UNCLEAR = "QuickBooks did not confirm the sign-in. Start again."


@workflow.defn(name=CONNECTION_ATTEMPT)
class ConnectionAttemptWorkflow:
    @workflow.init
    def __init__(self, start: AttemptInput) -> None:
        self._ref = AttemptRef(company_id=start.company_id, attempt_id=start.attempt_id)
        # By Temporal's own clock: ours may be an hour away from it.
        self._deadline = start.deadline if start.open_for is None else workflow.now() + start.open_for
        self._is_desktop = start.kind == "desktop"
        self._called_back = False
        self._refused: str | None = None
        self._file: CompanyFileIdentity | None = None

    @workflow.signal(name="callback_received")
    def callback_received(self, received: CallbackReceived) -> None:
        self._called_back = True

    @workflow.signal(name="refuse")
    def refuse(self, refused: AttemptRefused) -> None:
        self._refused = self._refused or refused.reason

    @workflow.signal(name="company_file_verified")
    def company_file_verified(self, verified: CompanyFileVerified) -> None:
        self._file = self._file or verified.file

    @workflow.run
    async def run(self, start: AttemptInput) -> StepResult:
        reason = await self._wait_for_person()
        if reason is None:
            result = await (self._connect() if self._file is None else self._connect_file(self._file))
            if result.reason is None:
                workflow.set_current_details(f"Connected: {result.connection_id}")
                return result
            reason = result.reason
        workflow.set_current_details(f"Connection failed: {reason}")
        ended = await workflow.execute_activity_method(
            ConnectionActivities.fail_attempt,
            AttemptFailure(company_id=self._ref.company_id, attempt_id=self._ref.attempt_id, reason=reason),
            **options(DATABASE, f"the attempt failed: {reason}"),
        )
        if ended.must_revoke:
            await self._revoke()
        return StepResult(reason=reason)

    async def _revoke(self) -> None:
        """What the attempt was given is of no use to anybody; Intuit is told, however long it is away."""
        try:
            await workflow.execute_activity_method(
                ConnectionActivities.revoke_attempt_tokens, self._ref, **options(REVOKE, "revoke the attempt's tokens")
            )
        except ActivityError as ended:
            workflow.logger.warning("an attempt's tokens were not revoked: %s", ended.cause)

    async def _wait_for_person(self) -> str | None:
        where = "the Web Connector's first session" if self._is_desktop else "the person to come back from QuickBooks"
        workflow.set_current_details(f"Waiting for {where}, until {self._deadline:%Y-%m-%d %H:%M} UTC")
        left = max(self._deadline - workflow.now(), timedelta(0))
        try:
            await workflow.wait_condition(
                lambda: self._called_back or self._file is not None or self._refused is not None,
                timeout=left,
                timeout_summary="the attempt's deadline",
            )
        except TimeoutError:
            return TIMED_OUT
        return self._refused

    async def _connect(self) -> StepResult:
        try:
            exchanged = await workflow.execute_activity_method(
                ConnectionActivities.exchange_code, self._ref, **options(ONE_SHOT, "trade the code for tokens")
            )
            if exchanged.reason is not None:
                return exchanged
        except ActivityError:
            return StepResult(reason=EXCHANGE_UNCLEAR)
        try:
            return await workflow.execute_activity_method(
                ConnectionActivities.establish_connection,
                self._ref,
                **options(PROVIDER_READ, "read which QuickBooks company it is"),
            )
        except ActivityError:
            return StepResult(reason="QuickBooks could not be read after signing in. Try again.")

    async def _connect_file(self, file: CompanyFileIdentity) -> StepResult:
        try:
            return await workflow.execute_activity_method(
                ConnectionActivities.establish_desktop_connection,
                CompanyFileRequest(company_id=self._ref.company_id, attempt_id=self._ref.attempt_id, file=file),
                **options(PROVIDER_READ, "establish the connection to the company file"),
            )
        except ActivityError:
            return StepResult(reason="inBuild could not finish connecting the company file. Start again.")

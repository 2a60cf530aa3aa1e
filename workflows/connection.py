"""One connection's life: active, expired, disconnected, active again. Our table holds the state, this moves it on."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError

with workflow.unsafe.imports_passed_through():
    from contracts.connection import (
        Connected,
        ConnectionActivities,
        ConnectionInput,
        ConnectionRef,
        ConnectionStatus,
        DisconnectWanted,
        Expired,
    )
    from contracts.names import CONNECTION
    from contracts.timeouts import (
        AFTER_OUR_BUG,
        CONNECTION_RUN_MAX_AGE,
        DATABASE,
        GUARDIAN_INTERVAL,
        PROVIDER_READ,
        RENEW_AT_EVENTS,
        REVOKE,
        Timing,
    )
    from workflows.calling import options

Step = Callable[[ConnectionActivities, ConnectionRef], Awaitable[ConnectionStatus]]


@workflow.defn(name=CONNECTION)
class ConnectionWorkflow:
    @workflow.init
    def __init__(self, start: ConnectionInput) -> None:
        self._start = start
        self._ref = ConnectionRef(company_id=start.company_id, connection_id=start.connection_id)
        self._newly_connected = False
        self._expired: str | None = None
        self._disconnect: DisconnectWanted | None = None

    @workflow.signal(name="connected")
    def connected(self, connected: Connected) -> None:
        self._newly_connected = True
        self._expired = None

    @workflow.signal(name="expired")
    def expired(self, expired: Expired) -> None:
        self._expired = expired.reason

    @workflow.signal(name="disconnect")
    def disconnect(self, wanted: DisconnectWanted) -> None:
        self._disconnect = wanted

    @workflow.run
    async def run(self, start: ConnectionInput) -> None:
        guarded_at = workflow.now()
        while self._disconnect is None:
            if self._newly_connected:
                self._newly_connected = False
                await self._do(ConnectionActivities.read_books, PROVIDER_READ, "read the QuickBooks company's lists")
            elif self._expired is not None:
                workflow.set_current_details(f"Expired: {self._expired}. Waiting for a reconnect.")
                self._expired = None
            elif workflow.now() - guarded_at >= GUARDIAN_INTERVAL:
                guarded_at = workflow.now()
                await self._do(ConnectionActivities.guard_connection, PROVIDER_READ, "keep the authorisation alive")
            if self._wants_new_run():
                await workflow.wait_condition(workflow.all_handlers_finished)
                workflow.continue_as_new(self._start)
            await self._wait(GUARDIAN_INTERVAL)
        await self._do(ConnectionActivities.disconnect, DATABASE, f"disconnect, asked for by {self._disconnect.actor}")
        try:
            await workflow.execute_activity_method(
                ConnectionActivities.revoke_tokens, self._ref, **options(REVOKE, "revoke the tokens at Intuit")
            )
        except ActivityError as ended:
            workflow.logger.warning("tokens were not revoked: %s", ended.cause)
        await workflow.wait_condition(workflow.all_handlers_finished)

    def _has_news(self) -> bool:
        return self._newly_connected or self._expired is not None or self._disconnect is not None

    async def _wait(self, longest: timedelta) -> None:
        try:
            await workflow.wait_condition(self._has_news, timeout=longest, timeout_summary="next guardian look")
        except TimeoutError:
            return

    async def _do(self, step: Step, timing: Timing, summary: str) -> None:
        try:
            status: ConnectionStatus = await workflow.execute_activity_method(
                step,
                self._ref,
                **options(timing, summary),
            )
            workflow.set_current_details(f"{status.state}: {status.sentence}")
        except ActivityError as ended:
            workflow.logger.warning("%s did not succeed: %s", summary, ended.cause)
            await workflow.sleep(AFTER_OUR_BUG, summary=f"pause before going on: {summary}")

    def _wants_new_run(self) -> bool:
        info = workflow.info()
        too_old = workflow.now() - info.start_time >= CONNECTION_RUN_MAX_AGE
        return too_old or info.get_current_history_length() >= RENEW_AT_EVENTS

"""One connection's life: active, expired, disconnected, active again. Our table holds the state, this moves it on.

It never fails: what goes wrong is a state with a reason and a sentence. Connecting and disconnecting may meet; what the
table says wins, and a message that is older than the row changes nothing.
"""

import asyncio
from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.exceptions import ActivityError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from contracts.connection import (
        Connected,
        ConnectionActivities,
        ConnectionInput,
        ConnectionRef,
        ConnectionStatus,
        DisconnectRequest,
        DisconnectWanted,
        Expired,
    )
    from contracts.hooks import HookActivities, HooksRequest
    from contracts.names import CONNECTION, CONNECTION_STATE_ATTRIBUTE
    from contracts.timeouts import (
        AFTER_OUR_BUG,
        CONNECTION_RUN_MAX_AGE,
        DATABASE,
        GUARDIAN_INTERVAL,
        GUARDIAN_REST,
        PROVIDER_READ,
        REMOVE_HOOKS,
        RENEW_AT_EVENTS,
        REVOKE,
        Timing,
    )
    from workflows.calling import options

OVER = frozenset({"disconnected", "gone"})
# Runs live for a week: once none from before this change is left, it becomes `deprecate_patch`, then goes.
DISCONNECT_DOES_NOT_WAIT = "disconnect-does-not-wait"


@workflow.defn(name=CONNECTION)
class ConnectionWorkflow:
    @workflow.init
    def __init__(self, start: ConnectionInput) -> None:
        self._start = start
        self._ref = ConnectionRef(company_id=start.company_id, connection_id=start.connection_id)
        self._status = start.status
        self._guard_at = start.guard_at
        self._newly_connected = False
        self._expired = False
        self._disconnect: DisconnectWanted | None = None
        self._cleaning: asyncio.Task[None] | None = None
        self._cleaned = False
        self._disconnects = 0

    @workflow.signal(name="connected")
    def connected(self, connected: Connected) -> None:
        self._newly_connected = True

    @workflow.signal(name="expired")
    def expired(self, expired: Expired) -> None:
        self._expired = True

    @workflow.signal(name="disconnect")
    def disconnect(self, wanted: DisconnectWanted) -> None:
        self._disconnect = wanted

    @workflow.run
    async def run(self, start: ConnectionInput) -> None:
        if start.status is not None:
            # Details are a run's own: what the last one said goes on being said.
            self._describe(start.status)
        while True:
            await self._take_news()
            if self._is_over():
                break
            if self._wants_new_run() and self._cleaning is None:
                await workflow.wait_condition(workflow.all_handlers_finished)
                if not self._has_news():
                    workflow.continue_as_new(
                        start.model_copy(update={"status": self._status, "guard_at": self._guard_at})
                    )
            else:
                await self._wait()
        await workflow.wait_condition(workflow.all_handlers_finished)

    async def _take_news(self) -> None:
        if self._disconnect is not None:
            wanted, self._disconnect = self._disconnect, None
            request = DisconnectRequest(
                company_id=self._ref.company_id, connection_id=self._ref.connection_id, asked_at=wanted.asked_at
            )
            await self._do(
                ConnectionActivities.disconnect, request, DATABASE, f"disconnect, asked for by {wanted.actor}"
            )
            self._disconnects += 1
            self._cleaned = False
        elif self._newly_connected:
            # Reading uses the authorisation, so the guardian has nothing to do yet.
            self._newly_connected = False
            asked = await self._ask_quickbooks(ConnectionActivities.read_books, "read the company's lists")
            # A wish to disconnect may turn out to be older than this consent: then the lists are still wanted.
            self._newly_connected = self._newly_connected or not asked
        elif self._expired:
            self._expired = False
            await self._look()
        elif self._status is None:
            await self._look()
        elif self._guard_at is not None and workflow.now() >= self._guard_at and self._status.state == "active":
            await self._guard()
        if self._has_to_clean():
            self._cleaning = asyncio.create_task(self._clean_up())

    async def _look(self) -> None:
        await self._do(ConnectionActivities.connection_status, self._ref, DATABASE, "read how the connection stands")

    async def _guard(self) -> None:
        await self._ask_quickbooks(ConnectionActivities.guard_connection, "keep the authorisation alive")

    async def _ask_quickbooks(self, step: Any, summary: str) -> bool:
        """Do a step that QuickBooks may keep waiting for half an hour; False where a disconnect did not wait for it."""
        if not workflow.patched(DISCONNECT_DOES_NOT_WAIT):
            await self._do(step, self._ref, PROVIDER_READ, summary)
            return True
        asking = asyncio.create_task(self._do(step, self._ref, PROVIDER_READ, summary))
        await workflow.wait_condition(lambda: asking.done() or self._disconnect is not None)
        gives_way = not asking.done()
        if gives_way:
            asking.cancel()
        await asyncio.gather(asking, return_exceptions=gives_way)
        return not gives_way

    # --- after a disconnect

    def _has_to_clean(self) -> bool:
        return self._state() == "disconnected" and self._cleaning is None and not self._cleaned

    async def _clean_up(self) -> None:
        """What others still have to be told. It goes on while they are away, and beside a new consent."""
        disconnects = self._disconnects
        await asyncio.gather(self._revoke(), self._remove_hooks())
        # Disconnected once more meanwhile: then there are newer tokens to revoke.
        self._cleaned, self._cleaning = disconnects == self._disconnects, None

    async def _revoke(self) -> None:
        try:
            await workflow.execute_activity_method(
                ConnectionActivities.revoke_tokens, self._ref, **options(REVOKE, "revoke the tokens at Intuit")
            )
        except ActivityError as ended:
            workflow.logger.warning("tokens were not revoked: %s", ended.cause)

    async def _remove_hooks(self) -> None:
        """Procore's webhooks go with the company's last connection."""
        try:
            await workflow.execute_activity_method(
                HookActivities.remove_procore_hooks,
                HooksRequest(company_id=self._ref.company_id),
                **options(REMOVE_HOOKS, "remove Procore's webhooks if nothing is connected"),
            )
        except ActivityError as ended:
            workflow.logger.warning("webhooks were not removed: %s", ended.cause)

    # --- news and runs

    def _state(self) -> str | None:
        return self._status.state if self._status is not None else None

    def _has_news(self) -> bool:
        return self._newly_connected or self._expired or self._disconnect is not None

    def _is_over(self) -> bool:
        return self._state() in OVER and self._cleaning is None and not self._has_news()

    async def _wait(self) -> None:
        was_cleaning = self._cleaning is not None
        run_ends = workflow.info().start_time + CONNECTION_RUN_MAX_AGE
        wakes_at = min(run_ends, self._guard_at) if self._guard_at and self._state() == "active" else run_ends
        longest = max(wakes_at - workflow.now(), timedelta(minutes=1))
        try:
            await workflow.wait_condition(
                lambda: self._has_news() or (was_cleaning and self._cleaning is None),
                timeout=longest,
                timeout_summary="the guardian's next look, or a new run",
            )
        except TimeoutError:
            return

    async def _do(self, step: Any, request: ConnectionRef | DisconnectRequest, timing: Timing, summary: str) -> None:
        try:
            status: ConnectionStatus = await workflow.execute_activity_method(step, request, **options(timing, summary))
        except ActivityError as ended:
            if is_cancelled_exception(ended):
                return
            workflow.logger.warning("%s did not succeed: %s", summary, ended.cause)
            self._guard_at = workflow.now() + GUARDIAN_INTERVAL / 20
            await workflow.sleep(AFTER_OUR_BUG, summary=f"pause before going on: {summary}")
            return
        self._tell(status)

    def _tell(self, status: ConnectionStatus) -> None:
        """State, since when, why and what happens next: for whoever opens the workflow, and for the search."""
        if status.look_in is not None:
            # Not ``look_at``: where our clock is behind Temporal's, that has come already, and would again and again.
            self._guard_at = workflow.now() + max(status.look_in, GUARDIAN_REST)
        elif status.look_at is not None:
            self._guard_at = status.look_at
        if self._status is None or self._status.state != status.state:
            workflow.upsert_search_attributes([CONNECTION_STATE_ATTRIBUTE.value_set(status.state)])
        self._status = status
        self._describe(status)

    def _describe(self, status: ConnectionStatus) -> None:
        since = f"{status.since:%Y-%m-%d %H:%M} UTC" if status.since else "unknown"
        following = status.next or (
            f"The guardian looks at {self._guard_at:%Y-%m-%d %H:%M} UTC." if self._guard_at else ""
        )
        workflow.set_current_details(
            f"**{self._start.quickbooks_company}**\n\n- State: {status.state}\n- Since: {since}\n"
            f"- Why: {status.sentence}\n- Next: {following}"
        )

    def _wants_new_run(self) -> bool:
        info = workflow.info()
        too_old = workflow.now() - info.start_time >= CONNECTION_RUN_MAX_AGE
        return too_old or info.get_current_history_length() >= RENEW_AT_EVENTS

"""One company's mirroring, for as long as the company has a QuickBooks: watch, dispatch, wait.

The workflow never fails. What goes wrong with an invoice is a row in our tables; what goes wrong with an activity ends
in a pause and another look. It holds ids only, and its history stays short: an empty look adds no event.
"""

import asyncio
from collections import deque
from contextlib import suppress
from datetime import timedelta
from uuid import UUID

from temporalio import workflow
from temporalio.exceptions import ActivityError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from contracts.alerts import AlertActivities, AlertsRequest, AlertsSent
    from contracts.hooks import HookActivities, HooksRequest
    from contracts.mirroring import (
        BatchOutcome,
        BatchRef,
        MirroringActivities,
        MirroringInput,
        Paused,
        PlanRequest,
        PrepareRequest,
        SendRequest,
        Toggled,
        Wake,
        WatchRequest,
        WatchResult,
    )
    from contracts.names import BATCHES_IN_FLIGHT, MIRRORING
    from contracts.timeouts import (
        AFTER_OUR_BUG,
        ALERTS,
        ENTITY_RUN_MAX_AGE,
        HARD_STOP_AT_EVENTS,
        HOOKS,
        PLAN,
        POST_BATCH,
        PROVIDER_READ,
        PROVIDER_WRITE,
        RENEW_AT_EVENTS,
        WAKE_MERGE,
        WATCH,
    )
    from workflows.calling import options
    from workflows.payment_lanes import PaymentLanes

# Runs live for a day: once none from before this change is left, it becomes `deprecate_patch`, then goes, and with it
# the activity that only prepares.
ONE_ACTIVITY_POSTS = "one-activity-posts"


@workflow.defn(name=MIRRORING)
class MirroringWorkflow:
    @workflow.init
    def __init__(self, start: MirroringInput) -> None:
        self._company_id = start.company_id
        self._company_name = start.company_name
        self._toggled = start.toggled
        self._pauses = {one.connection_id: one for one in start.pauses}
        self._waiting: deque[BatchRef] = deque(start.waiting)
        self._running: dict[str, asyncio.Task[None]] = {}
        self._plans: dict[UUID, asyncio.Task[None]] = {}
        self._look: asyncio.Task[WatchResult] | None = None
        self._giving_up = False
        self._looked_at = workflow.now()
        self._woken = False
        self._at_once = False
        self._nothing_connected = False
        self._hooks: asyncio.Task[None] | None = None
        self._alerts: asyncio.Task[None] | None = None
        self._procore = start.procore
        self._payments = PaymentLanes(start.company_id, self._look_again)

    @workflow.signal(name="toggle")
    def toggle(self, toggled: Toggled) -> None:
        """The row in PostgreSQL is the truth; a late or repeated message of a lower version says nothing new."""
        if self._toggled is None or toggled.version > self._toggled.version:
            self._toggled = toggled
            self._woken = self._at_once = True

    @workflow.signal(name="pause")
    def pause(self, paused: Paused) -> None:
        """Every activity reads the row itself, so a message that got lost lets nothing through and holds nothing up."""
        known = self._pauses.get(paused.connection_id)
        if known is None or paused.version > known.version:
            self._pauses[paused.connection_id] = paused
            self._woken = self._at_once = True

    @workflow.signal(name="wake")
    def wake(self, wake: Wake) -> None:
        self._woken = True

    def _look_again(self) -> None:
        self._woken = True

    @workflow.run
    async def run(self, start: MirroringInput) -> None:
        while not self._is_over():
            if self._wants_new_run():
                await self._hand_over()
            self._dispatch()
            self._start_look()
            self._describe()
            await workflow.wait_condition(self._has_news)
            await self._take_news()
        await self._stop_hooks()
        await workflow.wait_condition(workflow.all_handlers_finished)

    # --- watch

    def _may_look(self) -> bool:
        # Looking again while plenty waits would only lease invoices that cannot be sent yet; and where nothing is
        # connected there is nothing to see until somebody says so.
        idle = self._nothing_connected and not self._woken
        return self._look is None and not idle and len(self._waiting) <= BATCHES_IN_FLIGHT

    def _start_look(self) -> None:
        if self._may_look():
            self._woken = self._at_once = False
            self._looked_at = workflow.now()
            self._look = asyncio.create_task(self._watch())

    async def _watch(self) -> WatchResult:
        # A look that is under way when it is cancelled still ends: what it leased in its last step must be heard of.
        # Between two attempts, where it spends nearly all of its time, it ends at once.
        return await workflow.execute_activity_method(
            MirroringActivities.watch_company,
            WatchRequest(company_id=self._company_id, procore_shown=self._procore),
            cancellation_type=workflow.ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
            **options(WATCH, f"look at {self._company_name}"),
        )

    def _has_news(self) -> bool:
        return (
            (self._look is not None and self._look.done())
            or (self._woken and self._look is not None and not self._giving_up)
            or self._can_dispatch()
            or self._may_look()
            or self._wants_new_run()
            or self._is_over()
        )

    async def _take_news(self) -> None:
        if self._look is None:
            return
        if not self._look.done():
            if self._woken:
                self._give_up_look()
            return
        given_up = self._giving_up
        if not await self._hear_look():
            await workflow.sleep(AFTER_OUR_BUG, summary="pause after a look that failed")
        merge_for = self._looked_at + WAKE_MERGE - workflow.now()
        if given_up and merge_for > timedelta(0):
            # Events come in bursts; a person who flips the switch waits for nothing.
            with suppress(asyncio.TimeoutError):
                await workflow.wait_condition(
                    lambda: self._at_once, timeout=merge_for, timeout_summary="wakes within two seconds are one look"
                )

    def _give_up_look(self) -> None:
        if self._look is not None and not self._giving_up:
            self._giving_up = True
            self._look.cancel()

    async def _hear_look(self) -> bool:
        """Take in what the look brought once it has ended; whether it ended well, or by running out of time."""
        look, given_up = self._look, self._giving_up
        self._look, self._giving_up = None, False
        if look is None:
            return True
        (found,) = await asyncio.gather(look, return_exceptions=True)
        if isinstance(found, WatchResult):
            self._waiting.extend(found.batches)
            for plan_id in found.plan_ids:
                if plan_id not in self._plans:
                    self._plans[plan_id] = asyncio.create_task(self._plan(plan_id))
            self._payments.take_up(found)
            self._nothing_connected = found.nothing_connected
            self._procore = found.procore
            if found.hooks_due and self._hooks is None:
                self._hooks = asyncio.create_task(self._keep_hooks())
            if found.alerts_due and self._alerts is None:
                self._alerts = asyncio.create_task(self._send_alerts())
            return True
        # A day of empty looks ends by time-out, one that was given up as it likes: anything else needs a pause.
        if isinstance(found, ActivityError):
            if given_up or is_timeout(found) or is_cancelled_exception(found):
                return True
            workflow.logger.warning("a look ended: %s", found.cause)
            return False
        if isinstance(found, Exception):
            raise found
        return True

    # --- dispatch

    def _can_dispatch(self) -> bool:
        return not self._wants_new_run() and any(self._may_run(batch) for batch in self._waiting)

    def _may_run(self, batch: BatchRef) -> bool:
        lane = sum(1 for key in self._running if key.startswith(f"{batch.connection_id}/"))
        return lane < BATCHES_IN_FLIGHT and lane_key(batch) not in self._running

    def _dispatch(self) -> None:
        for batch in list(self._waiting):
            if self._may_run(batch):
                self._waiting.remove(batch)
                self._running[lane_key(batch)] = asyncio.create_task(self._post(batch))

    async def _post(self, batch: BatchRef) -> None:
        try:
            following = await self._prepare_and_send(batch)
            if following is not None:
                self._waiting.append(following)
        except ActivityError as ended:
            # Every invoice's row says how far it got; leases run out and the next look finds what is left.
            workflow.logger.warning("a batch of %s ended: %s", batch.project_name, ended.cause)
        finally:
            self._running.pop(lane_key(batch), None)

    async def _prepare_and_send(self, batch: BatchRef) -> BatchRef | None:
        batch_id, summary = batch.batch_id, f"finish a batch of {batch.project_name}"
        if batch_id is None and workflow.patched(ONE_ACTIVITY_POSTS):
            posted: BatchOutcome = await workflow.execute_activity_method(
                MirroringActivities.post_batch,
                PrepareRequest(company_id=self._company_id, batch=batch),
                **options(POST_BATCH, f"{batch.project_name}: {batch.summary}"),
            )
            return posted.next
        if batch_id is None:
            prepared = await workflow.execute_activity_method(
                MirroringActivities.prepare_batch,
                PrepareRequest(company_id=self._company_id, batch=batch),
                **options(PROVIDER_READ, f"{batch.project_name}: look again at {len(batch.invoice_ids)} invoices"),
            )
            if prepared.batch_id is None:
                return prepared.next
            batch_id, summary = prepared.batch_id, prepared.summary
        outcome: BatchOutcome = await workflow.execute_activity_method(
            MirroringActivities.send_batch,
            SendRequest(company_id=self._company_id, batch_id=batch_id),
            **options(PROVIDER_WRITE, summary),
        )
        return outcome.next

    async def _plan(self, plan_id: UUID) -> None:
        try:
            await workflow.execute_activity_method(
                MirroringActivities.make_plan,
                PlanRequest(company_id=self._company_id, plan_id=plan_id),
                **options(PLAN, "list what switching on would bring in"),
            )
        except ActivityError as ended:
            workflow.logger.warning("a plan ended: %s", ended.cause)
        finally:
            self._plans.pop(plan_id, None)

    async def _keep_hooks(self) -> None:
        try:
            await workflow.execute_activity_method(
                HookActivities.keep_procore_hooks,
                HooksRequest(company_id=self._company_id),
                **options(HOOKS, "look after Procore's webhooks"),
            )
        except ActivityError as ended:
            # Polling finds everything; the next look says again when the webhooks are due.
            workflow.logger.warning("webhooks were not looked after: %s", ended.cause)
        finally:
            self._hooks = None

    async def _send_alerts(self) -> None:
        try:
            sent: AlertsSent = await workflow.execute_activity_method(
                AlertActivities.send_alerts,
                AlertsRequest(company_id=self._company_id),
                **options(ALERTS, "send mails and webhooks that are due"),
            )
            # What could not be sent now is due again sooner than the look under way knows.
            self._woken = self._woken or sent.left_over
        except ActivityError as ended:
            # Each message's row says whether it went; the next look after the round's lease sends the rest.
            workflow.logger.warning("alerts were not sent: %s", ended.cause)
        finally:
            self._alerts = None

    async def _stop_hooks(self) -> None:
        """Nobody waits for webhooks: they are due again within the hour."""
        if self._hooks is not None:
            self._hooks.cancel()
            await asyncio.gather(self._hooks, return_exceptions=True)

    # --- one run after another

    def _is_over(self) -> bool:
        return self._nothing_connected and not self._busy() and not self._waiting and not self._woken

    def _busy(self) -> bool:
        # A round of alerts ends within minutes: cutting it off would send some of them twice.
        return bool(self._running or self._plans or self._alerts) or self._payments.busy

    def _wants_new_run(self) -> bool:
        info = workflow.info()
        too_long = info.get_current_history_length() >= RENEW_AT_EVENTS or info.is_continue_as_new_suggested()
        return too_long or workflow.now() - info.start_time >= ENTITY_RUN_MAX_AGE

    async def _hand_over(self) -> None:
        """Continue as new with what still waits. Running batches end first; the hard stop keeps even that bounded."""
        self._give_up_look()
        await self._hear_look()
        await self._stop_hooks()
        await workflow.wait_condition(
            lambda: not self._busy() or workflow.info().get_current_history_length() >= HARD_STOP_AT_EVENTS
        )
        await workflow.wait_condition(workflow.all_handlers_finished)
        workflow.continue_as_new(
            MirroringInput(
                company_id=self._company_id,
                company_name=self._company_name,
                toggled=self._toggled,
                pauses=list(self._pauses.values()),
                waiting=list(self._waiting),
                procore=self._procore,
            )
        )

    def _describe(self) -> None:
        switch = "not set yet" if self._toggled is None else f"{'on' if self._toggled.on else 'off'}"
        who = "" if self._toggled is None else f" (version {self._toggled.version}, {self._toggled.actor})"
        pauses = ""
        for one in self._pauses.values():
            posting = "paused" if one.on else "resumed"
            pauses += f"- {one.connection_name}: posting {posting} (version {one.version}, {one.actor})\n"
        workflow.set_current_details(
            f"**{self._company_name}**\n\n- Mirroring: {switch}{who}\n{pauses}"
            f"- Batches being posted: {len(self._running)}\n- Batches waiting: {len(self._waiting)}\n"
            f"- Plans being made: {len(self._plans)}\n"
            f"- Procore: {self._procore or 'open to inBuild'}"
        )


def lane_key(batch: BatchRef) -> str:
    return f"{batch.connection_id}/{batch.project_id}"


def is_timeout(ended: ActivityError) -> bool:
    return ended.retry_state is not None and ended.retry_state.name == "TIMEOUT"

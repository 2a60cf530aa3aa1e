"""Payments beside the batches of one company's mirroring: books are asked, and Procore follows, project by project."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any
from uuid import UUID

from temporalio import workflow
from temporalio.exceptions import ActivityError

with workflow.unsafe.imports_passed_through():
    from contracts.mirroring import PaymentsRef, WatchResult
    from contracts.payments import FollowRequest, PaymentActivities, PullRequest
    from contracts.timeouts import FOLLOW_PAYMENTS, PULL_PAYMENTS
    from workflows.calling import options

# Procore allows few calls in ten seconds, and looks at it go on beside: two projects at a time hide its latency.
LANES = 2


class PaymentLanes:
    """Runs what a look found about payments. ``over`` is called when one has ended: there may be more to do."""

    def __init__(self, company_id: UUID, over: Callable[[], None]) -> None:
        self._company_id = company_id
        self._over = over
        self._lanes = asyncio.Semaphore(LANES)
        self._running: dict[str, asyncio.Task[None]] = {}

    @property
    def busy(self) -> bool:
        return bool(self._running)

    def take_up(self, found: WatchResult) -> None:
        """What runs already goes on as it is: its lease ran out, and every step of it may be repeated."""
        for connection_id in found.pulls:
            if (key := f"pull/{connection_id}") not in self._running:
                self._start(key, self._pull(connection_id))
        for payments in found.payments:
            if (key := f"follow/{payments.connection_id}/{payments.project_id}") not in self._running:
                self._start(key, self._follow(payments))

    def _start(self, key: str, work: Coroutine[Any, Any, None]) -> None:
        self._running[key] = asyncio.create_task(self._run(key, work))

    async def _run(self, key: str, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except ActivityError as ended:
            # Rows say how far it got; leases run out, and a later look finds what is left.
            workflow.logger.warning("%s ended: %s", key, ended.cause)
        finally:
            self._running.pop(key, None)
            self._over()

    async def _pull(self, connection_id: UUID) -> None:
        await workflow.execute_activity_method(
            PaymentActivities.pull_payments,
            PullRequest(company_id=self._company_id, connection_id=connection_id),
            **options(PULL_PAYMENTS, "ask QuickBooks what changed about payments"),
        )

    async def _follow(self, payments: PaymentsRef) -> None:
        async with self._lanes:
            await workflow.execute_activity_method(
                PaymentActivities.follow_payments,
                FollowRequest(company_id=self._company_id, payments=payments),
                **options(FOLLOW_PAYMENTS, f"{payments.project_name}: {len(payments.share_ids)} payments for Procore"),
            )

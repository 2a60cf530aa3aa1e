"""The activities without their workflows: each called by hand, one attempt at a time, over the real outside world."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID, uuid4

from sqlmodel import col, select
from temporalio.client import Client
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from accounting.bill import draft_bill
from activities.connection import ConnectionDesk, Housekeeping
from activities.mirroring import MirroringDesk
from activities.prepare import Drafter
from contracts.connection import AttemptRef, ConnectionRef
from contracts.mirroring import (
    BatchOutcome,
    BatchRef,
    PlanRequest,
    PreparedBatch,
    PrepareRequest,
    SendRequest,
    WatchRequest,
    WatchResult,
)
from contracts.timeouts import WATCH
from foundation.clock import ManualClock, SystemClock
from models.connections import connection_by_id
from models.standing import standings
from models.tables import (
    BillLink,
    Connection,
    InvoiceBlocker,
    InvoiceRow,
    PostingAttempt,
    PostingBatch,
)
from models.toggle import plan_by_id, request_plan, switch_off, switch_on
from simulators.clock import SimulatorClock
from simulators.world.documents import Documents
from tests.product import Product, running_product

WINDOWS = ("realm_per_minute", "realm_app_per_second", "batch_per_minute", "batch_realm_per_minute")
# What Temporal waits before it tries a look again that named no time of its own (contracts/timeouts.py).
FIRST_RETRY = WATCH.retry.initial_interval
Request = TypeVar("Request")
Answer = TypeVar("Answer")


async def as_activity(
    activity: Callable[[Request], Awaitable[Answer]],
    request: Request,
    environment: ActivityEnvironment | None = None,
) -> Answer:
    """One attempt, as a worker would run it: the first of an activity of its own."""
    environment = environment or ActivityEnvironment()
    environment.info = replace(environment.info, activity_id=str(uuid4()))
    return await environment.run(activity, request)


class HandClock(ManualClock):
    """A clock in the test's hand; the outside world lives in the same time."""

    outside: Sequence[SimulatorClock] = ()

    def advance(self, step: timedelta) -> None:
        super().advance(step)
        for clock in self.outside:
            clock.advance(step)


@dataclass
class Desks:
    """Every activity of one company, and what became of its invoices."""

    product: Product
    clock: ManualClock
    expected: dict[str, Any]
    mirroring: MirroringDesk
    connections: ConnectionDesk
    housekeeping: Housekeeping

    @property
    def company_id(self) -> UUID:
        return self.product.company_id

    def advance(self, step: timedelta) -> None:
        """Move our time and the simulators' together."""
        self.clock.advance(step)

    # --- the admin's side

    async def connect(self, realm_id: str | None = None) -> Connection:
        """Sign in to QuickBooks, read its lists and choose the accounts."""
        attempt_id = await self.product.come_back_from_consent(realm_id or self.expected["realm_id"])
        ref = AttemptRef(company_id=self.company_id, attempt_id=attempt_id)
        exchanged = await as_activity(self.connections.exchange_code, ref)
        assert exchanged.reason is None, exchanged.reason
        established = await as_activity(self.connections.establish_connection, ref)
        assert established.connection_id is not None, established.reason
        connection_ref = ConnectionRef(company_id=self.company_id, connection_id=established.connection_id)
        await as_activity(self.connections.read_books, connection_ref)
        connection = await self.connection(established.connection_id)
        await self.product.choose_accounts(
            connection, self.expected["expense_account"], self.expected["retainage_account"]
        )
        return connection

    async def connection(self, connection_id: UUID) -> Connection:
        async with self.product.session() as session:
            found = await connection_by_id(session, connection_id)
        assert found is not None
        return found

    async def switch_on(self, start_date: date | None = None) -> None:
        """Plan and accept the plan."""
        wanted = start_date or date.fromisoformat(self.expected["start_date"])
        async with self.product.session() as session:
            plan_id = await request_plan(session, wanted, self.product.admin_id)
        request = PlanRequest(company_id=self.company_id, plan_id=plan_id)
        while True:
            try:
                await as_activity(self.mirroring.make_plan, request)
                break
            except ApplicationError as later:
                assert later.next_retry_delay is not None, later
                self.advance(later.next_retry_delay)
        async with self.product.session() as session:
            plan = await plan_by_id(session, plan_id)
            assert plan is not None
            await switch_on(session, plan_id, plan.hash or "", self.product.admin_id)

    async def switch_off(self) -> None:
        async with self.product.session() as session:
            await switch_off(session, self.product.admin_id)

    # --- the workflow's side

    async def look(self) -> WatchResult | timedelta:
        """What a look found, or how long until the next one."""
        try:
            return await as_activity(self.mirroring.watch_company, WatchRequest(company_id=self.company_id))
        except ApplicationError as again:
            return again.next_retry_delay or FIRST_RETRY

    async def runnable(self) -> list[BatchRef]:
        found = await self.look()
        return found.batches if isinstance(found, WatchResult) else []

    async def prepare(self, batch: BatchRef) -> PreparedBatch:
        return await as_activity(self.mirroring.prepare_batch, PrepareRequest(company_id=self.company_id, batch=batch))

    async def prepared(self) -> UUID:
        """The only batch there is, written down and not sent."""
        (batch,) = await self.runnable()
        written = await self.prepare(batch)
        assert written.batch_id is not None, written
        return written.batch_id

    async def send(self, batch_id: UUID, environment: ActivityEnvironment | None = None) -> BatchOutcome:
        request = SendRequest(company_id=self.company_id, batch_id=batch_id)
        return await as_activity(self.mirroring.send_batch, request, environment)

    async def send_in_vain(self, batch_id: UUID) -> ApplicationError:
        """An attempt to send that has to be made again; why."""
        try:
            outcome = await self.send(batch_id)
        except ApplicationError as failed:
            return failed
        raise AssertionError(f"sending went well: {outcome}")

    async def post_everything(self) -> None:
        """Look, prepare and send until nothing is runnable."""
        while batches := await self.runnable():
            for batch in batches:
                await self.post(batch)

    async def post(self, batch: BatchRef) -> None:
        """Prepare and send a batch, and what follows on it in its project."""
        following: BatchRef | None = batch
        while following is not None:
            if following.batch_id is not None:
                following = (await self.send(following.batch_id)).next
            else:
                request = PrepareRequest(company_id=self.company_id, batch=following)
                following = (await as_activity(self.mirroring.post_batch, request)).next

    # --- what became of it

    async def invoices(self) -> dict[str, InvoiceRow]:
        return await self.product.invoices()

    async def states(self) -> dict[str, str]:
        return {number: row.state.value for number, row in (await self.invoices()).items()}

    async def waits(self) -> set[str]:
        """In sentences, what invoices wait for although nothing of their own holds them."""
        rows = (await self.invoices()).values()
        async with self.product.session() as session:
            return {one.hold.sentence for one in (await standings(session, rows)).values()}

    async def holds(self) -> dict[str, list[str]]:
        """The open reasons of every invoice that is held, by requisition id."""
        async with self.product.session() as session:
            found = await session.exec(
                select(InvoiceRow.source_id, InvoiceBlocker.reason)
                .join(InvoiceBlocker, col(InvoiceBlocker.invoice_id) == col(InvoiceRow.id))
                .where(InvoiceRow.company_id == self.company_id, InvoiceBlocker.company_id == self.company_id)
                .where(col(InvoiceBlocker.cleared_at).is_(None))
                .order_by(col(InvoiceBlocker.reason))
            )
        held: dict[str, list[str]] = {}
        for source_id, reason in found:
            held.setdefault(source_id, []).append(reason.value)
        return held

    async def attempts(self) -> list[PostingAttempt]:
        async with self.product.session() as session:
            found = await session.exec(
                select(PostingAttempt)
                .where(PostingAttempt.company_id == self.company_id)
                .order_by(col(PostingAttempt.created_at), col(PostingAttempt.batch_id), col(PostingAttempt.position))
            )
            return list(found)

    async def open_batches(self) -> list[PostingBatch]:
        async with self.product.session() as session:
            found = await session.exec(
                select(PostingBatch).where(
                    PostingBatch.company_id == self.company_id, col(PostingBatch.ended_at).is_(None)
                )
            )
            return list(found)

    async def links(self) -> dict[str, BillLink]:
        """The live bill link of each posted invoice, by requisition id."""
        async with self.product.session() as session:
            found = await session.exec(
                select(InvoiceRow.source_id, BillLink)
                .join(BillLink, col(BillLink.invoice_id) == col(InvoiceRow.id))
                .where(InvoiceRow.company_id == self.company_id, BillLink.company_id == self.company_id)
                .where(col(BillLink.ended_at).is_(None))
            )
            return dict(found.all())


@asynccontextmanager
async def open_desks(
    documents: Documents,
    database_url: str,
    temporal: Client,
    task_queue: str,
    *,
    draft: Drafter = draft_bill,
    start: datetime | None = None,
    **settings: Any,
) -> AsyncIterator[Desks]:
    """A product without a worker, its clock in the test's hand. What it tells Temporal waits there unheard."""
    clock = HandClock(start or SystemClock().now().replace(microsecond=0))
    opening = running_product(documents, database_url, temporal, task_queue, clock=clock, with_worker=False, **settings)
    async with opening as product:
        for simulator in (product.procore, product.quickbooks):
            simulator.clock.set(clock.now(), stopped=True)
        clock.outside = [product.procore.clock, product.quickbooks.clock]
        # With time standing still a window never ends.
        product.quickbooks.change_switches(dict.fromkeys(WINDOWS, 0))
        outside = product.outside
        yield Desks(
            product,
            clock,
            documents.expected,
            MirroringDesk(outside, draft),
            ConnectionDesk(outside),
            Housekeeping(outside),
        )

"""The product in one process, for tests: real PostgreSQL, real Temporal, real worker, both simulators on sockets.

What an admin does in the app is done here through the same queries and signals as the API's routes.
"""

import asyncio
import base64
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import httpx
from sqlmodel import col, select
from starlette.types import ASGIApp
from temporalio.client import Client
from temporalio.testing import ActivityEnvironment
from temporalio.worker import Worker

from activities.connecting import attempt_place
from activities.connection import ConnectionDesk
from activities.outside import Outside, open_outside
from activities.prepare import Drafter
from activities.wiring import activities
from contracts.connection import ConnectionRef
from contracts.mirroring import Toggled
from contracts.starts import Workflows
from foundation.clock import Clock, SystemClock
from foundation.http_client import trusted_authorities
from foundation.ids import new_id
from foundation.settings import Settings
from models.attempts import StartedAttempt, attempt, attempt_of_state, keep_code, start_attempt
from models.connection_cards import AccountChoices, choose_accounts
from models.connections import connection_by_id
from models.database import Actor, CompanySession
from models.projects import look_now
from models.tables import (
    ActorKind,
    AppUser,
    AttemptOutcome,
    Company,
    Connection,
    ConnectionAttempt,
    InvoiceBlocker,
    InvoiceRow,
    MirroringPlan,
    PlanState,
    QuickBooksKind,
)
from models.toggle import plan_by_id, request_plan, switch_off, switch_on
from simulators.procore.app import create_app as procore_app
from simulators.procore.requisition import Requisition
from simulators.procore.requisition_book import Actor as Person
from simulators.procore.simulator import ProcoreSettings, ProcoreSimulator
from simulators.quickbooks_online.app import create_app as quickbooks_app
from simulators.quickbooks_online.simulation import Simulation
from simulators.quickbooks_online.wire import read_json
from simulators.server import serve
from simulators.world.documents import Documents, as_json
from workflows import WORKFLOWS

APP_URL = "http://127.0.0.1:1"
PATIENCE = 60.0


@dataclass
class Product:
    """A running product with one company, and the hands of its admin."""

    outside: Outside
    company_id: UUID
    company_name: str
    admin_id: UUID
    procore: ProcoreSimulator
    quickbooks: Simulation
    procore_url: str
    quickbooks_url: str
    temporal: Client
    task_queue: str

    def session(self) -> Any:
        return self.outside.database.company(self.company_id, Actor(ActorKind.USER, str(self.admin_id)))

    async def start_attempt(self, state: str, minutes: float = 15) -> StartedAttempt:
        """Begin to connect, as the button does."""
        now = self.outside.clock.now()
        deadline = now + timedelta(minutes=minutes)
        async with self.session() as session:
            started = await start_attempt(session, QuickBooksKind.ONLINE, self.admin_id, state, deadline)
        await self.outside.workflows.start_attempt(self.company_id, started.attempt_id, "online", deadline, now)
        return started

    async def come_back_from_consent(self, realm_id: str) -> UUID:
        """Connect QuickBooks Online the way a browser does, consent page included, up to the callback; the attempt."""
        state = f"state-{new_id(self.outside.clock)}"
        started = await self.start_attempt(state)
        async with httpx.AsyncClient(verify=trusted_authorities()) as browser:
            answer = await browser.post(
                self.outside.intuit.authorize_url(state), data={"decision": "connect", "realm_id": realm_id}
            )
        brought = parse_qs(urlsplit(answer.headers["location"]).query)
        async with self.session() as session:
            row = await attempt_of_state(session, brought["state"][0])
            assert row is not None
            sealed = self.outside.secrets.seal_text(brought["code"][0], attempt_place("code", row.id))
            keep_code(session, row, sealed, brought["realmId"][0])
        return started.attempt_id

    async def attempt(self, attempt_id: UUID) -> ConnectionAttempt:
        async with self.session() as session:
            found = await attempt(session, attempt_id)
        assert found is not None
        return found

    async def ended_attempt(self, attempt_id: UUID) -> ConnectionAttempt:
        """The attempt once it has an outcome."""

        async def ended() -> ConnectionAttempt | None:
            found = await self.attempt(attempt_id)
            return None if found.outcome is AttemptOutcome.PENDING else found

        over: ConnectionAttempt = await eventually(ended)
        return over

    async def connect(self, realm_id: str) -> Connection:
        """Connect and wait until the lists are read."""
        attempt_id = await self.come_back_from_consent(realm_id)
        await self.outside.workflows.callback_received(attempt_id, self.outside.clock.now())
        ended = await self.ended_attempt(attempt_id)
        assert ended.outcome is AttemptOutcome.SUCCEEDED, ended.reason
        connection_id = ended.connection_id
        assert connection_id is not None

        async def lists_read() -> Connection | None:
            now = await self.connection(connection_id)
            return now if now.lists_read_at else None

        made: Connection = await eventually(lists_read)
        return made

    async def connection(self, connection_id: UUID) -> Connection:
        async with self.session() as session:
            found = await connection_by_id(session, connection_id)
        assert found is not None
        return found

    async def expire(self, connection: Connection) -> None:
        """Take the consent back at Intuit and let the guardian find out."""
        self.quickbooks.disconnect(connection.quickbooks_company_id)
        desk = ConnectionDesk(self.outside)
        ref = ConnectionRef(company_id=self.company_id, connection_id=connection.id)
        status = await ActivityEnvironment().run(desk.guard_connection, ref)
        assert status.state == "expired", status

    async def choose_accounts(self, connection: Connection, expense: str, retainage: str) -> None:
        """Set the default expense account and the retainage account, by full name."""
        books = self.quickbooks.companies[connection.quickbooks_company_id]
        ids = {account["FullyQualifiedName"]: account["Id"] for account in books.entities["Account"].values()}
        choices = AccountChoices(ids[expense], ids[retainage], None, 30)
        async with self.session() as session:
            await choose_accounts(session, connection.id, choices, self.admin_id)

    async def plan(self, start_date: date) -> MirroringPlan:
        async with self.session() as session:
            plan_id = await request_plan(session, start_date, self.admin_id)
        await self.wake("plan wanted")

        async def made() -> MirroringPlan | None:
            async with self.session() as session:
                plan = await plan_by_id(session, plan_id)
            return plan if plan is not None and plan.state is PlanState.READY else None

        ready: MirroringPlan = await eventually(made)
        return ready

    async def switch_on(self, plan: MirroringPlan) -> None:
        async with self.session() as session:
            switched = await switch_on(session, plan.id, plan.hash or "", self.admin_id)
        await self.outside.workflows.toggle_mirroring(
            self.company_id,
            self.company_name,
            Toggled(on=True, version=switched.version, actor="admin", plan_id=plan.id),
        )

    async def switch_off(self) -> None:
        async with self.session() as session:
            switched = await switch_off(session, self.admin_id)
        await self.outside.workflows.toggle_mirroring(
            self.company_id, self.company_name, Toggled(on=False, version=switched.version, actor="admin")
        )

    async def sync_now(self) -> None:
        async with self.session() as session:
            await look_now(session)
        await self.wake("sync now")

    async def wake(self, reason: str) -> None:
        await self.outside.workflows.wake_company(self.company_id, self.company_name, reason)

    async def invoices(self) -> dict[str, InvoiceRow]:
        async with self.session() as session:
            found = await session.exec(select(InvoiceRow).order_by(col(InvoiceRow.id)))
            return {row.source_id: row for row in found}

    async def open_reasons(self, source_id: str) -> list[str]:
        """Why an invoice is held."""
        async with self.session() as session:
            found = await session.exec(
                select(InvoiceBlocker.reason)
                .join(InvoiceRow, col(InvoiceRow.id) == col(InvoiceBlocker.invoice_id))
                .where(InvoiceBlocker.company_id == self.company_id, InvoiceRow.company_id == self.company_id)
                .where(InvoiceRow.source_id == source_id, col(InvoiceBlocker.cleared_at).is_(None))
            )
            return sorted(reason.value for reason in found)

    async def subjects_of_reasons(self, source_id: str) -> list[str]:
        """The open reasons' own words."""
        async with self.session() as session:
            found = await session.exec(
                select(InvoiceBlocker.subject)
                .join(InvoiceRow, col(InvoiceRow.id) == col(InvoiceBlocker.invoice_id))
                .where(InvoiceBlocker.company_id == self.company_id, InvoiceRow.company_id == self.company_id)
                .where(InvoiceRow.source_id == source_id, col(InvoiceBlocker.cleared_at).is_(None))
            )
            return list(found)

    # --- what people do in Procore

    def requisition(self, requisition_id: str) -> Requisition:
        return self.procore.records.requisitions[int(requisition_id)]

    def change(self, requisition_id: str, **wanted: Any) -> None:
        """Change a requisition as a person on Procore's page does."""
        person = Person(next(iter(self.procore.records.users.values())))
        self.procore.book.change(self.requisition(requisition_id), wanted, person, force=True)

    def delete(self, requisition_id: str) -> None:
        person = Person(next(iter(self.procore.records.users.values())))
        self.procore.book.remove(self.requisition(requisition_id), person, force=True)

    def bill_again(self, requisition_id: str, amount: str) -> None:
        """Bill another amount of work on the first line."""
        first = self.requisition(requisition_id).wire["items"][0]
        self.change(requisition_id, items=[{"id": first["id"], "work_completed_this_period": amount}])

    # --- what stands in the two services

    def bills(self, realm_id: str) -> list[dict[str, Any]]:
        """The bills that carry our marker."""
        found = self.quickbooks.companies[realm_id].entities["Bill"].values()
        return [bill for bill in found if "inBuild" in bill.get("PrivateNote", "")]

    def asked_procore(self) -> int:
        """Calls of our service account that counted against the allowance."""
        return sum(sum(made.values()) for made in self.procore.calls.values())


async def eventually(ask: Callable[[], Awaitable[Any]], patience: float = PATIENCE) -> Any:
    """What ``ask`` returns once it is true; fails when it is not within ``patience`` seconds."""
    for _ in range(int(patience / 0.1)):
        answer = await ask()
        if answer:
            return answer
        await asyncio.sleep(0.1)
    raise AssertionError(f"{ask.__name__} did not come true within {patience} s")


def settings_for(database_url: str, procore_url: str, quickbooks_url: str, task_queue: str, **more: Any) -> Settings:
    """Settings of a process whose outside world is simulated."""
    values: dict[str, Any] = {
        "database_url": database_url,
        "temporal_task_queue": task_queue,
        "public_base_url": APP_URL,
        "session_secret": "s" * 32,
        "encryption_keys": f"test:{base64.b64encode(os.urandom(32)).decode()}",
        "procore_environment": "simulated",
        "procore_login_url": procore_url,
        "procore_api_url": procore_url,
        "procore_client_id": "procore-client",
        "procore_client_secret": "procore-secret",
        "intuit_environment": "simulated",
        "intuit_authorize_url": f"{quickbooks_url}/connect/oauth2",
        "intuit_token_url": f"{quickbooks_url}/oauth2/v1/tokens/bearer",
        "intuit_revoke_url": f"{quickbooks_url}/v2/oauth2/tokens/revoke",
        "intuit_api_url": quickbooks_url,
        "intuit_client_id": "qbo-client",
        "intuit_client_secret": "qbo-secret",
        "look_interval_seconds": 1,
        # Procore can reach these tests only where they serve the API; those ask for it.
        "procore_webhooks": False,
        "intuit_requests_per_second": 0,
        "intuit_batches_per_minute": 0,
        **more,
    }
    return Settings(_env_file=None, **values)


@asynccontextmanager
async def served_together(*apps: ASGIApp) -> AsyncIterator[list[str]]:
    """Their addresses, in order. A server takes a tenth of a second to end: here all do so at once."""
    servers = [serve(app) for app in apps]
    addresses = await asyncio.gather(*(server.__aenter__() for server in servers))
    try:
        yield addresses
    finally:
        await asyncio.gather(*(server.__aexit__(None, None, None) for server in servers))


@asynccontextmanager
async def running_product(
    documents: Documents,
    database_url: str,
    temporal: Client,
    task_queue: str,
    *,
    clock: Clock | None = None,
    draft: Drafter | None = None,
    cached_workflows: int = 1000,
    with_worker: bool = True,
    **settings: Any,
) -> AsyncIterator[Product]:
    """Start both simulators and a worker, and add the world's first company with an admin."""
    procore = ProcoreSimulator(
        ProcoreSettings(
            client_id="procore-client",
            client_secret="procore-secret",
            redirect_uris=(f"{APP_URL}/sign-in/callback",),
        )
    )
    procore.load(documents.procore)
    quickbooks = Simulation()
    # Tests are in a hurry: those about Intuit's limits switch them on again.
    unlimited = ("realm_per_minute", "realm_app_per_second", "batch_per_minute", "batch_realm_per_minute")
    quickbooks.change_switches(dict.fromkeys(unlimited, "0"))
    quickbooks.register_app("qbo-client", "qbo-secret", [f"{APP_URL}/quickbooks/callback"])
    quickbooks.load(read_json(as_json(documents.quickbooks_online).encode()))
    clock = clock or SystemClock()
    async with AsyncExitStack() as opened:
        apps = (procore_app(procore, "both"), quickbooks_app(quickbooks))
        procore_url, quickbooks_url = await opened.enter_async_context(served_together(*apps))
        quickbooks.public_url = quickbooks_url
        configured = settings_for(database_url, procore_url, quickbooks_url, task_queue, **settings)
        workflows = Workflows(temporal, task_queue)
        outside = await opened.enter_async_context(open_outside(configured, clock, workflows))
        company = documents.procore["companies"][0]
        company_id, admin_id = new_id(clock), new_id(clock)
        async with outside.database.directory() as session:
            session.add(
                Company(
                    id=company_id,
                    procore_environment="simulated",
                    procore_company_id=str(company["id"]),
                    name=company["name"],
                    feature_enabled=True,
                    created_at=clock.now(),
                )
            )
            session.add(
                AppUser(
                    id=admin_id,
                    procore_environment="simulated",
                    procore_user_id="1",
                    login="admin@example.test",
                    name="Admin",
                    created_at=clock.now(),
                    last_signed_in_at=clock.now(),
                )
            )
        product = Product(
            outside=outside,
            company_id=company_id,
            company_name=company["name"],
            admin_id=admin_id,
            procore=procore,
            quickbooks=quickbooks,
            procore_url=procore_url,
            quickbooks_url=quickbooks_url,
            temporal=temporal,
            task_queue=task_queue,
        )
        if with_worker:
            await opened.enter_async_context(worker_of(product, draft, cached_workflows))
        yield product


def worker_of(product: Product, draft: Drafter | None = None, cached_workflows: int = 1000) -> Worker:
    return Worker(
        product.temporal,
        task_queue=product.task_queue,
        workflows=WORKFLOWS,
        activities=activities(product.outside, draft),
        max_cached_workflows=cached_workflows,
        graceful_shutdown_timeout=timedelta(seconds=1),
    )


__all__ = ["CompanySession", "Product", "eventually", "running_product", "worker_of"]

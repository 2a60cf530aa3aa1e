"""The machine behind ``test_life_machine``: one running product, many companies, and an admin who does anything at all.

Each company has two realms of its own, one project, and an admin with a browser. A step is what a person or a provider
does, or what goes wrong; after each the company's rows are held against what must be true at every moment.
"""

import asyncio
import copy
import json
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, TypeVar
from uuid import UUID, uuid4

import httpx
import psycopg
from argon2 import PasswordHasher
from fastapi import FastAPI
from psycopg import sql
from psycopg.rows import dict_row
from sqlmodel import SQLModel
from temporalio.client import Client
from temporalio.testing import ActivityEnvironment
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from accounting.connection_states import ConnectionState, check_connection_move
from activities.connection import ConnectionDesk, Housekeeping
from activities.wiring import activities
from api.app import create_app
from api.intents import company_files
from api.services import Services, intuit_oauth, procore_oauth
from contracts.connection import CompanyFileIdentity, ConnectionRef
from foundation.clock import ManualClock, SystemClock
from models.database import Actor
from models.members import switch_feature
from models.projects import SeenProject, store_projects
from models.tables import (
    ActorKind,
    AttemptOutcome,
    Connection,
    ConnectionAttempt,
    ConnectionSettings,
    InvoiceRow,
    QuickBooksKind,
    WebConnectorLogin,
)
from simulators.faults import FaultRule
from simulators.world.documents import Documents
from tests.product import APP_URL, Product, eventually, running_product
from tests.small_world import small_world
from workflows import WORKFLOWS

Row = TypeVar("Row", bound=SQLModel)
EXPENSE, RETAINAGE = "Job Costs:Subcontractor Expense", "Retainage Payable"
ACCOUNTS = (EXPENSE, RETAINAGE, "Accounts Payable (A/P)")
STEPS = (
    "connect A", "connect B", "refuse consent", "callback again", "start and leave",
    "connect file", "open wrong file", "disconnect", "disconnect unheard", "customer disconnects", "guardian",
    "pause", "resume", "resume", "post", "post", "post", "switch on", "switch off", "move waiting",
    "hours pass", "weeks pass", "answers are lost", "intuit is away", "worker dies",
)  # fmt: skip


def world(companies: int) -> Documents:
    """As many companies as there will be lives: each with its admin, its project and two QuickBooks companies."""
    seed = small_world(1)
    procore, (books, _) = seed.procore, seed.quickbooks_online["companies"]
    company, project, user = procore["companies"][0], procore["projects"][0], procore["users"][0]
    for name in ("companies", "projects", "users"):
        procore[name] = []
    for name in ("commitments", "requisitions", "change_histories", "cost_codes"):
        procore[name] = []
    seed.quickbooks_online["companies"] = []
    # Short lists: reading them again and again is no part of these stories.
    books["Account"] = [one for one in books["Account"] if one["FullyQualifiedName"] in ACCOUNTS]
    books |= {"Vendor": books["Vendor"][:1], "Item": [], "Class": [], "Department": []}
    for place in range(companies):
        company_id = 500_000 + place
        procore["companies"].append({**company, "id": company_id, "name": f"Builder {place}"})
        procore["projects"].append({**project, "id": 600_000 + place, "company_id": company_id})
        rights = next(iter(user["companies"].values()))
        procore["users"].append(
            {**user, "id": 700_000 + place, "login": f"u{place}@example.test", "companies": {str(company_id): rights}}
        )
        for letter in "AB":
            realm = copy.deepcopy(books)
            realm["realm_id"] = realm_of(place, letter)
            realm["CompanyInfo"]["CompanyName"] = f"Books {letter} of {place}"
            seed.quickbooks_online["companies"].append(realm)
    return seed


def realm_of(place: int, letter: str) -> str:
    return f"91303500{place:06d}{'AB'.index(letter)}"


WITHOUT_SECRETS = "- 'access_token' - 'refresh_token' - 'previous_refresh_token'"
TABLES = {
    "connections": "connection", "credentials": "credential", "settings": "connection_settings", "mappings": "mapping",
    "links": "bill_link", "invoices": "invoice", "mirroring": "mirroring", "intervals": "mirroring_interval",
}  # fmt: skip
ROWS = "(SELECT coalesce(json_agg(to_jsonb(one) {}), '[]') FROM {} one WHERE company_id = %(company_id)s)"
TOLD = (
    "(SELECT coalesce(json_agg(to_jsonb(told) ORDER BY seq), '[]') FROM event_log told"
    " WHERE company_id = %(company_id)s AND subject_kind = 'connection')"
)
PARTS = [
    ROWS.format(WITHOUT_SECRETS if table == "credential" else "", table) + f" AS {name}"
    for name, table in TABLES.items()
]
SNAPSHOT = f"SELECT {', '.join(PARTS)}, {TOLD} AS events"


@dataclass
class Stack:
    """The product that all lives share."""

    product: Product
    clock: ManualClock
    app: FastAPI
    outside: httpx.AsyncClient
    rows: psycopg.AsyncConnection[dict[str, Any]]
    worker: Worker | None = None
    lives: int = 0
    deaths: int = 0
    steps: Counter[str] = field(default_factory=Counter)
    restarting: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def restart_worker(self) -> None:
        """The process dies in the midst of whatever it does, and another one comes."""
        async with self.restarting:
            await self._restart()

    async def _restart(self) -> None:
        if self.worker is not None:
            await self.worker.shutdown()
        # Without the sandbox, whose imports would be a good part of the machine's time; other tests have it.
        self.worker = Worker(
            self.product.temporal,
            task_queue=self.product.task_queue,
            workflows=WORKFLOWS,
            activities=activities(self.product.outside),
            workflow_runner=UnsandboxedWorkflowRunner(),
            graceful_shutdown_timeout=timedelta(seconds=1),
        )
        await self.worker.__aenter__()
        self.deaths += 1

    def pass_time(self, step: timedelta) -> None:
        self.clock.advance(step)
        self.product.quickbooks.clock.advance(step)
        self.product.procore.clock.advance(step)

    async def forget(self, life: "Life") -> None:
        await life.browser.aclose()

    async def life(self) -> "Life":
        """A new company, the feature on, its admin signed in."""
        place, self.lives = self.lives, self.lives + 1
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        browser = httpx.AsyncClient(transport=transport, base_url=APP_URL, timeout=60, verify=False)  # noqa: S501 - nothing here speaks TLS
        await self.sign_in(browser, place)
        me = (await browser.get("/api/v1/me")).json()
        company_id = UUID(me["company"]["id"])
        async with self.product.outside.database.company(company_id, Actor(ActorKind.COMMAND, "test")) as session:
            await switch_feature(session, True)
            project = self.product.procore.records.projects[600_000 + place]
            await store_projects(session, [SeenProject(str(600_000 + place), project["name"], "UTC", True)])
        return Life(self, place, company_id, browser)

    async def sign_in(self, browser: httpx.AsyncClient, place: int) -> None:
        # A neighbour may let weeks pass between the two pages: then the code is too old.
        for _ in range(10):
            begun = await browser.get("/sign-in")
            decided = await self.outside.post(begun.headers["location"], data={"user_id": str(700_000 + place)})
            answer = await browser.get(decided.headers["location"])
            if answer.status_code == 303:
                return
        raise AssertionError(answer.text)


@asynccontextmanager
async def open_stack(database_url: str, temporal: Client, task_queue: str, companies: int) -> AsyncIterator[Stack]:
    clock = ManualClock(SystemClock().now())
    async with AsyncExitStack() as opened:
        product = await opened.enter_async_context(
            running_product(
                world(companies),
                database_url,
                temporal,
                task_queue,
                clock=clock,
                with_worker=False,
                look_interval_seconds=3600,
                procore_hourly_allowance=1_000_000,
            )
        )
        outside = product.outside
        services = Services(
            settings=outside.settings,
            database=outside.database,
            clock=clock,
            secret_box=outside.secrets,
            http=outside.http,
            procore_oauth=procore_oauth(outside.settings, outside.http, clock),
            intuit_oauth=intuit_oauth(outside.settings, outside.http, clock),
            workflows=outside.workflows,
        )
        outside_world = await opened.enter_async_context(httpx.AsyncClient(trust_env=False, timeout=60, verify=False))  # noqa: S501 - no TLS here
        rows = await psycopg.AsyncConnection.connect(
            database_url.replace("+psycopg", ""), row_factory=dict_row, autocommit=True
        )
        opened.push_async_callback(rows.close)
        stack = Stack(product, clock, create_app(services), outside_world, rows)
        product.procore.clock.set(clock.now(), stopped=True)
        product.quickbooks.clock.set(clock.now(), stopped=True)
        await stack.restart_worker()
        # What the hash costs is what it is for; here it would be most of the machine's time.
        company_files.HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
        try:
            yield stack
        finally:
            if stack.worker is not None:
                await stack.worker.shutdown()


@dataclass
class Life:
    """One company, and what its admin remembers."""

    stack: Stack
    place: int
    company_id: UUID
    browser: httpx.AsyncClient
    last_callback: str | None = None
    settings: dict[str, Any] = field(default_factory=dict)
    mappings: dict[str, Any] = field(default_factory=dict)
    links: dict[str, Any] = field(default_factory=dict)

    async def step(self, name: str) -> None:
        self.stack.steps[name] += 1
        await STEP[name](self)
        await self.check()

    async def ask(self, method: str, path: str, **sent: Any) -> httpx.Response:
        """What the browser asks; whoever was away for weeks signs in again first."""
        # A neighbour may let weeks pass again before the answer is there.
        for _ in range(10):
            answer = await self.browser.request(method, path, **sent)
            if answer.status_code != 401 and "Procore no longer accepts your sign-in" not in answer.text:
                break
            await self.stack.sign_in(self.browser, self.place)
        return answer

    def session(self) -> Any:
        return self.stack.product.outside.database.company(self.company_id, Actor(ActorKind.COMMAND, "test"))

    async def rows(self, table: type[Row]) -> list[Row]:
        """The company's rows, read past the product: the machine asks often."""
        query = sql.SQL("SELECT * FROM {} WHERE company_id = %s").format(sql.Identifier(str(table.__tablename__)))
        async with self.stack.rows.cursor() as cursor:
            await cursor.execute(query, [self.company_id])
            return [table(**one) for one in await cursor.fetchall()]

    async def live(self) -> list[Connection]:
        return [one for one in await self.rows(Connection) if one.state != ConnectionState.DISCONNECTED]

    async def ended(self, attempt_id: str) -> ConnectionAttempt:
        async def over() -> ConnectionAttempt | None:
            attempts = await self.rows(ConnectionAttempt)
            row = next(one for one in attempts if str(one.id) == attempt_id)
            return row if row.outcome != AttemptOutcome.PENDING else None

        row: ConnectionAttempt = await eventually(over)
        return row

    # --- what the admin does

    async def connect(self, letter: str) -> None:
        before = await self.live()
        begun = await self.ask("POST", "/api/v1/connections/online")
        if begun.status_code == 409:
            assert before, begun.text
            return
        assert begun.status_code == 201, begun.text
        realm = realm_of(self.place, letter)
        self.last_callback = await self.at_intuit(
            begun.json()["authorize_url"], {"decision": "connect", "realm_id": realm}
        )
        answer = await self.ask("GET", self.last_callback)
        # Whoever cannot be confirmed as an admin any more (their sign-in lapsed meanwhile) has connected nothing.
        assert answer.status_code in (303, 409), answer.text
        ended = await self.ended(begun.json()["attempt_id"])
        target = before[0] if before else None
        if target is not None and target.quickbooks_company_id != realm:
            assert ended.outcome == AttemptOutcome.FAILED
        if ended.outcome == AttemptOutcome.SUCCEEDED and ended.connection_id is not None:
            connection = next(one for one in await self.rows(Connection) if one.id == ended.connection_id)
            assert connection.quickbooks_company_id == realm
            await self.choose_accounts(connection.id)

    async def at_intuit(self, authorize_url: str, form: dict[str, str]) -> str:
        answer = await self.stack.outside.post(authorize_url, data=form)
        return answer.headers["location"].removeprefix(APP_URL)

    async def choose_accounts(self, connection_id: UUID) -> None:
        async def listed() -> dict[str, str]:
            chart = (await self.ask("GET", f"/api/v1/connections/{connection_id}/accounts")).json()
            return {one["full_name"]: one["id"] for one in chart["accounts"]}

        for _ in range(30):
            ids = await listed()
            if EXPENSE in ids:
                break
            await asyncio.sleep(0.1)
        else:
            # The lists may not have been read yet, or Intuit is away: then an admin comes back later.
            return
        if (row := await self.settings_row(connection_id)) is not None and row.default_account_id == ids[EXPENSE]:
            return
        body = {"default_account_id": ids[EXPENSE], "retainage_account_id": ids[RETAINAGE]}
        answer = await self.ask("PUT", f"/api/v1/connections/{connection_id}/settings", json=body)
        assert answer.status_code == 200, answer.text
        self.settings.pop(str(connection_id), None)

    async def settings_row(self, connection_id: UUID) -> ConnectionSettings | None:
        return next((one for one in await self.rows(ConnectionSettings) if one.connection_id == connection_id), None)

    async def refuse_consent(self) -> None:
        begun = await self.ask("POST", "/api/v1/connections/online")
        if begun.status_code == 201:
            location = await self.at_intuit(begun.json()["authorize_url"], {"decision": "refuse"})
            await self.ask("GET", location)
            assert (await self.ended(begun.json()["attempt_id"])).outcome == AttemptOutcome.FAILED

    async def callback_again(self) -> None:
        if self.last_callback is not None:
            before = {one.id: (one.outcome, one.reason) for one in await self.rows(ConnectionAttempt)}
            assert (await self.ask("GET", self.last_callback)).status_code == 409
            after = {one.id: (one.outcome, one.reason) for one in await self.rows(ConnectionAttempt)}
            assert after == before

    async def start_and_leave(self) -> None:
        await self.ask("POST", "/api/v1/connections/online")

    async def connect_file(self, *, wrong: bool = False) -> None:
        files = (await self.ask("GET", "/api/v1/company-files")).json()["files"]
        body = {"connection_id": files[0]["connection_id"]} if files else {}
        before = await self.live()
        begun = await self.ask("POST", "/api/v1/connections/desktop", json=body)
        if begun.status_code == 409:
            assert any(one.kind == QuickBooksKind.ONLINE for one in before), begun.text
            return
        assert begun.status_code == 201, begun.text
        attempt_id = UUID(begun.json()["attempt_id"])
        login = next(one for one in await self.rows(WebConnectorLogin) if one.user_name == begun.json()["user_name"])
        file = CompanyFileIdentity(
            file_id="{wrong}" if wrong else login.file_id, company_name=f"File {login.user_name}"
        )
        await self.stack.product.outside.workflows.company_file_verified(attempt_id, file)
        ended = await self.ended(str(attempt_id))
        assert ended.outcome == (AttemptOutcome.FAILED if wrong else AttemptOutcome.SUCCEEDED), ended.reason

    async def disconnect(self, *, heard: bool = True) -> None:
        for connection in (await self.live())[:1]:
            product = self.stack.product
            if heard:
                answer = await self.ask("POST", f"/api/v1/connections/{connection.id}/disconnect")
                assert answer.status_code == 202, answer.text
            else:
                async with self.session() as session:
                    row = await session.get(Connection, (self.company_id, connection.id))
                    row.disconnect_wanted_at, row.disconnect_wanted_by = session.now, connection.connected_by
                    session.add(row)
                await ActivityEnvironment().run(Housekeeping(product.outside).restart_missing)

            async def gone(connection_id: UUID = connection.id) -> bool:
                return all(one.id != connection_id for one in await self.live())

            await eventually(gone)

    async def guardian(self) -> None:
        for connection in await self.live():
            ref = ConnectionRef(company_id=self.company_id, connection_id=connection.id)
            try:
                await ActivityEnvironment().run(ConnectionDesk(self.stack.product.outside).guard_connection, ref)
            except Exception as trouble:
                # Intuit is away, or an answer was lost: the workflow would try again.
                assert "Application" in type(trouble).__name__, trouble

    async def pause(self, on: bool) -> None:
        for connection in await self.live():
            answer = await self.ask("PUT", f"/api/v1/connections/{connection.id}/pause", json={"on": on})
            assert (answer.status_code, answer.json()["on"]) == (200, on)
            self.settings.pop(str(connection.id), None)

    async def post(self) -> None:
        amount = f"{100 + len(self.links) * 7}.{self.stack.steps['post'] % 90 + 10}"
        form = {
            "upload_id": str(uuid4()),
            "project_id": str(600_000 + self.place),
            "vendor_name": "Ernie's Electrical",
            "number": f"U-{self.stack.steps['post']}",
            "billing_date": date(2026, 7, 1).isoformat(),
            "total": amount,
            "lines": [{"description": "Work", "amount": amount, "cost_code_id": "2158"}],
        }
        answer = await self.ask("POST", "/api/v1/invoices/uploads", data={"invoice": json.dumps(form)})
        assert answer.status_code == 201, answer.text
        approved = await self.ask("POST", f"/api/v1/invoices/{answer.json()['id']}/approve")
        assert approved.status_code == 200, approved.text
        # Where it can go, it mostly gets the time to; where it cannot, nobody waits.
        for _ in range(10 if any(one.kind == QuickBooksKind.ONLINE for one in await self.live()) else 0):
            if all(one.state in ("posted", "needs_you") for one in await self.rows(InvoiceRow)):
                break
            await asyncio.sleep(0.15)

    async def switch_on(self) -> None:
        asked = await self.ask("POST", "/api/v1/mirroring/plans", json={"start_date": "2026-06-01"})
        if asked.status_code == 409:
            assert not await self.live(), asked.text
            return
        for _ in range(40):
            plan = (await self.ask("GET", f"/api/v1/mirroring/plans/{asked.json()['plan_id']}")).json()
            if plan["state"] == "ready":
                body = {"on": True, "plan_id": plan["id"], "plan_hash": plan["hash"]}
                assert (await self.ask("PUT", "/api/v1/mirroring", json=body)).status_code in (200, 409)
                return
            await asyncio.sleep(0.05)

    async def switch_off(self) -> None:
        assert (await self.ask("PUT", "/api/v1/mirroring", json={"on": False})).status_code == 200

    async def move_waiting(self) -> None:
        for connection in (await self.live())[:1]:
            path = f"/api/v1/connections/{connection.id}/waiting-invoices"
            shown = (await self.ask("GET", path)).json()
            moved = await self.ask("POST", path, json={"hash": shown["hash"]})
            assert moved.status_code == 200 and moved.json()["count"] == shown["count"], moved.text

    # --- what providers do, and what goes wrong

    async def customer_disconnects(self) -> None:
        for letter in "AB":
            self.stack.product.quickbooks.disconnect(realm_of(self.place, letter))

    async def pass_time(self, step: timedelta) -> None:
        self.stack.pass_time(step)

    async def answers_are_lost(self) -> None:
        rule = FaultRule(effect="drop_after", path=f"/{realm_of(self.place, 'A')}/", count=1, method="POST")
        self.stack.product.quickbooks.faults.add(rule)

    async def intuit_is_away(self) -> None:
        rule = FaultRule(effect="status", status=503, path=f"/{realm_of(self.place, 'A')}/", count=2)
        self.stack.product.quickbooks.faults.add(rule)

    async def worker_dies(self) -> None:
        # Five lives share the worker: it dies often enough when every tenth wish is fulfilled.
        if self.stack.steps["worker dies"] % 10 == 1:
            await self.stack.restart_worker()

    # --- what must be true at every moment

    async def check(self) -> None:
        """One reading of the company's rows, in one statement and so of one moment."""
        found = await (await self.stack.rows.execute(SNAPSHOT, {"company_id": self.company_id})).fetchone()
        assert found is not None
        live = [one for one in found["connections"] if one["state"] != "disconnected"]
        assert len({one["kind"] for one in live}) <= 1
        online = {one["id"] for one in live if one["kind"] == "online"}
        assert len(online) <= 1
        assert {one["connection_id"] for one in found["credentials"]} == online
        is_on = any(one["is_on"] for one in found["mirroring"])
        assert sum(one["off_at"] is None for one in found["intervals"]) == is_on
        assert live or not is_on
        self._check_moves(found)
        self._check_kept(found)
        self._check_books(found)

    def _check_moves(self, found: dict[str, Any]) -> None:
        """Every transition is an event, and every one was a legal move."""
        for connection in found["connections"]:
            state = ConnectionState.ACTIVE
            for one in found["events"]:
                moved = one["kind"].removeprefix("connection_")
                if one["subject_id"] == connection["id"] and moved in list(ConnectionState):
                    check_connection_move(state, ConnectionState(moved))
                    state = ConnectionState(moved)
            assert state == connection["state"]

    def _check_kept(self, found: dict[str, Any]) -> None:
        """Settings change only by an admin's step, mappings and links never."""
        for remembered, rows, key in (
            (self.settings, "settings", "connection_id"),
            (self.mappings, "mappings", "id"),
            (self.links, "links", "id"),
        ):
            now = {row[key]: row for row in found[rows]}
            assert {one: now.get(one) for one in remembered} == remembered
            remembered.update(now)

    def _check_books(self, found: dict[str, Any]) -> None:
        """One bill an invoice, in the books its link names and in no others."""
        realm = {one["id"]: one["quickbooks_company_id"] for one in found["connections"]}
        invoices = {f"inBuild {one['reference']}": one for one in found["invoices"]}
        linked = {one["invoice_id"]: one for one in found["links"]}
        bills: Counter[str] = Counter()
        for letter in "AB":
            books = self.stack.product.quickbooks.companies[realm_of(self.place, letter)]
            for bill in books.entities["Bill"].values():
                invoice = invoices[bill["PrivateNote"][bill["PrivateNote"].rindex("inBuild ") :]]
                bills[invoice["id"]] += 1
                assert realm[invoice["connection_id"]] == books.realm_id
                if invoice["id"] in linked:
                    assert realm[linked[invoice["id"]]["connection_id"]] == books.realm_id
        assert all(count == 1 for count in bills.values()), bills
        assert set(linked) <= set(bills)


STEP: dict[str, Callable[[Life], Awaitable[None]]] = {
    "connect A": lambda life: life.connect("A"),
    "connect B": lambda life: life.connect("B"),
    "refuse consent": lambda life: life.refuse_consent(),
    "callback again": lambda life: life.callback_again(),
    "start and leave": lambda life: life.start_and_leave(),
    "connect file": lambda life: life.connect_file(),
    "open wrong file": lambda life: life.connect_file(wrong=True),
    "disconnect": lambda life: life.disconnect(),
    "disconnect unheard": lambda life: life.disconnect(heard=False),
    "customer disconnects": lambda life: life.customer_disconnects(),
    "guardian": lambda life: life.guardian(),
    "pause": lambda life: life.pause(True),
    "resume": lambda life: life.pause(False),
    "post": lambda life: life.post(),
    "switch on": lambda life: life.switch_on(),
    "switch off": lambda life: life.switch_off(),
    "move waiting": lambda life: life.move_waiting(),
    "hours pass": lambda life: life.pass_time(timedelta(hours=2)),
    "weeks pass": lambda life: life.pass_time(timedelta(days=12)),
    "answers are lost": lambda life: life.answers_are_lost(),
    "intuit is away": lambda life: life.intuit_is_away(),
    "worker dies": lambda life: life.worker_dies(),
}

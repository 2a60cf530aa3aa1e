"""The one running product that all lives share: API, worker, both simulators, and a clock that only tests move."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx
import psycopg
from argon2 import PasswordHasher
from fastapi import FastAPI
from psycopg.rows import dict_row
from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from activities import revoking
from activities.wiring import activities
from api.app import create_app
from api.intents import company_files
from api.services import Services, intuit_oauth, procore_oauth
from foundation.clock import ManualClock, SystemClock
from tests.product import APP_URL, Product, running_product
from tests.workflows.lives.world import user_id_of, world
from workflows import WORKFLOWS

# Weeks that a neighbour lets pass between two pages make a code too old, or a sign-in end: then it is done again.
TRIES = 10
A_SECOND = timedelta(seconds=1)


@dataclass
class Stack:
    """The product, and what was done to it so far."""

    product: Product
    clock: ManualClock
    app: FastAPI
    outside: httpx.AsyncClient
    rows: psycopg.AsyncConnection[dict[str, Any]]
    worker: Worker | None = None
    rounds: int = 0
    lives: int = 0
    deaths: int = 0
    steps: Counter[str] = field(default_factory=Counter)
    sequences: set[tuple[str, ...]] = field(default_factory=set)
    _restarting: asyncio.Lock = field(default_factory=asyncio.Lock)

    def next_round(self) -> int:
        self.rounds += 1
        return self.rounds

    def next_place(self) -> int:
        self.lives += 1
        return self.lives - 1

    def pass_time(self, step: timedelta) -> None:
        for clock in (self.clock, self.product.quickbooks.clock, self.product.procore.clock):
            clock.advance(step)

    async def restart_worker(self) -> None:
        """The process ends in the midst of whatever it does, and another one comes."""
        async with self._restarting:
            await self.stop_worker()
            # Without the sandbox, whose imports would be a good part of the machine's time; other tests have it.
            self.worker = Worker(
                self.product.temporal,
                task_queue=self.product.task_queue,
                workflows=WORKFLOWS,
                activities=activities(self.product.outside),
                workflow_runner=UnsandboxedWorkflowRunner(),
            )
            await self.worker.__aenter__()

    async def stop_worker(self) -> None:
        if self.worker is not None:
            await self.worker.shutdown()
            self.deaths += 1

    def browser(self) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url=APP_URL, timeout=60, verify=False)  # noqa: S501 - no TLS here

    async def sign_in(self, browser: httpx.AsyncClient, place: int) -> None:
        for _ in range(TRIES):
            begun = await browser.get("/sign-in")
            decided = await self.outside.post(begun.headers["location"], data={"user_id": str(user_id_of(place))})
            answer = await browser.get(decided.headers["location"])
            if answer.status_code == 303:
                return
        raise AssertionError(answer.text)

    async def at_intuit(self, authorize_url: str, form: dict[str, str]) -> str:
        """What a person does on Intuit's page; where it sends the browser then."""
        answer = await self.outside.post(authorize_url, data=form)
        return answer.headers["location"].removeprefix(APP_URL)


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
        opened.push_async_callback(stack.stop_worker)
        await stack.restart_worker()
        hasher, while_connecting = company_files.HASHER, revoking.WHILE_CONNECTING
        # What the hash costs is what it is for; here it would be most of the machine's time.
        company_files.HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
        # Temporal's own seconds, which nobody here can let pass.
        revoking.WHILE_CONNECTING = A_SECOND
        try:
            yield stack
        finally:
            company_files.HASHER, revoking.WHILE_CONNECTING = hasher, while_connecting

"""The product against the clock: its worker as a process of its own, on a new database and an empty Temporal."""

import asyncio
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from uuid import UUID

import psutil
import psycopg
from temporalio.client import Client

from activities.outside import open_outside
from benchmarks.admin import Admin, sign_up
from benchmarks.histories import Cost, cost_of
from benchmarks.simulated import Counts, Simulated, read_simulated
from contracts.names import mirroring_workflow_id, paperwork_workflow_id
from contracts.starts import Workflows
from demo.processes import start
from demo.stack import Stack, running_stack
from foundation.clock import SystemClock
from foundation.settings import Settings
from simulators.world.documents import Documents

# The limits of the simulators are off, and so is our own keeping of them: what is measured is the product, not a pause.
NO_LIMITS = {
    "PROCORE_HOURLY_ALLOWANCE": "1000000",
    "INTUIT_REQUESTS_PER_SECOND": "0",
    "INTUIT_BATCHES_PER_MINUTE": "0",
}
LOOK_INTERVAL = 300
# How often it is asked whether all are posted: rarely, because that is work beside what is measured.
POSTED_EVERY = 0.3
PROFILE_VARIABLE = "BENCHMARK_PROFILE"


@dataclass(frozen=True)
class ProductRun:
    """What one run took: seconds on the clock, milliseconds of CPU per process, calls, and Temporal's work."""

    seconds: float
    worker_cpu_ms: float
    postgres_cpu_ms: float
    temporal_cpu_ms: float
    counts: Counts
    temporal: Cost


async def run_product(folder: Path, documents: Documents, profile: Path | None = None) -> ProductRun:
    """Set everything up, then plan, switch on and wait for the last bill.

    With ``profile`` the worker runs under cProfile and leaves its statistics there: such a run's time means nothing.
    Raises WrongResult when the bills are not the expected ones.
    """
    async with AsyncExitStack() as opened:
        stack = await opened.enter_async_context(_stack(folder, documents, profile))
        simulated = await opened.enter_async_context(read_simulated(stack.procore_url, stack.quickbooks_url, documents))
        admin = await opened.enter_async_context(_admin(stack, simulated))
        processes = _Processes.of(stack)
        before, cost_before = await simulated.counts(), await posting_cost(stack.temporal, admin.company_id)
        cpu_before = processes.cpu_ms()
        await admin.switch_on(await admin.plan(date.fromisoformat(documents.expected["start_date"])))
        await _all_posted(stack.database_url, documents)
        cpu = processes.cpu_ms()
        counts = (await simulated.counts()).since(before)
        seconds = await simulated.seconds_since(before)
        await simulated.check()
        temporal = await posting_cost(stack.temporal, admin.company_id) - cost_before
    return ProductRun(
        seconds=seconds,
        worker_cpu_ms=cpu[0] - cpu_before[0],
        postgres_cpu_ms=cpu[1] - cpu_before[1],
        temporal_cpu_ms=cpu[2] - cpu_before[2],
        counts=counts,
        temporal=temporal,
    )


async def posting_cost(temporal: Client, company_id: UUID) -> Cost:
    """What posting costs in Temporal: the mirroring, and the paperwork that the last batch under way asks for."""
    mirroring = await cost_of(temporal, mirroring_workflow_id(company_id))
    return mirroring + await cost_of(temporal, paperwork_workflow_id(company_id))


@asynccontextmanager
async def _stack(folder: Path, documents: Documents, profile: Path | None) -> AsyncIterator[Stack]:
    async with running_stack(
        folder,
        documents,
        look_interval=LOOK_INTERVAL,
        with_ui=False,
        extra_environment={**NO_LIMITS, "LOG_FORMAT": "json"},
    ) as stack:
        if profile is not None:
            await stack.worker.stop()
            stack.environment[PROFILE_VARIABLE] = str(profile)
            stack.worker = await start("worker", ["benchmarks.profiled_worker"], stack.environment, folder / "logs")
        yield stack


@asynccontextmanager
async def _admin(stack: Stack, simulated: Simulated) -> AsyncIterator[Admin]:
    """Sign up, connect and choose accounts: all that happens before the clock."""
    settings = Settings.model_validate({name.lower(): value for name, value in stack.environment.items()})
    workflows = Workflows(stack.temporal, settings.temporal_task_queue)
    async with open_outside(settings, SystemClock(), workflows) as outside:
        admin = await sign_up(outside, simulated)
        connection = await admin.connect(simulated.realm_id)
        expected = simulated.documents.expected
        await admin.choose_accounts(connection.id, expected["expense_account"], expected["retainage_account"])
        yield admin


async def _all_posted(database_url: str, documents: Documents) -> None:
    """Wait until every expected invoice is posted in our own table; the clock reads the simulators, not this."""
    wanted = sum(row["verdict"] == "bill" for row in documents.expected["requisitions"].values())
    # psycopg reads the same address as SQLAlchemy, once the driver's name is out of it.
    address = database_url.replace("+psycopg", "", 1)
    async with await psycopg.AsyncConnection.connect(address, autocommit=True) as database:
        while True:
            found = await database.execute("SELECT count(*) FROM invoice WHERE state = 'posted'")
            row = await found.fetchone()
            if row is not None and row[0] >= wanted:
                return
            await asyncio.sleep(POSTED_EVERY)


@dataclass(frozen=True)
class _Processes:
    """The processes whose CPU is counted: worker, PostgreSQL with its backends, Temporal server."""

    worker: Sequence[psutil.Process]
    postgres: Sequence[psutil.Process]
    temporal: Sequence[psutil.Process]

    @classmethod
    def of(cls, stack: Stack) -> "_Processes":
        postmaster = stack.folder.parent / "postgres" / "postmaster.pid"
        mine = psutil.Process(os.getpid()).children(recursive=True)
        return cls(
            worker=[psutil.Process(stack.worker.process.pid)],
            postgres=[psutil.Process(int(postmaster.read_text().split()[0]))],
            temporal=[process for process in mine if process.name() == "temporal"],
        )

    def cpu_ms(self) -> tuple[float, float, float]:
        postgres = [*self.postgres, *(child for one in self.postgres for child in one.children(recursive=True))]
        return _cpu_ms(self.worker), _cpu_ms(postgres), _cpu_ms(self.temporal)


def _cpu_ms(processes: Sequence[psutil.Process]) -> float:
    times = [process.cpu_times() for process in processes if process.is_running()]
    return float(sum(one.user + one.system for one in times)) * 1000

"""What a company costs on a day on which nothing happens: mirroring is on, Procore is looked at every five minutes.

Everything is real except the day, which Temporal's time-skipping server skips: database, simulators, worker, workflows.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from activities.outside import open_outside
from activities.wiring import activities
from benchmarks.admin import Admin, eventually, sign_up
from benchmarks.histories import Cost, cost_of
from benchmarks.settings import settings_for
from benchmarks.simulated import Simulated, running_simulators
from benchmarks.skipped_time import OneAfterTheOther, ServerTime, time_skipping_server
from contracts.names import connection_workflow_id, mirroring_workflow_id
from foundation.clock import ManualClock
from simulators.world.bench import bench_world
from workflows import WORKFLOWS

DAY = timedelta(hours=24)
# One call to the server must not outlive its deadline: the looks in it run in real time.
STEP = timedelta(hours=1)
LOOK_INTERVAL = timedelta(minutes=5)
TASK_QUEUE = "idle"
MOST_EVENTS = 20
MOST_ACTIONS = 300


@dataclass(frozen=True)
class IdleDay:
    """What 24 idle hours of one company cost, both workflows together, and how often Procore was asked."""

    mirroring: Cost
    connection: Cost
    procore_calls: int
    projects: int

    @property
    def total(self) -> Cost:
        return self.mirroring + self.connection


async def measure_idle_day(folder: Path, database_url: str, test_server: Path, projects: int) -> IdleDay:
    """Connect, switch mirroring on in a company without invoices, let 24 hours pass, and count."""
    documents = bench_world(0)
    documents.procore["projects"] = documents.procore["projects"][:projects]
    async with AsyncExitStack() as opened:
        environment = await opened.enter_async_context(time_skipping_server(test_server))
        simulated = await opened.enter_async_context(running_simulators(folder, documents))
        admin, connection_id = await opened.enter_async_context(_company(environment, simulated, database_url))
        client = environment.client
        mirroring, connection = mirroring_workflow_id(admin.company_id), connection_workflow_id(connection_id)

        async def waits_for_next_look() -> bool | None:
            return await _waits(client, mirroring) or None

        await eventually("the first idle look", waits_for_next_look)
        before = (await cost_of(client, mirroring), await cost_of(client, connection), await simulated.counts())
        for _ in range(DAY // STEP):
            await environment.sleep(STEP)
        return IdleDay(
            mirroring=await cost_of(client, mirroring) - before[0],
            connection=await cost_of(client, connection) - before[1],
            procore_calls=(await simulated.counts()).since(before[2]).procore_calls,
            projects=projects,
        )


async def _waits(client: Client, workflow_id: str) -> bool:
    """Whether the workflow's look found nothing due and waits for its next attempt."""
    description = await client.get_workflow_handle(workflow_id).describe()
    return any(one.attempt > 1 for one in description.raw_description.pending_activities)


@asynccontextmanager
async def _company(
    environment: WorkflowEnvironment, simulated: Simulated, database_url: str
) -> AsyncIterator[tuple[Admin, UUID]]:
    clock = ManualClock(await environment.get_current_time())
    server_time = ServerTime(environment, clock)
    settings = settings_for(simulated, database_url, TASK_QUEUE, int(LOOK_INTERVAL.total_seconds()))
    workflows = OneAfterTheOther(environment.client, TASK_QUEUE)
    expected = simulated.documents.expected
    async with open_outside(settings, clock, workflows) as outside:
        worker = Worker(
            environment.client,
            task_queue=TASK_QUEUE,
            workflows=WORKFLOWS,
            activities=activities(outside),
            interceptors=[server_time],
            graceful_shutdown_timeout=timedelta(seconds=1),
        )
        async with worker:
            admin = await sign_up(outside, simulated)
            connection = await admin.connect(simulated.realm_id)
            await admin.choose_accounts(connection.id, expected["expense_account"], expected["retainage_account"])
            await admin.switch_on(await admin.plan(date.fromisoformat(expected["start_date"])))
            yield admin, connection.id

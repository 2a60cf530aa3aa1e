"""Record the histories that must replay: ``python -m tests.replay.record`` writes ``tests/replay/histories/*.json``.

Each story runs against real servers. What names this machine (worker identities, stack traces) is taken out.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

from temporalio.client import Client, WorkflowExecutionStatus, WorkflowHandle

from contracts.names import RESTART_MISSING, attempt_workflow_id
from contracts.timeouts import RENEW_AT_EVENTS
from demo.embedded import embedded_postgres, embedded_temporal
from simulators.world.documents import Documents
from tests.product import Product, running_product
from tests.small_world import small_world
from tests.template_database import RUN_FOLDER, copied_database, ensure_template
from tests.workflows.stories import (
    all_in,
    becomes,
    connected,
    connection_workflow,
    going,
    mirroring,
    planned,
)

HISTORIES = Path(__file__).parent / "histories"
OF_THIS_MACHINE = ("identity", "stackTrace")
WAKES_AT_ONCE = 20


def without_machine(part: Any) -> Any:
    """The same history with every worker called the same and no path of a file."""
    if isinstance(part, dict):
        kept = {name: without_machine(value) for name, value in part.items()}
        return kept | {name: "recorded" for name in OF_THIS_MACHINE if kept.get(name)}
    return [without_machine(one) for one in part] if isinstance(part, list) else part


async def keep(name: str, handle: WorkflowHandle[Any, Any]) -> None:
    history = json.loads((await handle.fetch_history()).to_json())
    path = HISTORIES / f"{name}.json"
    path.write_text(json.dumps(without_machine(history), separators=(",", ":")) + "\n")
    print(f"{path.name}: {len(history['events'])} events, {path.stat().st_size} bytes")  # noqa: T201 - a command line


class Recorder:
    """Runs each story in a database of its own."""

    def __init__(self, postgres: Any, template: str, temporal: Client) -> None:
        self._postgres = postgres
        self._template = template
        self._temporal = temporal

    @asynccontextmanager
    async def world(self, documents: Documents) -> AsyncIterator[Product]:
        with copied_database(self._postgres, self._template) as url:
            running = running_product(
                documents, url, self._temporal, f"record-{uuid4().hex[:8]}", procore_hourly_allowance=1_000_000
            )
            async with running as product:
                yield product

    async def posting_and_handing_over(self) -> None:
        """Nine batches, so many wakes that the run is renewed while some wait, and a disconnect at the end."""
        documents = small_world(9, 9)
        async with self.world(documents) as product:
            connection = await connected(product, documents)
            await product.switch_on(await planned(product, documents))
            first_run = (now := await mirroring(product).describe()).run_id
            while now.run_id == first_run:
                if now.history_length < RENEW_AT_EVENTS:
                    await asyncio.gather(*(product.wake("many things happen") for _ in range(WAKES_AT_ONCE)))
                await asyncio.sleep(0.05)
                now = await mirroring(product).describe()
            await all_in(product, "posted", 9)
            await product.outside.workflows.disconnect(
                product.company_id, connection.id, connection.quickbooks_company_name, "admin"
            )
            await becomes(connection_workflow(product, connection), WorkflowExecutionStatus.COMPLETED)
            await product.wake("disconnected")
            await becomes(mirroring(product), WorkflowExecutionStatus.COMPLETED)
            workflow_id = mirroring(product).id
            first = product.temporal.get_workflow_handle(workflow_id, run_id=first_run)
            await keep("mirroring-posts-and-hands-over", first)
            await keep("mirroring-goes-on-and-ends", mirroring(product))

    async def connection_life(self) -> None:
        """Connected, expired, reconnected, disconnected."""
        documents = small_world(1)
        async with self.world(documents) as product:
            connection = await going(product, documents)
            await all_in(product, "posted", 1)
            await product.expire(connection)
            await product.connect(documents.expected["realm_id"])
            await product.outside.workflows.disconnect(
                product.company_id, connection.id, connection.quickbooks_company_name, "admin"
            )
            handle = connection_workflow(product, connection)
            await becomes(handle, WorkflowExecutionStatus.COMPLETED)
            await keep("connection-life", handle)

    async def attempts(self) -> None:
        """An attempt that succeeds, one whose code was used before, one that nobody finishes."""
        documents = small_world(1)
        realm_id = documents.expected["realm_id"]
        async with self.world(documents) as product:
            late = await product.start_attempt("nobody comes back", minutes=1 / 60)
            await product.ended_attempt(late.attempt_id)
            failing = await product.come_back_from_consent(realm_id)
            (code,) = product.quickbooks.oauth.store.codes
            await product.outside.intuit.exchange(code)
            await product.outside.workflows.callback_received(failing, product.outside.clock.now())
            await product.ended_attempt(failing)
            good = await product.come_back_from_consent(realm_id)
            await product.outside.workflows.callback_received(good, product.outside.clock.now())
            await product.ended_attempt(good)
            for name, attempt_id in (("times-out", late.attempt_id), ("fails", failing), ("succeeds", good)):
                handle = product.temporal.get_workflow_handle(attempt_workflow_id(attempt_id))
                await becomes(handle, WorkflowExecutionStatus.COMPLETED)
                await keep(f"connection-attempt-{name}", handle)

    async def restart(self) -> None:
        documents = small_world(1)
        async with self.world(documents) as product:
            await connected(product, documents)
            handle = await product.temporal.start_workflow(
                RESTART_MISSING, id=f"restart-{product.task_queue}", task_queue=product.task_queue
            )
            await handle.result()
            await keep("restart-missing", handle)


async def main() -> None:
    HISTORIES.mkdir(exist_ok=True)
    with embedded_postgres(RUN_FOLDER / "postgres") as postgres:
        template = ensure_template(postgres)
        async with embedded_temporal() as environment:
            recorder = Recorder(postgres, template, environment.client)
            await recorder.posting_and_handing_over()
            await recorder.connection_life()
            await recorder.attempts()
            await recorder.restart()


if __name__ == "__main__":
    asyncio.run(main())

"""A backfill whose worker is a process of its own, killed with -9 three times: nothing is missing, nothing twice."""

import asyncio
import os
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from temporalio.client import Client

from accounting.plan_statement import PlanOutcome, adds_up
from api.routes.mirroring import piles_of
from demo.processes import Child, start
from models.plan_statement import statement_now
from models.tables import MirroringPlan
from models.toggle import plan_by_id
from tests.backfill_world import backfill_world
from tests.product import Product, eventually, running_product

INVOICES = 160


def environment(product: Product) -> dict[str, str]:
    """What a worker in production is started with: settings by environment, secrets included."""
    settings = product.outside.settings
    values: dict[str, Any] = settings.model_dump(exclude_none=True)
    told = {
        name.upper(): value.get_secret_value() if hasattr(value, "get_secret_value") else str(value)
        for name, value in values.items()
    }
    address = product.temporal.service_client.config.target_host
    return {**os.environ, **told, "TEMPORAL_ADDRESS": address, "TEMPORAL_NAMESPACE": product.temporal.namespace}


async def test_a_worker_killed_in_the_middle_of_a_backfill(
    database_url: str, temporal_client: Client, task_queue: str, tmp_path: Path
) -> None:
    documents = backfill_world(INVOICES)
    expected = documents.expected
    wanted = {key: expected["requisitions"][key]["bill"] for key, pile in expected["piles"].items() if pile == "create"}
    opening = running_product(documents, database_url, temporal_client, task_queue, with_worker=False)
    async with opening as product:
        workers: list[Child] = []

        async def another() -> None:
            workers.append(await start(f"worker-{len(workers)}", ["worker"], environment(product), tmp_path))

        async def killed_at(count: int) -> None:
            async def so_many() -> bool:
                return len(product.bills(expected["realm_id"])) >= count

            await eventually(so_many, patience=60)
            await workers[-1].kill()
            assert len(product.bills(expected["realm_id"])) < len(wanted)
            await another()

        await another()
        try:
            connection = await product.connect(expected["realm_id"])
            await product.choose_accounts(connection, expected["expense_account"], expected["retainage_account"])
            plan = await product.plan(date.fromisoformat(expected["start_date"]))
            await product.switch_on(plan)
            # Before the first bill, among the first ones, in the middle.
            for count in (0, 1, len(wanted) // 2):
                await killed_at(count)

            async def all_bills() -> bool:
                return len(product.bills(expected["realm_id"])) >= len(wanted)

            await eventually(all_bills, patience=120)
            # Two lanes that end at once see nothing of each other: then the next look closes the plan.
            await product.wake("the last bill is there")

            async def closed() -> MirroringPlan | None:
                async with product.session() as session:
                    found = await plan_by_id(session, plan.id)
                return found if found is not None and found.closed_at else None

            over: MirroringPlan = await eventually(closed)
            async with product.session() as session:
                lines = await statement_now(session, over)
        finally:
            await asyncio.gather(*(worker.kill() for worker in workers))
        ours = Counter((row["DocNumber"], Decimal(row["TotalAmt"])) for row in product.bills(expected["realm_id"]))
        assert ours == Counter((bill["number"], Decimal(bill["total"])) for bill in wanted.values())
        assert adds_up(piles_of(over), lines)
        ended = {line.outcome: line.count for line in lines}
        piles = Counter(expected["piles"].values())
        assert ended == {
            PlanOutcome.LINKED: piles["link"],
            PlanOutcome.POSTED: piles["create"],
            PlanOutcome.NEEDS_YOU: piles["ask"],
            PlanOutcome.LEFT_OUT: piles["skip"],
        }

"""Record the histories that must replay: ``python -m tests.replay.record`` writes ``tests/replay/histories/*.json``.

Each story runs against real servers, in a database of its own, a few of them at once. With names of stories behind
the command, only those are recorded.
"""

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

from demo.embedded import embedded_postgres, embedded_temporal
from simulators.world.documents import Documents
from tests.product import Product, running_product
from tests.replay import alerts, attempts, connections, mirrorings, paperwork, payments, reconciliations
from tests.replay.keeping import HISTORIES, World
from tests.template_database import copied_database, data_folder, ensure_template

STORIES: tuple[Callable[[World], Awaitable[None]], ...] = (
    connections.expires_at_its_hard_end,
    mirrorings.posting_and_handing_over,
    attempts.attempts,
    attempts.company_files,
    attempts.books_of_another_customer,
    connections.whole_life,
    connections.expires_by_use,
    connections.disconnected_while_intuit_is_away,
    connections.company_file,
    connections.runs_on_and_on,
    mirrorings.toggle_and_pause,
    mirrorings.waiting_for_a_reconnect,
    mirrorings.gap_and_its_list,
    mirrorings.keeping_hooks,
    mirrorings.restart,
    paperwork.files_of_a_bill,
    payments.following_payments,
    alerts.sending_alerts,
    reconciliations.run,
)
AT_ONCE = 3


async def main(wanted: list[str]) -> None:
    HISTORIES.mkdir(exist_ok=True)
    with embedded_postgres(data_folder()) as postgres:
        template = ensure_template(postgres)
        async with embedded_temporal() as environment:

            @asynccontextmanager
            async def world(documents: Documents, **more: Any) -> AsyncIterator[Product]:
                with copied_database(postgres, template) as url:
                    queue = f"record-{uuid4().hex[:8]}"
                    in_a_hurry = {
                        "procore_hourly_allowance": 1_000_000,
                        "payment_pull_seconds": 1,
                        "payment_sweep_seconds": 2,
                    }
                    running = running_product(documents, url, environment.client, queue, **{**in_a_hurry, **more})
                    async with running as product:
                        yield product

            few = asyncio.Semaphore(AT_ONCE)

            async def record(story: Callable[[World], Awaitable[None]]) -> None:
                async with few:
                    await story(world)

            stories = [one for one in STORIES if not wanted or one.__name__ in wanted]
            await asyncio.gather(*(record(one) for one in stories))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))

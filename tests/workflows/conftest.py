"""The running product that every test of a workflow needs."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest
from temporalio.client import Client

from simulators.world.documents import Documents
from tests.product import Product, running_product

Runner = Callable[..., AbstractAsyncContextManager[Product]]
# A worker that keeps no workflow replays the whole history at every step. The central stories of each workflow are told
# so; what only a kept workflow could do is in all the others.
NO_CACHE = 0


@pytest.fixture
def run_world(database_url: str, temporal_client: Client, task_queue: str) -> Runner:
    """Runs a world with a worker; give it the documents and what differs from the usual settings."""

    def running(documents: Documents, **more: Any) -> AbstractAsyncContextManager[Product]:
        # So that a look comes every second: its usual share of 600 calls an hour gives one project 13 s.
        more.setdefault("procore_hourly_allowance", 1_000_000)
        return running_product(documents, database_url, temporal_client, task_queue, **more)

    return running

"""The parts that every test of an activity needs."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest
from temporalio.client import Client

from simulators.world.documents import Documents
from tests.desks import Desks, open_desks

Opener = Callable[..., AbstractAsyncContextManager[Desks]]


@pytest.fixture
def open_world(database_url: str, temporal_client: Client, task_queue: str) -> Opener:
    """Opens a world with its activities; give it the documents and what differs from the usual settings."""

    def opened(documents: Documents, **more: Any) -> AbstractAsyncContextManager[Desks]:
        return open_desks(documents, database_url, temporal_client, task_queue, **more)

    return opened

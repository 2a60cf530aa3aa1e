from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from foundation.http_client import build_http_client
from tests.providers.procore.wire_server import WireServer, wire_server


@pytest.fixture
async def procore() -> AsyncIterator[WireServer]:
    async with wire_server() as server:
        yield server


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with build_http_client() as client:
        yield client

"""One simulator per worker, over a real socket; each test finds the account as it was written down."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio

from simulators.procore.app import create_app
from simulators.procore.simulator import ProcoreSettings, ProcoreSimulator
from simulators.server import serve
from tests.simulators.procore.account import REDIRECT, Procore, account


@pytest_asyncio.fixture(scope="session")
async def served() -> AsyncIterator[Procore]:
    settings = ProcoreSettings(client_id="app", client_secret="s3cret", redirect_uris=(REDIRECT,), canary="cnry")
    simulator = ProcoreSimulator(settings, switches={"list_order": "by_id"})
    app = create_app(simulator)
    async with serve(app) as url, httpx.AsyncClient(base_url=url, trust_env=False, timeout=20) as http:
        yield Procore(simulator, http, url)


@pytest.fixture
def procore(served: Procore) -> Procore:
    """Nobody is signed in; no fault, no hook, no call so far."""
    served.simulator.load(account())
    served.simulator.reset()
    served.simulator.clock.advance(-served.simulator.clock.offset)
    return Procore(served.simulator, served.http, served.url)


@pytest_asyncio.fixture
async def dmsa(procore: Procore) -> Procore:
    """Asked by the service account."""
    return await procore.service_account()

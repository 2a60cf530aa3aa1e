"""What every test may ask for: a real PostgreSQL, a real Temporal server, a real browser, and a clock.

One PostgreSQL server serves all workers of a run (the last one to leave stops it); each test gets its own database,
copied from one migrated template. Imports of the heavy parts stand inside the fixtures, so that a test of a pure rule
starts at once.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING
from uuid import UUID, uuid4
from zlib import crc32

import pytest
import pytest_asyncio
from hypothesis import settings

from foundation.clock import ManualClock, SystemClock

# How long an example takes says how busy the machine is, and nothing else.
settings.register_profile("ours", deadline=None)
settings.load_profile("ours")

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page
    from temporalio.client import Client
    from temporalio.testing import WorkflowEnvironment

    from demo.embedded import EmbeddedPostgres
    from models.database import Database


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever may take longest begins first: else one worker ends with it while the others have nothing left.

    The others are mixed, in the same way each time: those that wait for servers beside those that keep a browser busy.
    """

    def place(item: pytest.Item) -> tuple[float, int]:
        allowed = item.get_closest_marker("timeout")
        return (-float(allowed.args[0]) if allowed else 0.0), crc32(item.nodeid.encode())

    items.sort(key=place)


def pytest_unconfigure() -> None:
    # A process that used a Temporal client may abort when it ends at once (temporalio/sdk-python issue 300).
    time.sleep(0.3)


@pytest.fixture
def clock() -> ManualClock:
    """A clock that stands at the moment the test began. Temporal's own clock runs on."""
    return ManualClock(SystemClock().now())


@pytest.fixture(scope="session")
def postgres() -> Iterator[EmbeddedPostgres]:
    from demo.embedded import embedded_postgres
    from demo.file_lock import file_lock
    from tests.template_database import RUN_FOLDER, data_folder, forget

    lock = RUN_FOLDER / "postgres.lock"
    server = embedded_postgres(data_folder())
    with file_lock(lock):
        running = server.__enter__()
    try:
        yield running
    finally:
        with file_lock(lock):
            server.__exit__(None, None, None)
            forget(data_folder())


@pytest.fixture(scope="session")
def template_database(postgres: EmbeddedPostgres) -> Iterator[str]:
    import models.database
    from tests.compiled_statements import CompiledStatements
    from tests.template_database import ensure_template

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(models.database, "create_async_engine", CompiledStatements().create_async_engine)
        yield ensure_template(postgres)


@pytest.fixture
def database_url(postgres: EmbeddedPostgres, template_database: str) -> Iterator[str]:
    """The address of this test's own database: migrated, empty, dropped at the end."""
    from tests.template_database import copied_database

    with copied_database(postgres, template_database) as url:
        yield url


@pytest_asyncio.fixture
async def database(database_url: str, clock: ManualClock) -> AsyncIterator[Database]:
    from models.database import Database

    opened = Database(database_url, clock, pool_size=5)
    try:
        yield opened
    finally:
        await opened.close()


@pytest_asyncio.fixture
async def company_id(database: Database) -> UUID:
    from tests.companies import add_company

    return await add_company(database)


@pytest_asyncio.fixture(scope="session")
async def temporal() -> AsyncIterator[WorkflowEnvironment]:
    """A Temporal dev server of this worker, its state in memory."""
    from demo.embedded import embedded_temporal

    async with embedded_temporal() as environment:
        yield environment


@pytest_asyncio.fixture(scope="session")
async def temporal_client(temporal: WorkflowEnvironment) -> Client:
    return temporal.client


@pytest.fixture
def task_queue() -> str:
    """A queue that no other test's worker listens to."""
    return f"test-{uuid4().hex}"


@pytest_asyncio.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    from playwright.async_api import async_playwright

    from demo.browser import LAUNCH_ARGUMENTS, chromium_path

    program = chromium_path()
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=program, args=LAUNCH_ARGUMENTS)
        try:
            yield launched
        finally:
            await launched.close()


@pytest_asyncio.fixture
async def page(browser: Browser) -> AsyncIterator[Page]:
    """A page of a person nobody knows yet: no cookie, no history."""
    context = await browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-US")
    try:
        yield await context.new_page()
    finally:
        await context.close()

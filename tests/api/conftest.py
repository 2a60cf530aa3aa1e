"""The API over a real PostgreSQL, a real Temporal server and a Procore that answers over HTTP."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import httpx
import pytest
import pytest_asyncio
from temporalio.client import Client

from api.app import build_app, serve_from
from api.services import Services, intuit_oauth, procore_oauth
from contracts.starts import Workflows
from demo.embedded import free_port
from foundation.clock import ManualClock
from foundation.http_client import build_http_client, trusted_authorities
from foundation.settings import Settings
from models.database import Actor, Database
from models.members import switch_feature
from models.tables import ActorKind
from simulators.procore.app import create_app as create_procore
from simulators.procore.simulator import ProcoreSettings, ProcoreSimulator
from simulators.server import serve
from tests.api.browsing import Site
from tests.api.world import ADA, HARTWELL, procore_world

if TYPE_CHECKING:
    from fastapi import FastAPI
    from playwright.async_api import Browser, Page

APP = "http://app.test"


@dataclass(frozen=True)
class Procore:
    simulator: ProcoreSimulator
    url: str


@pytest_asyncio.fixture(scope="session")
async def served_procore() -> AsyncIterator[Procore]:
    simulator = ProcoreSimulator(
        ProcoreSettings(client_id="app", client_secret="s3cret", redirect_uris=(f"{APP}/sign-in/callback",))
    )
    async with serve(create_procore(simulator, "both")) as url:
        yield Procore(simulator, url)


@pytest.fixture
def procore(served_procore: Procore) -> Procore:
    served_procore.simulator.load(procore_world())
    served_procore.simulator.reset()
    return served_procore


@pytest_asyncio.fixture
async def services(
    database: Database, temporal_client: Client, task_queue: str, procore: Procore
) -> AsyncIterator[Services]:
    async with build_http_client() as http:
        yield services_at(APP, database, http, Workflows(temporal_client, task_queue), procore)


def services_at(
    address: str, database: Database, http: httpx.AsyncClient, workflows: Workflows, procore: Procore
) -> Services:
    """The services of an app that people reach at ``address``."""
    settings = settings_at(address, procore.url)
    return Services(
        settings=settings,
        database=database,
        clock=database.clock,
        secret_box=settings.secret_box(),
        http=http,
        procore_oauth=procore_oauth(settings, http, database.clock),
        intuit_oauth=intuit_oauth(settings, http, database.clock),
        workflows=workflows,
    )


def settings_at(address: str, providers: str) -> Settings:
    """An app reached at ``address``, whose providers all answer at one other."""
    return Settings(
        _env_file=None,
        public_base_url=address,
        session_secret="s" * 32,
        encryption_keys=f"test:{base64.b64encode(b'k' * 32).decode()}",
        procore_environment="simulated",
        procore_login_url=providers,
        procore_api_url=providers,
        procore_client_id="app",
        procore_client_secret="s3cret",
        intuit_environment="simulated",
        intuit_authorize_url=f"{providers}/intuit",
        intuit_client_id="qbo-client",
        intuit_client_secret="qbo-secret",
        intuit_webhook_verifier="v-token-6b1f",
    )


@cache
def built(door: str) -> FastAPI:
    """The application, built once a process and door: for so many routes FastAPI takes most of a second."""
    return build_app(settings_at(APP, f"http://{door}.test"))


@pytest.fixture
def app(services: Services) -> FastAPI:
    app = built("process")
    serve_from(app, services)
    return app


@pytest_asyncio.fixture
async def anonymous(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with _client(app) as client:
        yield client


def _client(app: FastAPI) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app, raise_app_exceptions=False), base_url=APP)


SignIn = Callable[[int], Awaitable[httpx.AsyncClient]]


@pytest_asyncio.fixture
async def sign_in(app: FastAPI, procore: Procore) -> AsyncIterator[SignIn]:
    """Signs a person in through Procore's own page; each call is another browser."""
    browsers: list[httpx.AsyncClient] = []

    async def signed_in(user_id: int) -> httpx.AsyncClient:
        browser = _client(app)
        browsers.append(browser)
        answer = await browser.get(await consent(browser, user_id))
        assert answer.status_code == 303, answer.text
        return browser

    yield signed_in
    for browser in browsers:
        await browser.aclose()


async def consent(browser: httpx.AsyncClient, user_id: int) -> str:
    """Where Procore sends the browser after the person chose who they are."""
    begun = await browser.get("/sign-in")
    assert begun.status_code == 303
    async with httpx.AsyncClient(trust_env=False, verify=trusted_authorities()) as outside:
        decided = await outside.post(begun.headers["location"], data={"user_id": str(user_id)})
    assert decided.status_code in (302, 303), decided.text
    return str(decided.headers["location"])


@dataclass(frozen=True)
class Office:
    """Hartwell Construction with the feature on, and its admin's browser."""

    admin: httpx.AsyncClient
    company_id: UUID
    admin_id: UUID
    services: Services

    @property
    def actor(self) -> Actor:
        return Actor(ActorKind.USER, str(self.admin_id))

    @property
    def database(self) -> Database:
        return self.services.database

    @property
    def now(self) -> ManualClock:
        clock = self.services.clock
        assert isinstance(clock, ManualClock)
        return clock


@pytest_asyncio.fixture
async def office(sign_in: SignIn, services: Services) -> Office:
    admin = await sign_in(ADA)
    me = (await admin.get("/api/v1/me")).json()
    assert me["company"]["procore_company_id"] == str(HARTWELL)
    company_id = UUID(me["company"]["id"])
    async with services.database.company(company_id, Actor(ActorKind.COMMAND, "test")) as session:
        await switch_feature(session, True)
    return Office(admin, company_id, UUID(me["id"]), services)


def state_of(authorize_url: str) -> str:
    return parse_qs(urlsplit(authorize_url).query)["state"][0]


def code_of(answer: httpx.Response) -> str:
    """The code of a refused request, whose body must have the one shape."""
    body = answer.json()
    assert set(body) == {"error"} and set(body["error"]) == {"code", "message"}, body
    message = body["error"]["message"]
    assert message.endswith((".", ",")) and "Traceback" not in message
    return str(body["error"]["code"])


@pytest_asyncio.fixture
async def site(
    browser: Browser, database: Database, temporal_client: Client, task_queue: str, procore: Procore
) -> AsyncIterator[Site]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    procore.simulator.register_client("app", "s3cret", [f"{url}/sign-in/callback", "http://app.test/sign-in/callback"])
    async with build_http_client() as http:
        services = services_at(url, database, http, Workflows(temporal_client, task_queue), procore)
        app = built("socket")
        serve_from(app, services)
        async with serve(app, port):
            yield Site(url, database)
            # An open page listens for news, and the server would wait a second for it to leave.
            for context in browser.contexts:
                await context.close()


@pytest.fixture
def complaints(page: Page) -> list[str]:
    """What the browser complains about, and every request that leaves this machine."""
    heard: list[str] = []
    page.on("console", lambda said: heard.append(said.text) if said.type in ("error", "warning") else None)
    page.on("request", lambda asked: heard.append(asked.url) if urlsplit(asked.url).hostname != "127.0.0.1" else None)
    return heard

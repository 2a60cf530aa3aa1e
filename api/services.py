"""What the API is made of: opened once per process, handed to every request."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx

from contracts.starts import Workflows
from foundation.clock import Clock
from foundation.http_client import build_http_client
from foundation.secret_box import SecretBox
from foundation.settings import Settings
from foundation.shared_clock import SharedClock
from foundation.temporal import connect
from models.database import Database
from providers.procore.oauth import ProcoreApp, ProcoreOAuth
from providers.quickbooks_online.oauth import IntuitEndpoints, IntuitOAuth

# Registered with Procore and Intuit as PUBLIC_BASE_URL plus these paths.
PROCORE_CALLBACK = "/sign-in/callback"
INTUIT_CALLBACK = "/quickbooks/callback"


@dataclass(frozen=True)
class Services:
    """Everything a route may use. ``http`` is for Procore calls in a person's own name."""

    settings: Settings
    database: Database
    clock: Clock
    secret_box: SecretBox
    http: httpx.AsyncClient
    procore_oauth: ProcoreOAuth
    intuit_oauth: IntuitOAuth
    workflows: Workflows


def procore_oauth(settings: Settings, http: httpx.AsyncClient, clock: Clock) -> ProcoreOAuth:
    return ProcoreOAuth(
        settings.procore_login_url,
        http,
        ProcoreApp(
            client_id=settings.procore_client_id,
            client_secret=settings.procore_client_secret.get_secret_value(),
            redirect_uri=settings.public_base_url + PROCORE_CALLBACK,
        ),
        clock,
    )


def intuit_oauth(settings: Settings, http: httpx.AsyncClient, clock: Clock) -> IntuitOAuth:
    return IntuitOAuth(
        http,
        clock,
        client_id=settings.intuit_client_id,
        client_secret=settings.intuit_client_secret.get_secret_value(),
        redirect_uri=settings.public_base_url + INTUIT_CALLBACK,
        endpoints=IntuitEndpoints(
            authorize=settings.intuit_authorize_url,
            token=settings.intuit_token_url,
            revoke=settings.intuit_revoke_url,
        ),
    )


@asynccontextmanager
async def open_services(settings: Settings) -> AsyncIterator[Services]:
    """Open the services of this process and close them again.

    Raises RuntimeError when Temporal does not answer or no database is named.
    """
    if settings.database_url is None:
        raise RuntimeError("DATABASE_URL is empty; `make demo` starts an embedded PostgreSQL, nothing else does")
    clock = SharedClock()
    temporal = await connect(settings)
    database = Database(settings.database_url, clock)
    async with build_http_client() as http:
        try:
            yield Services(
                settings=settings,
                database=database,
                clock=clock,
                secret_box=settings.secret_box(),
                http=http,
                procore_oauth=procore_oauth(settings, http, clock),
                intuit_oauth=intuit_oauth(settings, http, clock),
                workflows=Workflows(temporal, settings.temporal_task_queue),
            )
        finally:
            await database.close()

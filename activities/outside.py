"""The activities' way to the outside systems: one HTTP client, one token source per authorisation."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

import httpx

from activities.connection_tokens import ConnectionTokens
from contracts.starts import Workflows
from foundation.clock import Clock
from foundation.http_client import build_http_client
from foundation.secret_box import SecretBox
from foundation.settings import Settings
from models.database import Actor, Database
from models.standing import OpenConnection
from models.stored_tokens import StoredTokens
from models.tables import Connection
from providers.procore.client import ProcoreClient
from providers.procore.oauth import ProcoreApp, ProcoreOAuth
from providers.procore.token_source import ServiceAccountTokens
from providers.quickbooks_online.client import QuickBooksOnlineClient
from providers.quickbooks_online.oauth import IntuitEndpoints, IntuitOAuth


@dataclass(frozen=True)
class Outside:
    """Everything outside the process that an activity may talk to. Built once per worker, in ``wiring``."""

    settings: Settings
    clock: Clock
    database: Database
    secrets: SecretBox
    workflows: Workflows
    http: httpx.AsyncClient
    procore_tokens: ServiceAccountTokens
    intuit: IntuitOAuth

    def procore(self, procore_company_id: str) -> ProcoreClient:
        """Procore as our service account, for one company that installed the app."""
        return ProcoreClient(self.settings.procore_api_url, self.http, self.procore_tokens, procore_company_id)

    def quickbooks(
        self,
        company_id: UUID,
        connection: Connection | OpenConnection,
        actor: Actor,
        just_read: StoredTokens | None = None,
    ) -> QuickBooksOnlineClient:
        """QuickBooks Online through one connection's authorisation, renewed under its lease when needed.

        ``just_read`` spares its calls from reading the credential once more.
        """
        tokens = ConnectionTokens(
            self.database, self.secrets, self.intuit, company_id, connection.id, actor, just_read=just_read
        )
        return QuickBooksOnlineClient(self.settings.intuit_api_url, self.http, tokens, connection.quickbooks_company_id)


@asynccontextmanager
async def open_outside(settings: Settings, clock: Clock, workflows: Workflows) -> AsyncIterator[Outside]:
    """Open the pool and the HTTP client, and close them at the end."""
    if settings.database_url is None:
        raise RuntimeError("DATABASE_URL is empty; `make demo` starts an embedded server, nothing else does")
    database = Database(settings.database_url, clock)
    async with build_http_client() as http:
        procore_app = ProcoreApp(
            client_id=settings.procore_client_id,
            client_secret=settings.procore_client_secret.get_secret_value(),
            redirect_uri=f"{settings.public_base_url}/sign-in/callback",
        )
        intuit = IntuitOAuth(
            http,
            clock,
            client_id=settings.intuit_client_id,
            client_secret=settings.intuit_client_secret.get_secret_value(),
            redirect_uri=f"{settings.public_base_url}/quickbooks/callback",
            endpoints=IntuitEndpoints(
                authorize=settings.intuit_authorize_url,
                token=settings.intuit_token_url,
                revoke=settings.intuit_revoke_url,
            ),
        )
        try:
            yield Outside(
                settings=settings,
                clock=clock,
                database=database,
                secrets=settings.secret_box(),
                workflows=workflows,
                http=http,
                procore_tokens=ServiceAccountTokens(
                    ProcoreOAuth(settings.procore_login_url, http, procore_app, clock), clock
                ),
                intuit=intuit,
            )
        finally:
            await database.close()

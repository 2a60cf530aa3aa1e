"""The whole product on one machine: embedded PostgreSQL and Temporal, the simulators, the API and the worker.

Every start begins with the same seeded world, a new database and an empty Temporal: the simulators keep their books in
memory, and ours would be about another world.
"""

import asyncio
import base64
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import httpx
from temporalio.client import Client

from contracts.preparing import prepare_namespace
from contracts.starts import Workflows
from demo.embedded import EmbeddedPostgres, embedded_postgres, embedded_temporal, free_port, unique_name
from demo.processes import Child, DidNotStart, start, start_speaking
from models.migrate import upgrade
from simulators.world.documents import Documents

READY_SECONDS = 60
PROCORE_CLIENT_ID = "procore-client"
INTUIT_CLIENT_ID = "qbo-client"
# The simulated Procore counts no calls, so the look interval is what decides how often we look.
UNLIMITED_CALLS = "1000000"
# Seconds: long enough that what the demo begins with is one mail, short enough to watch it come.
ALERTS_COLLECTED = 15


@dataclass(frozen=True)
class Ports:
    """Where the demo listens. 0 takes a free port, for runs beside each other."""

    app: int = 0
    temporal: int = 0
    temporal_ui: int = 0
    procore: int = 0
    procore_login: int = 0
    quickbooks: int = 0
    quickbooks_desktop: int = 0
    mail: int = 0


@dataclass
class Stack:
    """A running stack: its addresses, and the worker that may be killed and started again."""

    app_url: str
    temporal_address: str
    temporal_ui_url: str
    procore_url: str
    procore_login_url: str
    quickbooks_url: str
    quickbooks_desktop_url: str
    mail_url: str
    database_url: str
    environment: dict[str, str]
    folder: Path
    temporal: Client
    worker: Child
    children: list[Child] = field(default_factory=list)

    async def kill_worker(self) -> None:
        await self.worker.kill()

    async def start_worker(self) -> None:
        self.worker = await start("worker", ["worker"], self.environment, self.folder / "logs")

    async def stop(self) -> None:
        await asyncio.gather(*(child.stop() for child in [self.worker, *self.children]))


@asynccontextmanager
async def running_stack(
    folder: Path,
    documents: Documents,
    *,
    ports: Ports | None = None,
    canary: str = "",
    look_interval: int = 3,
    with_ui: bool = True,
    extra_environment: dict[str, str] | None = None,
) -> AsyncIterator[Stack]:
    """Start everything and wait until it answers. ``folder`` holds logs and state; its old state is dropped."""
    ports = ports or Ports()
    shutil.rmtree(folder / "state", ignore_errors=True)
    world = folder / "state" / "world"
    documents.write(world)
    app_port = ports.app or free_port()
    # By its name: the QuickBooks Web Connector refuses an address that is only numbers.
    app_url = f"http://localhost:{app_port}"
    async with AsyncExitStack() as opened:
        postgres = opened.enter_context(embedded_postgres(folder.parent / "postgres"))
        database = unique_name("demo")
        _drop_what_a_killed_run_left(postgres, folder / "database", database)
        opened.callback(postgres.drop_database, database)
        plain = {**os.environ, "PYTHONUNBUFFERED": "1"}
        logs = folder / "logs"
        shutil.rmtree(logs, ignore_errors=True)
        temporal_ui = ports.temporal_ui or free_port()
        (
            (procore, procore_at),
            (quickbooks, quickbooks_at),
            (desktop, desktop_at),
            (mail, mail_at),
            temporal,
            url,
        ) = await asyncio.gather(
            start_speaking("procore", _procore_arguments(ports, world, app_url, canary), plain, logs),
            start_speaking("quickbooks", _quickbooks_arguments(ports, world, app_url, canary), plain, logs),
            start_speaking("quickbooks_desktop", _desktop_arguments(ports, world), plain, logs),
            start_speaking("mail", ["simulators.mail_sink", "--port", str(ports.mail)], plain, logs),
            opened.enter_async_context(
                embedded_temporal(
                    folder / "state" / "temporal.db", ports.temporal or None, temporal_ui if with_ui else None
                )
            ),
            asyncio.to_thread(_database, postgres, database),
        )
        children = [procore, quickbooks, desktop, mail]
        opened.push_async_callback(_stop_all, children)
        environment = {
            **plain,
            "DATABASE_URL": url,
            "TEMPORAL_ADDRESS": temporal.client.service_client.config.target_host,
            "TEMPORAL_UI_URL": f"http://127.0.0.1:{temporal_ui}",
            "PUBLIC_BASE_URL": app_url,
            "SESSION_SECRET": secret_of(sha256(b"demo only").hexdigest(), canary),
            "ENCRYPTION_KEYS": f"demo:{base64.b64encode(sha256(b'demo key').digest()).decode()}",
            "PROCORE_ENVIRONMENT": "simulated",
            "PROCORE_LOGIN_URL": procore_at["login"],
            "PROCORE_API_URL": procore_at["api"],
            "PROCORE_REQUISITION_PAGE": f"{procore_at['api']}/requisitions/{{requisition_id}}",
            "PROCORE_CLIENT_ID": PROCORE_CLIENT_ID,
            "PROCORE_CLIENT_SECRET": secret_of(PROCORE_CLIENT_ID, canary),
            "PROCORE_HOURLY_ALLOWANCE": UNLIMITED_CALLS,
            "INTUIT_ENVIRONMENT": "simulated",
            "INTUIT_AUTHORIZE_URL": f"{quickbooks_at['url']}/connect/oauth2",
            "INTUIT_TOKEN_URL": f"{quickbooks_at['url']}/oauth2/v1/tokens/bearer",
            "INTUIT_REVOKE_URL": f"{quickbooks_at['url']}/v2/oauth2/tokens/revoke",
            "INTUIT_API_URL": quickbooks_at["url"],
            "INTUIT_BILL_PAGE": f"{quickbooks_at['url']}/companies/{{company_id}}/bills/{{bill_id}}",
            "INTUIT_VENDOR_CREDIT_PAGE": f"{quickbooks_at['url']}/companies/{{company_id}}/credits/{{credit_id}}",
            "INTUIT_CLIENT_ID": INTUIT_CLIENT_ID,
            "INTUIT_CLIENT_SECRET": secret_of(INTUIT_CLIENT_ID, canary),
            "INTUIT_WEBHOOK_VERIFIER": secret_of("verifier", canary),
            "SMTP_HOST": "127.0.0.1",
            "SMTP_PORT": str(mail_at["smtp_port"]),
            "SMTP_STARTTLS": "false",
            "SMTP_USER": "inbuild",
            "SMTP_PASSWORD": secret_of("smtp", canary),
            "MAIL_FROM": "inBuild Sync <alerts@inbuild.example>",
            "ALERT_COLLECT_SECONDS": str(ALERTS_COLLECTED),
            "ALERT_WEBHOOKS_ANYWHERE": "true",
            "LOOK_INTERVAL_SECONDS": str(look_interval),
            "LOG_FORMAT": "text",
            **(extra_environment or {}),
        }
        await prepare_namespace(temporal.client, "default")
        await Workflows(temporal.client, "inbuild-sync").ensure_schedules()
        worker = await start("worker", ["worker"], environment, logs)
        children.append(await start("api", ["api", "--port", str(app_port)], environment, logs))
        stack = Stack(
            app_url=app_url,
            temporal_address=environment["TEMPORAL_ADDRESS"],
            temporal_ui_url=environment["TEMPORAL_UI_URL"],
            procore_url=procore_at["api"],
            procore_login_url=procore_at["login"],
            quickbooks_url=quickbooks_at["url"],
            quickbooks_desktop_url=desktop_at["url"],
            mail_url=mail_at["url"],
            database_url=url,
            environment=environment,
            folder=folder,
            temporal=temporal.client,
            worker=worker,
            children=children,
        )
        opened.push_async_callback(stack.stop)
        await _answers(stack.children[-1], f"{app_url}/healthz")
        yield stack


def secret_of(name: str, canary: str) -> str:
    """A secret of the demo; with a canary it carries it, so that a leak scan would find it."""
    return f"{name}-secret-{canary}".rstrip("-")


def _procore_arguments(ports: Ports, world: Path, app_url: str, canary: str) -> list[str]:
    return [
        "simulators.procore", "--port", str(ports.procore), "--login-port", str(ports.procore_login),
        "--load", str(world / "procore.json"), "--redirect-uri", f"{app_url}/sign-in/callback", "--canary", canary,
        "--client-id", PROCORE_CLIENT_ID, "--client-secret", secret_of(PROCORE_CLIENT_ID, canary),
    ]  # fmt: skip


def _quickbooks_arguments(ports: Ports, world: Path, app_url: str, canary: str) -> list[str]:
    return [
        "simulators.quickbooks_online", "--port", str(ports.quickbooks),
        "--load", str(world / "quickbooks_online.json"), "--redirect-uri", f"{app_url}/quickbooks/callback",
        "--canary", canary,
        "--client-id", INTUIT_CLIENT_ID, "--client-secret", secret_of(INTUIT_CLIENT_ID, canary),
    ]  # fmt: skip


def _desktop_arguments(ports: Ports, world: Path) -> list[str]:
    return [
        "simulators.quickbooks_desktop", "--port", str(ports.quickbooks_desktop),
        "--load", str(world / "quickbooks_desktop.json"),
    ]  # fmt: skip


def _drop_what_a_killed_run_left(postgres: EmbeddedPostgres, note: Path, new: str) -> None:
    """The note holds the name of the database that the run before this one used."""
    if note.exists():
        postgres.drop_unused(note.read_text())
    note.write_text(new)


def _database(postgres: EmbeddedPostgres, name: str) -> str:
    url = postgres.create_database(name)
    upgrade(url)
    return url


async def _stop_all(children: list[Child]) -> None:
    await asyncio.gather(*(child.stop() for child in children))


async def _answers(child: Child, url: str) -> None:
    async with httpx.AsyncClient() as client:
        for _ in range(READY_SECONDS * 10):
            if not child.is_running:
                break
            try:
                if (await client.get(url)).status_code < 500:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.1)
    raise DidNotStart(f"{child.name} does not answer at {url}; see {child.log}")

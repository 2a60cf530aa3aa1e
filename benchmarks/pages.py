"""How long the server takes for each page of a company with many invoices: in this process, without a network."""

import base64
import json
import statistics
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

import httpx
import psutil
from itsdangerous import TimestampSigner
from temporalio.client import Client

from api.access import ROLES, SESSION_COMPANY, SESSION_USER
from api.app import SESSION_COOKIE, create_app
from api.services import Services, intuit_oauth, procore_oauth
from benchmarks.large_company import LargeCompany, read_statistics
from contracts.starts import Workflows
from foundation.clock import SystemClock
from foundation.http_client import build_http_client
from foundation.ids import new_id
from foundation.processes import settle_in
from foundation.settings import Settings
from models.database import Actor, Database
from models.tables import ActorKind, AppUser, Company, Membership

APP_URL = "http://app.test"
SLOWEST_ALLOWED_MS = 150.0
WARM_UPS = 3
# Nobody listens there: no page that is measured may ask Temporal or Procore.
NOBODY = "127.0.0.1:9"


class WrongPage(Exception):
    """A page did not answer 200, so that its time means nothing."""


class SilentTemporal(Workflows):
    """Knows of no workflow: what Temporal takes to answer is not the page's time."""

    async def standing(self, workflow_id: str) -> None:
        return None


@dataclass(frozen=True)
class PageTimes:
    """One page's answers in milliseconds of wall time, and what one answer cost app and PostgreSQL in CPU time.

    Wall time is what people wait; on a machine that is busy with other work only the CPU time says what a page takes.
    """

    name: str
    milliseconds: Sequence[float]
    cpu_ms: float

    @property
    def p50(self) -> float:
        return statistics.median(self.milliseconds)

    @property
    def p95(self) -> float:
        ordered = sorted(self.milliseconds)
        return ordered[min(len(ordered) - 1, round(len(ordered) * 0.95))]


@dataclass(frozen=True)
class Measured:
    """A company's admin at the pages: their browser, and what there is to open."""

    browser: httpx.AsyncClient
    company: LargeCompany


async def measure_pages(database_url: str, postgres: psutil.Process, invoices: int, rounds: int) -> list[PageTimes]:
    """Seed a company of its own, then ask for every page ``rounds`` times. Raises WrongPage.

    ``postgres`` is the server's own process; its backends are its children.
    """
    async with _company_of(database_url, invoices) as measured:
        pages = pages_of(measured.company).items()
        return [await _times(measured.browser, postgres, name, path, rounds) for name, path in pages]


def pages_of(company: LargeCompany) -> dict[str, str]:
    """Every page that somebody can open, by what it is called: its address, some with what makes it dearest."""
    integrations = "/settings/accounting-integrations"
    connection = f"{integrations}/{company.connection_id}"
    return {
        "Dashboard": "/",
        "Invoices": "/invoices",
        "Invoices, page 200": "/invoices?page=200",
        "Invoices that need you": "/invoices?status=Needs+you",
        "Invoices, posted, largest first": "/invoices?status=Posted&sort=-due",
        "Invoices of one vendor": "/invoices?vendor=8031",
        "Invoices of one project, by vendor": "/invoices?project=9003&sort=vendor",
        "Invoices by project": "/invoices?sort=project",
        "Invoices that wait for a vendor": "/invoices?blocker=vendor_unmapped",
        "One invoice that needs you": f"/invoices/{company.held_id}",
        "Invoices, a search that finds one": "/invoices?search=INV-04711",
        "Invoices, a search that finds many": "/invoices?search=mechanical&sort=-due",
        "Invoices, a search that finds none": "/invoices?search=nobody",
        "One invoice": f"/invoices/{company.invoice_id}",
        "Upload an invoice": "/invoices/upload",
        "Reconciliation": "/reconciliation",
        "Reconciliation of one project": "/reconciliation?project=9003",
        "Reconciliation, page 5": "/reconciliation?page=5",
        "Accounting Integrations": integrations,
        "Connection settings": connection,
        "Connection's projects": f"{connection}/projects",
        "Data mapping, vendors": f"{connection}/mapping",
        "Data mapping, budget codes": f"{connection}/mapping?kind=cost_code",
        "Data mapping, what somebody types": f"{connection}/mapping/targets?kind=vendor&row=1&target.1=vendor+11",
        "Suggestions, vendors": f"{connection}/mapping/suggestions",
        "Suggestions, cost codes": f"{connection}/mapping/suggestions?kind=cost_code",
        "Suggestions, cost code + cost type": f"{connection}/mapping/suggestions?kind=budget_code",
        "Mapping sheet": f"{connection}/mapping/sheet",
        "Mapping history": f"{connection}/mapping/history?kind=vendor&procore_id=8031",
        "Retainage": f"{connection}/retainage",
        "Retainage, page 20": f"{connection}/retainage?page=20",
        "Company settings": "/settings/company",
        "Procore settings": "/settings/procore",
        "Month end": "/month-end",
        "Month end, page 20": "/month-end?page=20",
        "Why is it not in QuickBooks": "/why?of=INV-04711",
        "Why was it not in QuickBooks in January": "/why?of=INV-04711&at=2026-01-31T12:00",
        "Reconciliation report": "/reconciliation/report",
        "Alerts": "/alerts",
        "The bell": "/alerts/bell",
        "Alert preferences": "/alerts/preferences",
        "Webhooks": "/settings/webhooks",
        "Take back one bill": f"/invoices/{company.invoice_id}/take-back",
        "What was taken back": f"/takings-back/{company.taking_back_id}",
        "Support": "/support",
        "Support, a search": "/support?text=INV-04711",
        "Support, one company": f"/support/companies/{company.company_id}",
        "Support, one invoice": f"/support/companies/{company.company_id}/invoices/{company.invoice_id}",
    }


async def _times(browser: httpx.AsyncClient, postgres: psutil.Process, name: str, path: str, rounds: int) -> PageTimes:
    taken: list[float] = []
    cpu_before = 0.0
    for number in range(WARM_UPS + rounds):
        if number == WARM_UPS:
            cpu_before = _cpu_ms(postgres)
        begun = time.perf_counter()
        answer = await browser.get(path)
        if number >= WARM_UPS:
            taken.append((time.perf_counter() - begun) * 1000)
        if answer.status_code != 200:
            raise WrongPage(f"{path} answered {answer.status_code}")
    return PageTimes(name, taken, (_cpu_ms(postgres) - cpu_before) / rounds)


def _cpu_ms(postgres: psutil.Process) -> float:
    """CPU time of this process and of the database's backends so far."""
    times = [process.cpu_times() for process in (psutil.Process(), *postgres.children())]
    return float(sum(one.user + one.system for one in times)) * 1000


@asynccontextmanager
async def _company_of(database_url: str, invoices: int) -> AsyncIterator[Measured]:
    clock = SystemClock()
    settings = company_settings(database_url)
    database = Database(database_url, clock)
    company_id, user_id = new_id(clock), new_id(clock)
    async with build_http_client() as http:
        services = Services(
            settings=settings,
            database=database,
            clock=clock,
            secret_box=settings.secret_box(),
            http=http,
            procore_oauth=procore_oauth(settings, http, clock),
            intuit_oauth=intuit_oauth(settings, http, clock),
            workflows=SilentTemporal(await Client.connect(NOBODY, lazy=True), settings.temporal_task_queue),
        )
        try:
            await sign_up(database, company_id, user_id)
            async with database.company(company_id, Actor(ActorKind.COMMAND, "bench")) as session:
                company = LargeCompany(company_id, user_id, session, invoices)
                await company.write()
            await read_statistics(database)
            async with database.company(company_id, Actor(ActorKind.COMMAND, "bench")) as session:
                await company.reconcile(session)
            app = create_app(services)
            # Who changes things is asked about at Procore first: its time is not the page's.
            _, reading_admin, changing_admin, *_ = ROLES
            app.dependency_overrides[changing_admin] = reading_admin
            transport = httpx.ASGITransport(app)
            cookies = {SESSION_COOKIE: _session_cookie(settings, user_id, company_id)}
            settle_in()
            async with httpx.AsyncClient(transport=transport, base_url=APP_URL, cookies=cookies) as browser:
                yield Measured(browser, company)
        finally:
            await database.close()


async def sign_up(database: Database, company_id: UUID, user_id: UUID) -> None:
    """A company with the feature on, and its admin, who may open the pages of support too."""
    now = database.clock.now()
    async with database.directory() as session:
        session.add(
            Company(
                id=company_id,
                procore_environment="simulated",
                procore_company_id=str(company_id.int % 10**15),
                name="Hartwell Construction",
                feature_enabled=True,
                created_at=now,
            )
        )
        session.add(
            AppUser(
                id=user_id,
                procore_environment="simulated",
                procore_user_id=str(user_id.int % 10**15),
                login="bench-admin",
                name="Ada Hartwell",
                is_support=True,
                created_at=now,
                last_signed_in_at=now,
            )
        )
        await session.flush()
        session.add(
            Membership(
                company_id=company_id,
                id=new_id(database.clock),
                user_id=user_id,
                is_company_admin=True,
                checked_at=now,
            )
        )


def _session_cookie(settings: Settings, user_id: UUID, company_id: UUID) -> str:
    """The cookie that signing in would have left: the session middleware's own form."""
    content = json.dumps({SESSION_USER: str(user_id), SESSION_COMPANY: str(company_id)}).encode()
    signer = TimestampSigner(settings.session_secret.get_secret_value())
    return signer.sign(base64.b64encode(content)).decode()


def company_settings(database_url: str) -> Settings:
    return Settings.model_validate(
        {
            "database_url": database_url,
            "public_base_url": APP_URL,
            "session_secret": "s" * 32,
            "encryption_keys": f"bench:{base64.b64encode(bytes(32)).decode()}",
            "procore_environment": "simulated",
            "procore_login_url": f"http://{NOBODY}",
            "procore_api_url": f"http://{NOBODY}",
            "procore_client_id": "bench",
            "procore_client_secret": "bench",
            "intuit_client_id": "bench",
            "intuit_client_secret": "bench",
        }
    )

"""How long our answer to each call of the Web Connector takes while a long queue of bills drains into a company file.

The endpoint is asked in this process, without a network, and QuickBooks is the simulator's company file; only our own
answers are timed. The clock is moved by hand, for a bill may be handed out on a fresh look at Procore only.
"""

import re
import statistics
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID
from xml.sax.saxutils import escape, unescape

import httpx
from temporalio.client import Client

from api.app import create_app
from api.intents.company_files import SERVICE_PATH
from api.services import Services, intuit_oauth, procore_oauth
from benchmarks.large_company import read_statistics
from benchmarks.pages import NOBODY, company_settings, sign_up
from benchmarks.queued_bills import BOOKS, FILE_ID, PASSWORD, PATH, USER, queue_bills
from contracts.starts import Workflows
from foundation.clock import ManualClock, SystemClock
from foundation.http_client import build_http_client
from foundation.ids import new_id
from foundation.processes import settle_in
from models.database import Actor, Database
from models.tables import ActorKind
from simulators.quickbooks_desktop.company_file import CompanyFile
from simulators.quickbooks_desktop.processor import Ticket, process
from simulators.quickbooks_desktop.simulation import Simulation

BILLS = 5_000
MEDIAN_ALLOWED_MS = 100.0
# With a tenth of the queue left a call may not have become noticeably cheaper than with all of it.
GROWTH_ALLOWED = 1.5
STEP = timedelta(milliseconds=10)
OWNER_ID = "{6F0C9A52-51C7-4D0E-9A7E-3B6F1D2C8E41}"
OPENING = (
    '<QBXML><QBXMLMsgsRs><HostQueryRs requestID="0" statusCode="0" statusSeverity="Info" statusMessage="OK"><HostRet>'
    "<SupportedQBXMLVersion>13.0</SupportedQBXMLVersion></HostRet></HostQueryRs>"
    '<CompanyQueryRs requestID="1" statusCode="0" statusSeverity="Info" statusMessage="OK"><CompanyRet>'
    "<CompanyName>Hartwell Construction</CompanyName><DataExtRet>"
    f"<OwnerID>{OWNER_ID}</OwnerID><DataExtName>FileID</DataExtName><DataExtType>STR255TYPE</DataExtType>"
    f"<DataExtValue>{FILE_ID}</DataExtValue></DataExtRet></CompanyRet></CompanyQueryRs></QBXMLMsgsRs></QBXML>"
)


class NotDrained(Exception):
    """The queue did not become as many bills as were in it, so that its times mean nothing."""


class NobodyWoken(Workflows):
    """The bench has no worker: what is measured ends with our answer to the PC."""

    async def wake_company(self, company_id: UUID, company_name: str, why: str) -> None:
        return None


@dataclass(frozen=True)
class CallTimes:
    """One operation's answers in milliseconds, with how many bills were in the queue as each was asked for."""

    name: str
    milliseconds: Sequence[float]
    waiting: Sequence[int]

    @property
    def p50(self) -> float:
        return statistics.median(self.milliseconds)

    @property
    def p95(self) -> float:
        ordered = sorted(self.milliseconds)
        return ordered[min(len(ordered) - 1, round(len(ordered) * 0.95))]

    def while_waiting(self, least: int, most: int) -> float:
        """The median while so many bills were in the queue."""
        return statistics.median(
            taken for taken, left in zip(self.milliseconds, self.waiting, strict=True) if least <= left <= most
        )


@dataclass(frozen=True)
class Drained:
    """What draining a queue showed."""

    bills: int
    calls: tuple[CallTimes, ...]

    @property
    def growth(self) -> float:
        """How much dearer the dearest operation is with the whole queue than with its last tenth."""
        tenth = self.bills // 10
        return max(
            one.while_waiting(self.bills - tenth, self.bills) / one.while_waiting(0, tenth) for one in self.calls
        )

    @property
    def is_good(self) -> bool:
        return max(one.p50 for one in self.calls) <= MEDIAN_ALLOWED_MS and self.growth <= GROWTH_ALLOWED


async def measure_desktop_queue(database_url: str, bills: int) -> Drained:
    """Queue that many bills, drain them in one session, and time our answers. Raises NotDrained."""
    simulation = Simulation()
    simulation.load(BOOKS)
    file = simulation.file("bench")
    async with _endpoint(database_url, bills) as (endpoint, clock):
        drain = _Drain(endpoint, clock, file, bills)
        await drain.run()
    numbers = [str(bill["RefNumber"]) for bill in file.books.transactions["Bill"].values()]
    if sorted(numbers) != sorted(f"INV-{number}" for number in range(bills)):
        raise NotDrained(f"{len(numbers)} bills are in the company file, {len(set(numbers))} of them different")
    return drain.told()


class _Drain:
    """A Web Connector that is never tired: one session until nothing is left."""

    def __init__(self, endpoint: httpx.AsyncClient, clock: ManualClock, file: CompanyFile, bills: int) -> None:
        self._endpoint, self._clock, self._bills = endpoint, clock, bills
        self._file, self._quickbooks = file, Ticket(file, OWNER_ID)
        self._times: dict[str, list[float]] = {"sendRequestXML": [], "receiveResponseXML": []}
        self._waiting: dict[str, list[int]] = {name: [] for name in self._times}

    async def run(self) -> None:
        (ticket, _) = await self._call("authenticate", strUserName=USER, strPassword=PASSWORD)
        first, progress = OPENING, 0
        while progress < 100:
            (text,) = await self._call(
                "sendRequestXML",
                ticket=ticket,
                strHCPResponse=first,
                strCompanyFileName=PATH,
                qbXMLCountry="US",
                qbXMLMajorVers="13",
                qbXMLMinorVers="0",
            )
            first = ""
            if not text:
                raise NotDrained("the session ended while bills were left")
            answer = process(self._quickbooks, text)
            (said,) = await self._call("receiveResponseXML", ticket=ticket, response=answer, hresult="", message="")
            progress = int(said)
            if progress < 0:
                raise NotDrained("the session ended with trouble")

    def told(self) -> Drained:
        calls = (CallTimes(name, tuple(times), tuple(self._waiting[name])) for name, times in self._times.items())
        return Drained(self._bills, tuple(calls))

    async def _call(self, operation: str, **arguments: str) -> list[str]:
        self._clock.advance(STEP)
        inside = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in arguments.items())
        body = (
            '<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/">'
            f'<soap:Body><{operation} xmlns="http://developer.intuit.com/">{inside}</{operation}></soap:Body>'
            "</soap:Envelope>"
        )
        begun = time.perf_counter()
        answer = await self._endpoint.post(SERVICE_PATH, content=body, headers={"content-type": "text/xml"})
        taken = (time.perf_counter() - begun) * 1000
        if operation in self._times:
            self._times[operation].append(taken)
            self._waiting[operation].append(self._bills - len(self._file.books.transactions["Bill"]))
        (result,) = re.findall(f"<{operation}Result>(.*)</{operation}Result>|<{operation}Result/>", answer.text, re.S)
        return [unescape(one) for one in re.findall("<string>([^<]*)</string>|<string/>", result) or [result]]


@asynccontextmanager
async def _endpoint(database_url: str, bills: int) -> AsyncIterator[tuple[httpx.AsyncClient, ManualClock]]:
    clock = ManualClock(SystemClock().now())
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
            workflows=NobodyWoken(await Client.connect(NOBODY, lazy=True), settings.temporal_task_queue),
        )
        try:
            await sign_up(database, company_id, user_id)
            async with database.company(company_id, Actor(ActorKind.COMMAND, "bench")) as session:
                await queue_bills(session, user_id, bills)
            await read_statistics(database)
            transport = httpx.ASGITransport(create_app(services))
            settle_in()
            async with httpx.AsyncClient(transport=transport, base_url=settings.public_base_url) as endpoint:
                yield endpoint, clock
        finally:
            await database.close()

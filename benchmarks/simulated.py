"""Both providers, simulated: each in a process of its own, with every limit off, read by what its own log says.

Times come from the simulators' request logs, so nothing of ours decides when a run began or ended.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import psutil

from demo.processes import start_speaking
from simulators.world.documents import Documents

APP_URL = "http://127.0.0.1:1"
PROCORE_CLIENT = ("procore-client", "procore-secret")
INTUIT_CLIENT = ("qbo-client", "qbo-secret")
QUICKBOOKS_LIMITS_OFF = {
    "realm_per_minute": 0,
    "realm_app_per_second": 0,
    "batch_per_minute": 0,
    "batch_realm_per_minute": 0,
}
PROCORE_LIMITS_OFF = {"hourly_limit": 0, "spike_limit": 0}
BATCH, BILL = "batch", "create Bill"


class WrongResult(Exception):
    """A run did not make the bills that the world expects: its time means nothing."""


@dataclass(frozen=True)
class Counts:
    """What the providers counted since they started."""

    procore_calls: int
    quickbooks_writes: int
    quickbooks_reads: int
    last_procore_request: int
    last_quickbooks_request: int

    def since(self, before: "Counts") -> "Counts":
        return Counts(
            self.procore_calls - before.procore_calls,
            self.quickbooks_writes - before.quickbooks_writes,
            self.quickbooks_reads - before.quickbooks_reads,
            self.last_procore_request,
            self.last_quickbooks_request,
        )


@dataclass(frozen=True)
class Simulated:
    """Two running simulators and the world they were loaded with."""

    procore_url: str
    quickbooks_url: str
    documents: Documents
    control: httpx.AsyncClient

    @property
    def realm_id(self) -> str:
        return str(self.documents.expected["realm_id"])

    @property
    def procore_company_id(self) -> str:
        return str(self.documents.expected["company_id"])

    async def switch_limits_off(self) -> None:
        for url, switches in ((self.procore_url, PROCORE_LIMITS_OFF), (self.quickbooks_url, QUICKBOOKS_LIMITS_OFF)):
            (await self.control.post(f"{url}/control/switches", json=switches)).raise_for_status()

    async def counts(self) -> Counts:
        """Procore's calls, QuickBooks' write requests and its metered reads, as they count them."""
        calls = await self._read(self.procore_url, "calls")
        quickbooks = await self._read(self.quickbooks_url, "counters")
        labels = quickbooks["by_label"]
        return Counts(
            procore_calls=calls["total"],
            quickbooks_writes=sum(count for label, count in labels.items() if is_write(label)),
            quickbooks_reads=quickbooks["coreplus"],
            last_procore_request=await self._last_request(self.procore_url),
            last_quickbooks_request=await self._last_request(self.quickbooks_url),
        )

    async def seconds_since(self, before: Counts) -> float:
        """From the first request to Procore after ``before`` to the end of the last write in QuickBooks."""
        asked = await self._requests(self.procore_url, before.last_procore_request)
        written = await self._requests(self.quickbooks_url, before.last_quickbooks_request)
        began = min(one["started"] for one in asked)
        return float(max(one["finished"] for one in written if is_write(str(one["label"]))) - began)

    async def bills(self) -> list[dict[str, Any]]:
        """Every bill in the books; the bench world begins with none."""
        state = await self.control.get(f"{self.quickbooks_url}/control/state")
        companies = state.json(parse_float=Decimal)["companies"]
        (mine,) = [company for company in companies if company["realm_id"] == self.realm_id]
        return list(mine["Bill"])

    async def check(self) -> None:
        """Raises WrongResult unless exactly the expected bills are there, each with its number and total."""
        wanted = sorted(
            (row["bill"]["number"], Decimal(row["bill"]["total"]))
            for row in self.documents.expected["requisitions"].values()
            if row["verdict"] == "bill"
        )
        found = sorted((bill["DocNumber"], Decimal(str(bill["TotalAmt"]))) for bill in await self.bills())
        if found != wanted:
            raise WrongResult(f"{len(found)} bills, {len(wanted)} expected, or a number or a total is wrong")

    async def _read(self, url: str, name: str) -> dict[str, Any]:
        answer = await self.control.get(f"{url}/control/{name}")
        return dict(answer.raise_for_status().json())

    async def _requests(self, url: str, since: int) -> list[dict[str, Any]]:
        answer = await self.control.get(f"{url}/control/requests", params={"since": since, "limit": 20_000})
        return list(answer.raise_for_status().json()["requests"])

    async def _last_request(self, url: str) -> int:
        answer = await self.control.get(f"{url}/control/requests", params={"limit": 1})
        last = answer.raise_for_status().json()["requests"]
        return int(last[-1]["id"]) if last else 0


def is_write(label: str) -> bool:
    """Whether a request's label in QuickBooks' log is one that makes bills."""
    return label in {BATCH, BILL}


@asynccontextmanager
async def read_simulated(procore_url: str, quickbooks_url: str, documents: Documents) -> AsyncIterator[Simulated]:
    """Talk to simulators that run already, with their limits switched off."""
    async with httpx.AsyncClient(timeout=60) as control:
        simulated = Simulated(procore_url, quickbooks_url, documents, control)
        await simulated.switch_limits_off()
        yield simulated


@asynccontextmanager
async def running_simulators(folder: Path, documents: Documents) -> AsyncIterator[Simulated]:
    """Start both simulators with a fresh world, and end them with the block."""
    world = folder / "world"
    documents.write(world)
    environment = dict(psutil.Process().environ())
    books = ["--load", str(world / "quickbooks_online.json"), "--redirect-uri", f"{APP_URL}/quickbooks/callback"]
    (procore, procore_at), (quickbooks, quickbooks_at) = await asyncio.gather(
        start_speaking(
            "procore",
            ["simulators.procore", "--load", str(world / "procore.json")],
            environment,
            folder / "logs",
        ),
        start_speaking(
            "quickbooks",
            ["simulators.quickbooks_online", *books],
            environment,
            folder / "logs",
        ),
    )
    try:
        async with read_simulated(procore_at["api"], quickbooks_at["url"], documents) as simulated:
            yield simulated
    finally:
        await asyncio.gather(procore.stop(), quickbooks.stop())

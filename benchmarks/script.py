"""What the product is measured against: a plain asyncio script that reads Procore, posts bills, and keeps nothing.

It forgets everything: no fresh look, no check, no retry, no key, no row. Killed half-way, it posts twice or never.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from benchmarks.simulated import APP_URL, INTUIT_CLIENT, PROCORE_CLIENT, Simulated

AT_ONCE = 10
REQUISITIONS_PER_PAGE = 100
TERMS = timedelta(days=30)
# In Intuit's query language.
LISTS = {
    "Account": "select * from Account maxresults 1000",
    "Vendor": "select * from Vendor maxresults 1000",
    "Customer": "select * from Customer maxresults 1000",
}
LIMITS = httpx.Limits(max_connections=2 * AT_ONCE, max_keepalive_connections=2 * AT_ONCE)


@dataclass(frozen=True)
class Books:
    """Ids in the QuickBooks company, by name: read before the clock runs, as the product's are."""

    vendors: dict[str, str]
    customers: dict[str, str]
    expense_account: str
    retainage_account: str


class Script:
    """One run of the script, posting ``batch_size`` bills per request, ten requests at a time."""

    def __init__(self, simulated: Simulated, http: httpx.AsyncClient, batch_size: int) -> None:
        self._simulated = simulated
        self._http = http
        self._batch_size = batch_size
        self._company = f"{simulated.quickbooks_url}/v3/company/{simulated.realm_id}"
        self._reading = asyncio.Semaphore(AT_ONCE)
        self._writing = asyncio.Semaphore(AT_ONCE)
        self._intuit: dict[str, str] = {}
        self._procore: dict[str, str] = {}

    async def sign_in(self) -> Books:
        """Everything that happens once: tokens, and the lists of the books."""
        self._intuit = {"Authorization": f"Bearer {await self._intuit_token()}", "Accept": "application/json"}
        accounts = await self._list("Account", "FullyQualifiedName")
        expected = self._simulated.documents.expected
        return Books(
            vendors=await self._list("Vendor", "DisplayName"),
            customers=await self._list("Customer", "DisplayName"),
            expense_account=accounts[expected["expense_account"]],
            retainage_account=accounts[expected["retainage_account"]],
        )

    async def run(self, books: Books) -> None:
        """Read every project's requisitions and post the approved ones."""
        answer = await self._http.post(
            f"{self._simulated.procore_url}/oauth/token",
            data={
                "grant_type": "client_credentials",
                "client_id": PROCORE_CLIENT[0],
                "client_secret": PROCORE_CLIENT[1],
            },
        )
        token = answer.raise_for_status().json()["access_token"]
        self._procore = {
            "Authorization": f"Bearer {token}",
            "Procore-Company-Id": self._simulated.procore_company_id,
        }
        query = {"company_id": self._simulated.procore_company_id, "filters[by_status]": "All"}
        projects = [one async for page in self._pages("/rest/v1.1/projects", query, 300) for one in page]
        async with asyncio.TaskGroup() as group:
            for project in projects:
                group.create_task(self._project(group, project, books))

    async def _project(self, group: asyncio.TaskGroup, project: dict[str, Any], books: Books) -> None:
        query = {"project_id": str(project["id"]), "view": "extended"}
        async for page in self._pages("/rest/v1.1/requisitions", query, REQUISITIONS_PER_PAGE):
            bills = [bill(one, project["name"], books) for one in page if one["status"] == "approved"]
            for start in range(0, len(bills), self._batch_size):
                group.create_task(self._post(bills[start : start + self._batch_size]))

    async def _pages(self, path: str, query: dict[str, str], per_page: int) -> AsyncIterator[list[dict[str, Any]]]:
        number, more = 1, True
        while more:
            async with self._reading:
                answer = await self._http.get(
                    f"{self._simulated.procore_url}{path}",
                    params={**query, "page": str(number), "per_page": str(per_page)},
                    headers=self._procore,
                )
            yield json.loads(answer.raise_for_status().text, parse_float=Decimal)
            more = 'rel="next"' in answer.headers.get("link", "")
            number += 1

    async def _post(self, bills: list[dict[str, Any]]) -> None:
        async with self._writing:
            if self._batch_size == 1:
                answer = await self._send("bill", bills[0])
                if "Fault" in answer:
                    raise RuntimeError(f"a bill was refused: {answer}")
                return
            items = [
                {"bId": str(place), "operation": "create", "Bill": one} for place, one in enumerate(bills, start=1)
            ]
            answer = await self._send("batch", {"BatchItemRequest": items})
            refused = [one for one in answer["BatchItemResponse"] if "Bill" not in one]
            if refused:
                raise RuntimeError(f"a bill was refused: {refused[0]}")

    async def _send(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = await self._http.post(
            f"{self._company}/{path}",
            params={"minorversion": "75"},
            content=json.dumps(body, default=str),
            headers={**self._intuit, "Content-Type": "application/json"},
        )
        return dict(json.loads(answer.raise_for_status().text, parse_float=Decimal))

    async def _list(self, entity: str, name: str) -> dict[str, str]:
        answer = await self._http.get(
            f"{self._company}/query", params={"query": LISTS[entity], "minorversion": "75"}, headers=self._intuit
        )
        return {row[name]: row["Id"] for row in answer.raise_for_status().json()["QueryResponse"][entity]}

    async def _intuit_token(self) -> str:
        url, redirect = self._simulated.quickbooks_url, f"{APP_URL}/quickbooks/callback"
        query = {
            "client_id": INTUIT_CLIENT[0],
            "response_type": "code",
            "scope": "com.intuit.quickbooks.accounting",
            "redirect_uri": redirect,
            "state": "bench",
        }
        consent = await self._http.post(
            f"{url}/connect/oauth2",
            params=query,
            data={"decision": "connect", "realm_id": self._simulated.realm_id},
        )
        code = parse_qs(urlsplit(consent.headers["location"]).query)["code"][0]
        answer = await self._http.post(
            f"{url}/oauth2/v1/tokens/bearer",
            data={"grant_type": "authorization_code", "code": code, "redirect_uri": redirect},
            auth=INTUIT_CLIENT,
        )
        return str(answer.raise_for_status().json()["access_token"])


def bill(requisition: dict[str, Any], project: str, books: Books) -> dict[str, Any]:
    """The bill of one requisition: a line per item at its gross amount, and one for what is withheld."""
    customer = {"value": books.customers[project]}
    lines = [
        _line(books.expense_account, customer, item["gross_amount"], item["description_of_work"])
        for item in requisition["items"]
    ]
    withheld = sum(
        (Decimal(item["gross_amount"]) - Decimal(item["net_amount"]) for item in requisition["items"]), Decimal(0)
    )
    if withheld:
        lines.append(_line(books.retainage_account, customer, str(-withheld), "Retainage withheld"))
    billed = date.fromisoformat(requisition["billing_date"])
    return {
        "VendorRef": {"value": books.vendors[requisition["vendor_name"]]},
        "DocNumber": requisition["invoice_number"],
        "TxnDate": billed.isoformat(),
        "DueDate": (billed + TERMS).isoformat(),
        "Line": lines,
    }


def _line(account: str, customer: dict[str, str], amount: str, description: str) -> dict[str, Any]:
    return {
        "Amount": amount,
        "Description": description,
        "DetailType": "AccountBasedExpenseLineDetail",
        "AccountBasedExpenseLineDetail": {"AccountRef": {"value": account}, "CustomerRef": customer},
    }


@dataclass(frozen=True)
class ScriptRun:
    """What one run of the script took; ``cpu_ms`` is this process's own, for all its bills."""

    seconds: float
    cpu_ms: float
    procore_calls: int
    quickbooks_writes: int


async def run_script(simulated: Simulated, batch_size: int) -> ScriptRun:
    """Sign in, then run against the clock. Raises WrongResult when the bills are not the expected ones."""
    async with httpx.AsyncClient(timeout=60, limits=LIMITS) as http:
        script = Script(simulated, http, batch_size)
        books = await script.sign_in()
        before = await simulated.counts()
        began = time.process_time()
        await script.run(books)
        cpu_ms = (time.process_time() - began) * 1000
        after = (await simulated.counts()).since(before)
        seconds = await simulated.seconds_since(before)
    await simulated.check()
    return ScriptRun(seconds, cpu_ms, after.procore_calls, after.quickbooks_writes)

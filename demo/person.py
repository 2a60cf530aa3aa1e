"""A person at the app: a browser without a screen, which knows nothing but the public HTTP interface.

Signing in and connecting go the whole way: Procore's page on which one chooses who one is, Intuit's consent page, and
every redirect between, followed by hand as a browser would.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self
from urllib.parse import urljoin

import httpx

PATIENCE = 60.0
MOST_REDIRECTS = 8
OK = (200, 201, 202)


class NotDone(Exception):
    """The app refused, or did not get there in time; the text is its own sentence."""


@dataclass(frozen=True)
class Plan:
    """What switching on would bring in, as the start dialog shows it."""

    id: str
    hash: str
    sentence: str
    create_count: int


@dataclass(frozen=True)
class Attempt:
    """An attempt to connect, and the page of Intuit's that it leads to."""

    id: str
    authorize_url: str


class Person:
    """One signed-in person. Make one with ``somebody_at``. ``attempts``: every attempt to connect they began."""

    def __init__(self, app_url: str, browser: httpx.AsyncClient) -> None:
        self._app_url = app_url
        self._browser = browser
        self.attempts: list[Attempt] = []

    # --- signing in and choosing

    async def sign_in(self, procore_user_id: int) -> Self:
        """Go through Procore's page as that user. Raises NotDone."""
        page = await self._follow("GET", f"{self._app_url}/sign-in")
        await self._follow("POST", str(page.url), data={"user_id": str(procore_user_id)})
        await self.me()
        return self

    async def be_seen(self, procore_user_id: int) -> None:
        """Sign in as somebody who may belong to no company: the app knows them from then on. Raises NotDone."""
        page = await self._follow("GET", f"{self._app_url}/sign-in")
        decided = await self._browser.post(str(page.url), data={"user_id": str(procore_user_id)})
        seen = await self._browser.get(decided.headers["location"])
        if not seen.is_redirect:
            raise NotDone(f"signing in answered {seen.status_code}: {seen.text[:400]}")

    async def me(self) -> dict[str, Any]:
        return await self._api("GET", "/me")

    async def choose_company(self, procore_company_id: int) -> None:
        """Work in the company of that Procore id from now on. Raises NotDone when the person has no such company."""
        for company in (await self.me())["companies"]:
            if company["procore_company_id"] == str(procore_company_id):
                await self._follow("POST", f"{self._app_url}/companies/{company['id']}/choose")
                return
        raise NotDone(f"this person does not see Procore company {procore_company_id}")

    # --- connecting

    async def begin_connecting(self) -> Attempt:
        """Press *Connect* or *Reconnect*, which leads to Intuit's page."""
        started = await self._api("POST", "/connections/online")
        attempt = Attempt(str(started["attempt_id"]), str(started["authorize_url"]))
        self.attempts.append(attempt)
        return attempt

    async def answer_consent(self, attempt: Attempt, *, decision: str, realm_id: str = "") -> None:
        """Answer Intuit's page for a QuickBooks company: connect or cancel. Raises NotDone when the app refuses."""
        consent = await self._follow("GET", attempt.authorize_url)
        await self._follow("POST", str(consent.url), data={"decision": decision, "realm_id": realm_id})

    async def ended(self, attempt: Attempt) -> dict[str, Any]:
        """The attempt, once it has ended."""

        async def ended() -> dict[str, Any] | None:
            found = await self._api("GET", f"/connection-attempts/{attempt.id}")
            return found if found["outcome"] != "pending" else None

        found: dict[str, Any] = await eventually("the attempt to connect ends", ended)
        return found

    async def connect_quickbooks(self, realm_id: str) -> str:
        """Connect a QuickBooks company through Intuit's consent page; returns the connection's id, its lists read."""
        began = await self.begin_connecting()
        await self.answer_consent(began, decision="connect", realm_id=realm_id)
        attempt = await self.ended(began)
        if attempt["outcome"] != "succeeded":
            raise NotDone(f"connecting failed: {attempt['reason']}")
        connection_id, begun_at = str(attempt["connection_id"]), datetime.fromisoformat(attempt["started_at"])

        async def lists_read() -> bool:
            card = next(one for one in await self.connections() if one["id"] == connection_id)
            read_at = card["lists_read_at"]
            return read_at is not None and datetime.fromisoformat(read_at) > begun_at

        await eventually("QuickBooks' lists are read", lists_read)
        return connection_id

    async def connections(self) -> list[dict[str, Any]]:
        """The cards, disconnected ones too."""
        found: list[dict[str, Any]] = (await self._api("GET", "/connections"))["connections"]
        return found

    async def write_back(self, connection_id: str, since: str) -> None:
        """Let payments made on or after that day go back to Procore."""
        change = {"write_back": True, "write_back_from": since}
        await self._api("PUT", f"/connections/{connection_id}/settings", json=change)

    async def payments(self, invoice_id: str) -> dict[str, Any]:
        """How an invoice is settled, and each payment of its bill."""
        return await self._api("GET", f"/invoices/{invoice_id}/payments")

    async def disconnect(self, connection_id: str) -> None:
        await self._api("POST", f"/connections/{connection_id}/disconnect")

    async def pause(self, connection_id: str, *, on: bool) -> None:
        """Pause posting, or let it go on."""
        await self._api("PUT", f"/connections/{connection_id}/pause", json={"on": on})

    async def choose_accounts(self, connection_id: str, expense: str, retainage: str) -> None:
        """Set the default expense account and the retainage account, by full name."""
        chart = await self._api("GET", f"/connections/{connection_id}/accounts")
        ids = {account["full_name"]: account["id"] for account in chart["accounts"]}
        choice = {"default_account_id": ids[expense], "retainage_account_id": ids[retainage]}
        await self._api("PUT", f"/connections/{connection_id}/settings", json=choice)

    # --- mirroring

    async def make_plan(self, start_date: str) -> Plan:
        """Ask for a plan and wait for it."""
        wanted = await self._api("POST", "/mirroring/plans", json={"start_date": start_date})

        async def made() -> dict[str, Any] | None:
            plan = await self._api("GET", f"/mirroring/plans/{wanted['plan_id']}", params={"limit": 0})
            if plan["state"] == "failed":
                raise NotDone(f"the plan failed: {plan['trouble']}")
            return plan if plan["state"] == "ready" else None

        plan = await eventually("the plan is made", made)
        return Plan(str(plan["id"]), str(plan["hash"]), str(plan["sentence"]), int(plan["create_count"]))

    async def turn_on(self, plan: Plan) -> None:
        await self._api("PUT", "/mirroring", json={"on": True, "plan_id": plan.id, "plan_hash": plan.hash})

    async def turn_off(self) -> None:
        await self._api("PUT", "/mirroring", json={"on": False})

    async def mirroring(self) -> dict[str, Any]:
        return await self._api("GET", "/mirroring")

    async def gap(self) -> dict[str, Any] | None:
        """What was approved while nothing was connected, as it is offered; None when there is nothing."""
        return await self._api("GET", "/mirroring/gap")

    async def bring_in(self, gap: Mapping[str, Any]) -> None:
        """Accept that list."""
        await self._api("POST", "/mirroring/gap", json={"hash": gap["hash"]})

    async def sync_now(self) -> None:
        await self._api("POST", "/sync-now")

    # --- invoices

    async def reconcile(self) -> dict[str, Any]:
        """Have everything compared, and wait for the statement."""
        run_id = (await self._api("POST", "/reconciliation/runs", json={}))["run_id"]

        async def made() -> dict[str, Any] | None:
            now = await self._api("GET", "/reconciliation")
            return now if now["run_id"] == run_id else None

        told: dict[str, Any] = await eventually("the reconciliation is made", made)
        return told

    async def reconciled_differences(self) -> list[dict[str, Any]]:
        """Everything in which the newest run found invoices and their bills to differ, and that still stands."""
        found: list[dict[str, Any]] = (await self._api("GET", "/reconciliation/differences?limit=500"))["differences"]
        return found

    async def record_push(self, requisition_id: int, project_id: int) -> None:
        """Tell the app that inBuild itself pushed this requisition into Procore."""
        body = {"requisition_id": str(requisition_id), "project_id": str(project_id)}
        await self._api("POST", "/procore-pushes", json=body)

    async def upload(self, form: Mapping[str, Any], pdf: bytes) -> str:
        """Upload an invoice with its PDF; returns its id."""
        sent = await self._api(
            "POST",
            "/invoices/uploads",
            data={"invoice": json.dumps(form)},
            files={"document": ("invoice.pdf", pdf, "application/pdf")},
        )
        return str(sent["id"])

    async def approve(self, invoice_id: str) -> None:
        await self._api("POST", f"/invoices/{invoice_id}/approve")

    async def invoices(self, **filters: str | int) -> dict[str, Any]:
        """A page of the list: ``badge``, ``project_id``, ``search``, ``limit``, ``offset``."""
        return await self._api("GET", "/invoices", params=filters)

    async def invoice(self, invoice_id: str) -> dict[str, Any]:
        """One invoice with its lines, reasons, bill and timeline."""
        return await self._api("GET", f"/invoices/{invoice_id}")

    async def ask(self, path: str, **filters: str | int) -> dict[str, Any]:
        """What a page shows, as the interface answers it."""
        return await self._api("GET", path, params=filters)

    async def send(self, method: str, path: str, **body: Any) -> dict[str, Any]:
        """What a page's button sends."""
        return await self._api(method, path, json=body)

    async def differences(self, invoice_id: str) -> dict[str, Any]:
        """What differs between an invoice and its bill, as last compared."""
        return await self._api("GET", f"/invoices/{invoice_id}/differences")

    # --- the browser

    async def page(self, path: str) -> str:
        """What the app shows there, as HTML."""
        return (await self._follow("GET", f"{self._app_url}{path}")).text

    async def _api(self, method: str, path: str, **request: Any) -> dict[str, Any]:
        answer = await self._browser.request(method, f"{self._app_url}/api/v1{path}", **request)
        if answer.status_code not in OK:
            raise NotDone(f"{method} {path} answered {answer.status_code}: {answer.text[:400]}")
        found: dict[str, Any] = answer.json()
        return found

    async def _follow(self, method: str, url: str, data: Mapping[str, str] | None = None) -> httpx.Response:
        """Go where the redirects lead, with GET after the first step, as browsers do."""
        answer = await self._browser.request(method, url, data=data)
        for _ in range(MOST_REDIRECTS):
            if not answer.is_redirect:
                if answer.status_code >= 400:
                    raise NotDone(f"{url} led to {answer.url.path} with {answer.status_code}: {answer.text[:400]}")
                return answer
            answer = await self._browser.get(urljoin(str(answer.url), answer.headers["location"]))
        raise NotDone(f"{url} redirects without end")


@asynccontextmanager
async def somebody_at(app_url: str) -> AsyncIterator[Person]:
    """A person with a fresh browser at the app, not signed in."""
    headers = {"accept": "text/html,application/json"}
    async with httpx.AsyncClient(timeout=30.0, headers=headers, trust_env=False) as browser:
        yield Person(app_url, browser)


async def eventually(what: str, ask: Callable[[], Awaitable[Any]], patience: float = PATIENCE) -> Any:
    """The first true answer of ``ask``. Raises NotDone, naming ``what``, when there is none within the seconds."""
    loop = asyncio.get_running_loop()
    until = loop.time() + patience
    while True:
        answer = await ask()
        if answer:
            return answer
        if loop.time() > until:
            raise NotDone(f"not within {patience:.0f} s: {what}")
        await asyncio.sleep(0.15)


__all__ = ["Attempt", "NotDone", "Person", "Plan", "eventually", "somebody_at"]

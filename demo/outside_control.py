"""The control side of the simulators: what a person does in Procore or QuickBooks, and what goes wrong on the wire."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

import httpx


class SimulatorControl:
    """One simulator's control interface."""

    def __init__(self, url: str, http: httpx.AsyncClient) -> None:
        self._url = url
        self._http = http

    async def state(self) -> dict[str, Any]:
        """Everything it holds, in wire shape; amounts as Decimal."""
        return await self._call("GET", "state", parse_float=Decimal)

    async def add_faults(self, *rules: dict[str, Any]) -> list[int]:
        """Put rules in force (see ``simulators.faults``); the first that strikes wins. Returns their ids."""
        answer = await self._call("POST", "faults", list(rules))
        return [int(one) for one in answer["ids"]]

    async def faults(self) -> list[dict[str, Any]]:
        """The rules in force, each with how often it ``applied``."""
        found: list[dict[str, Any]] = (await self._call("GET", "faults"))["rules"]
        return found

    async def remove_faults(self, *ids: int) -> None:
        """Withdraw these rules; without ids, all."""
        for one in ids:
            await self._call("DELETE", f"faults?id={one}")
        if not ids:
            await self._call("DELETE", "faults")

    async def held(self) -> list[int]:
        """Ids of the requests whose work is done and whose answer is being held back."""
        return [int(one["request"]) for one in (await self._call("GET", "faults"))["held"]]

    async def release(self, *, drop: bool) -> None:
        """Let every held answer go, or cut its connection."""
        await self._call("POST", "faults/release", {"drop": drop})

    async def requests(self) -> list[dict[str, Any]]:
        """Every request since the start, oldest first: method, path, committed, status sent, fault."""
        found: list[dict[str, Any]] = (await self._call("GET", "requests?limit=20000"))["requests"]
        return found

    async def set_requisition_status(self, requisition_id: int, status: str) -> None:
        """Procore only: somebody sets the status on the requisition's page."""
        await self._call("POST", f"requisitions/{requisition_id}/status", {"status": status, "force": True})

    async def switch(self, **values: Any) -> None:
        """Set behaviour switches (each simulator has its own list)."""
        await self._call("POST", "switches", values)

    async def pass_time(self, seconds: float) -> None:
        """Move its clock on; ours does not move."""
        await self._call("POST", "clock", {"advance_seconds": seconds})

    async def edit_requisition(self, requisition_id: int, **fields: Any) -> None:
        """Procore only: somebody changes the requisition on its page."""
        await self._call("PATCH", f"requisitions/{requisition_id}", {**fields, "force": True})

    async def webhooks(self) -> dict[str, Any]:
        """Procore: the registered ``hooks``, every one of the ``deliveries`` so far, oldest first, and every
        ``authorizations`` header that a hook was ever given.

        QuickBooks Online: ``counts`` of what was delivered, dropped, duplicated and failed.
        """
        return await self._call("GET", "webhooks")

    async def issue_payment(self, **fields: Any) -> None:
        """Procore only: somebody enters a payment on a commitment, or pays it through Procore Pay."""
        await self._call("POST", "payments", fields)

    async def act(self, realm_id: str, action: str, **fields: Any) -> dict[str, Any]:
        """QuickBooks only: somebody does something in a company's books; returns what it was done to."""
        asked = {"action": action, "realm": realm_id, **{name: one for name, one in fields.items() if one is not None}}
        return await self._call("POST", "actions", asked, parse_float=Decimal)

    async def tell_webhooks(self, url: str | None, verifier: str) -> None:
        """QuickBooks only: where changes are told from now on; None ends it."""
        await self._call("POST", "webhooks", {"url": url, "verifier": verifier})

    async def disconnect_apps(self, realm_id: str) -> int:
        """QuickBooks only: the customer disconnects every app of a company; returns how many consents ended."""
        return int((await self._call("POST", "disconnect", {"realm": realm_id}))["ended"])

    async def press(self, pc: str, action: str, **values: Any) -> None:
        """QuickBooks Desktop only: somebody does something at a PC (``simulators.quickbooks_desktop.desk``)."""
        await self._call("POST", f"pcs/{pc}/actions", {"action": action, **values})

    async def update(self, pc: str, application: str) -> str:
        """QuickBooks Desktop only: Update Selected in the Web Connector; what its window shows afterwards."""
        return str((await self._call("POST", f"pcs/{pc}/update", {"application": application}))["result"])

    async def bills_of(self, company_file: str) -> list[dict[str, Any]]:
        """QuickBooks Desktop only: every bill of a company file, by names; amounts are text."""
        answer = await self._http.get(f"{self._url}/control/files/{company_file}/bills")
        answer.raise_for_status()
        found: list[dict[str, Any]] = answer.json()
        return found

    async def act_in_file(self, company_file: str, action: str, **fields: Any) -> dict[str, Any]:
        """QuickBooks Desktop only: somebody does something in a company file's windows; returns what it was done to."""
        return await self._call("POST", f"files/{company_file}/actions", {"action": action, **fields})

    async def _call(
        self, method: str, path: str, body: Any = None, parse_float: type[float] | type[Decimal] = float
    ) -> dict[str, Any]:
        content = None if body is None else json.dumps(body, default=_exact)
        answer = await self._http.request(method, f"{self._url}/control/{path}", content=content)
        answer.raise_for_status()
        found: dict[str, Any] = json.loads(answer.text, parse_float=parse_float)
        return found


def _exact(value: object) -> Any:
    """Amounts travel as numbers; the simulators read a float of two decimals back as what was meant."""
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(f"{type(value).__name__} is no JSON")


@asynccontextmanager
async def control_of(url: str) -> AsyncIterator[SimulatorControl]:
    async with httpx.AsyncClient(timeout=30.0, trust_env=False) as http:
        yield SimulatorControl(url, http)


__all__ = ["SimulatorControl", "control_of"]

"""The line from the Web Connector to our web service, with all that may befall the PC and the line at each arrow."""

from __future__ import annotations

from typing import Protocol

import httpx

from simulators.quickbooks_desktop.applications import Application, ConnectorLog
from simulators.quickbooks_desktop.hresults import CALL_FAILED, QuickBooksError
from simulators.quickbooks_desktop.soap import CallFailed
from simulators.quickbooks_desktop.soap import call as send
from simulators.quickbooks_desktop.switches import Switches
from simulators.quickbooks_desktop.troubles import LEFT_TO_CALLER, PROCESS, Trouble

_FAILURES = {
    "authenticate": "QBWC1012",
    "sendRequestXML": "QBWC1041",
    "receiveResponseXML": "QBWC1042",
    "getLastError": "QBWC1043",
    "closeConnection": "QBWC1044",
    "connectionError": "QBWC1045",
    "clientVersion": "QBWC1046",
    "serverVersion": "QBWC1046",
}


class Crashed(Exception):
    """The Web Connector is no longer there to show anything."""


class Surroundings(Protocol):
    """What happens to the PC `name` while an update runs."""

    name: str

    async def awake(self) -> None:
        """Return when the PC is not asleep. Raises Crashed when it or the Web Connector was ended."""

    def strike(self, arrow: str, application: str, request: str) -> Trouble | None:
        """The trouble at that arrow, if any."""

    def go_down(self, trouble: Trouble) -> None:
        """The Web Connector, QuickBooks or the whole PC dies."""

    def fall_asleep(self) -> None:
        """The PC sleeps until somebody wakes it."""


class Line:
    """The calls of one update of one application."""

    def __init__(
        self,
        application: Application,
        pc: Surroundings,
        http: httpx.AsyncClient,
        log: ConnectorLog,
        switches: Switches,
    ) -> None:
        self.pc = pc
        self._url = application.qwc.app_url
        self._user_name = application.user_name
        self._http = http
        self._log = log
        self._switches = switches

    async def call(self, operation: str, **arguments: str) -> list[str]:
        """One call to the service with all that may befall it. Raises CallFailed, Crashed."""
        await self.pc.awake()
        told = " ".join(value for name, value in arguments.items() if name not in ("strPassword", "ticket"))
        twice = await self.go_by(f"before:{operation}", told)
        for _ in range(1 if twice is None else 2):
            brought = await self._sent(operation, arguments)
        # The ticket is a secret, like the password.
        self.note(operation, told, " | ".join(brought[1:] if operation == "authenticate" else brought))
        lost = self.pc.strike(f"sent:{operation}", self._user_name, told)
        if lost is not None:
            await self.suffer(lost)
            raise CallFailed(f"{_FAILURES[operation]}: The underlying connection was closed.")
        await self.go_by(f"after:{operation}", told)
        await self.pc.awake()
        return brought

    async def _sent(self, operation: str, arguments: dict[str, str]) -> list[str]:
        url, strict = self._url, self._switches.refuse_whitespace
        try:
            return await send(self._http, url, operation, arguments, refuse_whitespace=strict)
        except CallFailed as failure:
            self.note(operation, "", f"failed: {failure}")
            text = f"{_FAILURES[operation]}: {operation}() failed: {failure}"
            raise CallFailed(text, answered=failure.answered) from None

    async def go_by(self, arrow: str, told: str) -> Trouble | None:
        """Go by an arrow; returns the trouble that the caller must see to."""
        trouble = self.pc.strike(arrow, self._user_name, told)
        if trouble is None or trouble.effect in LEFT_TO_CALLER:
            return trouble
        await self.suffer(trouble)
        if trouble.effect == "lose":
            raise CallFailed("The line was cut.")
        if trouble.effect == "crash_quickbooks" and arrow.endswith(f":{PROCESS}"):
            raise QuickBooksError(CALL_FAILED)
        return None

    async def suffer(self, trouble: Trouble) -> None:
        """Let it happen to the PC. Raises Crashed when that ends the Web Connector."""
        self.note("trouble", trouble.arrow, trouble.effect)
        if trouble.effect == "sleep":
            self.pc.fall_asleep()
        elif trouble.effect in ("crash_connector", "crash_pc", "crash_quickbooks"):
            self.pc.go_down(trouble)
        await self.pc.awake()

    def note(self, name: str, sent: str, brought: str) -> None:
        """Write to the log."""
        self._log.write(self._user_name, name, sent, brought)

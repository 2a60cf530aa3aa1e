"""One update of one application: the calls in their order, and what may go wrong between them.

Source of the order: QuickBooks Web Connector Programmer's Guide, chapters 2 and 10:

    serverVersion, clientVersion, authenticate
      nvu, none, busy: closeConnection
      QuickBooks does not open, tried twice: connectionError until "done"
      sendRequestXML, ProcessRequest, receiveResponseXML while it answers 0 to 99
      100: closeConnection        negative: getLastError, closeConnection
      sendRequestXML answered "": getLastError; "NoOp" waits 5 s and asks again, any other text ends the update
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from simulators.quickbooks_desktop.applications import Application
from simulators.quickbooks_desktop.garbled import garbled
from simulators.quickbooks_desktop.hresults import CALL_FAILED, QuickBooksError
from simulators.quickbooks_desktop.line import Line
from simulators.quickbooks_desktop.quickbooks import QuickBooks
from simulators.quickbooks_desktop.soap import CallFailed
from simulators.quickbooks_desktop.switches import Switches
from simulators.quickbooks_desktop.troubles import PROCESS, Trouble

CLIENT_VERSION = "2.3.0.36"
REFUSED = {"nvu": "The user name or password is not valid", "none": "No data exchange required", "busy": "Busy"}
_MOST_CONNECTION_ERRORS = 10
_LONGEST_NOOPS = 1_000


class Ended(Exception):
    """The update is over; the text is what the Web Connector shows for it."""


@dataclass
class _Step:
    """Where in the update the next call stands."""

    ticket: str = ""
    path: str = ""
    hcp: str = ""


class UpdateSession:
    """One update, from serverVersion to closeConnection."""

    def __init__(self, application: Application, quickbooks: QuickBooks, line: Line, switches: Switches) -> None:
        self._application = application
        self._quickbooks = quickbooks
        self._line = line
        self._switches = switches
        self._step = _Step()
        self.postponed: float | None = None
        """Seconds that the service asked to wait until the next update."""
        self.least_interval: float | None = None
        """Lower limit, in seconds, that the service asked for between updates."""

    async def run(self) -> str:
        """Returns what the window shows as the last result. Raises Crashed."""
        try:
            await self._update()
        except Ended as over:
            return str(over)
        except CallFailed as failure:
            if self._switches.close_after_failure and self._step.ticket:
                await self._close_quietly()
            return str(failure)
        finally:
            self._quickbooks.end()
        raise AssertionError("an update always ends by saying how")

    async def _update(self) -> None:
        await self._agree_on_versions()
        await self._authenticate()
        await self._open_company_file()
        first, waits = True, 0
        while True:
            request = await self._ask_for_request(first)
            if request == "":
                waits += 1
                await self._ask_what_now(waits)
                continue
            first = False
            response, hresult, message = await self._process(request)
            await self._hand_in(response, hresult, message)

    async def _agree_on_versions(self) -> None:
        try:
            await self._line.call("serverVersion")
        except CallFailed as failure:
            # Older services do not know it; then the Web Connector goes on.
            if not failure.answered:
                raise
        answer = (await self._line.call("clientVersion", strVersion=CLIENT_VERSION))[0]
        word, _, rest = answer.partition(":")
        if word == "E":
            raise Ended(rest)
        if answer and word not in ("W", "O"):
            raise CallFailed(f"QBWC1046: {answer!r} is no answer to clientVersion.")

    async def _authenticate(self) -> None:
        given = {"strUserName": self._application.user_name, "strPassword": self._application.password}
        answer = await self._line.call("authenticate", **given)
        self._step.ticket, place = answer[0], answer[1]
        self.postponed, self.least_interval = _seconds(answer, 2), _seconds(answer, 3)
        if place.casefold() in REFUSED:
            if self._switches.close_after_refusal:
                await self._line.call("closeConnection", ticket=self._step.ticket)
            raise Ended(REFUSED[place.casefold()])
        self._step.path = place

    async def _open_company_file(self) -> None:
        """Twice by itself, then as often as the service names a path to try."""
        attempts = 2
        for _ in range(_MOST_CONNECTION_ERRORS):
            error = self._begin(attempts)
            if error is None:
                return
            attempts = 1
            answer = await self._line.call(
                "connectionError", ticket=self._step.ticket, hresult=error.hresult, message=error.text
            )
            if answer[0].casefold() == "done":
                await self._line.call("closeConnection", ticket=self._step.ticket)
                raise Ended(f"{error.hresult}: {error.text}")
            self._step.path = answer[0]
        raise Ended("QuickBooks could not be opened.")

    def _begin(self, attempts: int) -> QuickBooksError | None:
        for left in range(attempts, 0, -1):
            try:
                self._step.path = self._quickbooks.begin(self._step.path, self._application.qwc.owner_id)
            except QuickBooksError as error:
                self._line.note("BeginSession", self._step.path, str(error))
                if left == 1:
                    return error
            else:
                self._application.company_file = self._step.path
                self._quickbooks.lock_for(self._application.qwc.owner_id, self._line.pc.name)
                return None
        return None

    async def _ask_for_request(self, first: bool) -> str:
        """The first call tells what QuickBooks says of itself, the company and its preferences."""
        if first and not self._step.hcp:
            self._step.hcp = self._host_company_preferences()
        answer = await self._line.call(
            "sendRequestXML",
            ticket=self._step.ticket,
            strHCPResponse=self._step.hcp if first else "",
            strCompanyFileName=self._step.path,
            qbXMLCountry="US",
            qbXMLMajorVers="14",
            qbXMLMinorVers="0",
        )
        return answer[0]

    def _host_company_preferences(self) -> str:
        request = (
            '<?xml version="1.0"?><?qbxml version="13.0"?><QBXML><QBXMLMsgsRq onError="continueOnError">'
            f'<HostQueryRq requestID="0"/><CompanyQueryRq requestID="1"><OwnerID>{self._application.qwc.owner_id}'
            '</OwnerID></CompanyQueryRq><PreferencesQueryRq requestID="2"/></QBXMLMsgsRq></QBXML>'
        )
        try:
            return self._quickbooks.process(request)
        except QuickBooksError as error:
            self._line.note("HCP", "", str(error))
            return ""

    async def _ask_what_now(self, waits: int) -> None:
        answer = (await self._line.call("getLastError", ticket=self._step.ticket))[0]
        if answer == "NoOp" and waits < _LONGEST_NOOPS:
            await asyncio.sleep(self._switches.noop_seconds)
            return
        await self._line.call("closeConnection", ticket=self._step.ticket)
        raise Ended(answer)

    async def _hand_in(self, response: str, hresult: str, message: str) -> None:
        answer = await self._line.call(
            "receiveResponseXML", ticket=self._step.ticket, response=response, hresult=hresult, message=message
        )
        try:
            progress = int(answer[0])
        except ValueError:
            raise CallFailed(f"QBWC1042: {answer[0]!r} is no whole number.") from None
        self._application.progress = max(0, min(progress, 100))
        if progress < 0:
            text = (await self._line.call("getLastError", ticket=self._step.ticket))[0]
            await self._line.call("closeConnection", ticket=self._step.ticket)
            raise Ended(text)
        if progress >= 100:
            raise Ended((await self._line.call("closeConnection", ticket=self._step.ticket))[0] or "Complete")

    async def _process(self, request: str) -> tuple[str, str, str]:
        """ProcessRequest in QuickBooks: (response, hresult, message)."""
        await self._line.pc.awake()
        try:
            answer = await self._processed(request)
        except QuickBooksError as error:
            self._line.note("ProcessRequest", request, str(error))
            return "", error.hresult, error.text
        self._line.note("ProcessRequest", request, answer)
        return answer, "", ""

    async def _processed(self, request: str) -> str:
        trouble = await self._line.go_by(f"before:{PROCESS}", request)
        if trouble is not None:
            return _refused(trouble, request)
        struck = self._line.pc.strike(f"sent:{PROCESS}", self._application.user_name, request)
        forgets = struck is not None and struck.effect in ("crash_quickbooks", "crash_pc")
        answer = self._quickbooks.process(request, remembers=not forgets)
        if struck is not None:
            await self._line.suffer(struck)
        if forgets:
            raise QuickBooksError(CALL_FAILED)
        trouble = await self._line.go_by(f"after:{PROCESS}", request)
        return answer if trouble is None else _refused(trouble, request, answer)

    async def _close_quietly(self) -> None:
        try:
            await self._line.call("closeConnection", ticket=self._step.ticket)
        except CallFailed as failure:
            self._line.note("closeConnection", "", str(failure))


def _refused(trouble: Trouble, request: str, answer: str | None = None) -> str:
    """What QuickBooks makes of a request on order. Raises QuickBooksError for the effect `hresult`."""
    if trouble.effect == "hresult":
        raise QuickBooksError(trouble.hresult)
    return garbled(trouble, request, answer)


def _seconds(answer: list[str], place: int) -> float | None:
    given = answer[place] if len(answer) > place else ""
    return float(given) if given.isdecimal() and int(given) > 0 else None

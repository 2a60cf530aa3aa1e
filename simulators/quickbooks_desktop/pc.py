"""One Windows PC: QuickBooks, the Web Connector with its timer, and a person in front of it."""

from __future__ import annotations

import asyncio

import httpx

from simulators.clock import SimulatorClock
from simulators.quickbooks_desktop.applications import Application, ConnectorLog
from simulators.quickbooks_desktop.company_file import CompanyFile
from simulators.quickbooks_desktop.line import Crashed, Line
from simulators.quickbooks_desktop.quickbooks import QuickBooks
from simulators.quickbooks_desktop.qwc_file import QwcError, read_qwc
from simulators.quickbooks_desktop.session import UpdateSession
from simulators.quickbooks_desktop.switches import Switches
from simulators.quickbooks_desktop.troubles import Trouble, Troubles

LEAST_SECONDS = 60
"""The shortest interval that the window accepts; a .qwc file may name a shorter one."""
_NOT_SCHEDULED = 3_600
CRASHED = "The Web Connector was ended during the update"


class Pc:
    """The PC `name`. It is on, awake and runs the Web Connector until somebody changes that."""

    def __init__(
        self,
        name: str,
        files: dict[str, CompanyFile],
        clock: SimulatorClock,
        switches: Switches,
        troubles: Troubles,
    ) -> None:
        self.name = name
        self.quickbooks = QuickBooks(files)
        self.applications: dict[str, Application] = {}
        self.log = ConnectorLog(clock)
        self.is_on = True
        self.connector_runs = True
        self.updating: str | None = None
        self._clock = clock
        self._switches = switches
        self._troubles = troubles
        self._awake = asyncio.Event()
        self._awake.set()
        self._update_lock = asyncio.Lock()
        self._crashes = 0

    # What a person does

    async def add_application(self, qwc_text: str, password: str, permission: str = "always") -> Application:
        """File, Add an Application: with QuickBooks open on the company file, as its Admin.

        `permission` is the Admin's answer: `always` (even if QuickBooks is not running), `when_running` or `no`.
        Adding a file again keeps one row and takes the new password. Raises QwcError.
        """
        qwc = read_qwc(qwc_text)
        await self._check_reachable(qwc.certificate_url, "QBWC1048", (200,))
        await self._check_reachable(qwc.support_url, "QBWC1003", (200, 202))
        path = self.quickbooks.open_path
        if path is None:
            raise QwcError("QBWC1008", "Open the company file in QuickBooks first, as its Admin in single-user mode.")
        if self.quickbooks.dialog is not None:
            raise QwcError("QBWC1008", "A dialog is open in QuickBooks. Close it first.")
        if permission == "no":
            raise QwcError("QBWC1035", "The QuickBooks Admin denied the application access.")
        books = self.quickbooks.files[path].books
        owner = qwc.owner_id.casefold()
        stamp = next((file_id for known, file_id in books.stamps.items() if known.casefold() == owner), None)
        if stamp is not None and stamp.casefold() != qwc.file_id.casefold():
            raise QwcError("QBWC1039", "A unique OwnerID/FileID pair value is required: this company file has another.")
        books.stamps[qwc.owner_id] = qwc.file_id.upper()
        books.permissions[owner] = permission
        known = self.applications.get(qwc.user_name)
        application = Application(qwc, password, qwc.every_seconds or _NOT_SCHEDULED, qwc.every_seconds is not None)
        application.company_file = path
        application.updates = known.updates if known else 0
        application.next_due = self._clock.timestamp() + application.every_seconds
        self.applications[qwc.user_name] = application
        self.log.write(qwc.user_name, "Application added", path, permission)
        return application

    async def _check_reachable(self, url: str, code: str, accepted: tuple[int, ...]) -> None:
        async with httpx.AsyncClient(timeout=self._switches.answer_seconds, trust_env=False) as http:
            try:
                answer = await http.get(url)
            except httpx.HTTPError as error:
                raise QwcError(code, f"{url} cannot be reached: {error}") from None
        if answer.status_code not in accepted:
            raise QwcError(code, f"{url} answered {answer.status_code}.")

    def sleep(self) -> None:
        """Close the lid: whatever runs stands still until `wake`."""
        self._awake.clear()
        self.log.write("", "The PC sleeps")

    def wake(self) -> None:
        """Open the lid."""
        self._awake.set()
        self.log.write("", "The PC wakes")

    def turn_off(self) -> None:
        """Everything ends, an update in the middle too."""
        self._crash()
        self.is_on = False
        self.quickbooks.quit()
        self.log.write("", "The PC is turned off")

    def turn_on(self) -> None:
        """Windows starts the Web Connector, not QuickBooks."""
        self.is_on = self.connector_runs = True
        self._awake.set()
        self.log.write("", "The PC is turned on")

    def close_connector(self) -> None:
        """Exit the Web Connector; an update in the middle is broken off."""
        self._crash()
        self.connector_runs = False
        self.log.write("", "The Web Connector is closed")

    def start_connector(self) -> None:
        """Start the Web Connector."""
        self.connector_runs = True
        self.log.write("", "The Web Connector is started")

    @property
    def is_asleep(self) -> bool:
        """The lid is closed."""
        return not self._awake.is_set()

    @property
    def can_update(self) -> bool:
        """On, awake, and the Web Connector runs."""
        return self.is_on and self.connector_runs and self._awake.is_set()

    # Updating

    @property
    def is_due(self) -> bool:
        """The timer has something to do now."""
        now = self._clock.timestamp()
        waiting = any(each.auto_run and each.next_due <= now for each in self.applications.values())
        return waiting and self.can_update and self.updating is None

    async def update_due(self) -> None:
        """What the timer does: update every application that is due, one after the other."""
        for application in list(self.applications.values()):
            due = application.auto_run and application.next_due <= self._clock.timestamp()
            if due and self.can_update and self.updating is None:
                await self.update(application.user_name)

    async def update(self, user_name: str) -> str:
        """Update Selected; waits until an update that runs has ended. Returns the last result that the window shows.

        Raises KeyError for an application that is not there.
        """
        application = self.applications[user_name]
        async with self._update_lock:
            if not self.can_update:
                return "The PC is off or asleep, or the Web Connector is closed"
            self.updating = user_name
            application.last_started = self._clock.timestamp()
            application.updates += 1
            application.progress = 0
            try:
                application.last_result = await self._run(application)
            finally:
                self.updating = None
                self._schedule(application)
        self.log.write(user_name, "Update ended", "", application.last_result)
        return application.last_result

    async def _run(self, application: Application) -> str:
        crashes = self._crashes
        async with httpx.AsyncClient(timeout=self._switches.answer_seconds, trust_env=False) as http:
            line = Line(application, _Seen(self, crashes), http, self.log, self._switches)
            session = UpdateSession(application, self.quickbooks, line, self._switches)
            try:
                result = await session.run()
            except Crashed:
                return CRASHED
        if session.least_interval is not None:
            application.every_seconds = max(application.every_seconds, int(session.least_interval))
        application.next_due = self._clock.timestamp() + (session.postponed or 0)
        return result

    def _schedule(self, application: Application) -> None:
        earliest = self._clock.timestamp() + application.every_seconds
        application.next_due = max(earliest, application.next_due)

    # What befalls it during an update

    def strike(self, arrow: str, application: str, request: str) -> Trouble | None:
        """The trouble that strikes here at that arrow."""
        return self._troubles.strike(arrow, self.name, application, request)

    async def until_awake(self, crashes: int) -> None:
        """Return when awake. Raises Crashed when the update that began after `crashes` was broken off."""
        while not self._awake.is_set() and crashes == self._crashes:
            waiting = asyncio.create_task(self._awake.wait())
            await asyncio.wait({waiting}, timeout=0.05)
            waiting.cancel()
        if crashes != self._crashes:
            raise Crashed

    def go_down(self, trouble: Trouble) -> None:
        """The part that the trouble names dies."""
        if trouble.effect == "crash_quickbooks":
            self.quickbooks.quit()
            return
        self._crash()
        if trouble.effect == "crash_pc":
            self.quickbooks.quit()
            self.is_on = not trouble.stays_down
        self.connector_runs = not trouble.stays_down

    def _crash(self) -> None:
        self._crashes += 1
        self.quickbooks.end()


class _Seen:
    """The PC as the update sees it that began when so many crashes had been."""

    def __init__(self, pc: Pc, crashes: int) -> None:
        self.name = pc.name
        self._pc = pc
        self._crashes = crashes

    async def awake(self) -> None:
        await self._pc.until_awake(self._crashes)

    def strike(self, arrow: str, application: str, request: str) -> Trouble | None:
        return self._pc.strike(arrow, application, request)

    def go_down(self, trouble: Trouble) -> None:
        self._pc.go_down(trouble)

    def fall_asleep(self) -> None:
        self._pc.sleep()

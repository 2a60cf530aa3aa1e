"""The whole simulated customer: company files, PCs, clock, switches, troubles. One object, all in memory."""

from __future__ import annotations

import asyncio
from typing import Any

from simulators.clock import SimulatorClock
from simulators.faults import FaultPlan
from simulators.quickbooks_desktop.company_file import CompanyFile
from simulators.quickbooks_desktop.pc import Pc
from simulators.quickbooks_desktop.switches import Switches
from simulators.quickbooks_desktop.troubles import Troubles
from simulators.traffic import Traffic

DEFAULT_PC = "office"
_TICK_SECONDS = 0.05


class Simulation:
    """What all routes of the simulator work on."""

    def __init__(self) -> None:
        self.clock = SimulatorClock()
        self.switches = Switches()
        self.troubles = Troubles()
        self.traffic = Traffic(self.clock)
        self.faults = FaultPlan()
        self.files: dict[str, CompanyFile] = {}
        """Company files by path; every PC reaches all of them."""
        self.pcs: dict[str, Pc] = {}

    def load(self, document: dict[str, Any]) -> None:
        """Replace company files and PCs by those of a world document (`{"pcs": [...], "company_files": [...]}`)."""
        files = [CompanyFile(each, self.clock, self.switches) for each in document["company_files"]]
        self._end_updates()
        self.files.clear()
        self.files.update({file.path: file for file in files})
        self.pcs.clear()
        for each in document.get("pcs") or [{"name": DEFAULT_PC}]:
            pc = self.add_pc(str(each["name"]))
            if each.get("open"):
                pc.quickbooks.open_window(self.file(str(each["open"])).path)

    def add_pc(self, name: str) -> Pc:
        """One more PC, on and awake, with an empty Web Connector; the one that is there if it has that name."""
        if name not in self.pcs:
            self.pcs[name] = Pc(name, self.files, self.clock, self.switches, self.troubles)
        return self.pcs[name]

    def file(self, key: str) -> CompanyFile:
        """The company file with that key. Raises KeyError."""
        return {file.key: file for file in self.files.values()}[key]

    def reset(self) -> None:
        """Back to the start: no company files, no PCs, no troubles; switches and clock as at first."""
        self._end_updates()
        self.files.clear()
        self.pcs.clear()
        self.troubles.clear()
        self.faults.remove()
        self.faults.release()
        self.traffic.clear()
        self.clock.reset()
        self.change_switches({name: field.default for name, field in Switches.model_fields.items()})

    def _end_updates(self) -> None:
        for pc in self.pcs.values():
            pc.turn_off()

    def change_switches(self, values: dict[str, Any]) -> None:
        """Set some switches. Raises pydantic's ValidationError, with nothing changed, for a bad name or value."""
        checked = Switches.model_validate(self.switches.model_dump() | values)
        for name in Switches.model_fields:
            setattr(self.switches, name, getattr(checked, name))

    async def run_timers(self) -> None:
        """The Web Connectors' own timers, for ever; PCs update beside each other, each one thing at a time."""
        running: dict[str, asyncio.Task[None]] = {}
        try:
            while True:
                for name, pc in list(self.pcs.items()):
                    task = running.get(name)
                    if pc.is_due and (task is None or task.done()):
                        running[name] = asyncio.create_task(pc.update_due())
                await asyncio.sleep(_TICK_SECONDS)
        finally:
            for task in running.values():
                task.cancel()
            await asyncio.gather(*running.values(), return_exceptions=True)

    def counters(self) -> dict[str, Any]:
        """The customer's own figures for GET /control/counters."""
        return {
            "updates": {
                f"{pc.name}/{each.user_name}": each.updates
                for pc in self.pcs.values()
                for each in pc.applications.values()
            },
            "transactions": {
                file.key: {kind: len(shelf) for kind, shelf in file.books.transactions.items()}
                for file in self.files.values()
            },
        }

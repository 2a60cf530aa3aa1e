"""What a person does at a PC: the buttons of its page and of POST /control/pcs/{pc}/actions."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from simulators.quickbooks_desktop.hresults import QuickBooksError
from simulators.quickbooks_desktop.pc import LEAST_SECONDS, Pc
from simulators.quickbooks_desktop.qwc_file import QwcError
from simulators.quickbooks_desktop.simulation import Simulation

DEFAULT_DIALOG = "Would you like to back up your company file now?"


class DeskAction(BaseModel):
    """Body of POST /control/pcs/{pc}/actions. Which fields count depends on `action`."""

    model_config = ConfigDict(extra="forbid")

    action: Literal[
        "sleep",
        "wake",
        "turn_off",
        "turn_on",
        "close_connector",
        "start_connector",
        "open_file",
        "quit_quickbooks",
        "open_dialog",
        "close_dialog",
        "start_slowly",
        "started",
        "use_elsewhere",
        "stop_using_elsewhere",
        "add_application",
        "remove_application",
        "set_password",
        "set_auto_run",
        "set_interval",
    ]
    file: str = ""
    application: str = ""
    qwc: str = ""
    password: str = ""
    permission: Literal["always", "when_running", "no"] = "always"
    text: str = DEFAULT_DIALOG
    on: bool = True
    seconds: int = 0


class Refused(Exception):
    """The PC says no, with the code and the text that the person sees."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(f"{code}: {text}")
        self.code = code
        self.text = text


async def do(simulation: Simulation, pc: Pc, asked: DeskAction) -> None:
    """Do it. Raises Refused."""
    try:
        if asked.action == "add_application":
            await pc.add_application(asked.qwc, asked.password, asked.permission)
        elif asked.action in _BUTTONS:
            getattr(pc, asked.action)()
        elif asked.action in _FILE_ACTIONS:
            _at_quickbooks(simulation, pc, asked)
        else:
            _in_connector(pc, asked)
    except QwcError as error:
        raise Refused(error.code, error.text) from None
    except QuickBooksError as error:
        raise Refused(error.hresult, error.text) from None
    except KeyError as error:
        raise Refused("unknown", f"There is no {error.args[0]} here.") from None


_BUTTONS = {"sleep", "wake", "turn_off", "turn_on", "close_connector", "start_connector"}
_FILE_ACTIONS = {
    *("open_file", "quit_quickbooks", "open_dialog", "close_dialog", "start_slowly", "started"),
    *("use_elsewhere", "stop_using_elsewhere"),
}


def _at_quickbooks(simulation: Simulation, pc: Pc, asked: DeskAction) -> None:
    quickbooks = pc.quickbooks
    match asked.action:
        case "open_file":
            quickbooks.open_window(simulation.file(asked.file).path)
        case "quit_quickbooks":
            quickbooks.quit()
        case "open_dialog":
            quickbooks.dialog = asked.text
        case "close_dialog":
            quickbooks.dialog = None
        case "start_slowly":
            quickbooks.starting = True
        case "started":
            quickbooks.starting = False
        case "use_elsewhere":
            quickbooks.busy_elsewhere.add(simulation.file(asked.file).path)
        case "stop_using_elsewhere":
            quickbooks.busy_elsewhere.discard(simulation.file(asked.file).path)


def _in_connector(pc: Pc, asked: DeskAction) -> None:
    application = pc.applications[asked.application]
    match asked.action:
        case "remove_application":
            del pc.applications[asked.application]
        case "set_password":
            application.password = asked.password
        case "set_auto_run":
            application.auto_run = asked.on
        case "set_interval":
            application.every_seconds = max(LEAST_SECONDS, asked.seconds)

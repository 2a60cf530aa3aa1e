"""QuickBooks on one PC: which company file is open, what is in the way, and the sessions of applications.

Source: QuickBooks SDK Programmer's Guide on BeginSession and the HRESULTs of the request processor.
"""

from __future__ import annotations

from simulators.quickbooks_desktop.company_file import CompanyFile
from simulators.quickbooks_desktop.hresults import (
    ANOTHER_FILE_OPEN,
    CANNOT_OPEN_FILE,
    CONFLICTING_MODE,
    DIALOG_OPEN,
    INVALID_TICKET,
    NO_FILE_NAMED,
    NO_PERMISSION,
    SERVER_GONE,
    STILL_STARTING,
    QuickBooksError,
)
from simulators.quickbooks_desktop.processor import Ticket, process


class QuickBooks:
    """The program and its window. `files` are the company files that this PC reaches, by path."""

    def __init__(self, files: dict[str, CompanyFile]) -> None:
        self.files = files
        self.open_path: str | None = None
        """The file in the window; None while QuickBooks is not running, or runs without a window."""
        self.dialog: str | None = None
        """The text of a modal dialog that somebody left open."""
        self.starting = False
        self.busy_elsewhere: set[str] = set()
        """Paths that somebody else has open in a conflicting mode."""
        self._ticket: Ticket | None = None
        self._ticket_path = ""

    def open_window(self, path: str) -> None:
        """A person opens a company file. Raises QuickBooksError when there is none at that path."""
        if path not in self.files:
            raise QuickBooksError(CANNOT_OPEN_FILE)
        self.open_path = path

    def quit(self) -> None:
        """The program ends, dialogs and sessions with it."""
        self.open_path = self.dialog = self._ticket = None

    def begin(self, path: str, owner_id: str) -> str:
        """An application begins a session on `path` ("": the file that is open); returns the path it got.

        Raises QuickBooksError.
        """
        if self.starting:
            raise QuickBooksError(STILL_STARTING)
        if not path and self.open_path is None:
            raise QuickBooksError(NO_FILE_NAMED)
        self._check_dialog()
        wanted = path or self.open_path or ""
        if self.open_path is not None and not same_path(wanted, self.open_path):
            raise QuickBooksError(ANOTHER_FILE_OPEN)
        file = next((file for known, file in self.files.items() if same_path(known, wanted)), None)
        if file is None:
            raise QuickBooksError(CANNOT_OPEN_FILE)
        if file.path in self.busy_elsewhere:
            raise QuickBooksError(CONFLICTING_MODE)
        permission = file.books.permissions.get(owner_id.casefold())
        if permission is None or (permission == "when_running" and self.open_path is None):
            raise QuickBooksError(NO_PERMISSION)
        self._ticket, self._ticket_path = Ticket(file, owner_id), file.path
        return file.path

    def lock_for(self, owner_id: str, machine: str) -> None:
        """The Web Connector writes which machine it runs on into the company file of its session."""
        if self._ticket is not None:
            self._ticket.file.books.app_locks[owner_id] = f"LOCKED:{machine.upper()}:1"

    def process(self, text: str, *, remembers: bool = True) -> str:
        """Execute a message set in the session that is open. Raises QuickBooksError."""
        if self._ticket is None:
            raise QuickBooksError(SERVER_GONE)
        self._check_dialog()
        if self.open_path is not None and not same_path(self.open_path, self._ticket_path):
            raise QuickBooksError(INVALID_TICKET)
        if self.files.get(self._ticket_path) is not self._ticket.file:
            raise QuickBooksError(INVALID_TICKET)
        return process(self._ticket, text, remembers=remembers)

    def end(self) -> None:
        """The application ends its session; iterators end with it."""
        self._ticket = None

    @property
    def in_session(self) -> bool:
        """An application has a session open."""
        return self._ticket is not None

    def _check_dialog(self) -> None:
        if self.dialog is not None:
            raise QuickBooksError(DIALOG_OPEN)


def same_path(one: str, other: str) -> bool:
    """Windows paths, letter case aside."""
    return one.casefold() == other.casefold()

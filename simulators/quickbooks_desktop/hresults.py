"""Failures of QuickBooks as a whole: a ProcessRequest or a connection that brings no answer at all.

Source: QuickBooks SDK Programmer's Guide, the HRESULT values of the request processor.
"""

from __future__ import annotations

CANNOT_PARSE = "0x80040400"
CANNOT_START = "0x80040408"
CANNOT_OPEN_FILE = "0x80040403"
ANOTHER_FILE_OPEN = "0x8004040A"
INVALID_TICKET = "0x8004040D"
CONFLICTING_MODE = "0x80040410"
DIALOG_OPEN = "0x80040414"
NO_FILE_NAMED = "0x80040416"
NO_PERMISSION = "0x8004041A"
STILL_STARTING = "0x80040424"
SERVER_GONE = "0x800706BA"
CALL_FAILED = "0x800706BE"

TEXTS = {
    CANNOT_PARSE: "QuickBooks found an error when parsing the provided XML text stream.",
    "0x80040401": "Could not access QuickBooks.",
    "0x80040402": "Unexpected error. Check the qbsdklog.txt file for possible additional information.",
    CANNOT_OPEN_FILE: "Could not open the specified QuickBooks company data file.",
    CANNOT_START: "Could not start QuickBooks.",
    ANOTHER_FILE_OPEN: "A QuickBooks company data file is already open and it is different from the one requested.",
    INVALID_TICKET: "The ticket parameter is invalid.",
    CONFLICTING_MODE: (
        "The QuickBooks company data file is currently open in a mode other than the one specified by your application."
    ),
    DIALOG_OPEN: "A modal dialog box is showing in the QuickBooks user interface. Your application cannot access it.",
    NO_FILE_NAMED: (
        "If the QuickBooks company data file is not open, a call to the BeginSession method must include its name."
    ),
    NO_PERMISSION: "This application does not have permission to access this QuickBooks company data file.",
    "0x8004041B": "The certificate of the application is not valid.",
    "0x8004041F": "The QuickBooks administrator has not granted the application access.",
    "0x80040420": "The QuickBooks user has denied access.",
    "0x80040422": "This application requires single user file access mode and there is already another application.",
    STILL_STARTING: "QuickBooks did not finish its initialization. Please try again later.",
    SERVER_GONE: "The RPC server is unavailable.",
    CALL_FAILED: "The remote procedure call failed.",
}


class QuickBooksError(Exception):
    """QuickBooks gives no answer but `hresult` (as 0x8004....) and `text`."""

    def __init__(self, hresult: str, detail: str = "") -> None:
        self.hresult = hresult
        self.text = TEXTS.get(hresult, "Unknown error.")
        self.detail = detail
        super().__init__(f"{hresult}: {self.text} {detail}".strip())

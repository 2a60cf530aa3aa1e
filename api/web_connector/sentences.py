"""What the Web Connector shows the person at the PC. It is the only channel to them: each says what to do."""

UNKNOWN_TICKET = "This session is not known to inBuild any more. The next update begins a new one by itself."
ENDED = "This session has ended. The next update begins a new one by itself."
NOTHING_LEFT = "Everything is up to date."
CLOSED = "OK"
NOT_STAMPED = (
    "{name} does not carry inBuild's mark. Add the .qwc file of this company file to the Web Connector once more, with "
    "{name} open in QuickBooks."
)
WRONG_FILE = (
    "{name} is open, but this connection belongs to another company file. Close {name}, open the right file, then "
    "update again. Nothing was read or written."
)
OTHER_PLACE = (
    "inBuild works in {known}, and this is {found}. If the company file was moved, copied back or renamed on purpose, "
    "set a new password for it in inBuild and enter it here; otherwise remove inBuild from this Web Connector. Nothing "
    "was written."
)
TOO_OLD = "This QuickBooks is too old: inBuild needs QuickBooks 2014 or later."
UNREADABLE_FILE = "QuickBooks did not say which company file is open. Open the company file, then update again."
ATTEMPT_OVER = "This attempt to connect has ended. Start again in inBuild, under Accounting Integrations."
STILL_CONNECTING = "inBuild is still connecting this company file. Update again in a minute."
NOT_CONNECTED = "This company file is not connected to inBuild any more. Connect it again in inBuild."
STILL_UNCLEAR = (
    "QuickBooks does not say whether it saved the last bill. inBuild asks again at the next update; nothing is entered "
    "twice."
)
OUR_TROUBLE = "Something went wrong on inBuild's side. Nothing is lost; the next update goes on from here."
POSSIBLE_TWIN = "QuickBooks {kind} {number} of this vendor, {date}, ${total}"
SAID_DONE = "QuickBooks said that it saved the bill, and does not show it. Look for it there first."
FOREIGN_CONTENT = (
    "QuickBooks knows this bill's key with other contents. inBuild support has been told; look for the bill first."
)


def finished(answered: int, trouble: str | None) -> str:
    """What stands in the Web Connector's status column after a session."""
    return trouble or f"Finished: {answered} {'request' if answered == 1 else 'requests'} answered by QuickBooks."


GONE = "The bill is not in QuickBooks any more."
CHANGED_MEANWHILE = "Somebody changed the bill in QuickBooks meanwhile."
PAID_MEANWHILE = "Somebody paid some of the bill in QuickBooks meanwhile."
VENDOR_THERE = "QuickBooks has a vendor called “{name}” already. Match it instead; its list is read every hour."
NAME_TAKEN = (
    "QuickBooks already uses the name “{name}” for a customer, an employee or another name. Create the vendor as "
    "“{free}”."
)

"""The wrong-file guard: the open company file must be the one this login was made for, before anything is sent."""

from uuid import UUID

from api.intents.company_files import OWNER_ID
from api.web_connector import sentences
from contracts.connection import CompanyFileIdentity
from models.copy_of_books import note_closing_date
from models.database import CompanySession
from models.events import record_event
from models.tables import DesktopSession, WebConnectorLogin
from models.web_connector import note_trouble
from providers.quickbooks_desktop.answers import AnswerUnreadable
from providers.quickbooks_desktop.company_file import OpenFile, read_open_file
from providers.quickbooks_desktop.message_set import VERSION, MessageSet
from providers.quickbooks_desktop.messages.company import CompanyQueryRq, HostQueryRq, PreferencesQueryRq
from providers.quickbooks_desktop.values import same_guid

OPENING_ID = "which-file"


def opening() -> str:
    """Asks what the Web Connector asks by itself at the start of a session. It reads nothing of the books."""
    return MessageSet(
        (
            HostQueryRq(request_id=OPENING_ID),
            CompanyQueryRq(request_id=f"{OPENING_ID}-2", owner_id=OWNER_ID.upper()),
            PreferencesQueryRq(request_id=f"{OPENING_ID}-3"),
        )
    ).text()


def opened_file(text: str) -> OpenFile | None:
    """The company file an answer names, None where it names none or says nothing of our mark in it."""
    try:
        found = read_open_file(text, OWNER_ID)
    except AnswerUnreadable:
        return None
    return found if found.file_id is not None else None


def refusal(login: WebConnectorLogin, found: OpenFile, path: str | None) -> str | None:
    """Why nothing may be written into the open file; None when it is the right one.

    A file id travels with every copy of a file, so the PC, the path and the company's name must agree as well. Whoever
    sets a new password in inBuild says by it that a change of these is meant.
    """
    if found.versions and VERSION not in found.versions:
        return sentences.TOO_OLD
    if not same_guid(found.file_id, login.file_id):
        return sentences.WRONG_FILE.format(name=found.company_name or "Another company file")
    if login.bound_at is None or login.password_set_at > login.bound_at:
        return None
    pairs = (
        (login.bound_company_name, found.company_name),
        (login.bound_machine, found.machine),
        (login.company_file, path),
    )
    if any(known and now and known.casefold() != now.casefold() for known, now in pairs):
        known = _place(login.bound_company_name, login.company_file, login.bound_machine)
        return sentences.OTHER_PLACE.format(known=known, found=_place(found.company_name, path, found.machine))
    return None


def accept(session: CompanySession, asking: DesktopSession, login: WebConnectorLogin, found: OpenFile) -> None:
    """The open file is the right one: the session may go on, and the login is for this file from now on."""
    asking.verified_at, asking.closing_date = session.now, found.closing_date
    session.add(asking)
    login.bound_at = session.now
    login.bound_company_name = found.company_name or login.bound_company_name
    login.bound_machine = found.machine or login.bound_machine
    login.company_file = asking.company_file or login.company_file
    note_trouble(session, login, None)
    session.add(login)


async def keep_closing_date(session: CompanySession, asking: DesktopSession) -> list[UUID]:
    """The books' closing date becomes the connection's; the invoices that no longer wait for it."""
    if asking.connection_id is None or asking.verified_at is None:
        return []
    return await note_closing_date(session, asking.connection_id, asking.closing_date)


def refuse(session: CompanySession, asking: DesktopSession, login: WebConnectorLogin, sentence: str) -> None:
    """The open file is not the right one: this session writes nothing and ends with the sentence."""
    asking.trouble = sentence
    session.add(asking)
    note_trouble(session, login, sentence)
    record_event(session, "web_connector_login", login.id, "company_file_refused", path=asking.company_file or "")


def identity(login: WebConnectorLogin, found: OpenFile, path: str | None) -> CompanyFileIdentity:
    """Who the file is, for the workflow that connects it."""
    return CompanyFileIdentity(
        file_id=login.file_id,
        company_name=found.company_name or "QuickBooks company file",
        legal_name=found.legal_name or None,
        path=path or None,
        country=found.country,
        home_currency=found.home_currency,
    )


def _place(name: str | None, path: str | None, machine: str | None) -> str:
    parts = [name or "the company file", f"({path})" if path else "", f"on {machine}" if machine else ""]
    return " ".join(part for part in parts if part)

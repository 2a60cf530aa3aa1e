"""Which company file is open: read from what the Web Connector brings with the first request of every session."""

from dataclasses import dataclass
from datetime import date

from providers.quickbooks_desktop.answers import AnswerUnreadable, read_answer
from providers.quickbooks_desktop.messages.company import CompanyRet, HostRet, PreferencesRet
from providers.quickbooks_desktop.values import same_guid

FILE_ID, APP_LOCK = "FileID", "AppLock"
# "LOCKED:MACHINE:…" as seen; what follows the machine's name is not documented.
LOCKED = "LOCKED"


@dataclass(frozen=True)
class OpenFile:
    """The open company file. ``file_id`` is what the Web Connector wrote into it under our OwnerID, if it did.

    ``machine`` is the PC that claimed the file, where the file says so. ``closing_date`` is the books' own.
    """

    product: str
    country: str
    versions: tuple[str, ...]
    company_name: str
    legal_name: str
    file_id: str | None
    machine: str | None
    home_currency: str
    closing_date: date | None
    uses_classes: bool


def read_open_file(text: str, owner_id: str) -> OpenFile:
    """Raises AnswerUnreadable where the first answer does not say which company file it is."""
    answer = read_answer(text)
    hosts = [ret for one in answer.responses if one.name == "HostQueryRs" for ret in one.returned(HostRet)]
    companies = [ret for one in answer.responses if one.name == "CompanyQueryRs" for ret in one.returned(CompanyRet)]
    preferences = [
        ret for one in answer.responses if one.name == "PreferencesQueryRs" for ret in one.returned(PreferencesRet)
    ]
    if not companies:
        raise AnswerUnreadable("the first answer names no company")
    host, company = hosts[0] if hosts else HostRet(), companies[0]
    preference = preferences[0] if preferences else PreferencesRet()
    ours = {one.name.strip(): one.value.strip() for one in company.private if same_guid(one.owner_id, owner_id)}
    accounting = preference.accounting
    home = preference.home_currency.full_name if preference.home_currency else None
    return OpenFile(
        product=host.product_name,
        country=host.country or "US",
        versions=host.supported_versions,
        company_name=company.name,
        legal_name=company.legal_name,
        file_id=ours.get(FILE_ID),
        machine=_machine(ours.get(APP_LOCK)),
        home_currency=CURRENCIES.get(home or "", "USD"),
        closing_date=accounting.closing_date if accounting else None,
        uses_classes=accounting.uses_classes if accounting else False,
    )


def _machine(lock: str | None) -> str | None:
    words = (lock or "").split(":")
    return words[1] if len(words) > 1 and words[0].upper() == LOCKED and words[1] else None


# QuickBooks names currencies in English words; US books keep theirs in dollars.
CURRENCIES = {"US Dollar": "USD", "Canadian Dollar": "CAD", "British Pound Sterling": "GBP", "Euro": "EUR"}

"""Dates are dates: an instant becomes one in the project's time zone, a due date is counted in days."""

import re
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from accounting.bill_types import Terms

# Procore's time zone names are Rails' as often as IANA's. The US set with its neighbours; the `US/…` names are
# listed because slim systems leave the old links out of their zone files.
_IANA_NAMES = {
    "Hawaii": "Pacific/Honolulu",
    "Alaska": "America/Juneau",
    "Pacific Time (US & Canada)": "America/Los_Angeles",
    "Arizona": "America/Phoenix",
    "Mountain Time (US & Canada)": "America/Denver",
    "Central Time (US & Canada)": "America/Chicago",
    "Saskatchewan": "America/Regina",
    "Eastern Time (US & Canada)": "America/New_York",
    "Indiana (East)": "America/Indiana/Indianapolis",
    "Atlantic Time (Canada)": "America/Halifax",
    "Puerto Rico": "America/Puerto_Rico",
    "Newfoundland": "America/St_Johns",
    "American Samoa": "Pacific/Pago_Pago",
    "Guam": "Pacific/Guam",
    "US/Hawaii": "Pacific/Honolulu",
    "US/Alaska": "America/Anchorage",
    "US/Pacific": "America/Los_Angeles",
    "US/Arizona": "America/Phoenix",
    "US/Mountain": "America/Denver",
    "US/Central": "America/Chicago",
    "US/Eastern": "America/New_York",
    "US/East-Indiana": "America/Indiana/Indianapolis",
    "US/Michigan": "America/Detroit",
}

_DAYS = r"(?P<days>\d{1,3})"
# A discount ("2% 10 Net 30") changes what is paid early, not when the whole is due.
_TERMS = (
    re.compile(rf"(?:\d+(?:\.\d+)?\s*%\s*\d+\s*,?\s*)?net\s*{_DAYS}(?:\s*days?)?"),
    re.compile(rf"(?:\d+(?:\.\d+)?\s*%?\s*/\s*\d+\s*,?\s*)?n\s*/?\s*{_DAYS}"),
    re.compile(rf"{_DAYS}(?:\s*days?)?(?:\s*net)?"),
)
_AT_ONCE = frozenset(
    {"due on receipt", "due upon receipt", "upon receipt", "on receipt", "immediate", "immediately", "due immediately"}
)


class UnknownTimeZone(ValueError):
    """A project's time zone that nobody can turn into a date: hold what depends on it, never assume UTC."""

    def __init__(self, name: str) -> None:
        super().__init__(f"unknown time zone {name!r}" if name else "no time zone")
        self.name = name


def local_date(instant: datetime, time_zone: str) -> date:
    """The calendar date of an aware instant in a zone named as IANA or as Rails (US names) does.

    Raises UnknownTimeZone for any other name, ValueError for a naive instant.
    """
    if instant.utcoffset() is None:
        raise ValueError(f"{instant} has no time zone")
    return instant.astimezone(zone(time_zone)).date()


def terms_days(text: str | None) -> int | None:
    """Days to pay by terms that people typed (``Net 30``, ``NET 45 days``, ``2% 10 Net 30``, ``Due on receipt``).

    None for what is not a plain number of days from the bill date (``Net 30 EOM``, ``Pay when paid``): the next terms
    in line then decide.
    """
    words = " ".join((text or "").casefold().rstrip(". ").split())
    if words in _AT_ONCE:
        return 0
    for pattern in _TERMS:
        if match := pattern.fullmatch(words):
            return int(match["days"])
    return None


def due_date(
    bill_date: date, commitment_terms: Terms | None, vendor_terms: Terms | None, default_terms: Terms
) -> tuple[date, Terms]:
    """When a bill is due, and the terms that say so: the commitment's, else the vendor's, else the company's."""
    terms = commitment_terms or vendor_terms or default_terms
    return bill_date + timedelta(days=terms.days), terms


def zone(name: str) -> ZoneInfo:
    """The zone of an IANA or a US Rails name. Raises UnknownTimeZone."""
    wanted = name.strip()
    try:
        return ZoneInfo(_IANA_NAMES.get(wanted, wanted))
    except (KeyError, ValueError, OSError) as error:  # OSError: "America" is a folder of zones, not a zone
        raise UnknownTimeZone(name) from error

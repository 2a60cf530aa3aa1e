"""What bills, vendor credits and purchases have in common: header fields, dates, currency, closed periods."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from simulators.quickbooks_online.books import Books, Entity, reference_id
from simulators.quickbooks_online.moments import pacific_date
from simulators.quickbooks_online.references import resolve
from simulators.quickbooks_online.refusals import (
    business,
    duplicate_number,
    feature_off,
    missing,
    period_closed,
)

# Set by the service alone; what a client sends for them is passed over.
READ_ONLY = frozenset(
    {
        "Id",
        "SyncToken",
        "MetaData",
        "domain",
        "sparse",
        "status",
        "TotalAmt",
        "Balance",
        "HomeBalance",
        "TotalCostAmount",
        "HomeTotalCostAmount",
        "RecurDataRef",
        "ServiceHint",
    }
)


def merged(old: Entity | None, payload: Entity) -> Entity:
    """The writable fields after the write: all that was sent, and with `sparse` also what was there.

    Without `sparse`, what was not sent becomes null (reference 2.4).
    """
    sent = {name: content for name, content in payload.items() if name not in READ_ONLY}
    if old is not None and payload.get("sparse") in (True, "true"):
        kept = {name: content for name, content in old.items() if name not in READ_ONLY}
        sent = kept | sent
    return {name: content for name, content in sent.items() if content is not None}


def check_open(books: Books, *dates: Any) -> None:
    """Raise 6210 when one of the transaction dates is not after the books' closing date."""
    closed = books.preference("AccountingInfoPrefs", "BookCloseDate")
    if closed and any(day and str(day)[:10] <= str(closed)[:10] for day in dates):
        raise period_closed(books.switches.closed_period_code)


def complete_header(books: Books, entity: Entity) -> None:
    """Fill in TxnDate and CurrencyRef, check department, currency and non-US tax. Raises the Refusal."""
    entity["TxnDate"] = str(entity.get("TxnDate") or pacific_date(books.clock.timestamp()))[:10]
    if entity.get("DepartmentRef") is not None:
        if not books.preference("AccountingInfoPrefs", "TrackDepartments"):
            raise feature_off("locations are not switched on", "DepartmentRef")
        entity["DepartmentRef"] = resolve(books, "Department", entity["DepartmentRef"], "DepartmentRef")[1]
    _complete_currency(books, entity)
    if books.company_info.get("Country") not in ("US", "USA") and "GlobalTaxCalculation" not in entity:
        raise missing("GlobalTaxCalculation")


def _complete_currency(books: Books, entity: Entity) -> None:
    home = books.home_currency
    code = reference_id(entity, "CurrencyRef")
    if not books.preference("CurrencyPrefs", "MultiCurrencyEnabled"):
        if code not in (None, home):
            raise feature_off("multicurrency is not switched on", "CurrencyRef")
    elif code is None:
        raise missing("CurrencyRef")
    vendor = books.find("Vendor", reference_id(entity, "VendorRef"))
    expected = (reference_id(vendor, "CurrencyRef") if vendor else None) or home
    if code is not None and vendor is not None and code != expected:
        raise business(f"the vendor's currency is {expected}", "CurrencyRef")
    names = {"USD": "United States Dollar", "CAD": "Canadian Dollar", "GBP": "British Pound Sterling"}
    final = code or home
    entity["CurrencyRef"] = {"value": final, "name": names.get(final, final)}


def check_number(books: Books, kind: str, entity: Entity, allowed: bool) -> None:
    """Raise 6140 for a bill number in use, if the company warns of that and the caller did not allow it."""
    number = entity.get("DocNumber")
    if not number or allowed or not books.other_preference("WarnDuplicateBillNumber"):
        return
    vendor = reference_id(entity, "VendorRef")
    for other in books.entities[kind].values():
        if other.get("DocNumber") != number or other["Id"] == entity.get("Id"):
            continue
        if books.switches.duplicate_number_scope == "company" or reference_id(other, "VendorRef") == vendor:
            raise duplicate_number(number, kind, other["Id"])


def due_date(books: Books, entity: Entity) -> str:
    """TxnDate plus the days of the terms; without terms TxnDate itself."""
    day = date.fromisoformat(entity["TxnDate"])
    term = books.find("Term", reference_id(entity, "SalesTermRef"))
    if term is None:
        return day.isoformat()
    if term.get("DueDays") is not None:
        return (day + timedelta(days=int(term["DueDays"]))).isoformat()
    return _day_of_month(day, int(term.get("DayOfMonthDue") or day.day)).isoformat()


def _day_of_month(day: date, due: int) -> date:
    first = day.replace(day=1)
    if day.day > due:
        first = (first + timedelta(days=32)).replace(day=1)
    last = ((first + timedelta(days=32)).replace(day=1) - timedelta(days=1)).day
    return first.replace(day=min(due, last))

"""The filters of queries: which list elements or transactions a request asks for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

from lxml import etree

from simulators.quickbooks_desktop.books import Entity
from simulators.quickbooks_desktop.company_file import CompanyFile
from simulators.quickbooks_desktop.refusals import bad_enum, bad_range
from simulators.quickbooks_desktop.wire import text_of, texts_of

Test = Callable[[Entity], bool]

_MATCHES: dict[str, Callable[[str, str], bool]] = {
    "StartsWith": str.startswith,
    "Contains": str.__contains__,
    "EndsWith": str.endswith,
}
_COMPARISONS: dict[str, Callable[[Decimal, Decimal], bool]] = {
    "LessThan": Decimal.__lt__,
    "LessThanEqual": Decimal.__le__,
    "Equal": Decimal.__eq__,
    "GreaterThan": Decimal.__gt__,
    "GreaterThanEqual": Decimal.__ge__,
}


def list_tests(file: CompanyFile, kind: str, request: etree._Element) -> list[Test]:
    """All tests that a list element must pass. Without ActiveStatus only active ones do. Raises the Refusal."""
    status = text_of(request, "ActiveStatus") or "ActiveOnly"
    tests: list[Test] = []
    if status != "All":
        tests.append(lambda entry: (entry["IsActive"] is not False) == (status == "ActiveOnly"))
    tests += _modified(file, request, "FromModifiedDate", "ToModifiedDate", "FromModifiedDate")
    tests += _named(file, kind, request)
    types = texts_of(request, "AccountType")
    if types:
        tests.append(lambda entry: entry["AccountType"] in types)
    operator, amount = text_of(request, "TotalBalanceFilter/Operator"), text_of(request, "TotalBalanceFilter/Amount")
    if operator and amount and kind == "Vendor":
        tests.append(lambda entry: _COMPARISONS[operator](file.vendor_balance(str(entry["ListID"])), Decimal(amount)))
    return tests


def transaction_tests(file: CompanyFile, request: etree._Element) -> list[Test]:
    """All tests that a transaction must pass. Raises the Refusal."""
    within = "ModifiedDateRangeFilter/"
    tests = _modified(file, request, within + "FromModifiedDate", within + "ToModifiedDate", "ModifiedDateRangeFilter")
    tests += _dated(file, request)
    tests += _numbered(request)
    for field, kinds, holders in (
        ("EntityFilter", ("Vendor", "Customer"), _entities),
        ("AccountFilter", ("Account",), _accounts),
    ):
        if request.find(field) is not None:
            tests.append(_touches(_chosen(file, request, field, kinds), holders))
    paid = text_of(request, "PaidStatus") or "All"
    if paid != "All":
        tests.append(lambda bill: (file.open_amount(bill) == 0) == (paid == "PaidOnly"))
    return tests


def _touches(chosen: set[str], holders: Callable[[Entity], set[str]]) -> Test:
    return lambda transaction: bool(chosen & holders(transaction))


def _modified(file: CompanyFile, request: etree._Element, start: str, end: str, field: str) -> list[Test]:
    """Both ends count as inside; a time without offset is the PC's."""
    tests: list[Test] = []
    low, high = text_of(request, start), text_of(request, end)
    since = file.time.read(low) if low else None
    until = file.time.read(high, ends_day=True) if high else None
    if since is not None and until is not None and since > until:
        raise bad_range(field)
    if since is not None:
        tests.append(lambda entity: int(entity["TimeModified"]) >= since)
    if until is not None:
        tests.append(lambda entity: int(entity["TimeModified"]) <= until)
    return tests


def _dated(file: CompanyFile, request: etree._Element) -> list[Test]:
    macro = text_of(request, "TxnDateRangeFilter/DateMacro")
    low = text_of(request, "TxnDateRangeFilter/FromTxnDate")
    high = text_of(request, "TxnDateRangeFilter/ToTxnDate")
    if macro not in (None, "All", "Today"):
        raise bad_enum(macro or "", "DateMacro")
    if macro == "Today":
        low = high = file.time.today(file.clock.timestamp()).isoformat()
    if low and high and date.fromisoformat(low) > date.fromisoformat(high):
        raise bad_range("TxnDateRangeFilter")
    return [lambda transaction: (low or "") <= transaction["TxnDate"] <= (high or "9999")]


def _named(file: CompanyFile, kind: str, request: etree._Element) -> list[Test]:
    tests: list[Test] = []
    word, part = text_of(request, "NameFilter/MatchCriterion"), text_of(request, "NameFilter/Name")
    if word and part is not None:
        wanted = part.casefold()
        tests.append(lambda entry: _MATCHES[word](file.full_name(kind, entry).casefold(), wanted))
    if request.find("NameRangeFilter") is not None:
        low, high = _text_range(request, "NameRangeFilter/FromName", "NameRangeFilter/ToName", "NameRangeFilter")
        tests.append(lambda entry: low <= file.full_name(kind, entry).casefold() <= high)
    return tests


def _numbered(request: etree._Element) -> list[Test]:
    tests: list[Test] = []
    word, part = text_of(request, "RefNumberFilter/MatchCriterion"), text_of(request, "RefNumberFilter/RefNumber")
    if word and part is not None:
        wanted = part.casefold()
        tests.append(lambda transaction: _MATCHES[word](_number(transaction), wanted))
    if request.find("RefNumberRangeFilter") is not None:
        ends = ("RefNumberRangeFilter/FromRefNumber", "RefNumberRangeFilter/ToRefNumber")
        low, high = _text_range(request, *ends, "RefNumberRangeFilter")
        tests.append(lambda transaction: low <= _number(transaction) <= high)
    return tests


def _text_range(request: etree._Element, start: str, end: str, field: str) -> tuple[str, str]:
    low, high = (text_of(request, start) or "").casefold(), (text_of(request, end) or "").casefold()
    if high and low > high:
        raise bad_range(field, of_text=True)
    return low, high or "\U0010ffff"


def _number(transaction: Entity) -> str:
    return (transaction.get("RefNumber") or "").casefold()


def _chosen(file: CompanyFile, request: etree._Element, field: str, kinds: tuple[str, ...]) -> set[str]:
    """The ListIDs that an EntityFilter or AccountFilter means."""
    ids = set(texts_of(request, f"{field}/ListID"))
    names = {name.casefold() for name in texts_of(request, f"{field}/FullName")}
    tops = {text.casefold() for text in texts_of(request, f"{field}/FullNameWithChildren")}
    for identity in texts_of(request, f"{field}/ListIDWithChildren"):
        for kind in kinds:
            top = file.find(kind, identity)
            if top is not None:
                tops.add(file.full_name(kind, top).casefold())
    for kind in kinds:
        for identity, entry in file.books.lists[kind].items():
            name = file.full_name(kind, entry).casefold()
            if name in names or any(name == top or name.startswith(f"{top}:") for top in tops):
                ids.add(identity)
    return ids


def _entities(transaction: Entity) -> set[str]:
    return {str(transaction.get("VendorRef"))}


def _accounts(transaction: Entity) -> set[str]:
    fields = ("APAccountRef", "BankAccountRef", "CreditCardAccountRef", "AccountRef")
    found = {str(transaction[field]) for field in fields if transaction.get(field)}
    return found | {str(line["AccountRef"]) for line in transaction.get("expense_lines", [])}

"""QuickBooks' error bodies, all shapes, turned into the exceptions of `errors`.

Three shapes exist: `Fault` (business), lower-case `fault` (gateway, 401 and 403) and XML (throttling,
whatever was asked for). HTTP 200 can carry a Fault. Anything else (HTML, empty, cut) is no fault and says
nothing about whether the work was done. Intuit: develop/troubleshooting/handling-common-errors.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import httpx
from lxml import etree

from providers.quickbooks_online import errors
from providers.quickbooks_online.wire import UnreadableJson, read_json

# Intuit's longest window is a minute: a header that asks for more than an hour is broken and must not park a company.
LONGEST_WAIT = 3600
# Codes as Intuit lists them (develop/troubleshooting/error-codes), leading zeros removed.
EXCEPTION_BY_CODE: dict[str, type[errors.QuickBooksOnlineError]] = {
    "100": errors.AppNotAuthorized,
    "110": errors.AppNotAuthorized,
    "120": errors.UserLostAccess,
    "130": errors.CompanyUnavailable,
    "140": errors.CompanyUnavailable,
    "150": errors.CompanyUnavailable,
    "500": errors.RequestDefect,
    # "Duplicate Request ID" says that this id was used before, not that its work was done: look it up.
    "600": errors.OutcomeUnclear,
    "610": errors.MissingOrInactive,
    "620": errors.DependencyRefused,
    "630": errors.DependencyRefused,
    "800": errors.DependencyRefused,
    "1040": errors.RequestDefect,
    "2010": errors.RequestDefect,
    "2020": errors.RequestDefect,
    "2050": errors.RequestDefect,
    "2060": errors.RequestDefect,
    "2090": errors.RequestDefect,
    "2130": errors.RequestDefect,
    "2170": errors.RequestDefect,
    "2290": errors.NegativeAmountRefused,
    "2500": errors.InvalidReference,
    "3001": errors.Throttled,
    "3100": errors.AppNotAuthorized,
    "3200": errors.AccessTokenRejected,
    "3201": errors.AppNotAuthorized,
    "3202": errors.AppNotAuthorized,
    "4000": errors.RequestDefect,
    "4001": errors.RequestDefect,
    "4002": errors.RequestDefect,
    "5010": errors.StaleObject,
    "5020": errors.NotPermitted,
    "5030": errors.FeatureNotAvailable,
    "6000": errors.BusinessRuleRefused,
    "6030": errors.RequestDefect,
    "6040": errors.RequestDefect,
    "6041": errors.RequestDefect,
    "6050": errors.RequestDefect,
    "6070": errors.RequestDefect,
    "6100": errors.TaxCodeRefused,
    "6140": errors.DuplicateDocumentNumber,
    "6160": errors.TaxCodeRefused,
    "6170": errors.TaxCodeRefused,
    "6190": errors.SubscriptionEnded,
    "6200": errors.PeriodClosed,
    "6210": errors.PeriodClosed,
    "6240": errors.DuplicateName,
    "6430": errors.AccountTypeRefused,
    "6440": errors.DependencyRefused,
    "6450": errors.DependencyRefused,
    "6480": errors.DependencyRefused,
    "6540": errors.DependencyRefused,
    "10000": errors.ServiceFailure,
}

# "Invalid Reference Id : Accounts element id 7 not found". Words seen: Accounts, Klasses (classes), Depts
# (departments), Names (vendor, customer or employee).
_REFERENCE = re.compile(r"(\w+) element id (\S+) not found")
_GATEWAY_CODE = re.compile(r"errorCode=(\d+)")


@dataclass(frozen=True)
class FaultError:
    """One error of a fault; absent texts are empty."""

    code: str
    message: str
    detail: str
    element: str


@dataclass(frozen=True)
class Fault:
    """A fault body of any shape; it holds at least one error."""

    kind: str
    errors: tuple[FaultError, ...]


def read_fault(body: bytes) -> Fault | None:
    """The fault that a whole response body holds, or None if it holds none."""
    if body.lstrip().startswith(b"<"):
        return _xml_fault(body)
    try:
        answer = read_json(body)
    except UnreadableJson:
        return None
    return fault_of(answer)


def fault_of(answer: object) -> Fault | None:
    """The fault inside a parsed JSON answer or batch item, or None. A `fault` of null is none."""
    if not isinstance(answer, dict):
        return None
    fault = answer.get("Fault") or answer.get("fault")
    if not isinstance(fault, dict):
        return None
    rows = fault.get("Error") or fault.get("error") or [{}]
    if isinstance(rows, dict):
        rows = [rows]
    return Fault(
        kind=_text(fault, "type"),
        errors=tuple(_fault_error(row) for row in rows if isinstance(row, dict)) or (_fault_error({}),),
    )


def error_of_fault(fault: Fault, *, status: int, intuit_tid: str, writing: bool) -> errors.QuickBooksOnlineError:
    """The exception that a fault stands for.

    When several errors are listed the first whose code we know decides. A fault that tells of QuickBooks' own
    failure leaves a write unclear.
    """
    first = next((row for row in fault.errors if row.code in EXCEPTION_BY_CODE), fault.errors[0])
    kind = _kind_of_error(first, fault.kind, status)
    if issubclass(kind, errors.ReadFailed) and writing:
        kind = errors.OutcomeUnclear
    if kind is errors.OutcomeUnclear and not writing:
        kind = errors.ServiceFailure
    error = kind(
        f"QuickBooks Online answered with error {first.code or status}",
        code=first.code,
        element=first.element,
        message=first.message,
        detail=first.detail,
        intuit_tid=intuit_tid,
        http_status=status,
    )
    if isinstance(error, errors.InvalidReference) and (match := _REFERENCE.search(first.detail)):
        error.reference_kind, error.reference_id = match.groups()
    return error


def error_of_answer(response: httpx.Response, *, writing: bool) -> errors.QuickBooksOnlineError:
    """The exception for an answer that is not a success, fault or no fault; it waits as long as the answer says."""
    error = _error_of_answer(response, writing=writing)
    if isinstance(error, errors.Postponed):
        error.retry_after = seconds_to_wait(response) or error.retry_after
    return error


def seconds_to_wait(response: httpx.Response) -> int | None:
    """Retry-After in seconds; None where there is none, or something else in it."""
    told = str(response.headers.get("retry-after", "")).strip()
    return min(int(told), LONGEST_WAIT) if told.isascii() and told.isdigit() and len(told) < 10 else None


def _error_of_answer(response: httpx.Response, *, writing: bool) -> errors.QuickBooksOnlineError:
    status, intuit_tid = response.status_code, trace_id(response)
    if fault := read_fault(response.content):
        return error_of_fault(fault, status=status, intuit_tid=intuit_tid, writing=writing)
    kind = _KIND_BY_STATUS.get(status)
    if kind is None and writing:
        kind = errors.OutcomeUnclear
    elif kind is None:
        kind = errors.ServiceFailure if status >= 500 else errors.AnswerUnreadable
    return kind(
        f"QuickBooks Online answered HTTP {status} without an error it could be known by",
        intuit_tid=intuit_tid,
        http_status=status,
    )


def trace_id(response: httpx.Response) -> str:
    """Intuit's trace id of this answer; empty if it sent none."""
    return str(response.headers.get("intuit_tid", ""))


_KIND_BY_STATUS: dict[int, type[errors.QuickBooksOnlineError]] = {
    401: errors.AccessTokenRejected,
    403: errors.AppNotAuthorized,
    429: errors.Throttled,
}


def _kind_of_error(row: FaultError, fault_kind: str, status: int) -> type[errors.QuickBooksOnlineError]:
    # A post of Intuit's of 2017 prints this text under 6210 (closed period): the words decide, not the code.
    if "Duplicate Document Number" in row.message:
        return errors.DuplicateDocumentNumber
    if row.code in EXCEPTION_BY_CODE:
        return EXCEPTION_BY_CODE[row.code]
    if status in _KIND_BY_STATUS:
        return _KIND_BY_STATUS[status]
    word = fault_kind.lower()
    if word.startswith("authentication"):
        return errors.AccessTokenRejected
    # The XSD spells one of its values "AuthorizatonFault".
    if word.startswith("authoriz"):
        return errors.AppNotAuthorized
    if status >= 500 or word.startswith("system"):
        return errors.ServiceFailure
    return errors.BusinessRuleRefused


def _fault_error(row: dict[str, Any]) -> FaultError:
    message = _text(row, "Message", "message")
    code = _text(row, "code", "Code")
    if not code and (match := _GATEWAY_CODE.search(message)):
        code = match.group(1)
    return FaultError(
        code=code.lstrip("0"),
        message=message,
        detail=_text(row, "Detail", "detail"),
        element=_text(row, "element", "Element"),
    )


def _text(row: dict[str, Any], *names: str) -> str:
    for name in names:
        if row.get(name) is not None:
            return str(row[name]).strip()
    return ""


def _xml_fault(body: bytes) -> Fault | None:
    # No entities, no DTD, no network: the body comes from outside.
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError:
        return None
    fault = root.find("{*}Fault")
    if fault is None:
        return None
    rows = [
        _fault_error(
            {
                "code": row.get("code"),
                "element": row.get("element"),
                "Message": row.findtext("{*}Message"),
                "Detail": row.findtext("{*}Detail"),
            }
        )
        for row in fault.findall("{*}Error")
    ]
    return Fault(kind=fault.get("type", ""), errors=tuple(rows) or (_fault_error({}),))

"""Error bodies of every shape become the branch of the tree that tells the caller what to do."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from providers.quickbooks_online import errors
from providers.quickbooks_online.faults import error_of_answer, error_of_fault, fault_of, read_fault

XML_THROTTLE = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<IntuitResponse time="2026-11-20T09:14:03.412-08:00" xmlns="http://schema.intuit.com/finance/v3">
  <Fault type="SERVICE"><Error code="3001">
    <Message>message=ThrottleExceeded; errorCode=003001; statusCode=429</Message>
    <Detail>The request limit was reached.  Try again later</Detail>
  </Error></Fault>
</IntuitResponse>"""


def _fault(code: str, message: str = "m", detail: str = "d", kind: str = "ValidationFault") -> dict[str, Any]:
    return {
        "Fault": {
            "Error": [{"Message": message, "Detail": detail, "code": code, "element": "VendorRef"}],
            "type": kind,
        },
        "time": "2026-11-20T09:14:03.412-08:00",
    }


def _gateway(code: str | None, status: int, word: str) -> dict[str, Any]:
    error = {
        "message": f"message={word}; errorCode=00{code}; statusCode={status}",
        "detail": "Token expired",
        "code": code,
        "element": None,
    }
    return {"warnings": None, "fault": {"error": [error], "type": "AUTHENTICATION"}, "time": 1795304185000}


# Each code with the branch that Intuit's meaning asks for: retry, wait, reconnect, map, ask, or our bug.
BRANCHES: list[tuple[str, type[errors.QuickBooksOnlineError]]] = [
    ("100", errors.ReconnectNeeded),
    ("110", errors.ReconnectNeeded),
    ("120", errors.UserLostAccess),
    ("130", errors.CompanyUnavailable),
    ("140", errors.CompanyUnavailable),
    ("150", errors.CompanyUnavailable),
    ("500", errors.RequestDefect),
    ("600", errors.OutcomeUnclear),
    ("610", errors.MissingOrInactive),
    ("620", errors.DependencyRefused),
    ("630", errors.DependencyRefused),
    ("800", errors.DependencyRefused),
    ("1040", errors.RequestDefect),
    ("2010", errors.RequestDefect),
    ("2020", errors.RequestDefect),
    ("2050", errors.RequestDefect),
    ("2060", errors.RequestDefect),
    ("2090", errors.RequestDefect),
    ("2130", errors.RequestDefect),
    ("2170", errors.RequestDefect),
    ("2290", errors.NegativeAmountRefused),
    ("2500", errors.InvalidReference),
    ("3001", errors.Throttled),
    ("003001", errors.Throttled),
    ("3100", errors.AppNotAuthorized),
    ("3200", errors.AccessTokenRejected),
    ("3201", errors.AppNotAuthorized),
    ("3202", errors.AppNotAuthorized),
    ("4000", errors.RequestDefect),
    ("4001", errors.RequestDefect),
    ("4002", errors.RequestDefect),
    ("5010", errors.StaleObject),
    ("5020", errors.NotPermitted),
    ("5030", errors.FeatureNotAvailable),
    ("6000", errors.BusinessRuleRefused),
    ("6030", errors.RequestDefect),
    ("6040", errors.RequestDefect),
    ("6041", errors.RequestDefect),
    ("6050", errors.RequestDefect),
    ("6070", errors.RequestDefect),
    ("6100", errors.TaxCodeRefused),
    ("6140", errors.DuplicateDocumentNumber),
    ("6160", errors.TaxCodeRefused),
    ("6170", errors.TaxCodeRefused),
    ("6190", errors.SubscriptionEnded),
    ("6200", errors.PeriodClosed),
    ("6210", errors.PeriodClosed),
    ("6240", errors.DuplicateName),
    ("6430", errors.AccountTypeRefused),
    ("6440", errors.DependencyRefused),
    ("6450", errors.DependencyRefused),
    ("6480", errors.DependencyRefused),
    ("6540", errors.DependencyRefused),
    ("6999", errors.BusinessRuleRefused),
]


@pytest.mark.parametrize(("code", "branch"), BRANCHES)
def test_code_leads_to_its_branch(code: str, branch: type[errors.QuickBooksOnlineError]) -> None:
    error = error_of_answer(httpx.Response(400, json=_fault(code)), writing=True)
    assert isinstance(error, branch)


def test_a_refusal_is_known_whatever_the_status_it_comes_with() -> None:
    for status in (400, 404, 500):
        error = error_of_answer(httpx.Response(status, json=_fault("6240")), writing=True)
        assert type(error) is errors.DuplicateName


def test_error_carries_what_support_and_the_customer_need() -> None:
    response = httpx.Response(
        400,
        json=_fault("2500", "Invalid Reference Id", "Invalid Reference Id : Klasses element id 75 not found"),
        headers={"intuit_tid": "1-6750f1aa"},
    )
    error = error_of_answer(response, writing=True)
    assert isinstance(error, errors.InvalidReference)
    assert (error.code, error.element, error.intuit_tid, error.http_status) == (
        "2500",
        "VendorRef",
        "1-6750f1aa",
        400,
    )
    assert (error.reference_kind, error.reference_id) == ("Klasses", "75")
    assert error.sentence == "Invalid Reference Id : Klasses element id 75 not found"
    assert str(error) == (
        "Invalid Reference Id : Klasses element id 75 not found"
        " (HTTP 400, code 2500, element VendorRef, intuit_tid 1-6750f1aa)"
    )


def test_gateway_fault_of_an_expired_token() -> None:
    response = httpx.Response(401, json=_gateway("3200", 401, "AuthenticationFailed"))
    error = error_of_answer(response, writing=True)
    assert type(error) is errors.AccessTokenRejected
    assert error.sentence == "Token expired"


def test_gateway_fault_without_code_is_read_from_its_message() -> None:
    body = _gateway("3100", 403, "ApplicationAuthorizationFailed")
    body["fault"]["error"][0]["code"] = None
    error = error_of_answer(httpx.Response(403, json=body), writing=False)
    assert (type(error), error.code) == (errors.AppNotAuthorized, "3100")


def test_user_who_lost_access_is_not_mistaken_for_an_expired_token() -> None:
    error = error_of_answer(httpx.Response(401, json=_fault("120")), writing=False)
    assert type(error) is errors.UserLostAccess


@pytest.mark.parametrize("status", [429, 403])
def test_throttle_in_xml(status: int) -> None:
    """Before 2016-12 it came with 403: the code decides."""
    error = error_of_answer(httpx.Response(status, text=XML_THROTTLE), writing=True)
    assert type(error) is errors.Throttled
    assert error.retry_after == 60
    assert error.sentence == "The request limit was reached.  Try again later"


@pytest.mark.parametrize("text", ["", "<html>Too many</html>", '{"error":"rate"}'])
def test_throttle_of_any_other_shape(text: str) -> None:
    assert type(error_of_answer(httpx.Response(429, text=text), writing=True)) is errors.Throttled


def test_duplicate_number_under_the_code_of_a_closed_period() -> None:
    """A post of Intuit's prints it so."""
    response = httpx.Response(400, json=_fault("6210", "Duplicate Document Number Error"))
    assert type(error_of_answer(response, writing=True)) is errors.DuplicateDocumentNumber


def test_system_failure_leaves_a_write_unclear_and_a_read_to_be_repeated() -> None:
    response = httpx.Response(500, json=_fault("10000", kind="SystemFault"))
    assert type(error_of_answer(response, writing=True)) is errors.OutcomeUnclear
    assert type(error_of_answer(response, writing=False)) is errors.ServiceFailure


@pytest.mark.parametrize("kind", ["AuthorizationFault", "AuthorizatonFault"])
def test_fault_type_decides_where_the_code_is_unknown(kind: str) -> None:
    error = error_of_answer(httpx.Response(400, json=_fault("", kind=kind)), writing=True)
    assert type(error) is errors.AppNotAuthorized


def test_unknown_authentication_and_system_faults() -> None:
    authentication = httpx.Response(400, json=_fault("77", kind="AuthenticationFault"))
    assert type(error_of_answer(authentication, writing=True)) is errors.AccessTokenRejected
    system = httpx.Response(400, json=_fault("77", kind="SystemFault"))
    assert type(error_of_answer(system, writing=True)) is errors.OutcomeUnclear


def test_first_known_code_of_several_decides() -> None:
    body = _fault("7777")
    body["Fault"]["Error"].append({"Message": "closed", "Detail": "closed", "code": "6200", "element": ""})
    error = error_of_answer(httpx.Response(400, json=body), writing=True)
    assert (type(error), error.code) == (errors.PeriodClosed, "6200")


@pytest.mark.parametrize(
    ("status", "writing", "branch"),
    [
        (500, True, errors.OutcomeUnclear),
        (502, True, errors.OutcomeUnclear),
        (504, True, errors.OutcomeUnclear),
        (503, False, errors.ServiceFailure),
        (400, True, errors.OutcomeUnclear),
        (400, False, errors.AnswerUnreadable),
        (302, True, errors.OutcomeUnclear),
        (401, True, errors.AccessTokenRejected),
        (403, True, errors.AppNotAuthorized),
    ],
)
@pytest.mark.parametrize("text", ["", "<html><body>Bad gateway</body></html>", '{"Fault":{"Err', "[]"])
def test_a_body_without_fault_is_judged_by_its_status(
    status: int, writing: bool, branch: type[errors.QuickBooksOnlineError], text: str
) -> None:
    assert type(error_of_answer(httpx.Response(status, text=text), writing=writing)) is branch


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"<html><body>no</body></html>",
        b"<IntuitResponse><Bill/></IntuitResponse>",
        b'{"Bill":{"Id":"1"}}',
        b'{"fault":null,"Bill":{}}',
        b'{"Fault":{"Error"',
        b"<Fault",
        b"[" * 100_000,
    ],
)
def test_what_is_no_fault_is_not_read_as_one(body: bytes) -> None:
    assert read_fault(body) is None


def test_a_fault_without_errors_is_still_a_fault() -> None:
    fault = fault_of({"Fault": {"type": "ValidationFault"}})
    assert fault is not None
    error = error_of_fault(fault, status=200, intuit_tid="t", writing=True)
    assert type(error) is errors.BusinessRuleRefused
    assert error.sentence == "QuickBooks Online answered with error 200"


def test_xml_entities_are_not_expanded() -> None:
    body = (
        '<!DOCTYPE r [<!ENTITY e SYSTEM "file:///etc/hostname">]><IntuitResponse>'
        '<Fault type="SERVICE"><Error code="3001"><Detail>&e;</Detail></Error></Fault></IntuitResponse>'
    )
    fault = read_fault(body.encode())
    assert fault is not None
    assert fault.errors[0].detail == ""


def test_only_refusals_end_a_posting_attempt() -> None:
    """`Refused` is the promise "surely not done"; no branch that leaves doubt may stand under it."""
    doubtful = (
        errors.OutcomeUnclear,
        errors.ReadFailed,
        errors.Postponed,
        errors.ReconnectNeeded,
        errors.RequestNotSent,
    )
    for name in errors.__all__:
        kind = getattr(errors, name)
        assert issubclass(kind, errors.QuickBooksOnlineError)
        assert not (issubclass(kind, errors.Refused) and issubclass(kind, doubtful))
        assert name in str(errors.__doc__)

"""What the gateway in front of the API says: lower-case fault JSON for 401 and 403, XML for 429 (reference 2.5)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from simulators.quickbooks_online.wire import write_json


@dataclass(frozen=True)
class Answer:
    """An HTTP answer, ready to be sent and to be kept for a replay."""

    status: int
    body: bytes
    media_type: str = "application/json;charset=UTF-8"
    headers: dict[str, str] = field(default_factory=dict)


def _lower_case(now: float, message: str, code: str, detail: str | None, kind: str) -> bytes:
    fault: dict[str, Any] = {
        "error": [{"message": message, "detail": detail, "code": code, "element": None}],
        "type": kind,
    }
    return write_json(
        {
            "warnings": None,
            "intuitObject": None,
            "fault": fault,
            "report": None,
            "queryResponse": None,
            "batchItemResponse": [],
            "attachableResponse": [],
            "syncErrorResponse": None,
            "requestId": None,
            "time": int(now * 1000),
            "status": None,
            "cdcresponse": [],
        }
    )


def unauthenticated(now: float, detail: str) -> Answer:
    """401/3200: no access token, or one that is expired, revoked or nonsense."""
    message = "message=AuthenticationFailed; errorCode=003200; statusCode=401"
    return Answer(
        401,
        _lower_case(now, message, "3200", detail, "AUTHENTICATION"),
        headers={"WWW-Authenticate": 'Bearer realm="Intuit", error="invalid_token"'},
    )


def not_authorised(now: float) -> Answer:
    """403/3100: the app is not connected to this company, or the environment is the wrong one."""
    message = "message=ApplicationAuthorizationFailed; errorCode=003100; statusCode=403"
    return Answer(403, _lower_case(now, message, "3100", None, "SERVICE"))


def throttled(now: float, written_time: str, as_json: bool, retry_after: int | None) -> Answer:
    """429/3001, XML whatever was asked for unless a switch says JSON."""
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    message = "message=ThrottleExceeded; errorCode=003001; statusCode=429"
    detail = "The request limit was reached.  Try again later"
    if as_json:
        return Answer(429, _lower_case(now, message, "3001", detail, "SERVICE"), headers=headers)
    xml = (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
        f'<IntuitResponse time="{written_time}" xmlns="http://schema.intuit.com/finance/v3">'
        f'<Fault type="SERVICE"><Error code="3001"><Message>{message}</Message>'
        f"<Detail>{detail}</Detail></Error></Fault></IntuitResponse>"
    )
    return Answer(429, xml.encode(), "application/xml;charset=UTF-8", headers)

"""One call on the wire: sent once, its answer read whole, refusals turned into the errors of this package."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import httpx

from providers.procore.error_bodies import ErrorBody, read_error_body
from providers.procore.errors import (
    ProcoreAppNotInstalled,
    ProcoreError,
    ProcoreForbidden,
    ProcoreNotFound,
    ProcoreRateLimited,
    ProcoreRejected,
    ProcoreUnauthorized,
    ProcoreUnavailable,
    ProcoreUnreadable,
)
from providers.procore.rate_limit import read_rate_limit, read_retry_after


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete HTTP answer. `call` names method and path, without query: fit for a log."""

    call: str
    status: int
    headers: Mapping[str, str]
    text: str = field(repr=False)

    @property
    def request_id(self) -> str | None:
        """Procore's x-request-id."""
        return self.headers.get("x-request-id")


async def send(http: httpx.AsyncClient, request: httpx.Request, *, call: str) -> Answer:
    """Sends once and reads to the end, whatever the status.

    Raises ProcoreUnavailable where no answer came, ProcoreUnreadable where one broke off or is no UTF-8.
    """
    try:
        response = await http.send(request, stream=True)
    except httpx.TransportError as error:
        raise ProcoreUnavailable(_transport_reason(error), call=call) from None
    try:
        content = await response.aread()
    except httpx.TimeoutException:
        raise ProcoreUnavailable(
            "the answer took too long", call=call, status=response.status_code, request_id=_id_of(response)
        ) from None
    except (httpx.TransportError, httpx.DecodingError):
        raise ProcoreUnreadable(
            "the answer broke off", call=call, status=response.status_code, request_id=_id_of(response)
        ) from None
    finally:
        await response.aclose()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ProcoreUnreadable(
            "the answer is not UTF-8", call=call, status=response.status_code, request_id=_id_of(response)
        ) from None
    return Answer(call=call, status=response.status_code, headers=response.headers, text=text)


def error_of(answer: Answer, hide: tuple[str, ...] = ()) -> ProcoreError:
    """The error for an answer that is not 200; texts in `hide` are struck out of its reason.

    Statuses: Procore, documentation/api_essentials/error_reference.md.
    """
    body = read_error_body(answer.text)
    reason = body.message
    for secret in hide:
        reason = reason.replace(secret, "[hidden]") if secret else reason
    call, status, request_id = answer.call, answer.status, answer.request_id
    if status == httpx.codes.TOO_MANY_REQUESTS:
        reading = read_rate_limit(answer.headers)
        return ProcoreRateLimited(
            reason,
            call=call,
            status=status,
            code=body.code,
            request_id=request_id,
            resets_at=None if reading is None else reading.resets_at,
            retry_after=read_retry_after(answer.headers),
        )
    if status == httpx.codes.REQUEST_TIMEOUT or status >= 500:
        return ProcoreUnavailable(
            reason,
            call=call,
            status=status,
            code=body.code,
            request_id=request_id,
            retry_after=read_retry_after(answer.headers),
        )
    return _kind(status, body)(reason, call=call, status=status, code=body.code, request_id=request_id)


def _kind(status: int, body: ErrorBody) -> type[ProcoreError]:
    # A page in front of the API (a firewall, a wrong host) must not pass for a lost permission or a deleted
    # record.
    if status < 400 or body.is_html:
        return ProcoreUnreadable
    # Seen with 401 and 403, told apart by its text only.
    refused = status in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN)
    if refused and "not connected to this company" in body.message.lower():
        return ProcoreAppNotInstalled
    if status == httpx.codes.UNAUTHORIZED:
        return ProcoreUnauthorized
    if status == httpx.codes.FORBIDDEN:
        return ProcoreForbidden
    if status == httpx.codes.NOT_FOUND:
        return ProcoreNotFound
    return ProcoreRejected


def _transport_reason(error: httpx.TransportError) -> str:
    match error:
        case httpx.ConnectTimeout() | httpx.ConnectError():
            return "no connection"
        case httpx.PoolTimeout():
            return "too many of our own calls at once"
        case httpx.TimeoutException():
            return "no answer in time"
        case _:
            return "the connection broke before an answer came"


def _id_of(response: httpx.Response) -> str | None:
    request_id: str | None = response.headers.get("x-request-id")
    return request_id

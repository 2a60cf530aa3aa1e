"""One HTTP call, with httpx's exceptions told apart by the only thing that matters: may it have been done?"""

from __future__ import annotations

from collections.abc import Mapping

import httpx

from providers.quickbooks_online.errors import AnswerLost, OutcomeUnclear, RequestNotSent

# Raised before the first byte of a request leaves: no connection, no free connection, no proxy, or a header
# that cannot be written.
_NOT_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.LocalProtocolError,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)


async def send(
    http: httpx.AsyncClient,
    method: str,
    url: str,
    *,
    headers: Mapping[str, str],
    time_limits: httpx.Timeout,
    writing: bool,
    params: Mapping[str, str] | None = None,
    content: bytes | None = None,
) -> httpx.Response:
    """The whole answer, whatever its status.

    Raises RequestNotSent if nothing left; otherwise, when the answer is lost on the way, OutcomeUnclear for a
    write and AnswerLost for a read. No call is repeated here: Temporal retries.
    """
    try:
        return await http.request(method, url, params=params, headers=headers, content=content, timeout=time_limits)
    except _NOT_SENT as broken:
        raise RequestNotSent(f"no connection to {_host(url)}: {_reason(broken)}") from broken
    except httpx.RequestError as broken:
        lost = OutcomeUnclear if writing else AnswerLost
        raise lost(f"the answer of {_host(url)} was lost: {_reason(broken)}") from broken


def _host(url: str) -> str:
    return httpx.URL(url).host


def _reason(broken: httpx.RequestError) -> str:
    return str(broken) or type(broken).__name__

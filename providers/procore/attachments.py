"""Fetches the files of a requisition.

An attachment's address lies on Procore, needs the token there, and leads on to cloud storage, where the
token must not be sent (Procore: documentation/best_practices/secure_file_access_tips.md). Host names may
change.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import httpx

from providers.procore.answers import Answer, error_of
from providers.procore.errors import (
    ProcoreAttachmentTooLarge,
    ProcoreError,
    ProcoreUnavailable,
    ProcoreUnreadable,
)

_MOST_REDIRECTS = 5
_CALL = "GET attachment"


@dataclass(frozen=True, slots=True)
class DownloadedFile:
    """The bytes as stored; `content_type` is what the storage says, blank if it says nothing."""

    content: bytes = field(repr=False)
    content_type: str


@dataclass(frozen=True, slots=True)
class ProcoreHosts:
    """Which addresses may see our token: `*.procore.com` by TLS, and the configured API base itself."""

    base_url: httpx.URL

    def trusts(self, url: httpx.URL) -> bool:
        """Whether the token may go to `url`."""
        if (url.scheme, url.host, url.port) == (self.base_url.scheme, self.base_url.host, self.base_url.port):
            return True
        return url.scheme == "https" and (url.host == "procore.com" or url.host.endswith(".procore.com"))

    def allows(self, url: httpx.URL) -> bool:
        """Whether we go to `url` at all: unencrypted only where the API base itself is (on one's own
        machine).
        """
        return url.scheme == "https" or (url.scheme == "http" and self.base_url.scheme == "http")


async def download(
    http: httpx.AsyncClient,
    url: str,
    *,
    hosts: ProcoreHosts,
    headers: dict[str, str],
    max_bytes: int,
) -> DownloadedFile:
    """Follows at most five redirects; `headers` (token and company) go to trusted hosts only.

    Raises ProcoreAttachmentTooLarge past `max_bytes`, ProcoreUnreadable for an address that leads nowhere
    safe, and the errors of `answers.error_of`.
    """
    try:
        at = httpx.URL(url)
    except httpx.InvalidURL:
        raise ProcoreUnreadable("the attachment's address is no URL", call=_CALL) from None
    for _ in range(_MOST_REDIRECTS + 1):
        if not hosts.allows(at) or not at.host:
            raise ProcoreUnreadable("the attachment's address is not encrypted", call=_CALL)
        request = http.build_request("GET", at, headers=headers if hosts.trusts(at) else {})
        request.headers["Accept"] = "*/*"
        try:
            response = await http.send(request, stream=True)
            try:
                if response.next_request is not None:
                    at = response.next_request.url
                    continue
                return await _read(response, max_bytes, on_procore=hosts.trusts(at))
            finally:
                await response.aclose()
        except (httpx.TransportError, httpx.DecodingError):
            raise ProcoreUnavailable("the file did not arrive", call=_CALL) from None
    raise ProcoreUnreadable("the attachment leads on too often", call=_CALL)


async def _read(response: httpx.Response, max_bytes: int, *, on_procore: bool) -> DownloadedFile:
    if response.status_code != httpx.codes.OK:
        raise await _refusal(response, on_procore)
    content = bytearray()
    async for chunk in response.aiter_bytes():
        content += chunk
        if len(content) > max_bytes:
            raise ProcoreAttachmentTooLarge(f"the file is larger than {max_bytes} bytes", call=_CALL)
    return DownloadedFile(bytes(content), response.headers.get("content-type", ""))


async def _refusal(response: httpx.Response, on_procore: bool) -> ProcoreError:
    if on_procore:
        text = (await response.aread()).decode("utf-8", "replace")
        return error_of(Answer(_CALL, response.status_code, response.headers, text))
    # Storage links live for minutes and answer 403 afterwards: asking Procore again gives a new one.
    return ProcoreUnavailable("the storage did not give the file", call=_CALL, status=response.status_code)

"""HTTP requests in the form that Authlib's server side reads."""

from __future__ import annotations

import json
from collections import defaultdict
from urllib.parse import parse_qsl

from authlib.oauth2.rfc6749 import InvalidRequestError, OAuth2Payload, OAuth2Request
from starlette.requests import Request


class _Payload(OAuth2Payload):  # type: ignore[misc]
    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        self._data = dict(pairs)
        self._lists: defaultdict[str, list[str]] = defaultdict(list)
        for name, value in pairs:
            self._lists[name].append(value)

    @property
    def data(self) -> dict[str, str]:
        return self._data

    @property
    def datalist(self) -> defaultdict[str, list[str]]:
        return self._lists


class ReadRequest(OAuth2Request):  # type: ignore[misc]
    """A Starlette request whose body has been read, as Authlib wants to see it."""

    def __init__(self, request: Request, form: list[tuple[str, str]]) -> None:
        # The provider speaks HTTPS; the simulator stands for it on plain HTTP, which Authlib would refuse.
        super().__init__(request.method, str(request.url.replace(scheme="https")), headers=request.headers)
        query = list(request.query_params.multi_items())
        self.payload = _Payload(query + form)
        self._args = dict(query)
        self._form = dict(form)

    @property
    def args(self) -> dict[str, str]:
        return self._args

    @property
    def form(self) -> dict[str, str]:
        return self._form


async def read_form(request: Request) -> list[tuple[str, str]]:
    """The body's fields, from form encoding or JSON (both providers take both). Raises OAuthError."""
    body = await request.body()
    if not body:
        return []
    try:
        if "json" in request.headers.get("content-type", ""):
            fields = json.loads(body)
            return [(str(name), str(value)) for name, value in fields.items()]
        return parse_qsl(body.decode(), keep_blank_values=True)
    except (ValueError, AttributeError):
        raise InvalidRequestError("The body cannot be read.") from None

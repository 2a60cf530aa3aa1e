"""Sends the calls of one client: token, company header, one fresh token after a 401, pages, records."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Mapping
from functools import partial
from typing import TypeVar

import httpx

from providers.procore import paging
from providers.procore.answers import Answer, error_of, send
from providers.procore.errors import ProcoreAppNotInstalled, ProcoreUnreadable
from providers.procore.paging import Page
from providers.procore.rate_limit import RateLimit, http_date, read_rate_limit
from providers.procore.token_source import TokenSource
from providers.procore.wire import Unreadable, WireModel, read_json, read_record, record_of, texts_of_array

Query = list[tuple[str, str]]
Record = TypeVar("Record")
Model = TypeVar("Model", bound=WireModel)

# A list that claims a next page this often is broken; without an end it would hold its activity for ever.
_MOST_PAGES = 2000


class ProcoreCalls:
    """Every call carries the token and, where one is set, the company. Nothing else is ever sent twice.

    Raises the errors of `providers.procore.errors`.
    """

    def __init__(
        self, base_url: str, http: httpx.AsyncClient, token_source: TokenSource, company_id: str | None
    ) -> None:
        self._base = base_url.rstrip("/")
        self._http = http
        self._token_source = token_source
        self._company_id = company_id
        self.count = 0
        self.rate_limit: RateLimit | None = None

    def headers(self, token: str) -> dict[str, str]:
        """What authorises a call in Procore's eyes."""
        headers = {"Authorization": f"Bearer {token}"}
        if self._company_id is not None:
            headers["Procore-Company-Id"] = self._company_id
        return headers

    async def get(self, path: str, query: Query) -> Answer:
        """An answer with status 200, whatever its text."""
        return await self._call("GET", path, query, None, (httpx.codes.OK,))

    async def post(self, path: str, body: Mapping[str, object], model: type[Model]) -> Model:
        """Create what `body` describes and read it back from the envelope; sent again only after a refused token."""
        answer = await self._call("POST", path, [], _written(body), (httpx.codes.OK, httpx.codes.CREATED))
        return _of_envelope(answer, model)

    async def write(self, method: str, path: str, body: bytes, model: type[Model]) -> Model:
        """Send a record's exact bytes to API v1 and read it back, bare; sent again only after a refused token."""
        answer = await self._call(method, path, [], body, (httpx.codes.OK, httpx.codes.CREATED))
        return _record(answer, parsed(answer), model)

    async def delete(self, path: str, query: Query | None = None) -> None:
        """Delete; Procore answers with or without a body."""
        await self._call("DELETE", path, query or [], None, (httpx.codes.OK, httpx.codes.NO_CONTENT))

    async def _call(self, method: str, path: str, query: Query, body: bytes | None, good: tuple[int, ...]) -> Answer:
        token = await self._token_source.token()
        answer = await self._send(method, path, query, body, token)
        if answer.status == httpx.codes.UNAUTHORIZED and not isinstance(error_of(answer), ProcoreAppNotInstalled):
            await self._token_source.rejected(token)
            fresh = await self._token_source.token()
            if fresh != token:
                token = fresh
                answer = await self._send(method, path, query, body, token)
        if answer.status not in good:
            raise error_of(answer, hide=(token,))
        return answer

    async def _send(self, method: str, path: str, query: Query, body: bytes | None, token: str) -> Answer:
        self.count += 1
        headers = self.headers(token) | ({} if body is None else {"Content-Type": "application/json"})
        request = self._http.build_request(
            method, self._base + path, params=tuple(query) or None, headers=headers, content=body
        )
        answer = await send(self._http, request, call=f"{method} {path}")
        self.rate_limit = read_rate_limit(answer.headers) or self.rate_limit
        return answer

    async def one(self, path: str, query: Query, model: type[Model], **known: str) -> Model:
        """The one record of an answer; ProcoreUnreadable where it is not one."""
        answer = await self.get(path, query)
        record = record_of(model, parsed(answer), answer.text, **known)
        if isinstance(record, Unreadable):
            raise unreadable_answer(answer, record.reason)
        return record

    async def pages(
        self,
        path: str,
        query: Query,
        read: Callable[[str], Record | Unreadable],
        per_page: int,
    ) -> AsyncIterator[Page[Record]]:
        """Pages from the first on, as long as the Link header names a next one."""
        for number in range(1, _MOST_PAGES + 1):
            answer = await self.get(path, [*query, ("page", str(number)), ("per_page", str(per_page))])
            page = _page(number, answer, read)
            yield page
            if page.is_last:
                return
        raise ProcoreUnreadable(f"the list has no end after {_MOST_PAGES} pages", call=f"GET {path}")

    async def enveloped(self, path: str, query: Query, model: type[Model], per_page: int) -> list[Model]:
        """Every record of a v2 list; one that cannot be read makes the whole list ProcoreUnreadable."""
        records: list[Model] = []
        for number in range(1, _MOST_PAGES + 1):
            answer = await self.get(path, [*query, ("page", str(number)), ("per_page", str(per_page))])
            records += [_record(answer, value, model) for value in _list_of_envelope(answer)]
            if not paging.has_next(answer.headers):
                return records
        raise ProcoreUnreadable(f"the list has no end after {_MOST_PAGES} pages", call=f"GET {path}")


def _written(body: Mapping[str, object]) -> bytes:
    return json.dumps(body, separators=(",", ":")).encode()


def _enveloped_value(answer: Answer) -> object:
    """What a v2 answer carries as `data` (Procore: documentation/announcements/new_rest_v2_version.md)."""
    value = parsed(answer)
    return value.get("data") if isinstance(value, dict) else None


def _list_of_envelope(answer: Answer) -> list[object]:
    value = _enveloped_value(answer)
    if not isinstance(value, list):
        raise unreadable_answer(answer, "data: a list is expected")
    return value


def _of_envelope(answer: Answer, model: type[Model]) -> Model:
    return _record(answer, _enveloped_value(answer), model)


def _record(answer: Answer, value: object, model: type[Model]) -> Model:
    record = record_of(model, value, "")
    if isinstance(record, Unreadable):
        raise unreadable_answer(answer, record.reason)
    return record


def _page(number: int, answer: Answer, read: Callable[[str], Record | Unreadable]) -> Page[Record]:
    try:
        results = [read(raw) for raw in texts_of_array(answer.text)]
    except ValueError as problem:
        raise unreadable_answer(answer, _what_came(answer, problem)) from None
    return Page(
        number=number,
        records=tuple(result for result in results if not isinstance(result, Unreadable)),
        unreadable=tuple(result for result in results if isinstance(result, Unreadable)),
        is_last=not paging.has_next(answer.headers),
        total=paging.total(answer.headers),
        rate_limit=read_rate_limit(answer.headers),
        request_id=answer.request_id,
        answered_at=http_date(answer.headers.get("date")),
    )


def reader(model: type[Model], **known: str) -> Callable[[str], Model | Unreadable]:
    """Reads one record; `known` are fields that Procore leaves out because the path says them."""
    return partial(read_record, model, **known)


def parsed(answer: Answer) -> object:
    """The JSON of an answer; ProcoreUnreadable where it is none."""
    try:
        value: object = read_json(answer.text)
    except ValueError as problem:
        raise unreadable_answer(answer, _what_came(answer, problem)) from None
    return value


def _what_came(answer: Answer, problem: ValueError) -> str:
    text = answer.text.lstrip()
    if not text:
        return "the answer is empty"
    if text.startswith("<"):
        return "the answer is an HTML page"
    return f"the answer is not the promised JSON ({problem})"


def unreadable_answer(answer: Answer, reason: str) -> ProcoreUnreadable:
    """The error for an answer that came and is not what was promised."""
    return ProcoreUnreadable(reason, call=answer.call, status=answer.status, request_id=answer.request_id)

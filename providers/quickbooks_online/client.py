"""The calls of the QuickBooks Online Accounting API that we make, typed.

Facts it keeps: only GET and POST; `minorversion` 75 always sent; a write carries a `requestid` and is answered
from memory when the same id comes again; 401 means the access token, once. (Intuit: rest-api-features,
learn-basic-field-definitions)
"""

from __future__ import annotations

import logging
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import httpx

from providers.quickbooks_online.answers import (
    Answer,
    ChangeSet,
    QueryPage,
    UnexpectedShape,
    change_set,
    one_entity,
    query_page,
)
from providers.quickbooks_online.batch import BatchAnswer, SerializedBatch, read_outcomes
from providers.quickbooks_online.bill_update import BillAsRead
from providers.quickbooks_online.errors import (
    AccessTokenRejected,
    AnswerUnreadable,
    InvalidRequest,
    OutcomeUnclear,
    QuickBooksOnlineError,
)
from providers.quickbooks_online.faults import Fault, error_of_answer, error_of_fault, fault_of, read_fault, trace_id
from providers.quickbooks_online.query import ACTIVE_OR_NOT, MOST_ROWS, Condition, Select
from providers.quickbooks_online.sending import send
from providers.quickbooks_online.token_source import TokenSource
from providers.quickbooks_online.turn import Turn, at_once
from providers.quickbooks_online.types import Attachable, Bill, CompanyInfo, Entity, Preferences
from providers.quickbooks_online.types.entity import EntityT, read_deleted
from providers.quickbooks_online.uploads import FileToAttach, answered_row, attachable_in, form_of
from providers.quickbooks_online.wire import UnreadableJson, read_instant, read_json

PRODUCTION_URL = "https://quickbooks.api.intuit.com"
SANDBOX_URL = "https://sandbox-quickbooks.api.intuit.com"

MINOR_VERSION = "75"
JSON = "application/json"
LONGEST_REQUEST_ID = 50
LONGEST_BATCH_REQUEST_ID = 36

# Seconds. QuickBooks gives up after 120 s (limits-and-throttles): past 130 s a write can no longer be running,
# so that a look-up never overtakes it.
WRITE_TIMEOUT = httpx.Timeout(connect=10.0, read=130.0, write=30.0, pool=10.0)
READ_TIMEOUT = httpx.Timeout(connect=10.0, read=60.0, write=30.0, pool=10.0)

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]+")

_log = logging.getLogger(__name__)


class QuickBooksOnlineClient:
    """One realm (QuickBooks company) through one authorisation.

    Every method raises errors of `errors.QuickBooksOnlineError` and no other; nothing is retried except once
    after a rejected access token, with the same requestid. The HTTP client stays the caller's to close.
    """

    def __init__(self, base_url: str, http: httpx.AsyncClient, token_source: TokenSource, realm_id: str) -> None:
        if not (realm_id.isascii() and realm_id.isdigit()):
            raise InvalidRequest("a QuickBooks company id consists of digits")
        self._company_url = f"{base_url.rstrip('/')}/v3/company/{realm_id}"
        self._http = http
        self._token_source = token_source
        self.realm_id = realm_id

    async def company_info(self) -> Answer[CompanyInfo]:
        """Who the company is; the first call after connecting. A metered read, as are all reads here."""
        return await self._read_entity(CompanyInfo, f"companyinfo/{self.realm_id}")

    async def preferences(self) -> Answer[Preferences]:
        """The company's settings."""
        return await self._read_entity(Preferences, "preferences")

    async def read_bill(self, bill_id: str) -> Answer[Bill]:
        """One bill. MissingOrInactive if there is none of this id (any more)."""
        if not bill_id.isalnum():
            raise InvalidRequest("a QuickBooks id consists of digits")
        return await self._read_entity(Bill, f"bill/{bill_id}")

    async def read_whole_bill(self, bill_id: str) -> Answer[BillAsRead]:
        """One bill with every member QuickBooks gave it, to be sent back changed: what a full update leaves out is
        cleared there. MissingOrInactive if there is none of this id (any more).
        """
        if not bill_id.isalnum():
            raise InvalidRequest("a QuickBooks id consists of digits")
        answer, response = await self._read(f"bill/{bill_id}", {})
        try:
            return _answer(BillAsRead(one_entity(Bill, answer), answer["Bill"]), answer, response)
        except UnexpectedShape as unexpected:
            raise _unusable(response, str(unexpected), writing=False) from None

    async def query(self, kind: type[EntityT], select: Select) -> Answer[QueryPage[EntityT]]:
        """One page of a query of `kind`; unreadable rows are named in the page."""
        if select.entity != kind.entity_name:
            raise InvalidRequest(f"a query of {select.entity} cannot be read as {kind.entity_name}")
        answer, response = await self._read("query", {"query": str(select)})
        try:
            page = query_page(kind, answer)
        except UnexpectedShape as unexpected:
            raise _unusable(response, str(unexpected), writing=False) from None
        return _answer(page, answer, response)

    async def pages(
        self,
        kind: type[EntityT],
        where: Sequence[Condition] = (),
        page_size: int = MOST_ROWS,
        before_each: Turn = at_once,
    ) -> AsyncIterator[QueryPage[EntityT]]:
        """All pages of an entity, one metered read each. Name lists bring inactive rows too.

        ``before_each`` is awaited before every request: whoever shares the company's limits waits for a place there.
        """
        conditions = (*where, ACTIVE_OR_NOT) if kind.lists_active_only else tuple(where)
        select = Select(kind.entity_name, conditions, max_results=page_size)
        while True:
            await before_each()
            page = (await self.query(kind, select)).value
            yield page
            if page.rows < page_size:
                return
            select = select.page_after(page.rows)

    async def all_of(
        self,
        kind: type[EntityT],
        where: Sequence[Condition] = (),
        page_size: int = MOST_ROWS,
        before_each: Turn = at_once,
    ) -> AsyncIterator[EntityT]:
        """Every row of an entity, active or not, by id. A row that cannot be read is logged and left out, so
        that one bad vendor does not cost the list; use `pages` where its absence would matter."""
        async for page in self.pages(kind, where, page_size, before_each):
            for unreadable in page.unreadable:
                _log.warning(
                    "QuickBooks sent an unreadable %s %s: %s",
                    unreadable.entity_name,
                    unreadable.id,
                    unreadable.problem,
                )
            for entity in page.entities:
                yield entity

    async def find_bills(
        self, vendor_id: str, doc_number: str | None = None, total: Decimal | None = None
    ) -> tuple[Bill, ...]:
        """All bills of a vendor with this number and total, where given: the look-up after an unclear write.

        Raises AnswerUnreadable if any row is unreadable: leaving it out could read as "not there".
        """
        where = [Condition("VendorRef", "=", vendor_id)]
        if doc_number is not None:
            where.append(Condition("DocNumber", "=", doc_number))
        if total is not None:
            where.append(Condition("TotalAmt", "=", total))
        bills: list[Bill] = []
        async for page in self.pages(Bill, where):
            for unreadable in page.unreadable:
                raise AnswerUnreadable(f"bill {unreadable.id} is unreadable: {unreadable.problem}")
            bills += page.entities
        return tuple(bills)

    async def cdc(self, kinds: Sequence[type[Entity]], since: datetime) -> Answer[ChangeSet]:
        """Everything of these kinds that changed since an instant, at most 30 days back.

        The next `since` is the answer's `time` less an overlap: QuickBooks counts in seconds.
        """
        if since.tzinfo is None:
            raise InvalidRequest("the start of a change query needs its offset")
        answer, response = await self._read(
            "cdc",
            {
                "entities": ",".join(kind.entity_name for kind in kinds),
                "changedSince": since.isoformat(timespec="seconds"),
            },
        )
        try:
            changes = change_set(kinds, answer)
        except UnexpectedShape as unexpected:
            raise _unusable(response, str(unexpected), writing=False) from None
        return _answer(changes, answer, response)

    async def create(self, kind: type[EntityT], body: bytes, request_id: str) -> Answer[EntityT]:
        """Creates a bill, vendor credit or vendor from its exact bytes, or gets the first answer to this id again.

        OutcomeUnclear whenever it may or may not exist now. Intuit: a path is the entity's name in lower case
        (all-entities/vendorcredit).
        """
        path = kind.entity_name.lower()
        answer, response = await self._post(path, body, request_id, LONGEST_REQUEST_ID, writing=True)
        try:
            created = one_entity(kind, answer)
        except UnexpectedShape as unexpected:
            raise _unusable(response, str(unexpected), writing=True) from None
        return _answer(created, answer, response)

    async def upload(self, file: FileToAttach, request_id: str) -> Answer[Attachable]:
        """Attaches one file to a transaction. OutcomeUnclear whenever it may or may not hang there now; whether an
        upload is answered from memory is not documented, so look first (`attachments_of`) before it is repeated."""
        body, content_type = form_of(file, boundary=request_id)
        answer, response = await self._post(
            "upload", body, request_id, LONGEST_REQUEST_ID, writing=True, content_type=content_type
        )
        try:
            row = answered_row(answer)
            if fault := fault_of(row):
                raise _fault_error(fault, response, writing=True)
            return _answer(attachable_in(row), answer, response)
        except UnexpectedShape as unexpected:
            raise _unusable(response, str(unexpected), writing=True) from None

    async def update_bill(self, body: bytes, request_id: str) -> Answer[Bill]:
        """Changes a bill to what `serialize_bill_update` made, as `create` makes one: the Id in it says which.

        StaleObject when somebody changed the bill since it was read; OutcomeUnclear as for `create`.
        Intuit: all-entities/bill, full update a bill.
        """
        return await self.create(Bill, body, request_id)

    async def delete(self, kind: type[Entity], body: bytes, request_id: str) -> None:
        """Deletes a bill or vendor credit: ``body`` holds its Id and the SyncToken it was read with.

        StaleObject where it was changed since, MissingOrInactive where it is gone already, DependencyRefused or another
        PersonNeeded where QuickBooks keeps it; OutcomeUnclear whenever it may or may not exist now. Intuit:
        all-entities/bill, delete a bill.
        """
        path, params = kind.entity_name.lower(), {"operation": "delete"}
        answer, response = await self._post(path, body, request_id, LONGEST_REQUEST_ID, writing=True, params=params)
        if read_deleted(kind, answer.get(kind.entity_name)) is None:
            raise _unusable(response, f"the answer holds no deleted {kind.entity_name}", writing=True)

    async def batch(self, batch: SerializedBatch, request_id: str) -> BatchAnswer:
        """Sends a batch (`serialize_batch`) and gives an outcome for each of its items.

        An exception concerns the batch as a whole; OutcomeUnclear then means every write in it. A batch of
        look-ups needs a requestid of its own each time: under an old one QuickBooks gives the old answer.
        """
        answer, response = await self._post(
            "batch", batch.body, request_id, LONGEST_BATCH_REQUEST_ID, writing=batch.writes
        )
        try:
            outcomes = read_outcomes(batch.items, answer, trace_id(response))
        except UnexpectedShape as unexpected:
            raise _unusable(response, str(unexpected), writing=batch.writes) from None
        return BatchAnswer(outcomes, trace_id(response), read_instant(answer.get("time")))

    async def _read_entity(self, kind: type[EntityT], path: str) -> Answer[EntityT]:
        answer, response = await self._read(path, {})
        try:
            return _answer(one_entity(kind, answer), answer, response)
        except UnexpectedShape as unexpected:
            raise _unusable(response, str(unexpected), writing=False) from None

    async def _read(self, path: str, params: dict[str, str]) -> tuple[dict[str, Any], httpx.Response]:
        return await self._call("GET", path, params, content=None, writing=False)

    async def _post(
        self,
        path: str,
        body: bytes,
        request_id: str,
        longest: int,
        *,
        writing: bool,
        params: Mapping[str, str] | None = None,
        content_type: str = JSON,
    ) -> tuple[dict[str, Any], httpx.Response]:
        if len(request_id) > longest or not _REQUEST_ID.fullmatch(request_id):
            raise InvalidRequest(f"a requestid of {path} has 1 to {longest} letters, digits, '.', '_' or '-'")
        asked = {**(params or {}), "requestid": request_id}
        return await self._call("POST", path, asked, content=body, writing=writing, content_type=content_type)

    async def _call(
        self,
        method: str,
        path: str,
        params: dict[str, str],
        *,
        content: bytes | None,
        writing: bool,
        content_type: str = JSON,
    ) -> tuple[dict[str, Any], httpx.Response]:
        token = await self._token_source.token()
        response = await self._send(token, method, path, params, content, content_type, writing=writing)
        try:
            return _understood(response, writing=writing), response
        except AccessTokenRejected:
            await self._token_source.rejected(token)
        token = await self._token_source.token()
        response = await self._send(token, method, path, params, content, content_type, writing=writing)
        return _understood(response, writing=writing), response

    async def _send(
        self,
        token: str,
        method: str,
        path: str,
        params: dict[str, str],
        content: bytes | None,
        content_type: str,
        *,
        writing: bool,
    ) -> httpx.Response:
        headers = {"Accept": "application/json", "Authorization": f"Bearer {token}"}
        if content is not None:
            headers["Content-Type"] = content_type
        return await send(
            self._http,
            method,
            f"{self._company_url}/{path}",
            params={**params, "minorversion": MINOR_VERSION},
            headers=headers,
            content=content,
            time_limits=WRITE_TIMEOUT if writing else READ_TIMEOUT,
            writing=writing,
        )


def _understood(response: httpx.Response, *, writing: bool) -> dict[str, Any]:
    """The JSON object of a success; every other answer is raised. HTTP 200 can carry a Fault."""
    if response.status_code != httpx.codes.OK:
        raise error_of_answer(response, writing=writing)
    try:
        answer = read_json(response.content)
    except UnreadableJson as unreadable:
        if fault := read_fault(response.content):
            raise _fault_error(fault, response, writing=writing) from None
        raise _unusable(response, str(unreadable), writing=writing) from None
    if fault := fault_of(answer):
        raise _fault_error(fault, response, writing=writing)
    if not isinstance(answer, dict):
        raise _unusable(response, "the answer is no JSON object", writing=writing)
    return answer


def _fault_error(fault: Fault, response: httpx.Response, *, writing: bool) -> QuickBooksOnlineError:
    return error_of_fault(fault, status=response.status_code, intuit_tid=trace_id(response), writing=writing)


def _answer(value: Any, answer: dict[str, Any], response: httpx.Response) -> Answer[Any]:
    return Answer(value, trace_id(response), read_instant(answer.get("time")))


def _unusable(response: httpx.Response, problem: str, *, writing: bool) -> QuickBooksOnlineError:
    kind = OutcomeUnclear if writing else AnswerUnreadable
    return kind(
        f"QuickBooks Online answered unreadably: {problem}",
        intuit_tid=trace_id(response),
        http_status=response.status_code,
    )

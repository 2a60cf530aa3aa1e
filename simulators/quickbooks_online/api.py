"""The Accounting API under /v3/company/{realm}: gateway checks first, then the call, then meter and replay."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from simulators.quickbooks_online.batch import run_batch
from simulators.quickbooks_online.books import KINDS, Books
from simulators.quickbooks_online.cdc import changes_since
from simulators.quickbooks_online.gateway import Admission, Gateway, check_company
from simulators.quickbooks_online.gateway_answers import Answer
from simulators.quickbooks_online.operations import WRITABLE, perform
from simulators.quickbooks_online.queries import run_query
from simulators.quickbooks_online.refusals import Refusal, missing, unsupported_operation, unsupported_property
from simulators.quickbooks_online.replays import LONGEST_ID, check_request_id
from simulators.quickbooks_online.simulation import Simulation
from simulators.quickbooks_online.uploads import attach, read_files
from simulators.quickbooks_online.wire import read_json, shown, write_json
from simulators.traffic import Exchange

_KINDS_BY_PATH = {kind.lower(): kind for kind in KINDS}


@dataclass(frozen=True)
class Call:
    """One call, past the gateway. `work` does it and returns the envelope without `time`."""

    label: str
    work: Callable[[Books], dict[str, Any]]
    is_read: bool = False
    is_batch: bool = False
    request_id: str | None = None


class Api:
    """The endpoints, over one simulation."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation
        self._gateway = Gateway(simulation)

    async def entity(self, request: Request) -> Response:
        """POST /{entity}: create, update, delete, void."""
        body = await request.body()
        query = request.query_params
        name = request.path_params["entity"]
        kind = _KINDS_BY_PATH.get(name)
        operation = query.get("operation", "write")
        options = frozenset(query.get("include", "").lower().split(","))

        def work(books: Books) -> dict[str, Any]:
            if kind not in WRITABLE:
                raise unsupported_operation(name)
            payload = _payload(body)
            return {kind: perform(books, kind, _operation(operation, options, payload), payload, options)}

        is_new = operation == "write" and b'"SyncToken"' not in body
        word = {"write": "create" if is_new else "update"}.get(operation, operation)
        label = f"{'void' if 'void' in options else word} {kind or 'unknown'}"
        return self._answer(request, Call(label, work, request_id=query.get("requestid")))

    async def read(self, request: Request) -> Response:
        """GET /{entity}/{id}, /companyinfo/{realm}."""
        name, entity_id = request.path_params["entity"], request.path_params["id"]

        def work(books: Books) -> dict[str, Any]:
            if name == "companyinfo":
                return {"CompanyInfo": shown(books.switches, "CompanyInfo", books.company_info)}
            kind = _KINDS_BY_PATH.get(name)
            if kind is None:
                raise unsupported_operation(name)
            return {kind: shown(books.switches, kind, books.get(kind, entity_id))}

        label = f"read {_KINDS_BY_PATH.get(name, name)}"
        return self._answer(request, Call(label, work, is_read=True))

    async def preferences(self, request: Request) -> Response:
        """GET /preferences."""

        def work(books: Books) -> dict[str, Any]:
            return {"Preferences": shown(books.switches, "Preferences", books.preferences)}

        return self._answer(request, Call("read preferences", work, is_read=True))

    async def query(self, request: Request) -> Response:
        """GET /query?query= or POST /query with the statement as body."""
        statement = request.query_params.get("query")
        if request.method == "POST":
            statement = (await request.body()).decode(errors="replace")

        def work(books: Books) -> dict[str, Any]:
            if not statement:
                raise missing("query")
            return {"QueryResponse": run_query(books, statement)}

        return self._answer(request, Call("query", work, is_read=True))

    async def cdc(self, request: Request) -> Response:
        """GET /cdc?entities=&changedSince=."""
        query = request.query_params

        def work(books: Books) -> dict[str, Any]:
            found = changes_since(books, query.get("entities"), query.get("changedSince"))
            return {"CDCResponse": [{"QueryResponse": found}]}

        return self._answer(request, Call("cdc", work, is_read=True))

    async def batch(self, request: Request) -> Response:
        """POST /batch. Replays go item by item, so the batch as a whole is not kept."""
        body = await request.body()
        request_id = request.query_params.get("requestid")
        simulation = self._simulation

        def work(books: Books) -> dict[str, Any]:
            now = simulation.clock.timestamp()
            outcomes = run_batch(books, _payload(body), request_id, simulation.batch_replays, simulation.meter, now)
            return {"BatchItemResponse": outcomes}

        return self._answer(request, Call("batch", work, is_batch=True))

    async def upload(self, request: Request) -> Response:
        """POST /upload, multipart/form-data."""
        async with request.form(max_part_size=101 * 1024 * 1024) as form:
            files = await read_files(form)
        simulation = self._simulation
        public_url = simulation.public_url or str(request.base_url).rstrip("/")
        request_id = request.query_params.get("requestid") if simulation.switches.requestid_on_upload else None

        def work(books: Books) -> dict[str, Any]:
            return {"AttachableResponse": attach(books, files, public_url)}

        return self._answer(request, Call("upload", work, request_id=request_id))

    async def download_link(self, request: Request) -> Response:
        """GET /download/{id}: where the file can be fetched for 15 minutes, as plain text."""
        admitted = self._gateway.admit(request)
        if isinstance(admitted, Answer):
            return _response(admitted)
        entity = admitted.books.find("Attachable", request.path_params["id"])
        return Response(entity["TempDownloadUri"]) if entity else Response(status_code=404)

    async def unsupported(self, request: Request) -> Response:
        """Any other address of a company."""

        def work(books: Books) -> dict[str, Any]:
            raise unsupported_operation(request.url.path)

        return self._answer(request, Call("unsupported", work))

    def _answer(self, request: Request, call: Call) -> Response:
        """Gateway, call, meter, replay. Nothing waits in here: a call happens all at once."""
        exchange: Exchange | None = getattr(request.state, "exchange", None)
        if exchange is not None:
            exchange.label = call.label
        admitted = self._gateway.admit(request, is_batch=call.is_batch)
        return _response(admitted if isinstance(admitted, Answer) else self._serve(admitted, call))

    def _serve(self, admitted: Admission, call: Call) -> Answer:
        simulation, realm_id = self._simulation, admitted.books.realm_id
        now = simulation.clock.timestamp()
        if call.is_read and simulation.meter.blocked(now, simulation.switches.coreplus_block_at):
            return self._gateway.slow_down()
        try:
            check_company(admitted)
            if call.request_id is not None:
                check_request_id(call.request_id)
                first = simulation.replays.find(realm_id, call.request_id, now)
                if first is not None:
                    simulation.meter.replays += 1
                    return first
            envelope = call.work(admitted.books) | {"time": simulation.time_text()}
            answer = Answer(200, write_json(envelope))
            if not call.is_batch:
                simulation.meter.count(now, core=int(not call.is_read), coreplus=int(call.is_read))
        except Refusal as refusal:
            fault = {"Fault": refusal.fault(), "time": simulation.time_text()}
            answer = Answer(refusal.status, write_json(fault))
        if call.request_id is not None and len(call.request_id) <= LONGEST_ID:
            simulation.replays.keep(realm_id, call.request_id, now, answer, is_fault=answer.status != 200)
        return answer


def _payload(body: bytes) -> Any:
    try:
        return read_json(body)
    except UnicodeDecodeError:
        raise unsupported_operation("Invalid byte in a UTF-8 text") from None
    except ValueError:
        raise unsupported_property("the body is no JSON") from None


def _operation(asked: str, options: frozenset[str], payload: Any) -> str:
    if "void" in options or asked == "void":
        return "void"
    if asked == "delete":
        return "delete"
    if asked not in ("write", "update", "create"):
        raise unsupported_operation(asked)
    return "update" if isinstance(payload, dict) and payload.get("Id") else "create"


def _response(answer: Answer) -> Response:
    headers = {"intuit_tid": f"1-{uuid.uuid4().hex}", **answer.headers}
    return Response(answer.body, answer.status, headers, answer.media_type)

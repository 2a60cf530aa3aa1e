"""One REST request: who asks, for which company, with which parameters, and how the answer goes out.

`Procore-Company-Id` rules: documentation/tutorials/tutorial_mpz.md and oauth/oauth_client_credentials.md.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response

from simulators.procore import permissions
from simulators.procore.errors import (
    MISSING_COMPANY,
    NOT_CONNECTED,
    OVER_LIMIT,
    ApiError,
    bad_parameter,
    missing_parameter,
    no_access,
    not_found,
    unauthorized,
)
from simulators.procore.query import Query
from simulators.procore.requisition_book import Actor
from simulators.procore.wire import Wire, encoded

if TYPE_CHECKING:
    from simulators.procore.simulator import ProcoreSimulator

READ, STANDARD, ADMIN = 2, 3, 4


@dataclass(frozen=True)
class Endpoint:
    """A REST operation. `company_optional`: a person's token may leave the company header out."""

    method: str
    path: str
    handler: Callable[[Call], Response]
    company_optional: bool = False


@dataclass
class Call:
    """An authenticated request. Every reader raises ApiError with Procore's answer when something is missing."""

    simulator: ProcoreSimulator
    query: Query
    path: Mapping[str, str]
    body: Wire
    user: Wire
    client_id: str
    company_id: int | None
    address: str

    @property
    def actor(self) -> Actor:
        return Actor(self.user, self.client_id)

    @property
    def is_service_account(self) -> bool:
        return bool(self.user["id"] == self.simulator.records.service_account["id"])

    @property
    def company(self) -> int:
        """The company of the header. Only for endpoints that demand it."""
        if self.company_id is None:
            raise ApiError(400, MISSING_COMPANY)
        return self.company_id

    def parameter(self, name: str) -> str:
        """A required parameter from path, query or body."""
        value = self.path.get(name) or self.query.get(name) or self.body.get(name)
        if value is None or value == "":
            raise missing_parameter(name)
        return str(value)

    def number(self, name: str) -> int:
        text = self.parameter(name)
        if not text.isascii() or not text.isdigit() or len(text) > 19:
            raise bad_parameter(name)
        return int(text)

    def id_in_path(self, name: str = "id") -> int:
        """An id that is no number is simply not there."""
        text = self.path[name]
        if not text.isascii() or not text.isdigit() or len(text) > 19:
            raise not_found()
        return int(text)

    def part(self, name: str) -> Wire:
        """A required object of the body."""
        value = self.body.get(name)
        if not isinstance(value, dict) or not value:
            raise missing_parameter(name)
        return value

    def project(self, name: str = "project_id") -> Wire:
        """The project asked for, if the caller may see it.

        403 for a project the service account was not given (or 404, by switch), 404 for any other.
        """
        records = self.simulator.records
        project = records.projects.get(self.number(name))
        if project is None or project["company_id"] != self.company:
            raise not_found()
        if not permissions.sees_project(records, self.user, project):
            if self.is_service_account and not self.simulator.switches.hide_unpermitted_projects:
                raise no_access()
            raise not_found()
        return project

    def level(self, tool: str) -> int:
        return permissions.level(self.simulator.records, self.user, self.company, tool)

    def demand(self, tool: str, level: int) -> None:
        """403 unless the caller has at least this level on the tool."""
        if self.level(tool) < level:
            raise no_access()


def answer(wire: object, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(encoded(wire), status, headers, "application/json")


async def respond(simulator: ProcoreSimulator, endpoint: Endpoint, request: Request) -> Response:
    """Authenticate, count, check the company, run the handler; errors leave in Procore's shapes."""
    headers = {"X-Request-Id": secrets.token_hex(16)}
    try:
        call = await _admitted(simulator, endpoint, request, headers)
        response = endpoint.handler(call)
    except ApiError as error:
        shape = simulator.switches.error_shape
        if shape == "mixed" and endpoint.path.startswith("/rest/v2."):
            shape = "v2"
        response = answer(error.body(shape), error.status, error.headers)
    response.headers.update(headers)
    return response


async def _admitted(simulator: ProcoreSimulator, endpoint: Endpoint, request: Request, headers: dict[str, str]) -> Call:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    grant = simulator.oauth.grant_of(token) if scheme.lower() == "bearer" else None
    user = simulator.records.user(int(grant.subject)) if grant else None
    if grant is None or user is None:
        raise unauthorized("The access token is invalid")
    by_service_account = user["id"] == simulator.records.service_account["id"]
    company_header = request.headers.get("procore-company-id")

    who = f"{grant.client_id}:{'client_credentials' if by_service_account else user['login']}"
    simulator.calls[who][f"{endpoint.method} {endpoint.path}"] += 1
    request.state.exchange.label = f"{endpoint.method} {endpoint.path}"
    _limit(simulator, f"{who}:{company_header if by_service_account else ''}", headers)

    query = Query(request.query_params.multi_items())
    body = await _json_body(request)
    company_id: int | None = None
    if company_header:
        company_id = _connected_company(simulator, user, company_header)
    elif by_service_account or not endpoint.company_optional or query.get("company_id") or query.get("project_id"):
        raise ApiError(400, MISSING_COMPANY)
    asked_company = request.path_params.get("company_id") or query.get("company_id") or body.get("company_id")
    if asked_company and str(asked_company) != str(company_id):
        raise _not_connected(simulator)
    return Call(
        simulator,
        query,
        request.path_params,
        body,
        user,
        grant.client_id,
        company_id,
        f"{simulator.address(request)}{request.url.path}",
    )


def _limit(simulator: ProcoreSimulator, caller: str, headers: dict[str, str]) -> None:
    switches = simulator.switches
    now = simulator.clock.now()
    allowance = simulator.limiter.take(caller, now, switches.hourly_limit, switches.spike_limit)
    if allowance is None:
        return
    headers.update(allowance.headers())
    if not allowance.allowed:
        if switches.retry_after_on_429:
            headers["Retry-After"] = str(max(1, round((allowance.reset - now).total_seconds())))
        raise ApiError(429, OVER_LIMIT)


def _connected_company(simulator: ProcoreSimulator, user: Wire, header: str) -> int:
    company = simulator.records.companies.get(int(header)) if header.isascii() and header.isdigit() else None
    if company is None or not company["app_installed"]:
        raise _not_connected(simulator)
    company_id = int(company["id"])
    if permissions.membership(simulator.records, user, company_id) is None:
        raise _not_connected(simulator)
    return company_id


def _not_connected(simulator: ProcoreSimulator) -> ApiError:
    return ApiError(simulator.switches.not_connected_status, NOT_CONNECTED, "errors_list")


async def _json_body(request: Request) -> Wire:
    raw = await request.body() if request.method in {"POST", "PATCH", "PUT", "DELETE"} else b""
    if not raw:
        return {}
    if not request.headers.get("content-type", "application/json").startswith("application/json"):
        raise ApiError(406, "The content type is not supported", "errors_text")
    try:
        body = json.loads(raw)
    except ValueError as malformed:
        raise ApiError(400, "There was a problem in the JSON you submitted", "error_text") from malformed
    if not isinstance(body, dict):
        raise ApiError(400, "The body must be a JSON object", "error_text")
    return body

"""What every API call passes first: token, company, limits (reference 2.5, 3.1)."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request

from simulators.oauth_store import Grant
from simulators.quickbooks_online.books import Books
from simulators.quickbooks_online.gateway_answers import Answer, not_authorised, throttled, unauthenticated
from simulators.quickbooks_online.refusals import Refusal
from simulators.quickbooks_online.simulation import Simulation

_SHORTEST_TOKEN, _LONGEST_TOKEN = 10, 4096


@dataclass(frozen=True)
class Admission:
    """Who calls, on which books."""

    books: Books
    grant: Grant


class Gateway:
    """Decides whether a call gets through, and with which of the gateway's answers it does not."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation

    def admit(self, request: Request, *, is_batch: bool = False) -> Admission | Answer:
        """The caller and the books, or the answer that ends the call."""
        simulation = self._simulation
        now = simulation.clock.timestamp()
        realm_id = request.path_params["realm"]
        scheme, _, value = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not value:
            return unauthenticated(now, "Missing bearer token")
        if not _SHORTEST_TOKEN <= len(value) <= _LONGEST_TOKEN:
            return unauthenticated(now, "Malformed bearer token: too short or too long")
        token = simulation.oauth.store.access.get(value)
        if token is None:
            return unauthenticated(now, "Token invalid")
        grant = token.grant
        if grant.revoked:
            taken_back = (grant.tenant, grant.client_id) in simulation.disconnected
            if taken_back and simulation.switches.disconnect_answer == "403":
                return not_authorised(now)
            return unauthenticated(now, "Token revoked")
        if not token.alive(now):
            return unauthenticated(now, "Token expired")
        books = simulation.companies.get(realm_id)
        if simulation.switches.wrong_environment or grant.tenant != realm_id or books is None:
            return not_authorised(now)
        if not simulation.throttle.allows(realm_id, grant.client_id, is_batch, now):
            return self.slow_down()
        return Admission(books, grant)

    def slow_down(self) -> Answer:
        """The 429, in the format of the switch."""
        simulation = self._simulation
        switches = simulation.switches
        return throttled(
            simulation.clock.timestamp(),
            simulation.time_text(),
            switches.throttle_format == "json",
            switches.throttle_retry_after,
        )


def check_company(admission: Admission) -> None:
    """Raise 120 when the connecting user has lost access, 6190 when the subscription has ended."""
    books = admission.books
    if admission.grant.subject not in books.users:
        raise Refusal(
            "120",
            "Authorization Failure",
            "-11014 You do not have access to this company. Ask its administrator.",
            kind="AuthorizationFault",
        )
    if books.suspended:
        raise Refusal("6190", "Invalid Company Status", "The subscription of this company has ended.")

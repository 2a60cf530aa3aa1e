"""The lease on tokens: many workers ask, one renews, and a lost answer costs a reconnect only if it must.

Two hundred days pass by moving the product's clock and Intuit's together; each morning fifty users need the token at
once. Five in a hundred answers to a refresh are lost.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import httpx
import pytest
import pytest_asyncio

from accounting.connection_states import ExpiryReason
from activities.connection_tokens import BETWEEN_TRIES, AuthorisationEnded, ConnectionTokens, seal_tokens
from foundation.clock import Clock, ManualClock
from foundation.http_client import build_http_client
from foundation.secret_box import SecretBox
from models.connections import TOKEN_LEASE, credential_of, erase_tokens
from models.database import Actor, Database
from models.tables import ActorKind, Credential
from providers.quickbooks_online.errors import GrantRefused, OutcomeUnclear
from providers.quickbooks_online.oauth import IntuitEndpoints, IntuitOAuth
from providers.quickbooks_online.token_pair import TokenPair
from simulators.faults import FaultRule
from simulators.quickbooks_online.app import create_app
from simulators.quickbooks_online.simulation import Simulation
from simulators.quickbooks_online.wire import read_json
from simulators.server import serve
from simulators.world.documents import as_json
from tests.api.seeding import add_connection
from tests.small_world import small_world

WORLD = small_world(1)
REALM = WORLD.expected["realm_id"]
CALLBACK = "http://app.test/quickbooks/callback"
USERS, DAYS = 50, 200
ACTOR = Actor(ActorKind.COMMAND, "test")
SECRETS = SecretBox({"test": b"k" * 32})


@dataclass
class Lease:
    """A connection whose tokens many use, and the Intuit that renews them."""

    database: Database
    clock: ManualClock
    intuit: IntuitOAuth
    simulation: Simulation
    company_id: UUID
    connection_id: UUID
    lost_uses: int = 0

    def user(self) -> ConnectionTokens:
        return ConnectionTokens(
            self.database, SECRETS, self.intuit, self.company_id, self.connection_id, ACTOR, pause=self.pause
        )

    async def pause(self, seconds: float) -> None:
        """The owner's pause is time that passes; a neighbour's wait is not, or it would outlive the owner's lease."""
        if seconds == BETWEEN_TRIES:
            self.pass_time(timedelta(seconds=seconds))
        await asyncio.sleep(0.1)

    def pass_time(self, step: timedelta) -> None:
        self.clock.advance(step)
        self.simulation.clock.advance(step)

    async def consent(self) -> None:
        """A person signs in at Intuit, and the connection gets its new tokens."""
        async with httpx.AsyncClient(trust_env=False) as browser:
            answer = await browser.post(
                self.intuit.authorize_url("state"), data={"decision": "connect", "realm_id": REALM}
            )
        await self.store(await self.intuit.exchange(httpx.URL(answer.headers["location"]).params["code"]))

    async def store(self, pair: TokenPair) -> None:
        async with self.database.company(self.company_id, ACTOR) as session:
            old = await erase_tokens(session, self.connection_id)
            await session.flush()
            credential_id = session.new_id()
            sealed = seal_tokens(SECRETS, pair, credential_id)
            session.add(
                Credential(
                    company_id=self.company_id,
                    id=credential_id,
                    connection_id=self.connection_id,
                    access_token=sealed.access_token,
                    refresh_token=sealed.refresh_token,
                    access_expires_at=sealed.access_expires_at,
                    refresh_expires_at=sealed.refresh_expires_at,
                    hard_expires_at=sealed.hard_expires_at,
                    generation=(old.generation if old else 0) + 1,
                )
            )

    async def use(self, users: int) -> None:
        """``users`` workers need the token at once; what only a person can mend is mended by one reconnect."""
        found = await asyncio.gather(*(self.user().token() for _ in range(users)), return_exceptions=True)
        if any(isinstance(one, GrantRefused) for one in found):
            await self.consent()
            return
        for one in found:
            if isinstance(one, OutcomeUnclear):
                self.lost_uses += 1
            elif isinstance(one, BaseException):
                raise one
        if any(isinstance(one, OutcomeUnclear) for one in found):
            # An activity would be tried again; its lease tells whoever comes next that an answer was lost.
            self.pass_time(TOKEN_LEASE + timedelta(seconds=1))
            await self.use(1)

    def reconnects(self) -> int:
        """As Intuit counts them: every consent after the first."""
        return len(self.simulation.oauth.store.grants) - 1

    @property
    def counters(self) -> dict[str, dict[str, int]]:
        return self.simulation.traffic.counters()

    def refreshes_asked(self) -> int:
        return sum(count for label, count in self.counters["by_label"].items() if label.startswith("refresh"))


@dataclass(frozen=True)
class Intuit:
    """The simulator, and the client of one process for it."""

    simulation: Simulation
    url: str
    http: httpx.AsyncClient

    def client(self, clock: Clock) -> IntuitOAuth:
        endpoints = IntuitEndpoints(
            authorize=f"{self.url}/connect/oauth2",
            token=f"{self.url}/oauth2/v1/tokens/bearer",
            revoke=f"{self.url}/v2/oauth2/tokens/revoke",
        )
        return IntuitOAuth(
            self.http,
            clock,
            client_id="qbo-client",
            client_secret="qbo-secret",
            redirect_uri=CALLBACK,
            endpoints=endpoints,
        )


@asynccontextmanager
async def running_intuit(now: datetime) -> AsyncIterator[Intuit]:
    simulation = Simulation()
    simulation.register_app("qbo-client", "qbo-secret", [CALLBACK])
    simulation.load(read_json(as_json(WORLD.quickbooks_online).encode()))
    simulation.clock.set(now, stopped=True)
    async with serve(create_app(simulation), 0) as url, build_http_client() as http:
        yield Intuit(simulation, url, http)


@pytest_asyncio.fixture
async def lease(database: Database, company_id: UUID, clock: ManualClock) -> AsyncIterator[Lease]:
    async with running_intuit(clock.now()) as intuit:
        async with database.company(company_id, ACTOR) as session:
            connection_id = await add_connection(session, session.new_id(), realm_id=REALM)
        held = Lease(database, clock, intuit.client(clock), intuit.simulation, company_id, connection_id)
        await held.consent()
        yield held


async def live_through(lease: Lease) -> None:
    """200 days of rotations with lost answers among them, fifty users on each."""
    lease.simulation.faults.add(
        FaultRule(
            effect="drop_after",
            method="POST",
            path="/tokens/bearer$",
            request_body="grant_type=refresh_token",
            probability=0.05,
            seed=7,
        )
    )
    for _ in range(DAYS):
        await lease.use(USERS)
        lease.pass_time(timedelta(days=1))


@pytest.mark.timeout(500)
async def test_with_the_grace_no_lost_answer_costs_a_reconnect(lease: Lease) -> None:
    lease.simulation.change_switches({"refresh_grace": True})
    await live_through(lease)
    assert lease.counters["lost_by_label"].get("refresh rotated", 0) > 0
    assert lease.reconnects() == 0


@pytest.mark.timeout(500)
async def test_without_it_exactly_the_lost_rotations_do(lease: Lease) -> None:
    await live_through(lease)
    lost = lease.counters["lost_by_label"].get("refresh rotated", 0)
    assert lost > 0
    assert lease.reconnects() == lost


async def test_fifty_users_are_one_refresh_an_hour(lease: Lease) -> None:
    for _ in range(8):
        lease.pass_time(timedelta(hours=1))
        tokens = await asyncio.gather(*(lease.user().token() for _ in range(USERS)))
        assert len(set(tokens)) == 1
    assert lease.refreshes_asked() == 8


async def test_no_database_connection_is_held_during_a_call(lease: Lease, monkeypatch: pytest.MonkeyPatch) -> None:
    held: list[int] = []
    pool = lease.database._engine.pool
    rotates = lease.simulation.policy.rotates

    def counted(*arguments: object) -> bool:
        # Intuit is deciding right now, so our call is under way; whoever waits for it reads and lets go.
        held.append(pool.checkedout())  # type: ignore[attr-defined]
        return rotates(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(lease.simulation.policy, "rotates", counted)
    for _ in range(5):
        lease.pass_time(timedelta(hours=1))
        await lease.user().token()
    assert held == [0, 0, 0, 0, 0]


async def test_what_intuit_refused_for_good_is_asked_once(lease: Lease) -> None:
    lease.simulation.disconnect(REALM)
    lease.pass_time(timedelta(hours=1))
    found = await asyncio.gather(*(lease.user().token() for _ in range(USERS)), return_exceptions=True)
    assert {type(one) for one in found} == {AuthorisationEnded}
    asked = [one for one in lease.simulation.traffic.entries() if one["path"].endswith("/tokens/bearer")]
    assert len([one for one in asked if one["status"] == 400]) == 1
    assert (await stored(lease)).refused_reason == "refresh_refused"


ODD_ANSWERS: dict[str, FaultRule] = {
    "HTML": FaultRule(effect="html", status=200, method="POST", path="/tokens/bearer$"),
    "nothing": FaultRule(effect="empty", method="POST", path="/tokens/bearer$"),
    "no refresh token": FaultRule(
        effect="status",
        status=200,
        method="POST",
        path="/tokens/bearer$",
        body={"access_token": "at", "expires_in": 3600},
    ),
    "200 and a server's error": FaultRule(
        effect="status", status=200, method="POST", path="/tokens/bearer$", body={"error": "server_error"}
    ),
    "200 and no JSON object": FaultRule(effect="status", status=200, method="POST", path="/tokens/bearer$", body=[]),
}


@pytest.mark.parametrize("name", ODD_ANSWERS)
async def test_an_odd_answer_to_a_renewal_stores_nothing_and_ends_nothing(lease: Lease, name: str) -> None:
    before = await stored(lease)
    odd = lease.simulation.faults.add(ODD_ANSWERS[name])
    lease.pass_time(timedelta(hours=1))
    for _ in range(2):
        with pytest.raises(OutcomeUnclear):
            await lease.user().token()
        lease.pass_time(TOKEN_LEASE + timedelta(seconds=1))
    assert await stored(lease) == before
    lease.simulation.faults.remove(odd)
    await lease.use(USERS)
    assert lease.reconnects() == 0
    assert (await stored(lease)).generation == before.generation + 1


async def test_a_refusal_with_status_200_ends_the_authorisation_like_any_other(lease: Lease) -> None:
    lease.simulation.faults.add(
        FaultRule(effect="status", status=200, method="POST", path="/tokens/bearer$", body={"error": "invalid_grant"})
    )
    lease.pass_time(timedelta(hours=1))
    with pytest.raises(AuthorisationEnded) as ended:
        await lease.user().token()
    assert ended.value.reason is ExpiryReason.REFRESH_REFUSED
    assert (await stored(lease)).refused_reason == "refresh_refused"


async def stored(lease: Lease) -> Credential:
    async with lease.database.company(lease.company_id, ACTOR) as session:
        credential = await credential_of(session, lease.connection_id)
    assert credential is not None
    return credential


async def test_an_outage_of_intuit_is_no_end_of_the_authorisation(lease: Lease) -> None:
    down = lease.simulation.faults.add(FaultRule(effect="status", status=503, method="POST", path="/tokens/bearer$"))
    lease.pass_time(timedelta(hours=1))
    for _ in range(3):
        with pytest.raises(OutcomeUnclear):
            await lease.user().token()
        lease.pass_time(TOKEN_LEASE + timedelta(seconds=1))
    lease.simulation.faults.remove(down)
    assert await lease.user().token()

"""Two workers on machines an hour apart renew one connection's tokens: one at a time, and none waits for the other."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio

from activities.connection_tokens import ConnectionTokens
from foundation.clock import ManualClock
from models.connections import TOKEN_LEASE
from models.database import Database
from providers.quickbooks_online.errors import OutcomeUnclear
from simulators.faults import FaultRule
from tests.activities.test_token_lease import ACTOR, REALM, SECRETS, Intuit, Lease, running_intuit
from tests.api.seeding import add_connection
from tests.companies import add_company
from tests.machines import Machines, two_machines

HOUR = timedelta(hours=1)
USERS = 5


class TwoWorkers(Lease):
    """The lease as both workers have it; consent is given through the first."""

    machines: Machines
    outside: Intuit

    def user_on(self, database: Database) -> ConnectionTokens:
        client = self.outside.client(database.clock)
        return ConnectionTokens(database, SECRETS, client, self.company_id, self.connection_id, ACTOR, pause=self.pause)

    def pass_time(self, step: timedelta) -> None:
        self.machines.pass_time(step)
        self.simulation.clock.advance(step)

    async def use_on_both(self) -> set[str]:
        """Many on each machine need the token at once; the tokens they got."""
        both = (self.machines.first, self.machines.second)
        users = [self.user_on(database) for _ in range(USERS) for database in both]
        return set(await asyncio.gather(*(one.token() for one in users)))


@pytest_asyncio.fixture(params=[HOUR, -HOUR], ids=["the second is ahead", "the second is behind"])
async def workers(
    request: pytest.FixtureRequest, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[TwoWorkers]:
    async with two_machines(database_url, request.param, monkeypatch) as machines:
        company_id = await add_company(machines.first)
        # Nobody looks at this one: time passes on the machines.
        clock = ManualClock(machines.first.clock.now())
        async with running_intuit(clock.now()) as outside:
            async with machines.first.company(company_id, ACTOR) as session:
                connection_id = await add_connection(session, session.new_id(), realm_id=REALM)
            held = TwoWorkers(
                machines.first,
                clock,
                outside.client(machines.first.clock),
                outside.simulation,
                company_id,
                connection_id,
            )
            held.machines, held.outside = machines, outside
            await held.consent()
            yield held


async def test_an_hour_in_use_is_one_refresh_of_one_of_them(workers: TwoWorkers) -> None:
    for hour in range(1, 4):
        workers.pass_time(HOUR)
        for _ in range(2):
            (token,) = await workers.use_on_both()
            assert workers.simulation.oauth.grant_of(token) is not None
        assert workers.refreshes_asked() == hour


async def test_what_one_left_behind_the_other_takes_up_when_the_lease_is_over(workers: TwoWorkers) -> None:
    workers.simulation.change_switches({"refresh_grace": True})
    both = (workers.machines.first, workers.machines.second)
    for died, lives in (both, both[::-1]):
        workers.pass_time(HOUR)
        lost = workers.simulation.faults.add(
            FaultRule(effect="drop_after", method="POST", path="/tokens/bearer$", probability=1.0)
        )
        with pytest.raises(OutcomeUnclear):
            await workers.user_on(died).token()
        workers.simulation.faults.remove(lost)
        asked = workers.refreshes_asked()
        # The lease is still the other's: nobody may ask beside an answer that may be on its way.
        with pytest.raises(Waits):
            await impatient(workers, lives)
        assert workers.refreshes_asked() == asked
        workers.pass_time(TOKEN_LEASE)
        assert await impatient(workers, lives)
        assert workers.refreshes_asked() == asked + 1


class Waits(Exception):
    """Somebody else has the lease."""


async def impatient(workers: TwoWorkers, database: Database) -> str:
    """The token for somebody who will not wait for a neighbour."""

    async def pause(seconds: float) -> None:
        raise Waits

    client = workers.outside.client(database.clock)
    return await ConnectionTokens(
        database, SECRETS, client, workers.company_id, workers.connection_id, ACTOR, pause=pause
    ).token()

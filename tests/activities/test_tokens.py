"""QuickBooks' tokens: renewed once however many want them, never under a held database connection, never lost."""

import asyncio
from datetime import timedelta
from typing import Any, cast
from uuid import UUID, uuid4

import pytest
from sqlalchemy.pool import QueuePool
from sqlmodel import select

import activities.connection_tokens
from activities.connection_tokens import ConnectionTokens
from models.database import Actor
from models.tables import ActorKind, Credential, TokenLease
from providers.quickbooks_online.errors import GrantRefused
from simulators.faults import FaultRule
from simulators.oauth_store import Token
from tests.activities.conftest import Opener
from tests.desks import Desks
from tests.small_world import small_world

WORLD = small_world(1)
NEARLY_AN_HOUR = timedelta(minutes=58)
WORKER = Actor(ActorKind.WORKFLOW, "a worker")


def token_user(desks: Desks, connection_id: UUID) -> ConnectionTokens:
    outside = desks.product.outside
    return ConnectionTokens(outside.database, outside.secrets, outside.intuit, desks.company_id, connection_id, WORKER)


async def credential(desks: Desks) -> Credential:
    async with desks.product.session() as session:
        found = await session.exec(select(Credential).where(Credential.company_id == desks.company_id))
        row: Credential = found.one()
        return row


async def leave_a_lease_behind(desks: Desks, connection_id: UUID) -> None:
    """What a worker leaves that was killed while Intuit answered: a lease that has run out."""
    generation = (await credential(desks)).generation
    async with desks.product.session() as session:
        session.add(
            TokenLease(
                company_id=desks.company_id,
                id=session.new_id(),
                connection_id=connection_id,
                owner=uuid4(),
                until=session.now - timedelta(seconds=1),
                generation=generation,
            )
        )


def newest_refresh_token(desks: Desks) -> Token:
    (grant,) = desks.product.quickbooks.oauth.store.grants
    assert grant.refresh_token is not None
    return grant.refresh_token


async def test_twenty_users_in_four_workers_renew_once(open_world: Opener) -> None:
    async with open_world(WORLD) as desks:
        connection = await desks.connect()
        desks.advance(NEARLY_AN_HOUR)
        workers = [token_user(desks, connection.id) for _ in range(4)]
        got = await asyncio.gather(*(workers[place % 4].token() for place in range(20)))
        assert desks.product.quickbooks.policy.refreshes == 1
        assert len(set(got)) == 1
        assert desks.product.quickbooks.oauth.grant_of(got[0]) is not None


async def test_a_token_that_was_refused_is_renewed_once_by_those_who_saw_it(open_world: Opener) -> None:
    async with open_world(WORLD) as desks:
        connection = await desks.connect()
        workers = [token_user(desks, connection.id) for _ in range(4)]
        first = await workers[0].token()
        for worker in workers:
            await worker.rejected(first)
        got = await asyncio.gather(*(worker.token() for worker in workers))
        assert desks.product.quickbooks.policy.refreshes == 1
        assert set(got) != {first}


async def test_no_database_connection_is_held_during_any_call(
    open_world: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_world(small_world(2)) as desks:
        pool = cast(QueuePool, desks.product.outside.database._engine.pool)
        held: list[tuple[str, int]] = []

        def count(traffic: Any) -> None:
            begin = traffic.begin

            def noting(method: str, path: str, query: str) -> Any:
                held.append((path, pool.checkedout()))
                return begin(method, path, query)

            monkeypatch.setattr(traffic, "begin", noting)

        count(desks.product.procore.traffic)
        count(desks.product.quickbooks.traffic)
        await desks.connect()
        await desks.switch_on()
        desks.advance(NEARLY_AN_HOUR)
        await desks.post_everything()
        assert set((await desks.states()).values()) == {"posted"}
        asked = {path.rsplit("/", 1)[1] for path, _ in held}
        assert {"bearer", "batch", "requisitions", "token", "query"} <= asked
        assert [path for path, connections in held if connections] == []


async def test_a_lease_left_behind_lets_the_previous_token_be_tried(open_world: Opener) -> None:
    async with open_world(WORLD) as desks:
        connection = await desks.connect()
        desks.product.quickbooks.change_switches({"refresh_grace": True, "refresh_rotation_hours": 0})
        desks.advance(NEARLY_AN_HOUR)
        await token_user(desks, connection.id).token()
        # The pair we hold is not the one Intuit believes in; the one before still is good.
        newest_refresh_token(desks).revoked = True
        desks.advance(NEARLY_AN_HOUR)
        await leave_a_lease_behind(desks, connection.id)
        renewed = await token_user(desks, connection.id).token()
        assert desks.product.quickbooks.oauth.grant_of(renewed) is not None


async def test_without_a_lease_left_behind_a_refused_token_is_the_end(open_world: Opener) -> None:
    async with open_world(WORLD) as desks:
        connection = await desks.connect()
        desks.product.quickbooks.change_switches({"refresh_grace": True, "refresh_rotation_hours": 0})
        desks.advance(NEARLY_AN_HOUR)
        await token_user(desks, connection.id).token()
        newest_refresh_token(desks).revoked = True
        desks.advance(NEARLY_AN_HOUR)
        with pytest.raises(GrantRefused):
            await token_user(desks, connection.id).token()


@pytest.mark.parametrize("effect", ["drop_after", "truncate", "html", "empty", "after_status"])
async def test_a_lost_answer_to_a_renewal_is_asked_for_again_with_the_same_token(
    open_world: Opener, monkeypatch: pytest.MonkeyPatch, effect: str
) -> None:
    monkeypatch.setattr(activities.connection_tokens, "BETWEEN_TRIES", 0.01)
    async with open_world(WORLD) as desks:
        connection = await desks.connect()
        desks.product.quickbooks.change_switches({"refresh_grace": True, "refresh_rotation_hours": 0})
        desks.advance(NEARLY_AN_HOUR)
        rule = {"effect": effect, "method": "POST", "path": "/tokens/bearer$", "count": 1}
        if effect == "html":
            rule |= {"commit": True}
        desks.product.quickbooks.faults.add(FaultRule.model_validate(rule))
        renewed = await token_user(desks, connection.id).token()
        assert desks.product.quickbooks.oauth.grant_of(renewed) is not None
        assert desks.product.quickbooks.policy.refreshes == 2
        # Stored before it was used: whoever comes next has it without asking.
        assert await token_user(desks, connection.id).token() == renewed
        assert desks.product.quickbooks.policy.refreshes == 2

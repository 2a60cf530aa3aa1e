"""Our clock an hour away from the providers': nothing is lost, nothing ends, and setting it right does no harm."""

from datetime import timedelta

import pytest

from activities.reading_procore import CLOCKS_APART
from contracts.connection import ConnectionRef, DisconnectRequest
from foundation.clock import ManualClock
from models.gaps import gap_list
from models.projects import visible_projects
from simulators.faults import FaultRule
from tests.activities.conftest import Opener
from tests.activities.test_tokens import token_user
from tests.desks import Desks, as_activity
from tests.small_world import small_world

HOUR, LOOK = timedelta(hours=1), timedelta(minutes=15)
WRONG = pytest.mark.parametrize("ahead", [HOUR, -HOUR], ids=["ours is ahead", "ours is behind"])


def set_ours(desks: Desks, step: timedelta) -> None:
    """Move our clock and nobody else's."""
    ManualClock.advance(desks.clock, step)


async def look(desks: Desks) -> set[str]:
    desks.advance(LOOK)
    await desks.post_everything()
    return {one for one, state in (await desks.states()).items() if state == "posted"}


def refreshes(desks: Desks) -> int:
    return desks.product.quickbooks.policy.refreshes


@WRONG
async def test_every_approval_comes_in(open_world: Opener, ahead: timedelta) -> None:
    async with open_world(small_world(1, waiting=4)) as desks:
        set_ours(desks, ahead)
        await desks.connect()
        await desks.switch_on()
        approved = {one for one, row in desks.expected["requisitions"].items() if row["verdict"] == "bill"}
        waiting = sorted(set(desks.expected["requisitions"]) - approved)
        for one in waiting:
            desks.advance(LOOK)
            desks.product.change(one, status="approved")
            approved.add(one)
            assert await look(desks) == approved


@WRONG
async def test_setting_the_clock_right_loses_no_approval(open_world: Opener, ahead: timedelta) -> None:
    async with open_world(small_world(1, waiting=2)) as desks:
        set_ours(desks, ahead)
        await desks.connect()
        await desks.switch_on()
        came = await look(desks)
        first, second = sorted(set(desks.expected["requisitions"]) - came)
        desks.product.change(first, status="approved")
        set_ours(desks, -ahead)
        desks.advance(HOUR)
        assert await look(desks) == came | {first}
        desks.product.change(second, status="approved")
        assert await look(desks) == came | {first, second}


@WRONG
async def test_what_was_approved_while_nothing_was_connected_is_offered_and_nothing_else(
    open_world: Opener, ahead: timedelta
) -> None:
    async with open_world(small_world(1, waiting=2)) as desks:
        set_ours(desks, ahead)
        connection = await desks.connect()
        await desks.switch_on()
        came = await look(desks)
        in_gap, later = sorted(set(desks.expected["requisitions"]) - came)
        # Each of these moments is nearer to the next than the clocks are to one another.
        desks.advance(LOOK)
        request = DisconnectRequest(company_id=desks.company_id, connection_id=connection.id)
        await as_activity(desks.connections.disconnect, request)
        desks.advance(LOOK)
        desks.product.change(in_gap, status="approved")
        desks.advance(LOOK)
        await desks.connect()
        desks.advance(LOOK)
        desks.product.change(later, status="approved")
        assert await look(desks) == came | {later}
        async with desks.product.session() as session:
            offered = await gap_list(session)
        assert offered is not None and offered.complete
        assert [entry.requisition_id for entry in offered.entries] == [in_gap]


async def test_only_what_changed_is_read_however_wrong_the_clock(open_world: Opener) -> None:
    async with open_world(small_world(1)) as desks:
        set_ours(desks, HOUR)
        await desks.connect()
        await desks.switch_on()
        await look(desks)
        # The plan's mark lay in Procore's future, so that look read everything; from here on Procore's time is known.
        async with desks.product.session() as session:
            (project,) = await visible_projects(session)
        assert project.watermark == desks.product.procore.clock.now()
        desks.product.procore.traffic.clear()
        await look(desks)
        lists = [one for one in desks.product.procore.traffic.entries() if one["path"].endswith("/requisitions")]
        assert len(lists) == 1 and "updated_at" in lists[0]["query"]
        assert CLOCKS_APART > HOUR


@WRONG
async def test_tokens_live_as_long_as_they_would(open_world: Opener, ahead: timedelta) -> None:
    async with open_world(small_world(1)) as desks:
        set_ours(desks, ahead)
        connection = await desks.connect()
        hours = 5
        for _ in range(hours * 6):
            desks.advance(timedelta(minutes=10))
            token = await token_user(desks, connection.id).token()
            assert desks.product.quickbooks.oauth.grant_of(token) is not None
        # An access token lives an hour and is renewed five minutes before its end.
        assert refreshes(desks) == hours


@WRONG
async def test_a_clock_set_right_costs_one_renewal_and_no_reconnect(open_world: Opener, ahead: timedelta) -> None:
    async with open_world(small_world(1)) as desks:
        connection = await desks.connect()
        before = refreshes(desks)
        # Now the token seems to be over already, or to live for two hours.
        set_ours(desks, ahead)
        desks.advance(timedelta(minutes=70))
        await desks.switch_on()
        await desks.post_everything()
        assert set((await desks.states()).values()) == {"posted"}
        assert (await desks.connection(connection.id)).state == "active"
        assert refreshes(desks) == before + 1


@WRONG
async def test_the_guardian_keeps_the_authorisation_alive(open_world: Opener, ahead: timedelta) -> None:
    async with open_world(small_world(1)) as desks:
        set_ours(desks, ahead)
        connection = await desks.connect()
        ref = ConnectionRef(company_id=desks.company_id, connection_id=connection.id)
        for _ in range(6):
            desks.advance(timedelta(days=20))
            status = await as_activity(desks.connections.guard_connection, ref)
            assert (status.state, status.look_in) == ("active", timedelta(days=20))


async def test_a_window_that_resets_by_another_clock_parks_nobody_for_longer_than_it_is(open_world: Opener) -> None:
    async with open_world(small_world(1, waiting=1)) as desks:
        await desks.connect()
        await desks.switch_on()
        await look(desks)
        set_ours(desks, -2 * HOUR)
        desks.advance(3 * HOUR)
        headers = {
            "x-rate-limit-limit": "3600",
            "x-rate-limit-remaining": "0",
            "x-rate-limit-reset": str(int((desks.product.procore.clock.now() + HOUR).timestamp())),
        }
        desks.product.procore.plan.add(
            FaultRule(effect="status", status=429, method="GET", path="/rest/", headers=headers)
        )
        # Three hours on, payments are asked after as well; that leaves Procore alone.
        found = await desks.look()
        assert not isinstance(found, timedelta) and found.pulls and not found.batches
        delay = await desks.look()
        assert isinstance(delay, timedelta) and delay <= HOUR

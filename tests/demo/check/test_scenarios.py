"""A scenario that breaks off has failed, says so in one line, and leaves the next one to be played."""

import asyncio

import pytest

from demo.check.scenarios import (
    CONNECTED,
    EVERY_SCENARIO,
    REFUSED,
    Scenario,
    Scenarios,
    in_order,
    not_played,
)
from demo.person import NotDone


async def test_a_good_scenario_is_one_line() -> None:
    said: list[str] = []
    played = Scenarios(said.append)
    async with played.playing(REFUSED):
        pass
    assert played.played == [Scenario(REFUSED)]
    assert said == [f"{REFUSED}: ok"]


async def test_each_failure_is_said() -> None:
    said: list[str] = []
    played = Scenarios(said.append)
    async with played.playing(REFUSED) as failures:
        failures.append("state is 'active'")
        failures.append("2 bills")
    assert played.played[0].failures == ["state is 'active'", "2 bills"]
    assert said == [f"{REFUSED}: state is 'active'; 2 bills"]


async def test_what_breaks_a_scenario_off_fails_it_and_nothing_else() -> None:
    played = Scenarios(lambda _: None)
    async with played.playing(REFUSED):
        raise NotDone("the app refused")
    async with played.playing(CONNECTED):
        pass
    assert [(one.name, bool(one.failures)) for one in played.played] == [(REFUSED, True), (CONNECTED, False)]
    assert "the app refused" in played.played[0].failures[0]


async def test_a_scenario_that_is_stopped_has_failed() -> None:
    played = Scenarios(lambda _: None)
    with pytest.raises(asyncio.CancelledError):
        async with played.playing(REFUSED):
            raise asyncio.CancelledError
    assert played.played[0].failures


def test_those_not_played_are_named_and_the_rest_stands_in_order() -> None:
    backwards = [Scenario(name) for name in reversed(EVERY_SCENARIO)]
    assert [one.name for one in in_order(backwards)] == list(EVERY_SCENARIO)
    assert not_played(backwards) == []
    assert not_played(backwards[1:]) == [EVERY_SCENARIO[-1]]
    assert len(set(EVERY_SCENARIO)) == len(EVERY_SCENARIO)

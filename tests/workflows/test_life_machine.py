"""Whatever admins, customers, time and crashes do, in any order: no illegal state, nothing lost, no wrong books."""

import asyncio
import random
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from temporalio.client import Client

from tests.workflows.life_machine import STEPS, Stack, open_stack

AT_ONCE, ROUNDS, SHORTEST, LONGEST = 10, 10, 15, 15


def steps_of(seed: int) -> list[str]:
    """Evenly drawn: hypothesis' own lists dwell on their first members, and those are refused while connected."""
    drawn = random.Random(seed)
    # A life that begins with a connection meets more than one that wanders in the dark.
    first = drawn.choice(("connect A", "connect A", "connect file"))
    return [first, *drawn.choices(STEPS, k=drawn.randint(SHORTEST, LONGEST) - 1)]


sequences = st.integers(0, 2**32).map(steps_of)


@pytest_asyncio.fixture
async def stack(database_url: str, temporal_client: Client, task_queue: str) -> AsyncIterator[Stack]:
    # Room for the examples that hypothesis runs once more when it explains a failure.
    async with open_stack(database_url, temporal_client, task_queue, AT_ONCE * ROUNDS * 2) as opened:
        yield opened
        # The machine went where it should: every step was taken, workers died, bills were made.
        assert set(opened.steps) == set(STEPS)
        assert opened.deaths > 2
        books = opened.product.quickbooks.companies.values()
        assert sum(len(one.entities["Bill"]) for one in books) > AT_ONCE * ROUNDS / 10


@pytest.mark.timeout(600)
@given(lives=st.lists(sequences, min_size=AT_ONCE, max_size=AT_ONCE))
@settings(
    max_examples=ROUNDS,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
async def test_any_sequence_leaves_every_company_in_order(stack: Stack, lives: list[list[str]]) -> None:
    async def live(steps: list[str]) -> None:
        life = await stack.life()
        for done, name in enumerate(steps, start=1):
            try:
                await life.step(name)
            except AssertionError as broken:
                raise AssertionError(f"company {life.place}: after {steps[:done]}: {broken}") from broken
        for _ in await life.live():
            await life.disconnect()
        await life.check()
        await stack.forget(life)

    await asyncio.gather(*(live(steps) for steps in lives))

"""Whatever admins, customers, time and crashes do, in any order: no illegal state, nothing lost, no wrong books."""

import asyncio
import random
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from temporalio.client import Client

from tests.workflows.lives.connecting import disconnect
from tests.workflows.lives.life import begin_life
from tests.workflows.lives.stack import Stack, open_stack
from tests.workflows.lives.steps import STEPS

# Four quarters, so that processes may share them: 4 x 3 x 9 = 108 sequences of 15 steps.
QUARTERS, ROUNDS, AT_ONCE, LENGTH = 4, 3, 9, 15
STARTS = ("connect A", "connect A", "connect A", "connect file")


def steps_of(seed: str) -> tuple[str, ...]:
    """Drawn by weight: hypothesis' own lists dwell on their first members, and those are refused while connected."""
    drawn = random.Random(seed)
    weights = [weight for weight, _ in STEPS.values()]
    # A life that begins with a connection meets more than one that wanders in the dark.
    return (drawn.choice(STARTS), *drawn.choices(list(STEPS), weights, k=LENGTH - 1))


@pytest_asyncio.fixture
async def stack(database_url: str, temporal_client: Client, task_queue: str) -> AsyncIterator[Stack]:
    # Room for the example that hypothesis runs once more when it explains a failure.
    async with open_stack(database_url, temporal_client, task_queue, AT_ONCE * (ROUNDS + 2)) as opened:
        yield opened
        assert_it_went_everywhere(opened)


def assert_it_went_everywhere(stack: Stack) -> None:
    """Every step was taken, workers died, bills were made: a machine that stands still finds nothing."""
    assert len(stack.sequences) == AT_ONCE * ROUNDS
    assert set(stack.steps) == set(STEPS)
    assert stack.deaths >= 2
    books = stack.product.quickbooks.companies.values()
    assert sum(len(one.entities["Bill"]) for one in books) > AT_ONCE * ROUNDS / 5


@pytest.mark.timeout(600)
@pytest.mark.parametrize("quarter", range(QUARTERS))
@given(seeds=st.lists(st.integers(0, 2**32), min_size=AT_ONCE, max_size=AT_ONCE, unique=True))
@settings(
    max_examples=ROUNDS,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
async def test_any_sequence_leaves_every_company_in_order(quarter: int, stack: Stack, seeds: list[int]) -> None:
    async def live(steps: tuple[str, ...]) -> None:
        stack.sequences.add(steps)
        life = await begin_life(stack)
        for done, name in enumerate(steps, start=1):
            try:
                await life.step(name, STEPS[name][1])
            except AssertionError as broken:
                raise AssertionError(f"company {life.place}: after {steps[:done]}: {broken}") from broken
        for _ in await life.live():
            await disconnect(life)
        await life.check()
        await life.leave()
        await life.browser.aclose()

    round_ = stack.next_round()
    # Hypothesis likes some seeds so much that it draws them again: with its round each is another sequence.
    await asyncio.gather(*(live(steps_of(f"{quarter}/{round_}/{seed}")) for seed in seeds))

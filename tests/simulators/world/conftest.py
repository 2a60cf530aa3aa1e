"""One generated world for all tests of this folder; no test changes it in place."""

from __future__ import annotations

import pytest

from simulators.world.bench import bench_world
from simulators.world.demo import demo_world
from simulators.world.documents import Documents


@pytest.fixture(scope="session")
def demo() -> Documents:
    return demo_world()


@pytest.fixture(scope="session")
def bench() -> Documents:
    return bench_world(60)

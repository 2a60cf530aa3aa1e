"""What an idle company costs in Temporal: counts, not times."""

import sys
from pathlib import Path

from benchmarks.idle import MOST_ACTIONS, MOST_EVENTS, measure_idle_day

TEST_SERVER = Path(sys.executable).parent / "temporal-test-server"
LOOKS_A_DAY = 24 * 60 // 5


async def test_an_idle_day_stays_within_its_events_and_actions(database_url: str, tmp_path: Path) -> None:
    day = await measure_idle_day(tmp_path, database_url, TEST_SERVER, projects=1)
    assert day.total.events <= MOST_EVENTS
    assert day.total.actions <= MOST_ACTIONS
    # It did look, all day long: few actions because nothing was done would prove nothing.
    assert day.procore_calls >= LOOKS_A_DAY * 0.9

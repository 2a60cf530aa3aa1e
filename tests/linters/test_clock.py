"""The clock linter finds every way to read the machine's or the database's time, and nothing else."""

from pathlib import Path

import pytest

from tests.linters import clock
from tests.linters.planting import found_in

OFFENCES = {
    "now": "from datetime import datetime\nat = datetime.now()",
    "now with a zone": "from datetime import UTC, datetime\nat = datetime.now(UTC)",
    "utcnow": "import datetime\nat = datetime.datetime.utcnow()",
    "under another name": "import datetime as dt\nat = dt.datetime.now(dt.UTC)",
    "renamed class": "from datetime import datetime as Instant\nat = Instant.now()",
    "today": "from datetime import date\nday = date.today()",
    "datetime.today": "from datetime import datetime\nday = datetime.today()",
    "time": "import time\nseconds = time.time()",
    "time from": "from time import time\nseconds = time()",
    "time_ns": "import time\nn = time.time_ns()",
    "handed on uncalled": "from datetime import datetime\ndefault_factory = datetime.now",
    "func.now": "import sqlalchemy as sa\ndefault = sa.func.now()",
    "func.now from": "from sqlalchemy import func\ndefault = func.now()",
    "func.current_timestamp": "from sqlmodel import func\ndefault = func.current_timestamp()",
    "server default": "import sqlalchemy as sa\ndefault = sa.text('CURRENT_TIMESTAMP')",
    "now() in SQL": "import sqlalchemy as sa\ndefault = sa.text('UPDATE invoice SET seen_at = now()')",
    "now() in a part of SQL": "condition = 'leased_until <= now()'",
    "in an f-string": "column = 'a'\nsql = f'{column} < clock_timestamp()'",
    "uuid7": "from uuid_utils.compat import uuid7\nid = uuid7()",
}


@pytest.mark.parametrize("code", OFFENCES.values(), ids=OFFENCES)
def test_reading_another_clock_is_an_offence(tmp_path: Path, code: str) -> None:
    found = found_in(tmp_path, "activities/watching.py", code, clock.offences)
    assert [line for line, _ in found] == [code.count("\n") + 1]


INNOCENTS = {
    "the injected clock": "def at(clock):\n    return clock.now()",
    "the session's time": "def at(session):\n    return session.now",
    "a workflow's time": "from temporalio import workflow\nat = workflow.now()",
    "a stopwatch": "import time\nstarted = time.monotonic()",
    "a docstring": "def f():\n    'Calls datetime.now() nowhere; CURRENT_TIMESTAMP neither.'",
    "a sentence": "said = 'Look again now (it takes a minute)'",
    "a given instant": "from datetime import UTC, datetime\nat = datetime(2026, 6, 1, tzinfo=UTC)",
}


@pytest.mark.parametrize("code", INNOCENTS.values(), ids=INNOCENTS)
def test_what_reads_no_clock_is_left_alone(tmp_path: Path, code: str) -> None:
    assert found_in(tmp_path, "activities/watching.py", code, clock.offences) == []


@pytest.mark.parametrize("path", ["foundation/clock.py", "simulators/clock.py", "benchmarks/run.py", "tests/test_x.py"])
def test_the_clocks_themselves_may_ask_the_machine(tmp_path: Path, path: str) -> None:
    assert found_in(tmp_path, path, OFFENCES["now"], clock.offences) == []


def test_one_module_asks_the_database_and_not_its_machine(tmp_path: Path) -> None:
    assert found_in(tmp_path, clock.SHARED_TIME, OFFENCES["now() in SQL"], clock.offences) == []
    assert found_in(tmp_path, clock.SHARED_TIME, OFFENCES["now"], clock.offences) != []


@pytest.mark.parametrize("path", ["foundation/ids.py", "simulators/faults.py", "demo/stack.py", "cli/main.py"])
def test_no_other_module_may(tmp_path: Path, path: str) -> None:
    [(line, sentence)] = found_in(tmp_path, path, OFFENCES["now"], clock.offences)
    assert line == 2
    assert "injected Clock" in sentence

"""A part of a unit of work is taken back whole, raw statements included."""

from pathlib import Path

from tests.linters import savepoints
from tests.linters.planting import found_in

NESTED = "async def f(session):\n    async with session.begin_nested():\n        pass\n"


def test_the_session_s_own_savepoint_is_an_offence(tmp_path: Path) -> None:
    [(line, sentence)] = found_in(tmp_path, "models/planned.py", NESTED, savepoints.offences)
    assert line == 2
    assert "models/savepoint.py" in sentence


def test_but_where_ours_is_made_of_it(tmp_path: Path) -> None:
    assert found_in(tmp_path, "models/savepoint.py", NESTED, savepoints.offences) == []

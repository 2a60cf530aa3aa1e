"""worker.py gathers lists and imports nothing above itself."""

from pathlib import Path

import pytest

from tests.linters import worker_imports
from tests.linters.planting import found_in


@pytest.mark.parametrize(
    "line", ["import api", "from api.app import create_app", "from demo import embedded", "import cli.main"]
)
def test_what_stands_above_the_worker_does_not_come_in(tmp_path: Path, line: str) -> None:
    [(_, sentence)] = found_in(tmp_path, "worker.py", line, worker_imports.offences)
    assert "nothing else" in sentence


def test_its_lists_do(tmp_path: Path) -> None:
    code = "from workflows import WORKFLOWS\nfrom activities import ACTIVITIES\nfrom temporalio.worker import Worker\n"
    assert found_in(tmp_path, "worker.py", code, worker_imports.offences) == []

"""`make lint`, which looks at the project itself, fails on an offence planted in a copy of it."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.linters.planting import plant
from tests.linters.source import FOREIGN_FOLDERS

ROOT = Path(__file__).resolve().parent.parent.parent
BIN = Path(sys.executable).parent
PACKAGES = (
    *("accounting", "activities", "api", "benchmarks", "cli", "contracts", "demo", "foundation", "migrations"),
    *("models", "providers", "simulators", "web", "workflows"),
)


@pytest.fixture
def copy_of_project(tmp_path: Path) -> Path:
    copy = tmp_path / "project"
    copy.mkdir()
    for package in PACKAGES:
        shutil.copytree(ROOT / package, copy / package, ignore=shutil.ignore_patterns(*FOREIGN_FOLDERS))
    shutil.copy(ROOT / "pyproject.toml", copy / "pyproject.toml")
    return copy


def _imports(project: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [BIN / "lint-imports", "--no-cache"], cwd=project, check=False, capture_output=True, text=True, timeout=60
    )


def test_an_import_upward_fails(copy_of_project: Path) -> None:
    assert _imports(copy_of_project).returncode == 0

    # Each is a breach of another contract; the last reaches the simulators through two modules of its own layer.
    plant(copy_of_project, "models/planted.py", "import activities")
    plant(copy_of_project, "accounting/planted.py", "import sqlmodel")
    plant(copy_of_project, "contracts/planted.py", "from foundation import settings")
    plant(copy_of_project, "providers/planted.py", "import models.tables")
    plant(copy_of_project, "simulators/planted.py", "import accounting.money")
    plant(copy_of_project, "activities/planted.py", "import worker")
    plant(copy_of_project, "api/planted.py", "import api.planted_too")
    plant(copy_of_project, "api/planted_too.py", "import simulators.clock")
    broken = _imports(copy_of_project)
    assert broken.returncode == 1
    said = re.sub(r"\s+", " ", broken.stdout)
    for contract in (
        "Imports run downward only BROKEN",
        "Only cli and demo start a worker: nothing below imports it BROKEN",
        "Contracts know accounting only BROKEN",
        "Accounting is pure: nothing of ours, no I/O, no framework BROKEN",
        "Models know accounting and foundation only BROKEN",
        "Providers know foundation only: no table, no workflow, no rule of accounting BROKEN",
        "must not hide by being made twice BROKEN",
        "Nobody but demo and benchmarks imports a simulator BROKEN",
    ):
        assert contract in said


def test_a_workflow_that_reaches_a_table_through_others_fails(copy_of_project: Path) -> None:
    plant(copy_of_project, "contracts/planted.py", "import contracts.planted_too")
    plant(copy_of_project, "contracts/planted_too.py", "import foundation.clock")
    plant(copy_of_project, "workflows/planted.py", "import contracts.planted")
    said = re.sub(r"\s+", " ", _imports(copy_of_project).stdout)
    assert "Workflows know contracts and accounting only, even indirectly, and do no I/O BROKEN" in said


def _own_linters(project: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tests.linters", str(project)], cwd=ROOT, check=False, capture_output=True, text=True
    )


def test_a_query_without_company_and_another_clock_fail(copy_of_project: Path) -> None:
    plant(copy_of_project, "models/planted.py", "from sqlmodel import select\nquery = select(InvoiceRow)\n")
    plant(copy_of_project, "activities/planted.py", "import time\nnow = time.time()\n")
    linted = _own_linters(copy_of_project)
    assert linted.returncode == 1
    assert "models/planted.py:2: this query names no company_id" in linted.stdout
    assert "activities/planted.py:2: time.time reads the machine's clock" in linted.stdout


def test_make_lint_runs_all_of_them() -> None:
    recipe = re.search(r"^lint:.*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert recipe is not None
    for command in ("ruff check .", "ruff format --check .", "mypy .", "lint-imports", "python -m tests.linters"):
        assert f"$(BIN)/{command}" in recipe.group(1)
    assert re.search(r"^test:.*\blint\b", (ROOT / "Makefile").read_text(), re.MULTILINE)

"""`.ci/run` runs `make test`, ends as it ends, and says pytest's closing line last."""

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
GREEN = "============ 812 passed, 1 skipped in 301.40s (0:05:01) ============"
RED = "============ 1 failed, 811 passed in 300.02s (0:05:00) ============"


def _run(tmp_path: Path, closing: str, code: int) -> subprocess.CompletedProcess[str]:
    make = tmp_path / "make"
    make.write_text(
        f'#!/bin/sh\necho "make was asked for: $*"\necho "{closing}"\necho \'{{"eligible": 1}}\'\nexit {code}\n'
    )
    make.chmod(0o755)
    return subprocess.run(
        [ROOT / ".ci" / "run"],
        cwd=tmp_path,
        env=os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )


@pytest.mark.parametrize(("closing", "code"), [(GREEN, 0), (RED, 2)], ids=["green", "red"])
def test_it_ends_as_make_test_ends(tmp_path: Path, closing: str, code: int) -> None:
    ended = _run(tmp_path, closing, code)
    lines = ended.stdout.splitlines()
    assert lines[0] == "make was asked for: test"
    assert lines[-1] == closing
    assert ended.returncode == code


def test_without_a_closing_line_it_still_tells_the_failure(tmp_path: Path) -> None:
    ended = _run(tmp_path, "mypy: 3 errors", 2)
    assert ended.returncode == 2
    assert "mypy: 3 errors" in ended.stdout

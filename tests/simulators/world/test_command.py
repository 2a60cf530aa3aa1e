"""`python -m simulators.world`: writes the four files, the same ones in another process, and refuses nonsense."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

from simulators.world.documents import Documents, as_json

ROOT = Path(__file__).parents[3]


def _run(*arguments: str, hash_seed: str = "0") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "simulators.world", *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": hash_seed, "TZ": "Asia/Tokyo"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_another_process_writes_the_same_bytes(tmp_path: Path, demo: Documents) -> None:
    done = _run("--out", str(tmp_path / "new" / "world"), hash_seed="4711")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("463 requisitions, ")
    for name, document in demo.by_file().items():
        assert (tmp_path / "new" / "world" / name).read_text(encoding="utf-8") == as_json(document)


def test_amounts_of_quickbooks_are_numbers_with_their_own_digits(demo: Documents) -> None:
    parsed = json.loads(as_json(demo.quickbooks_online), parse_float=Decimal)
    bills = parsed["companies"][0]["Bill"]
    assert [bill["TotalAmt"] for bill in bills] == [
        bill["TotalAmt"] for bill in demo.quickbooks_online["companies"][0]["Bill"]
    ]
    assert any(isinstance(bill["TotalAmt"], Decimal) for bill in bills)


def test_bench_takes_a_number(tmp_path: Path) -> None:
    done = _run("--out", str(tmp_path), "--scenario", "bench", "--invoices", "7")
    assert done.returncode == 0, done.stderr
    assert len(json.loads((tmp_path / "expected.json").read_text(encoding="utf-8"))["requisitions"]) == 7


def test_nonsense_is_refused(tmp_path: Path) -> None:
    for wrong in ("0", "-3", "many"):
        done = _run("--out", str(tmp_path / "none"), "--scenario", "bench", "--invoices", wrong)
        assert done.returncode == 2
        assert "invoices" in done.stderr
    assert not (tmp_path / "none").exists()

"""What the repository must not carry: addresses of registries, paths of one machine, anything from beside it."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
THIS = "tests/test_repository.py"
# Each is written in pieces, so that this file does not carry it either.
REGISTRIES = re.compile("|".join(("pypi" + r"\.org", "python" + "hosted", "registry" + r"\.npmjs", "npmjs" + r"\.org")))
MACHINE_PATHS = re.compile(
    "|".join(("/" + r"work/", "/" + "root/", "/" + r"home/\w", "/" + r"Users/\w", r"C:\\" + "Users"))
)
BESIDE = re.compile(r"\.\./" + "shared|" + "/" + "shared/|" + "/tmp" + "/brief")


def _candidates() -> list[str]:
    """Every file that is tracked or would be by `git add .`; a copy without git is read whole."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )
    if listed.returncode == 0:
        return [name for name in listed.stdout.split("\0") if name and name != THIS and (ROOT / name).is_file()]
    left_out = {".git", ".venv", ".run", "node_modules", "vendor", "__pycache__"}
    paths = (path.relative_to(ROOT) for path in ROOT.rglob("*") if path.is_file())
    return [path.as_posix() for path in paths if not left_out & set(path.parts) and path.as_posix() != THIS]


def _text(name: str) -> str:
    return (ROOT / name).read_bytes().decode("utf-8", errors="ignore")


def found(pattern: re.Pattern[str], texts: dict[str, str]) -> list[str]:
    """Where a pattern stands: file, line and what was matched."""
    return [
        f"{name}:{number}: {match.group()}"
        for name, text in texts.items()
        for number, line in enumerate(text.splitlines(), start=1)
        for match in pattern.finditer(line)
    ]


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    return {name: _text(name) for name in _candidates()}


def test_the_search_reads_the_project(texts: dict[str, str]) -> None:
    assert {"Makefile", "pyproject.toml", "requirements.lock", "foundation/settings.py"} <= set(texts)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (REGISTRIES, "--index-url https://py" + "pi.org/simple"),
        (REGISTRIES, '"resolved": "https://registry.' + 'npmjs.org/htmx.org"'),
        (MACHINE_PATHS, "see /ho" + "me/ada/project"),
        (BESIDE, "as ../sha" + "red/DESIGN.md says"),
    ],
)
def test_what_is_looked_for_is_found(pattern: re.Pattern[str], text: str) -> None:
    assert found(pattern, {"planted": text}) != []


def test_no_registry_is_named(texts: dict[str, str]) -> None:
    assert found(REGISTRIES, texts) == []


def test_no_path_of_a_machine_is_named(texts: dict[str, str]) -> None:
    assert found(MACHINE_PATHS, texts) == []


def test_nothing_from_beside_the_repository_is_named(texts: dict[str, str]) -> None:
    assert found(BESIDE, texts) == []


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-setup.lock"])
def test_the_locks_hold_hashes_and_no_address(lock: str) -> None:
    text = _text(lock)
    assert "://" not in text
    pinned = re.findall(r"^[a-z0-9][\w.-]*(?:\[[^]]*\])?==[^\s;\\]+", text, re.MULTILINE | re.IGNORECASE)
    assert pinned
    blocks = re.split(r"\n(?=[a-zA-Z0-9])", text.strip())
    assert all("--hash=sha256:" in block for block in blocks if re.match(r"[a-zA-Z0-9][^\n]*==", block))


def test_the_front_end_lock_holds_no_address() -> None:
    assert '"resolved"' not in _text("web/package-lock.json")

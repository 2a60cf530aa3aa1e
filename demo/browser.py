"""Where the browser is that tests and screenshots drive; installed when the machine has none."""

import contextlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from demo.file_lock import file_lock

ROOT = Path(__file__).resolve().parent.parent
LAUNCH_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
DEBIAN_CHROMIUM = Path("/usr/bin/chromium")
INSTALL_SECONDS = 600
NO_BROWSER = (
    "no browser found and none could be installed: set CHROMIUM_PATH to a Chromium or Chrome program "
    "(on Debian: apt-get install chromium)"
)


class NoBrowser(Exception):
    """There is no Chromium here and it cannot be installed; the message says what to do."""


def chromium_path() -> Path:
    """CHROMIUM_PATH, else Debian's chromium, else a fresh one from apt (as root), else Playwright's own download.

    Installs at most once, however many processes ask. Raises NoBrowser when every way ends without a program.
    """
    given = os.environ.get("CHROMIUM_PATH")
    if given:
        if not Path(given).is_file():
            raise NoBrowser(f"CHROMIUM_PATH names {given}, which is no file")
        return Path(given)
    if DEBIAN_CHROMIUM.is_file():
        return DEBIAN_CHROMIUM
    with file_lock(ROOT / ".run" / "browser.lock"):
        found = _installed() or _from_apt() or _from_playwright()
    if found is None:
        raise NoBrowser(NO_BROWSER)
    return found


def _installed() -> Path | None:
    # Whoever held the lock before may have installed it meanwhile.
    if DEBIAN_CHROMIUM.is_file():
        return DEBIAN_CHROMIUM
    return _playwrights_own()


def _from_apt() -> Path | None:
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return None
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "update"], ["apt-get", "install", "-y", "--no-install-recommends", "chromium"]):
        _run_quietly(command, environment)
    return DEBIAN_CHROMIUM if DEBIAN_CHROMIUM.is_file() else None


def _from_playwright() -> Path | None:
    _run_quietly([sys.executable, "-m", "playwright", "install", "chromium"], dict(os.environ))
    return _playwrights_own()


def _run_quietly(command: list[str], environment: dict[str, str]) -> None:
    # Whether it worked is read from the program being there, not from the exit code.
    with contextlib.suppress(subprocess.TimeoutExpired):
        subprocess.run(
            command,
            check=False,
            env=environment,
            timeout=INSTALL_SECONDS,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )


def _playwrights_own() -> Path | None:
    # Asked in a process of its own: Playwright's synchronous face refuses to run inside an event loop.
    program = (
        "from playwright.sync_api import sync_playwright\n"
        "with sync_playwright() as p: print(p.chromium.executable_path)"
    )
    asked = subprocess.run([sys.executable, "-c", program], check=False, capture_output=True, text=True, timeout=60)
    path = Path(asked.stdout.strip() or "/nonexistent")
    return path if path.is_file() else None

"""Child processes of the demo: started with their environment, watched until ready, ended with their parent."""

import asyncio
import contextlib
import json
import signal
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

# Ctrl-C ends the demo within five seconds, whatever a child is waiting for.
STOP_SECONDS = 3


class DidNotStart(Exception):
    """A child process ended, or stayed silent, before it was ready; the text says where its log is."""


@dataclass
class Child:
    """One running child process; ``log`` holds what it wrote."""

    name: str
    process: asyncio.subprocess.Process
    log: Path

    @property
    def is_running(self) -> bool:
        return self.process.returncode is None

    async def kill(self) -> None:
        """End it as a power cut would: SIGKILL, no last words."""
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        await self.process.wait()

    async def stop(self) -> None:
        """Ask it to end; insist after three seconds."""
        if not self.is_running:
            return
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(self.process.wait(), STOP_SECONDS)
        except TimeoutError:
            await self.kill()


# Each child has a session of its own: Ctrl-C in the terminal reaches the supervisor alone, which ends them in order.
async def start(name: str, arguments: list[str], environment: dict[str, str], logs: Path) -> Child:
    """Start ``python -m …`` as a child; its output goes to ``logs/<name>.log``."""
    log = logs / f"{name}.log"
    with opened(log) as output:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            *arguments,
            env=environment,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    return Child(name, process, log)


async def start_speaking(
    name: str, arguments: list[str], environment: dict[str, str], logs: Path
) -> tuple[Child, dict[str, Any]]:
    """Start a child that says in one line of JSON on its standard output where it listens."""
    log = logs / f"{name}.log"
    with opened(log) as output:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            *arguments,
            env=environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=output,
            start_new_session=True,
        )
    child = Child(name, process, log)
    if process.stdout is None:
        raise DidNotStart(f"{name} has no output")
    try:
        line = await asyncio.wait_for(process.stdout.readline(), 30)
    except TimeoutError:
        await child.kill()
        raise DidNotStart(f"{name} said nothing for 30 s; see {log}") from None
    if not line:
        raise DidNotStart(f"{name} ended at once; see {log}")
    return child, json.loads(line)


def opened(log: Path) -> BinaryIO:
    """The log file, to append to, its folder made if need be."""
    log.parent.mkdir(parents=True, exist_ok=True)
    return log.open("ab")

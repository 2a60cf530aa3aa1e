"""`python -m demo.check`: the whole product, headless, twice; the second time killed and cut off again and again.

In the first round the connection to QuickBooks goes through its whole life, and another customer posts to two company
files of QuickBooks Desktop.

The last line is JSON. Exit code 1 on any difference, or when there was too little trouble to prove anything.
"""

import asyncio
import json
import os
import shutil
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from demo.check.blockers import BLOCKED_WANTED, REASONS_WANTED, Freed
from demo.check.desktop import DesktopResult
from demo.check.drift import DriftVerdict
from demo.check.issued import PaymentsVerdict
from demo.check.oracle import Kind
from demo.check.rounds import RoundResult, play_round
from demo.check.scenarios import Scenario, in_order, not_played
from foundation.processes import leave
from simulators.world.demo import demo_world

RUN = Path(__file__).resolve().parent.parent.parent / ".run"
KILLS_WANTED = 5
LOST_WANTED = 5
MOST_SHOWN = 60


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


async def main() -> int:
    checking = asyncio.create_task(check())
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, checking.cancel)
    try:
        return await checking
    except asyncio.CancelledError:
        say("stopped")
        return 1


async def check() -> int:
    """Play both rounds, say what they showed, and return the exit code."""
    folder = RUN / f"check-{os.getpid()}"
    documents = demo_world()
    # The folder keeps the logs when something is wrong; its data would only fill the disk.
    try:
        results = []
        for name, disturbed in (("undisturbed", False), ("killed and cut off", True)):
            results.append(
                await play_round(
                    name, folder / name.split()[0], documents, disturbed=disturbed, with_life=not disturbed, say=say
                )
            )
            say(table(results[-1]))
    finally:
        shutil.rmtree(folder / "postgres", ignore_errors=True)
    for sentence in lacking(results):
        say(sentence)
    code = exit_code(results)
    if code == 0:
        shutil.rmtree(folder, ignore_errors=True)
    else:
        say(f"logs are in {folder}")
    say(summary(results))
    return code


def table(result: RoundResult) -> str:
    """One round as people read it, with its differences below."""
    rows = [
        ("eligible invoices", str(result.eligible)),
        ("new bills", str(result.bills)),
        *((kind.value, str(result.count(kind))) for kind in Kind),
        ("kills while a committed write was held", str(result.kills)),
        ("lost answers", f"{result.lost.batch} of batches, {result.lost.single} of single bills"),
        ("seconds", f"{result.seconds:.0f}"),
        *([("company files", _files(result.desktop))] if result.desktop else []),
    ]
    if result.freed is not None:
        freed = result.freed
        rows += [
            ("invoices freed from blockers", f"{freed.blocked} of {freed.reasons} reasons"),
            ("released wrongly", str(freed.released_wrong)),
        ]
    foreseen = result.foreseen
    rows.append(("bills unlike their preview, or without", f"{len(foreseen.sentences)} of {foreseen.compared}"))
    if result.payments is not None:
        in_files = result.desktop.payments if result.desktop is not None else 0
        rows.append(("contract payments expected", f"{result.payments.expected}, {in_files} of company files"))
    if result.drift is not None:
        rows.append(("edits after posting", str(result.drift.injected)))
    rows += [(one.name, "failed" if one.failures else "ok") for one in in_order(result.scenarios)]
    width = max(len(name) for name, _ in rows)
    lines = [f"  {name:<{width}}  {value}" for name, value in rows]
    lines += [f"  - {one.name}: {sentence}" for one in result.scenarios for sentence in one.failures]
    lines += [f"  - {sentence}" for drift in _drifts([result]) for sentence in (*drift.missed, *drift.false)]
    lines += [f"  - {one.kind.value}: {one.sentence}" for one in result.differences[:MOST_SHOWN]]
    if len(result.differences) > MOST_SHOWN:
        lines.append(f"  ... and {len(result.differences) - MOST_SHOWN} more")
    return "\n".join([*lines, ""])


def _files(desktop: DesktopResult) -> str:
    return (
        f"{desktop.files}: {desktop.invoices} invoices, {desktop.missing} missing, {desktop.duplicates} duplicates, "
        f"{desktop.wrong_file} in the wrong file"
    )


def exit_code(results: Sequence[RoundResult]) -> int:
    """0 only without any difference and with enough trouble, and with every scenario played."""
    wrong = any(
        result.differences
        or any(one.failures for one in result.scenarios)
        or (result.desktop is not None and not result.desktop.is_right)
        for result in results
    )
    drifted = any(one.missed or one.false for one in _drifts(results))
    return 1 if wrong or drifted or lacking(results) else 0


def lacking(results: Sequence[RoundResult]) -> list[str]:
    """Why all rounds together prove too little, in sentences."""
    last = results[-1]
    counts = [
        (last.kills, KILLS_WANTED, "kills while a committed write was held"),
        (last.lost.batch, LOST_WANTED, "lost answers to batches"),
        (last.lost.single, LOST_WANTED, "lost answers to single bills"),
    ]
    freed = next((result.freed for result in results if result.freed is not None), Freed())
    counts += [
        (freed.reasons, REASONS_WANTED, "reasons to hold an invoice that were cleared"),
        (freed.blocked, BLOCKED_WANTED, "blocked invoices that were freed"),
    ]
    return [
        *(f"too few {what}: {count} of {wanted}" for count, wanted, what in counts if count < wanted),
        *(f"not played: {name}" for name in not_played(_scenarios(results))),
        *(["not played: two company files of QuickBooks Desktop"] if _desktop(results) is None else []),
        *(["no payment of a company file had to reach Procore"] if not _payments_in_files(results) else []),
        *(f"nothing was previewed in the round: {one.name}" for one in results if not one.foreseen.compared),
        *([] if any(one.expected for one in _payments(results)) else ["no contract payment was expected"]),
        *([] if any(one.injected for one in _drifts(results)) else ["nobody edited anything after posting"]),
    ]


def _scenarios(results: Sequence[RoundResult]) -> list[Scenario]:
    return [one for result in results for one in result.scenarios]


def _desktop(results: Sequence[RoundResult]) -> DesktopResult | None:
    return next((result.desktop for result in results if result.desktop is not None), None)


def _payments_in_files(results: Sequence[RoundResult]) -> int:
    desktop = _desktop(results)
    return desktop.payments if desktop is not None else 0


def _payments(results: Sequence[RoundResult]) -> list[PaymentsVerdict]:
    return [result.payments for result in results if result.payments is not None]


def _drifts(results: Sequence[RoundResult]) -> list[DriftVerdict]:
    return [result.drift for result in results if result.drift is not None]


def summary(results: Sequence[RoundResult]) -> str:
    """The line for programs: totals over all rounds."""
    desktop = _desktop(results) or DesktopResult()
    return json.dumps(
        {
            "eligible": sum(result.eligible for result in results),
            "bills": sum(result.bills for result in results),
            **{kind.value: sum(result.count(kind) for result in results) for kind in Kind},
            "kills": sum(result.kills for result in results),
            "lost_answers": sum(result.lost.batch + result.lost.single for result in results),
            "life": {
                "scenarios": len(_scenarios(results)),
                "failed": sum(1 for one in _scenarios(results) if one.failures),
            },
            "desktop": {
                "files": desktop.files,
                "invoices": desktop.invoices,
                "missing": desktop.missing,
                "duplicates": desktop.duplicates,
                "wrong_file": desktop.wrong_file,
            },
            "blockers": {
                **{
                    name: sum(getattr(result.freed, name) for result in results if result.freed is not None)
                    for name in ("reasons", "blocked", "released_wrong")
                },
                "previewed": sum(result.foreseen.compared for result in results),
                "preview_mismatch": sum(len(result.foreseen.sentences) for result in results),
            },
            "payments": {
                name: sum(getattr(one, name) for one in _payments(results))
                for name in ("expected", "missing", "duplicates", "wrong")
            },
            "drift": {
                "injected": sum(one.injected for one in _drifts(results)),
                "missed": sum(len(one.missed) for one in _drifts(results)),
                "false": sum(len(one.false) for one in _drifts(results)),
            },
        }
    )


if __name__ == "__main__":
    leave(main())

"""`python -m benchmarks`: measure, print, and write the tables of docs/performance.md."""

import argparse
import asyncio
import os
import pstats
import sys
from datetime import UTC, datetime
from pathlib import Path

import psutil

from benchmarks import suggestions
from benchmarks.desktop_queue import BILLS, measure_desktop_queue
from benchmarks.idle import IdleDay, measure_idle_day
from benchmarks.pages import measure_pages
from benchmarks.product import ProductRun, run_product
from benchmarks.report import (
    BEGIN,
    DESKTOP_BEGIN,
    DESKTOP_END,
    END,
    PAGES_BEGIN,
    PAGES_END,
    SUGGESTIONS_BEGIN,
    SUGGESTIONS_END,
    Measured,
    desktop_written,
    pages_written,
    put_into_page,
    written,
)
from benchmarks.script import ScriptRun, run_script
from benchmarks.simulated import running_simulators
from demo.embedded import embedded_postgres, unique_name
from foundation.processes import leave
from models.migrate import upgrade
from simulators.world.bench import INVOICES, bench_world

FOLDER = Path(__file__).resolve().parent.parent / ".run" / "bench"
RUNS = 3
BATCH_SIZE = 30
IDLE_PROJECTS = 5
PAGE_INVOICES = 50_000
PAGE_ROUNDS = 40
# Each writes its own tables of the page.
PARTS = ("suggestions", "desktop", "pages", "posting")


def arguments() -> argparse.ArgumentParser:
    """The command line; without options it measures everything and rewrites the page."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--invoices", type=int, default=INVOICES)
    parser.add_argument("--runs", type=int, default=RUNS, help="the median of this many of each kind")
    parser.add_argument("--only", choices=PARTS, help="measure this and nothing else")
    parser.add_argument("--print-only", action="store_true", help="leave docs/performance.md as it is")
    parser.add_argument("--profile", type=Path, help="one run of the product under cProfile; its statistics go here")
    return parser


async def measure(folder: Path, invoices: int, runs: int) -> Measured:
    """Scripts and product in turn, each on a fresh world; see `benchmarks/report.py` for what comes of it."""
    single: list[ScriptRun] = []
    batches: list[ScriptRun] = []
    product: list[ProductRun] = []
    load_before = os.getloadavg()
    for number in range(1, runs + 1):
        for runs_of_kind, batch_size in ((single, 1), (batches, BATCH_SIZE)):
            async with running_simulators(folder / "script", bench_world(invoices)) as simulated:
                runs_of_kind.append(await run_script(simulated, batch_size))
        product.append(await run_product(folder / "product", bench_world(invoices)))
        _say(f"run {number}: {single[-1].seconds:.2f} s, {batches[-1].seconds:.2f} s, {product[-1].seconds:.2f} s")
    return Measured(
        invoices=invoices,
        single=single,
        batches=batches,
        product=product,
        load_before=load_before,
        load_after=os.getloadavg(),
        measured_on=datetime.now(UTC).date().isoformat(),
    )


async def idle_day(folder: Path, projects: int) -> IdleDay:
    """One idle day, on a new database of the embedded server."""
    test_server = Path(sys.executable).parent / "temporal-test-server"
    with embedded_postgres(folder / "postgres") as postgres:
        name = unique_name("idle")
        url = postgres.create_database(name)
        try:
            await asyncio.to_thread(upgrade, url)
            return await measure_idle_day(folder / "idle", url, test_server, projects)
        finally:
            postgres.drop_database(name)


async def pages(folder: Path, invoices: int) -> str:
    """How long each page takes, on a new database of the embedded server."""
    with embedded_postgres(folder / "postgres") as postgres:
        name = unique_name("pages")
        url = postgres.create_database(name)
        try:
            await asyncio.to_thread(upgrade, url)
            server = psutil.Process(int((folder / "postgres" / "postmaster.pid").read_text().split()[0]))
            times = await measure_pages(url, server, invoices, PAGE_ROUNDS)
        finally:
            postgres.drop_database(name)
    return pages_written(times, invoices, datetime.now(UTC).date().isoformat())


async def desktop_queue(folder: Path, bills: int) -> str:
    """How long each call of the Web Connector takes, on a new database of the embedded server."""
    with embedded_postgres(folder / "postgres") as postgres:
        name = unique_name("desktop")
        url = postgres.create_database(name)
        try:
            await asyncio.to_thread(upgrade, url)
            drained = await measure_desktop_queue(url, bills)
        finally:
            postgres.drop_database(name)
    return desktop_written(drained, datetime.now(UTC).date().isoformat())


async def bench(folder: Path, invoices: int, runs: int) -> str:
    """1,000 invoices beside the two scripts, and a day without any."""
    return written(await measure(folder, invoices, runs), await idle_day(folder, IDLE_PROJECTS))


async def main() -> None:
    options = arguments().parse_args()
    if options.profile is not None:
        await run_product(FOLDER / "product", bench_world(options.invoices), options.profile.resolve())
        pstats.Stats(str(options.profile)).sort_stats("tottime").print_stats(40)
        return
    for part in [options.only] if options.only else PARTS:
        match part:
            case "suggestions":
                place = (SUGGESTIONS_BEGIN, SUGGESTIONS_END)
                text = suggestions.written(suggestions.measure(), datetime.now(UTC).date().isoformat())
            case "desktop":
                place, text = (DESKTOP_BEGIN, DESKTOP_END), await desktop_queue(FOLDER, BILLS)
            case "pages":
                place, text = (PAGES_BEGIN, PAGES_END), await pages(FOLDER, PAGE_INVOICES)
            case _:
                place, text = (BEGIN, END), await bench(FOLDER, options.invoices, options.runs)
        _say(text)
        if not options.print_only:
            put_into_page(text, *place)


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    leave(main())

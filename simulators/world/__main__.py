"""`python -m simulators.world --out DIR [--scenario demo|bench] [--invoices N]`."""

from __future__ import annotations

import argparse
from pathlib import Path

from simulators.world.bench import INVOICES, bench_world
from simulators.world.demo import demo_world
from simulators.world.verify import verify


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of invoices")
    return int(text)


def main() -> None:
    parser = argparse.ArgumentParser(prog="simulators.world", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    parser.add_argument("--scenario", choices=("demo", "bench"), default="demo")
    parser.add_argument("--invoices", type=_count, default=INVOICES, metavar="N", help="bench only")
    arguments = parser.parse_args()
    documents = demo_world() if arguments.scenario == "demo" else bench_world(arguments.invoices)
    summary = verify(documents)
    documents.write(arguments.out)
    print(summary)


if __name__ == "__main__":
    main()

"""``python -m tests.linters``: this project's own rules, part of ``make lint``."""

import sys
from pathlib import Path

from tests.linters.checks import LINTERS, check

ROOT = Path(__file__).resolve().parent.parent.parent


def main(arguments: list[str]) -> int:
    root = Path(arguments[0]).resolve() if arguments else ROOT
    found = check(root)
    for offence in found:
        print(offence)
    print(f"{len(LINTERS)} linters of our own: {len(found)} offences" if found else "our own linters: all clean")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

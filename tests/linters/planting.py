"""A small tree of its own for each test of a linter, with the one file under test in it."""

import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.linters.source import Offence, SourceFile, read_tree


def plant(root: Path, path: str, code: str) -> None:
    target = root / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(textwrap.dedent(code))


def found_in(
    root: Path, path: str, code: str, linter: Callable[[SourceFile], Iterator[Offence]]
) -> list[tuple[int, str]]:
    """The line and sentence of every offence a linter finds in ``code`` standing at ``path``."""
    plant(root, path, code)
    return [(offence.line, offence.sentence) for source in read_tree(root) for offence in linter(source)]

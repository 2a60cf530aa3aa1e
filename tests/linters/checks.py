"""Every linter of ours, and the one run over them all."""

from collections.abc import Callable, Iterator
from pathlib import Path

from tests.linters import clock, message_secrets, naming, savepoints, sql_text, tenancy, worker_imports
from tests.linters.source import Offence, SourceFile, read_tree

Linter = Callable[[SourceFile], Iterator[Offence]]

LINTERS: tuple[Linter, ...] = (
    clock.offences,
    tenancy.offences,
    sql_text.offences,
    naming.offences,
    message_secrets.offences,
    worker_imports.offences,
    savepoints.offences,
)


def check(root: Path) -> list[Offence]:
    """Every offence in the Python files under ``root``, in order of path and line."""
    return sorted({offence for source in read_tree(root) for linter in LINTERS for offence in linter(source)})

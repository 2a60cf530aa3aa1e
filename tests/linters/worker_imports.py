"""worker.py registers workflows and activities; nothing above it in the layers may come in through it."""

import ast
from collections.abc import Iterator

from tests.linters.source import Offence, SourceFile

ABOVE_OR_BESIDE = frozenset({"api", "benchmarks", "cli", "demo", "simulators", "tests", "web"})


def offences(source: SourceFile) -> Iterator[Offence]:
    if source.path != "worker.py":
        return
    for node in ast.walk(source.tree):
        named: list[str] = []
        if isinstance(node, ast.Import):
            named = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            named = [node.module]
        for name in named:
            if name.split(".")[0] in ABOVE_OR_BESIDE:
                yield source.offence(
                    node, f"worker.py imports {name}; it registers workflows and activities, nothing else"
                )

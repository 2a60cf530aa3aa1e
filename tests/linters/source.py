"""What a linter reads and what it says: parsed files of the project, and offences with a sentence that teaches."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

# Folders that hold no source of ours, wherever they stand.
FOREIGN_FOLDERS = frozenset({"node_modules", "vendor", "__pycache__", "build", "static"})


@dataclass(frozen=True, order=True)
class Offence:
    path: str
    line: int
    sentence: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.sentence}"


@dataclass(frozen=True)
class SourceFile:
    """One parsed module; ``path`` is relative to the project's root, with forward slashes."""

    path: str
    tree: ast.Module
    names: dict[str, str]

    def offence(self, node: ast.AST, sentence: str) -> Offence:
        return Offence(self.path, getattr(node, "lineno", 1), sentence)

    def meaning(self, node: ast.AST) -> str | None:
        """The full dotted name an expression stands for (``dt.now`` -> ``datetime.datetime.now``), None if unknown."""
        if isinstance(node, ast.Name):
            return self.names.get(node.id)
        if isinstance(node, ast.Attribute):
            owner = self.meaning(node.value)
            return f"{owner}.{node.attr}" if owner else None
        return None

    def is_under(self, *prefixes: str) -> bool:
        return self.path.startswith(prefixes)


def read_source(root: Path, path: Path) -> SourceFile:
    tree = ast.parse(path.read_text(encoding="utf-8"), filename=str(path))
    return SourceFile(path.relative_to(root).as_posix(), tree, dict(_imported_names(tree)))


def read_tree(root: Path) -> list[SourceFile]:
    """Every Python file of the project, in order; hidden folders and foreign code are left out."""
    return [read_source(root, path) for path in sorted(python_files(root))]


def python_files(folder: Path) -> Iterator[Path]:
    for entry in folder.iterdir():
        if entry.is_dir():
            if not entry.name.startswith(".") and entry.name not in FOREIGN_FOLDERS:
                yield from python_files(entry)
        elif entry.suffix == ".py":
            yield entry


def _imported_names(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield (alias.asname, alias.name) if alias.asname else (alias.name.split(".")[0],) * 2
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            for alias in node.names:
                yield alias.asname or alias.name, f"{node.module}.{alias.name}"


def texts(tree: ast.Module) -> Iterator[ast.Constant]:
    """Every text constant that is not a docstring (nor part of an f-string's own node)."""
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node

"""SQLAlchemy sets its savepoint when the ORM next needs the connection: a raw statement before that would stay."""

import ast
from collections.abc import Iterator

from tests.linters.source import Offence, SourceFile

SAVEPOINT = "models/savepoint.py"


def offences(source: SourceFile) -> Iterator[Offence]:
    if source.is_under(SAVEPOINT):
        return
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Attribute) and node.attr == "begin_nested":
            yield source.offence(node, f"begin_nested leaves out raw statements; use savepoint of {SAVEPOINT}")

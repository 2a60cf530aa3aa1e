"""One noun per module: a name that fits everything tells a stranger nothing."""

from collections.abc import Iterator
from pathlib import PurePosixPath

from tests.linters.source import Offence, SourceFile

EMPTY_WORDS = frozenset({"util", "utils", "helper", "helpers", "common", "manager", "managers", "misc", "stuff"})


def offences(source: SourceFile) -> Iterator[Offence]:
    path = PurePosixPath(source.path)
    for part in (*path.parts[:-1], path.stem):
        empty = EMPTY_WORDS.intersection(part.lower().split("_"))
        if empty:
            yield Offence(
                source.path, 1, f"'{part}' says nothing ('{min(empty)}'); name the module by the one noun it is about"
            )

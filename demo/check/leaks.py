"""The search for canaries: a word inside every token, code, secret and document of a run, looked for where none may be.
The secrets that the product makes itself carry no word of ours; they are looked for as they are.

Looked at: every workflow history and what Temporal keeps beside it (memo, heartbeat, last failure), every log file,
and every column of every table, except Procore's own text of a requisition. Encrypted columns must not show it either.
"""

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql
from temporalio.client import Client

from demo.check.ledger import plain_url

TABLES = """
SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'
ORDER BY table_name
"""
# Procore's own text, kept as received: what it shows there it shows to everybody who may read the requisition.
PROVIDERS_OWN_TEXT = {"procore_requisition": "raw"}
SMALLEST_PIECE = 6


@dataclass(frozen=True)
class Leak:
    """A place where a canary was found."""

    where: str


class Canary:
    """Words, and the shapes each takes inside encoded text: as it is, in hex, and in base64 at any offset."""

    def __init__(self, *words: str) -> None:
        self._shapes = tuple(sorted({shape for word in words for shape in _shapes(word.encode())}))

    def is_in(self, content: bytes) -> bool:
        return any(shape in content for shape in self._shapes)


def _shapes(plain: bytes) -> set[bytes]:
    shapes = {plain, plain.hex().encode()}
    for offset in range(3):
        coded = base64.b64encode(b"\x00" * offset + plain + b"\x00" * ((-len(plain) - offset) % 3))
        # The first and last characters depend on the neighbours; what lies between does not.
        inner = coded[4 if offset else 0 : -4].rstrip(b"=")
        if len(inner) >= SMALLEST_PIECE:
            shapes |= {inner, inner.replace(b"+", b"-").replace(b"/", b"_")}
    return shapes


@dataclass(frozen=True)
class Histories:
    """What a search of Temporal found, and the ids of all workflows it read."""

    leaks: tuple[Leak, ...]
    workflow_ids: frozenset[str]


async def search_histories(client: Client, canary: Canary) -> Histories:
    """Every event of every run, and what Temporal keeps beside it; payloads are searched as the bytes they carry."""
    leaks: list[Leak] = []
    workflow_ids: set[str] = set()
    async for listed in client.list_workflows():
        workflow_ids.add(listed.id)
        handle = client.get_workflow_handle(listed.id, run_id=listed.run_id)
        history = await handle.fetch_history()
        leaks += [
            Leak(f"history of {listed.id}, event {event.event_id}")
            for event in history.events
            if canary.is_in(event.SerializeToString())
        ]
        description = await handle.describe()
        if canary.is_in(description.raw_description.SerializeToString()):
            leaks.append(Leak(f"description of {listed.id} (memo, heartbeat or last failure)"))
    return Histories(tuple(leaks), frozenset(workflow_ids))


def leaks_in_files(folder: Path, canary: Canary) -> Iterator[Leak]:
    """Every line of every file below a folder."""
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        for number, line in enumerate(file.read_bytes().splitlines(), start=1):
            if canary.is_in(line):
                yield Leak(f"{file.name}, line {number}")


def leaks_in_database(database_url: str, canary: Canary) -> Iterator[Leak]:
    """Every column of every row of every table."""
    with psycopg.connect(plain_url(database_url)) as database:
        for (table,) in database.execute(TABLES).fetchall():
            statement = sql.SQL("SELECT to_jsonb(t)::text FROM {} t").format(sql.Identifier(table))
            for (row,) in database.execute(statement):
                if canary.is_in(row.encode()):
                    yield from _columns(table, row, canary)


def _columns(table: str, row: str, canary: Canary) -> Iterator[Leak]:
    for column, value in json.loads(row).items():
        if PROVIDERS_OWN_TEXT.get(table) != column and canary.is_in(json.dumps(value).encode()):
            yield Leak(f"table {table}, column {column}")


__all__ = ["Canary", "Histories", "Leak", "leaks_in_database", "leaks_in_files", "search_histories"]

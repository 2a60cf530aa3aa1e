"""What no moment of a connection's life may change: mappings, settings, links, routes. Row by row, byte for byte."""

from collections.abc import Mapping
from dataclasses import dataclass

import psycopg
from psycopg import sql

from demo.check.ledger import plain_url

# What an admin has made, and what inBuild has found out for them.
LASTING = ("mapping", "connection_settings", "project_route", "bill_link")
# Settings change when an admin pauses posting; these only ever grow.
THROUGHOUT = ("mapping", "project_route", "bill_link")
# (When a bill's files are due is no part of its link: that is settled beside it, at its own pace.)
# A refused attempt may not even touch the connection and its tokens.
EVERYTHING = (*LASTING, "connection", "credential")
LONGEST_SHOWN = 160


@dataclass(frozen=True)
class Kept:
    """The rows of one customer, as PostgreSQL writes them, by table."""

    rows: Mapping[str, tuple[str, ...]]


def read_kept(database_url: str, procore_company_id: int, tables: tuple[str, ...] = LASTING) -> Kept:
    """Every row of these tables, in one transaction."""
    with psycopg.connect(plain_url(database_url)) as database:
        database.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        rows = {}
        for table in tables:
            statement = sql.SQL(
                "SELECT (to_jsonb(t) - 'files_due_at')::text FROM {} t JOIN company c ON c.id = t.company_id "
                "WHERE c.procore_company_id = %(company)s"
            ).format(sql.Identifier(table))
            found = database.execute(statement, {"company": str(procore_company_id)})
            rows[table] = tuple(sorted(text for (text,) in found))
        return Kept(rows)


def lost(before: Kept, after: Kept) -> list[str]:
    """Each row that is gone or has changed, in a sentence. What is new besides does not count."""
    return [
        f"{table}: gone or changed: {row[:LONGEST_SHOWN]}"
        for table, rows in before.rows.items()
        for row in sorted(set(rows) - set(after.rows.get(table, ())))
    ]


def changes(before: Kept, after: Kept, *, new_links: int = 0) -> list[str]:
    """Each difference in a sentence. ``new_links``: how many bills were posted in between, each with its link."""
    said = lost(before, after)
    for table, rows in before.rows.items():
        more = sorted(set(after.rows.get(table, ())) - set(rows))
        if len(more) != (new_links if table == "bill_link" else 0):
            said.append(f"{table}: {len(more)} rows are new or changed: {'; '.join(more)[:LONGEST_SHOWN]}")
    return said


__all__ = ["EVERYTHING", "LASTING", "THROUGHOUT", "Kept", "changes", "lost", "read_kept"]

"""One clock: rows, simulators and Temporal must live in one time, or time cannot be skipped."""

import ast
import re
from collections.abc import Iterator

from tests.linters.source import Offence, SourceFile, texts

# The one place that asks PostgreSQL, so that all processes live in one time.
SHARED_TIME = "models/shared_time.py"
CLOCKS = ("foundation/clock.py", "simulators/clock.py", "benchmarks/", "tests/")
ID_MAKER = "foundation/ids.py"
MACHINE_TIME = frozenset(
    {
        "datetime.datetime.now",
        "datetime.datetime.utcnow",
        "datetime.datetime.today",
        "datetime.date.today",
        "time.time",
        "time.time_ns",
        "time.localtime",
        "time.gmtime",
        "time.ctime",
    }
)
DATABASE_TIME = re.compile(
    r"\bCURRENT_(?:TIMESTAMP|DATE|TIME)\b|\bLOCALTIME(?:STAMP)?\b|"
    r"\b(?:now|clock_timestamp|statement_timestamp|transaction_timestamp)\s*\(\s*\)",
    re.IGNORECASE,
)
DATABASE_FUNCTION = re.compile(
    r"^(?:sqlalchemy|sqlmodel)\.func\.(?:now|current_timestamp|current_date|current_time|localtimestamp|sysdate|"
    r"clock_timestamp|statement_timestamp|transaction_timestamp)$"
)


def offences(source: SourceFile) -> Iterator[Offence]:
    if source.is_under(*CLOCKS):
        return
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.Attribute | ast.Name):
            continue
        meaning = source.meaning(node) or ""
        if meaning in MACHINE_TIME:
            yield source.offence(
                node,
                f"{meaning} reads the machine's clock; take the time from the injected Clock (foundation/clock.py)",
            )
        elif DATABASE_FUNCTION.match(meaning):
            yield source.offence(
                node, f"{meaning} is the database's time; pass session.now, so that rows live in the injected time"
            )
        elif meaning.startswith("uuid_utils.") and meaning.endswith("uuid7") and source.path != ID_MAKER:
            yield source.offence(node, "uuid7 carries a time; make ids with foundation.ids.new_id(clock)")
    for text in texts(source.tree) if source.path != SHARED_TIME else ():
        found = DATABASE_TIME.search(str(text.value))
        if found:
            yield source.offence(
                text, f"{found.group()} in SQL is the database's time; bind the injected clock's time as a parameter"
            )

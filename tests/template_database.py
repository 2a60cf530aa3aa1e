"""The migrated database that test databases are copied from: made once, and again when the schema's source changes."""

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg
from psycopg import sql

from demo.embedded import EmbeddedPostgres, unique_name
from demo.file_lock import file_lock
from models.migrate import upgrade

ROOT = Path(__file__).resolve().parent.parent
RUN_FOLDER = ROOT / ".run" / "test"
IN_MEMORY, ROOM = Path("/dev/shm"), 4 * 1024**3
SCHEMA_SOURCES = ("migrations/**/*.py", "models/tables/*.py", "models/columns.py")
# Another run may still be copying from the schema of a minute ago.
TEMPLATES_KEPT = 4


def data_folder() -> Path:
    """Where the tests' PostgreSQL keeps its data: in memory where there is room, for databases made by the thousand."""
    if IN_MEMORY.is_dir() and shutil.disk_usage(IN_MEMORY).free > ROOM:
        return IN_MEMORY / f"inbuild-sync-{hashlib.sha256(str(ROOT).encode()).hexdigest()[:12]}" / "postgres"
    return RUN_FOLDER / "postgres"


def forget(folder: Path) -> None:
    """Give the memory back once nobody's server runs in it."""
    if folder.is_relative_to(IN_MEMORY) and not (folder / "postmaster.pid").exists():
        shutil.rmtree(folder.parent, ignore_errors=True)


def template_name() -> str:
    digest = hashlib.sha256()
    for pattern in SCHEMA_SOURCES:
        for source in sorted(ROOT.glob(pattern)):
            digest.update(source.name.encode() + source.read_bytes())
    return f"template_{digest.hexdigest()[:12]}"


def ensure_template(server: EmbeddedPostgres) -> str:
    """The name of the migrated template, building it when this run is the first to need it."""
    name = template_name()
    with file_lock(RUN_FOLDER / "template.lock"):
        with _admin(server) as admin:
            if admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
                return name
            _make_cheap(admin)
            _drop_leftovers(admin)
        building = unique_name(f"test_{os.getpid()}")
        upgrade(server.create_database(building))
        with _admin(server) as admin:
            admin.execute(
                sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(building), sql.Identifier(name))
            )
    return name


@contextmanager
def copied_database(server: EmbeddedPostgres, template: str) -> Iterator[str]:
    """The URL of a fresh copy of ``template``, dropped at the end."""
    # The owner's process id is part of the name, so that a later run can drop what a killed one left behind.
    name = unique_name(f"test_{os.getpid()}")
    url = server.create_database(name, template)
    try:
        yield url
    finally:
        server.drop_database(name)


def _admin(server: EmbeddedPostgres) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(host=server.host, user="postgres", dbname="postgres", autocommit=True)


def _make_cheap(admin: psycopg.Connection[tuple[object, ...]]) -> None:
    # A test database need not survive a power cut.
    for setting in ("fsync", "synchronous_commit", "full_page_writes"):
        admin.execute(sql.SQL("ALTER SYSTEM SET {} = off").format(sql.Identifier(setting)))
    admin.execute("SELECT pg_reload_conf()")


def _drop_leftovers(admin: psycopg.Connection[tuple[object, ...]]) -> None:
    names = [str(row[0]) for row in admin.execute("SELECT datname FROM pg_database ORDER BY oid DESC").fetchall()]
    orphans = [name for name in names if name.startswith("test_") and not psutil.pid_exists(int(name.split("_")[1]))]
    old_templates = [name for name in names if name.startswith("template_")][TEMPLATES_KEPT:]
    for name in orphans + old_templates:
        admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

